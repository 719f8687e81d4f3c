# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any declaration and any facts compile: to violations, or to what the modules take."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.schema import (
    argument_spec,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.violation import report
from ansible_collections.lvs.topology.tests.unit.odd_data import changed

from .sample import (
    Sample,
    both_ways,
    direct_routing,
    full_nat,
    near_and_far,
    static_arp,
    tunnels,
    with_director,
)
from .test_contract import check_modules_take

NULL: Any = None  # a key of YAML
HUGE: Any = 10**5000  # Python writes no number of more than 4300 digits
SAMPLES = [
    both_ways(),
    full_nat(),
    static_arp(),
    tunnels(),
    near_and_far(),
    with_director(both_ways()),
    direct_routing().changed(
        {
            "options/health": {"interval": 2, "fallback": {"address": "10.0.0.99"}},
            "options/metrics": {"directory": "/srv/metrics", "interval": 60},
            "services/web/health": {"check": "tcp", "floor": 30, "fallback": None, "port": 80},
        }
    ),
]


@st.composite
def odd_samples(draw: st.DrawFn) -> Sample | None:
    """A sound topology in which something is odd; None where Ansible itself would refuse it."""
    sample = draw(st.sampled_from(SAMPLES))
    name = draw(st.sampled_from(["services", "facts", "options"]))
    odd = replace(sample, **{name: draw(changed(getattr(sample, name)))})
    given = {"services": odd.services, "facts": odd.facts, "groups": odd.groups, **odd.options}
    try:
        result = ArgumentSpecValidator(argument_spec()).validate(given)
    except (TypeError, ValueError):  # an option whose name is no text, a number of 5000 digits
        return None
    if result.error_messages:
        return None
    given = result.validated_parameters
    return Sample(given["services"], given["facts"], given["groups"], given)


@pytest.mark.fuzz
@given(odd_samples())
def test_violations_or_what_modules_take(sample: Sample | None) -> None:
    if sample is None:
        return
    compiled = sample.compile()
    for text in (
        *compiled.warnings,
        *compiled.notices,
        *(one.message for one in compiled.accepted),
    ):
        assert text.isprintable()
    if compiled.violations:
        assert compiled.nodes == {}
        assert report(compiled.violations)
        for one in compiled.violations:
            assert one.message.isprintable()
    else:
        check_modules_take(compiled)


@pytest.mark.parametrize(
    ("change", "got"),
    [
        ({"services/web/port": HUGE}, "port: 1000"),
        ({"services/web/mode": HUGE}, "mode: 1000"),
        ({"services/web/port": "9" * 5000}, "port: '999"),
        ({"services/web/port": "٨٠"}, "port: '٨٠'"),
        ({"services/web": {HUGE: 1}}, "no mode"),
        ({"services/web/real_servers/0": {"host": "web1", "weight": HUGE}}, "weight: 1000"),
        ({"options/settings": {"sysctls": {"drop_entry": HUGE}}}, "sysctls.drop_entry: 1000"),
        ({"options/settings": {"sysctls": {"amemthresh": "9" * 5000}}}, "sysctls.amemthresh: '99"),
        ({"options/settings": {"sysctls": {"amemthresh": "٣"}}}, "sysctls.amemthresh: '٣'"),
        ({"options/settings": {"sysctls": {NULL: 1}}}, "sysctls.None: 1"),
        ({"options/rips": {"web1": HUGE}}, "topology_rip: 1000"),
        ({"facts/web1/links/0/mtu": HUGE}, "a number that no kernel has"),
        ({"facts/web1/routes/0/destination": True}, "facts that are not those of a host"),
        ({"facts/web1/rules/0/protocol": HUGE}, "a number that no kernel has"),
        ({"facts/web1/rules/0/priority": HUGE}, "a number that no kernel has"),
        ({"facts/web1/rules/0/source": True}, "facts that are not those of a host"),
        ({"services": {"a\n- b": tunnels().services["web"]}}, r"the name 'a\n- b'"),
        ({"groups/all": ["web1", "web2", "director", "a\x1b[2J"]}, r"the host 'a\x1b[2J'"),
        ({"groups": {**tunnels().groups, NULL: ["web1"]}, "services/web/port": -1}, "port: -1"),
    ],
)
def test_what_python_stumbles_over(change: dict[str, Any], got: str) -> None:
    whole = {name: change[name] for name in ("services", "groups") if name in change}
    single = {path: value for path, value in change.items() if path not in whole}
    violations = replace(tunnels(), **whole).changed(single).compile().violations
    assert any(got in one.got for one in violations), violations
