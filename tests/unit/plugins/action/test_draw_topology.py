# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of a declaration, by the action plugin's real run()."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ansible_collections.lvs.topology.plugins.action.draw_topology import ActionModule

from .running import prepared

GROUPS = {
    "all": ["director", "router", "web1", "web2"],
    "lvs_directors": ["director"],
    "lvs_routers": ["router"],
    "lvs_real_servers": ["web1", "web2"],
}
SERVICES = {
    "web": {
        "mode": "dr",
        "vips": ["10.0.0.100", "2001:db8::100"],
        "port": 80,
        "real_servers": [{"group": "lvs_real_servers"}],
    },
    "old": {
        "mode": "nat",
        "vips": ["10.0.0.101"],
        "port": 80,
        "real_servers": [{"host": "web2", "port": 8080}, {"address": "10.0.0.77", "port": 8080}],
    },
}


def drawn(form: str, services: dict[str, Any]) -> dict[str, Any]:
    arguments = {"services": services, "groups": GROUPS, "format": form}
    return prepared(ActionModule, arguments).run(task_vars={})


def test_mermaid() -> None:
    text = drawn("mermaid", SERVICES)["picture"]
    ids = {name: key for key, name in re.findall(r'  (host\d+)\["([^"<]*)', text)}
    assert {*ids} == {"clients", "router", "director", "web1", "web2", "10.0.0.77"}
    vips = "1 web (dr)<br>10.0.0.100:80<br>[2001:db8::100]:80<br>2 old (nat)<br>10.0.0.101:80"
    assert f"director<br>{vips}" in text
    lines = text.splitlines()
    assert lines[0] == "flowchart LR"
    for line in (
        "  {clients} --> {router}",
        '  {director} -->|"1 web"| {web1}',
        '  {director} -->|"1 web<br>2 old"| {web2}',
        '  {web1} -.->|"1 web"| {router}',
        '  {web2} -.->|"2 old"| {director}',
    ):
        assert lines.count(line.format_map(ids)) == 1
    # In direct routing no reply passes the director.
    assert f'  {ids["web1"]} -.->|"1 web"| {ids["director"]}' not in lines


def test_a_director_that_is_a_real_server_says_so_itself() -> None:
    groups = {**GROUPS, "lvs_real_servers": ["director", "web1", "web2"]}
    arguments = {"services": SERVICES, "groups": groups, "format": "mermaid"}
    lines = prepared(ActionModule, arguments).run(task_vars={})["picture"].splitlines()
    (box,) = [line for line in lines if '["director' in line]
    assert box.endswith('<br>10.0.0.101:80<br>1 :80 weight 1"]')
    name = box.split("[")[0].strip()
    assert not any(line.count(name) > 1 for line in lines)


def test_a_fallback_is_called_so() -> None:
    arguments = {"services": SERVICES, "groups": GROUPS, "format": "mermaid"}
    health = {"fallback": {"address": "10.0.0.99", "prepared": True}}
    services = {"web": {**SERVICES["web"], "health": True}}
    action = prepared(ActionModule, {**arguments, "services": services, "health": health})
    text = action.run(task_vars={})["picture"]
    assert "1 :80 weight 1 fallback" in text
    assert "10.0.0.99" in text


def test_svg_shows_every_host() -> None:
    text = drawn("svg", SERVICES)["picture"]
    assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314 - our own
    hosts = re.findall(r'data-host="([^"]*)"', text)
    assert sorted(hosts) == ["10.0.0.77", "clients", "director", "router", "web1", "web2"]


@pytest.mark.parametrize("form", ["svg", "mermaid"])
def test_what_is_wrong_with_a_declaration_is_all_said(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result = drawn(form, {"web": {"mode": "ndr"}, "old": {"mode": "nat", "port": -1}})
    assert "picture" not in result
    assert result["failed"] is True
    assert "violations, listed above" in result["msg"]
    shown = capsys.readouterr().out
    for part in ("service old", "service web", "ndr", "no real_servers", "no vips"):
        assert part in shown
