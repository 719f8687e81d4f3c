# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page's text and order (tests/checks/page.py looks at it in a browser)."""

from __future__ import annotations

import re
from html import unescape

import pytest

from ansible_collections.lvs.topology.plugins.plugin_utils.about import about, version
from ansible_collections.lvs.topology.plugins.plugin_utils.page import page, sentence
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.verify.scenes import Scene

from .pages import ABOUT, HOSTILE, MODES, hostile, pages, red, verified


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


@pytest.mark.parametrize("name", [*MODES, "red", "pair", "many", "hostile"])
def test_a_page_needs_nothing_else_and_has_every_host(made: dict[str, str], name: str) -> None:
    text = made[name]
    assert not re.search(r"<script|src=|@import|url\((?!#)|<link rel=\"stylesheet", text)
    assert {*re.findall(r"https?://[^\"]+", text)} == {"http://www.w3.org/2000/svg"}
    for picture in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        hosts = re.findall(r'<g class="host" data-host="([^"]*)">', picture)
        assert {"client", "router", "director", "web1", "web2"} <= {*hosts}
        assert len(hosts) == len({*hosts})


def test_the_verdict_is_first_and_red_before_green(made: dict[str, str]) -> None:
    body = made["red"].partition("<body>")[2]
    assert body.index("✗ Red") < body.index("<table")
    assert "1 of 2 services with 2 VIPs" in body
    cause = body.index("no host answers ARP")
    assert cause < body.index("<table")
    rows = re.findall(r'data-label="verdict"><a class="word (\w+)"', body)
    assert rows == ["red", "green"]
    titles = re.findall(r"<h2>(web\S*)", body)
    assert titles == ["web-nat", "web"]


def test_a_service_with_several_vips_is_one_service() -> None:
    (verdict,) = Scene("dr").requests().verdicts()
    others = [{**verdict, "vip": vip} for vip in ("192.0.2.1", "192.0.2.1", "2001:db8::1")]
    assert sentence([verdict, *others]) == "1 service with 3 VIPs"
    assert sentence([*others, *red().verdicts()]) == "1 of 1 service with 3 VIPs"


def test_what_others_write_is_text_and_no_markup() -> None:
    text = page(hostile(), ABOUT, [HOSTILE])
    assert "<script" not in text
    assert unescape(text).count(HOSTILE) >= 8


def test_it_says_when_of_what_and_with_which_versions(made: dict[str, str]) -> None:
    assert "2026-01-02 03:04 UTC" in made["dr"].partition("<table")[0]
    assert "<dt>declaration</dt><dd>hosts.yml</dd>" in made["dr"]
    verdicts = verified(Scene("dr").requests()).verdicts
    kernels = {"web1": "6.1", "web2": "6.1", "director": None}
    found = dict(about(["hosts.yml"], "client", kernels, verdicts).facts)
    assert found["Linux"] == "6.1 on web1, web2; unknown on director"
    assert found["sent"] == "4 requests by client"
    assert found["lvs.topology"] == version()
    assert re.match(r"\d+\.\d+\.\d+", version())
    assert re.match(r"2\.\d+", found["ansible-core"])
