# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of sysctls below net.ipv4.vs."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.settings import parse_settings


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("est_nice", -20, "-20"),
        ("conn_lfactor", -4, "-4"),
        ("svc_lfactor", 8, "8"),
        ("est_cpulist", "0-3", "0-3"),
        ("est_cpulist", 2, "2"),
        # As the kernel prints it, so that the next run has nothing to change.
        ("est_cpulist", "3,1,0,2,8", "0-3,8"),
        ("est_cpulist", "0,1-7:1/2", "0-1,3,5,7"),
        ("sync_threshold", "3 50", "3 50"),
        ("conntrack", True, "1"),
    ],
)
def test_fitting_values(name: str, given: object, value: str) -> None:
    settings, problems = parse_settings({"sysctls": {name: given}})
    assert problems == []
    assert settings.sysctls == {name: value}


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("est_nice", -21),
        ("est_nice", 20),
        ("conn_lfactor", 9),
        ("conntrack", -1),
        ("drop_entry", "--1"),
        ("est_cpulist", ""),
        ("est_cpulist", "all"),
        ("est_cpulist", "0-N"),
        ("est_cpulist", "3-1"),
        ("est_cpulist", "0-7:3/2"),
        ("est_cpulist", "0-7:1/0"),
        ("est_cpulist", "99999"),
    ],
)
def test_unfit_values(name: str, given: object) -> None:
    (problem,) = parse_settings({"sysctls": {name: given}})[1]
    assert f"sysctls.{name}" in str(problem)
