# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A director's settings: timeouts and the sysctls below net.ipv4.vs.

Names, values and defaults: Documentation/networking/ipvs-sysctl.rst and vs_vars in
net/netfilter/ipvs/ip_vs_ctl.c.
"""

from __future__ import annotations

import re
from typing import Any, Mapping, NamedTuple

from ..fields import Problem, is_number
from .cpu_list import canonical
from .model import Timeouts

# The timers keep seconds in jiffies in an int: ip_vs_set_timeout() in ip_vs_ctl.c refuses more.
MAX_TIMEOUT = 31 * 24 * 3600

_SWITCH = (0, 1)
# The values that make sense of those whose meaning is fixed; others are the kernel's to judge.
_RANGES: dict[str, tuple[int, int]] = {
    "backup_only": _SWITCH,
    "cache_bypass": _SWITCH,
    "conn_lfactor": (-8, 8),
    "conn_reuse_mode": (0, 3),
    "conntrack": _SWITCH,
    "drop_entry": (0, 3),
    "drop_packet": (0, 3),
    "est_nice": (-20, 19),
    "expire_nodest_conn": _SWITCH,
    "expire_quiescent_template": _SWITCH,
    "ignore_tunneled": _SWITCH,
    "nat_icmp_send": _SWITCH,
    "pmtu_disc": _SWITCH,
    "run_estimation": _SWITCH,
    "schedule_icmp": _SWITCH,
    "secure_tcp": (0, 3),
    "sloppy_sctp": _SWITCH,
    "sloppy_tcp": _SWITCH,
    "snat_reroute": _SWITCH,
    "svc_lfactor": (-8, 8),
    "sync_persist_mode": _SWITCH,
    "sync_retries": (0, 3),
    "sync_version": _SWITCH,
}
_CPU_LIST = "est_cpulist"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NUMBERS = re.compile(r"-?[0-9]{1,10}( [0-9]{1,10})*")


SETTINGS_SPEC: dict[str, Any] = {
    **{f"{field}_timeout": {"type": "int"} for field in Timeouts._fields},
    "sysctls": {"type": "dict", "default": {}},
}


class Settings(NamedTuple):
    """What is desired; what is not named stays as it is."""

    timeouts: Mapping[str, int] = {}  # by the field of Timeouts
    sysctls: Mapping[str, str] = {}  # by the name below net.ipv4.vs


def parse_settings(params: Mapping[str, Any], where: str = "") -> tuple[Settings, list[Problem]]:
    """The settings from parameters, and everything that is wrong with them."""
    problems: list[Problem] = []
    timeouts = {}
    for field in Timeouts._fields:
        option = f"{field}_timeout"
        value = params.get(option)
        if value is None:
            continue
        timeouts[field] = value
        if not 1 <= value <= MAX_TIMEOUT:
            problems.append(Problem(f"{where}{option}", value, f"a number from 1 to {MAX_TIMEOUT}"))
    sysctls = {}
    for name, value in (params.get("sysctls") or {}).items():
        sysctls[name] = " ".join(str(int(value) if isinstance(value, bool) else value).split())
        expected = _unfit(str(name), sysctls[name])
        if name == _CPU_LIST:
            # What is written must be what is read later, or every run would write it again.
            sysctls[name] = canonical(sysctls[name])
        if expected:
            problems.append(Problem(f"{where}sysctls.{name}", value, expected))
    return Settings(timeouts, sysctls), problems


def sysctl_key(name: str) -> str:
    """Where a sysctl is below /proc/sys."""
    return f"net/ipv4/vs/{name}"


def _unfit(name: object, value: str) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return "the name of a sysctl below net.ipv4.vs, such as conntrack"
    if name == _CPU_LIST:
        # "all", "N" and an empty list depend on the host, or do what run_estimation does.
        return "" if canonical(value) else "numbers of CPUs, such as 0-3,8 or 0-7:1/2"
    if name not in _RANGES:
        return "" if _NUMBERS.fullmatch(value) else "a number, or numbers"
    low, high = _RANGES[name]
    return "" if is_number(value, low, high) else f"a number from {low} to {high}"
