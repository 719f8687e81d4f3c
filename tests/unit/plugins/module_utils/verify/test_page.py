# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Table, picture and page (tests/checks/page.py loads the page in a browser)."""

from __future__ import annotations

import re

from ansible_collections.lvs.topology.plugins.module_utils.verify.endpoints import read_endpoints
from ansible_collections.lvs.topology.plugins.module_utils.verify.hosts import read_hosts
from ansible_collections.lvs.topology.plugins.module_utils.verify.page import page
from ansible_collections.lvs.topology.plugins.module_utils.verify.table import render

from .scenes import GROUPS, VIP, Scene

HOSTS = {"client", "router", "director", "web1", "web2"}


def test_table() -> None:
    scene = Scene("nat")
    scene.answered_by = []
    text = render([scene.requests().verdict()], ["web1: something"])
    assert text.splitlines()[2].split()[:4] == ["web", "nat", f"{VIP}:8080", "4"]
    assert "RED" in text
    assert "  - director: no host answers ARP for 10.0.0.100" in text
    assert "checks found 1 violation" in text


def test_page_needs_nothing_else_and_has_every_host_once() -> None:
    scene = Scene("tun").requests()
    verdict = scene.verdict()
    text = page(read_endpoints(scene.paths), read_hosts(scene.facts), GROUPS, [verdict])
    assert "all 1 services are green" in text
    assert not re.search(r"<script|src=|@import|url\((?!#)|<link rel=\"stylesheet", text)
    assert {*re.findall(r"https?://[^\"]+", text)} == {"http://www.w3.org/2000/svg"}
    for picture in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        hosts = re.findall(r'<g class="host" data-host="([^"]*)">', picture)
        assert sorted(hosts) == sorted(HOSTS)
        assert "<title>request: director to web1</title>" in picture
        assert "<title>reply: web1 to router</title>" in picture


def test_what_hosts_say_is_text_and_no_markup() -> None:
    scene = Scene("nat").requests()
    verdict = scene.verdict()
    verdict["notes"] = ["<b>"]
    text = page(read_endpoints(scene.paths), read_hosts(scene.facts), GROUPS, [verdict], ["<i>"])
    assert "<b>" not in text
    assert "<i>" not in text
