# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What services need of a kernel, which every director's has: any of them may have the VIPs."""

from __future__ import annotations

from functools import partial
from typing import Callable, Iterator, NamedTuple

from ...ipvs.model import SCHEDULERS
from ..declaration.model import Service
from ..modes.check import TopologyCheck
from ..modes.table import modes_of
from ..paths.facts import Node
from ..settings import settings_of
from ..topology import Topology
from ..violation import Finding

_RANGES_SINCE = (5, 6)  # net/netfilter/nft_set_pipapo.c


class _Need(NamedTuple):
    service: str
    declared: str  # what asks for it
    module: str = ""  # without ip_vs_
    since: tuple[int, int] = (0, 0)  # of Linux
    instead: str = ""  # what needs less


def _ipvs_available(topology: Topology) -> Iterator[Finding]:
    for director in topology.directors:
        if topology.services and not director.has_ipvs:
            yield Finding(
                "neither ip_vs in the running kernel nor a module to load",
                "a kernel with ip_vs (the modules of the running kernel installed)",
                host=director.name,
            )


def _modules(topology: Topology) -> Iterator[Finding]:
    needs = dict.fromkeys(need for one in topology.services for need in _modules_for(one))
    for director in topology.directors:
        for need in needs:
            if _may_have(director, need.module):
                continue
            there = [one for one in SCHEDULERS if _may_have(director, one)]
            others = f"; or one of {', '.join(there)}" if need.module in SCHEDULERS else ""
            beside = _unlike(topology, partial(_may_have, module=need.module))
            yield Finding(
                f"{need.declared}, of which the kernel has no module{beside}",
                f"a kernel with ip_vs_{need.module}{others}",
                need.service,
                director.name,
            )


def _modules_for(service: Service) -> Iterator[_Need]:
    for virtual in service.virtuals:
        scheduler, engine = virtual.service.scheduler, virtual.service.persistence_engine
        yield _Need(service.name, f"scheduler: {scheduler}", scheduler)
        if engine:
            yield _Need(service.name, f"persistence_engine: {engine}", f"pe_{engine}")
    for mode in modes_of(service):
        for module, declared in mode.modules(service).items():
            yield _Need(service.name, declared, module)


def _may_have(director: Node, module: str) -> bool:
    modules = director.ipvs_modules
    return modules is None or not director.has_ipvs or module in modules


def _release(topology: Topology) -> Iterator[Finding]:
    for director in topology.directors:
        for service in topology.services if director.kernel else ():
            for need in _releases_for(service):
                if director.kernel < need.since:
                    since = ".".join(map(str, need.since))
                    yield Finding(
                        f"{need.declared}, and Linux {'.'.join(map(str, director.kernel))}",
                        f"{need.instead}, or Linux {since}, the first that has it (or a kernel "
                        "whose vendor has added it)",
                        need.service,
                        director.name,
                    )


def _releases_for(service: Service) -> Iterator[_Need]:
    ranges = ", ".join(str(ports) for ports in service.ports if not ports.is_single)
    if ranges:
        declared = f"ports: {ranges}"
        yield _Need(service.name, declared, since=_RANGES_SINCE, instead="single ports")
    for mode in modes_of(service):
        tunnel = mode.tunnel(service)
        if tunnel:
            declared, since = f"tunnel: {tunnel.type}", tunnel.kind.since
            yield _Need(service.name, declared, since=since, instead="an older kind of tunnel")


def _sysctls(topology: Topology) -> Iterator[Finding]:
    declared = topology.options.settings.get("sysctls", {})
    for director in topology.directors:
        for name in settings_of(topology).get("sysctls", {}) if topology.services else ():
            if _may_have_sysctl(director, name):
                continue
            beside = _unlike(topology, partial(_may_have_sysctl, name=name))
            less = "topology_settings.sysctls without it" if name in declared else "other services"
            yield Finding(
                f"no net.ipv4.vs.{name}{beside}",
                f"a kernel that has it, or {less}",
                host=director.name,
            )


def _may_have_sysctl(director: Node, name: str) -> bool:
    return director.ipvs_sysctls is None or name in director.ipvs_sysctls


def _unlike(topology: Topology, has: Callable[[Node], bool]) -> str:
    others = [one.name for one in topology.directors if has(one)]
    return f", unlike that of {', '.join(others)}" if others else ""


CHECKS = (
    TopologyCheck("director.ip-vs", "the director's kernel has ip_vs", _ipvs_available),
    TopologyCheck(
        "director.module",
        "every director's kernel has the modules that services need",
        _modules,
        is_acceptable=True,
    ),
    TopologyCheck(
        "director.kernel",
        "every director's kernel is as new as services need",
        _release,
        is_acceptable=True,
    ),
    TopologyCheck(
        "director.sysctl", "every director's kernel has the settings that are made", _sysctls
    ),
)
