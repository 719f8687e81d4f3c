# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the compiler gives, the modules take; and the example compiles on the demo's lab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.lvs.topology.plugins.module_utils.health.kinds.table import KINDS
from ansible_collections.lvs.topology.plugins.module_utils.health.schema import (
    parse_watches,
    watches_spec,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.roles import (
    director,
    real_server,
    router,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import (
    parse_services,
    table_spec,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.settings import (
    SETTINGS_SPEC,
    parse_settings,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.wait import (
    DRAIN_REMOVED_SPEC,
    ENDING_SPEC,
)
from ansible_collections.lvs.topology.plugins.module_utils.metrics.settings import (
    metrics_spec,
    parse_metrics,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.compile import Compiled
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.schema import (
    parse_vrrp,
    vrrp_spec,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    Sample,
    both_ways,
    direct_routing,
    full_nat,
    inside,
    nat,
    near_and_far,
    node,
    route,
    static_arp,
    tunnels,
    two_arms,
    with_director,
)

ROOT = Path(__file__).resolve().parents[5]
PERSIST = {"persist": {"type": "bool"}}
STATE = {"state": {"choices": ["present", "absent"]}}
SPECS: dict[str, dict[str, Any]] = {
    "real_server": {**STATE, **PERSIST, **real_server.OPTIONS},
    "director": {
        **STATE,
        **PERSIST,
        **director.OPTIONS,
        **table_spec(),
        "settings": {"type": "dict", "options": SETTINGS_SPEC},
        "drain_removed": DRAIN_REMOVED_SPEC,
        "wait": ENDING_SPEC,
        "health": watches_spec(),
        "metrics": metrics_spec(),
        "vrrp": vrrp_spec(),
    },
    "router": {**PERSIST, **router.OPTIONS},
    "router_finish": {**PERSIST, **router.OPTIONS},
}


def demo() -> Sample:
    """The example's declaration and groups on the demo's nodes."""
    lab = yaml.safe_load((ROOT / "lab/topologies/demo.yml").read_text())
    folder = ROOT / "playbooks/inventory"
    variables = yaml.safe_load((folder / "group_vars/all.yml").read_text())
    inventory = yaml.safe_load((folder / "hosts.yml").read_text())
    groups = {name: list(group["hosts"]) for name, group in inventory["all"]["children"].items()}
    groups["all"] = [host for hosts in groups.values() for host in hosts]
    facts = {}
    for name, found in lab["nodes"].items():
        gateways = found.get("routes", {}).get("default", [])
        routes = [route("::/0" if ":" in one else "0.0.0.0/0", one) for one in gateways]
        facts[name] = node(found["links"], routes)
    shared = yaml.safe_load((folder / "group_vars/lvs_directors.yml").read_text())["topology_dip"]
    sample = Sample(variables["topology_services"], facts, groups)
    sample.options |= {
        "health": variables["topology_health"],
        "high_availability": variables["topology_high_availability"],
        "dips": dict.fromkeys(groups["lvs_directors"], shared),
    }
    return sample


SAMPLES = {
    "dr": direct_routing(),
    "nat": nat(),
    "policy": nat().changed({"services/web/return_route": "policy"}),
    "both": both_ways(),
    "two arms": two_arms(),
    "static": static_arp(),
    "fullnat": full_nat().changed({"options/lips": {"director": "10.1.0.20-10.1.0.22"}}),
    "tunnels": tunnels(),
    "near and far": near_and_far(),
    "pair in FULLNAT": full_nat().changed(
        {
            "groups/lvs_directors": ["director", "spare"],
            "facts/spare": node(
                {"inside": ["10.0.0.6/24"], "near": ["10.1.0.6/24"]},
                [route("0.0.0.0/0", "10.0.0.1"), route("10.2.0.0/24", "10.1.0.1", "near")],
            ),
            "options/dips": dict.fromkeys(("director", "spare"), ("10.1.0.9",)),
            "options/lips": dict.fromkeys(("director", "spare"), "10.1.0.20-10.1.0.22"),
            "options/high_availability": {"engine": "vrrp"},
        }
    ),
    "pair": both_ways().changed(
        {
            "groups/lvs_directors": ["director", "spare"],
            "facts/spare": inside(6, 1),
            "options/dips": dict.fromkeys(("director", "spare"), ("10.0.0.9", "2001:db8:10::9")),
            "options/high_availability": {"engine": "vrrp", "sync": {"group": "ff02::81"}},
        }
    ),
    "director, too": with_director(tunnels()),
    "gue": tunnels().changed({"services/web/tunnel": "gue", "services/web/tunnel_port": 6080}),
    "gre": tunnels().changed(
        {
            "services/web/tunnel": "gre",
            "services/web/tunnel_checksum": "csum",
            "services/web/vips": ["10.0.0.100", "2001:db8:10::100"],
        }
    ),
    "health": with_director(both_ways()).changed(
        {"options/health": {"floor": 50, "slow_start": 30}, "services/web/health": {"port": 81}}
    ),
    "health of all ports": nat().changed(
        {
            "options/health": {"port": 8080, "fallback": "10.0.0.99"},
            "services/web/port": 0,
            "services/web/persistence_timeout": 60,
            "services/web/real_servers": [{"host": "web1"}, {"host": "web2"}],
        }
    ),
    "metrics": with_director(both_ways()).changed({"options/metrics": {"interval": 60}}),
    "nothing": direct_routing().changed({"services/web": None}),
    "demo": demo(),
}


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))
def test_the_modules_take_what_is_compiled(sample: Sample) -> None:
    compiled = sample.compile()
    assert compiled.violations == []
    assert {*sample.groups["lvs_directors"], "web1", "web2"} <= compiled.nodes.keys()
    check_modules_take(compiled)


# What a kind of check does not do without.
NEEDED: dict[str, dict[str, str]] = {
    "dns": {"query_name": "example.org"},
    "script": {"script": "/bin/true"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_module_takes_every_kind_of_check(kind: str) -> None:
    health = {"check": kind, "port": 8080, **NEEDED.get(kind, {})}
    compiled = both_ways().changed({"services/web/health": health}).compile()
    assert compiled.violations == []
    check_modules_take(compiled)


def check_modules_take(compiled: Compiled) -> None:
    """Assert that no module finds anything wrong with its arguments."""
    for modules in compiled.nodes.values():
        for call, arguments in modules.items():
            result = ArgumentSpecValidator(SPECS[call]).validate(arguments)
            assert result.error_messages == []
            _problems_of(call, result.validated_parameters)


def _problems_of(call: str, parameters: dict[str, Any]) -> None:
    parse = {
        "real_server": real_server.parse,
        "director": director.parse,
        "router": router.parse,
        "router_finish": router.parse,
    }[call]
    assert parse(parameters)[1] == []
    if call == "director":
        assert parse_services(parameters["services"])[1] == []
        assert parse_settings(parameters["settings"])[1] == []
        assert parse_watches(parameters["health"])[1] == []
        assert parse_metrics(parameters["metrics"])[1] == []
        assert parse_vrrp(parameters["vrrp"])[1] == []


def test_the_example_is_the_demo() -> None:
    sample = demo()
    compiled = sample.compile()
    for name in ("lb1", "lb2"):
        given = compiled.nodes[name]["director"]
        assert [len(one["destinations"]) for one in given["services"]] == [3, 3, 3, 3]
        assert [len(given["health"]), given["vrrp"]["interface"]] == [4, "inside"]
    assert compiled.warnings == []
