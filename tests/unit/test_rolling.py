# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the rolling run asks whether an application answers again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment

from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    direct_routing,
    full_nat,
    nat,
    tunnels,
    with_director,
)

PLAYBOOK = Path(__file__).resolve().parents[2] / "playbooks/rolling.yml"
MODES = {"nat": nat, "dr": direct_routing, "tun": tunnels, "fullnat": full_nat}


def asked(paths: list[dict[str, Any]], where: str) -> list[str]:
    plays = yaml.safe_load(PLAYBOOK.read_text())
    (variables,) = [play["vars"] for play in plays if "__rolling_own" in play.get("vars", {})]
    environment = NativeEnvironment()
    told = {"__rolling_here": {"paths": paths}}
    own = environment.from_string(variables["__rolling_own"]).render(told)
    expression = environment.from_string(variables[f"__rolling_at_{where}"])
    return [one["server"] for one in [*expression.render(__rolling_own=[*own])]]


@pytest.mark.parametrize(
    ("mode", "at_vip", "at_rip"),
    [
        ("nat", [], ["director", "web2"]),
        ("fullnat", [], ["director", "web2"]),
        # What is sent to its VIP is balanced, and nothing need listen on its RIP.
        ("dr", ["web2"], []),
        ("tun", ["web2"], []),
    ],
)
def test_each_application_is_asked_where_it_listens(
    mode: str, at_vip: list[str], at_rip: list[str]
) -> None:
    paths = with_director(MODES[mode]()).compile().paths
    assert (asked(paths, "vip"), asked(paths, "rip")) == (at_vip, at_rip)
