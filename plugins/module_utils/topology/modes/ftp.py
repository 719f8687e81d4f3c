# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""FTP in NAT: data connections, and the helper of the kernel that knows of them.

A real server tells the client in the control connection where its data are. The helper puts the VIP
in place of the RIP there, and makes an IPVS connection for what follows
(net/netfilter/ipvs/ip_vs_ftp.c).
"""

from __future__ import annotations

from typing import Iterator, Mapping

from ...net.ports import MAX_RULE_PORT, PortRange
from ..declaration.key import Key
from ..declaration.model import Service
from ..paths.path import Path
from ..topology import Topology
from ..violation import Finding
from .check import PathCheck

_NONE, _FTP = "none", "ftp"
_PORT = 21  # of the VIP: the helper's own, and the one at which IPVS turns connection tracking on
_UNPRIVILEGED = PortRange(1024, MAX_RULE_PORT)


def reply_ports(path: Path) -> tuple[PortRange, ...]:
    """From where the real server sends packets of the service.

    With the helper these are those of data connections as well: of active ones the port below that
    of the control connection, and of passive ones whichever the server has chosen. Those that only
    root can choose stay out: there are others at them (SSH).
    """
    if path.service.extra["helper"] != _FTP:
        return path.ports
    port = path.server.port
    if port > _UNPRIVILEGED.first:
        return (_UNPRIVILEGED,)
    return (PortRange(max(1, port - 1), port), _UNPRIVILEGED)


def modules(service: Service) -> Mapping[str, str]:
    """The helper that a service needs on the director, which is a module of its kernel."""
    helper = service.extra["helper"]
    return {} if helper == _NONE else {helper: f"helper: {helper}"}


def _is_of_ftp(path: Path, _topology: Topology) -> Iterator[Finding]:
    service = path.service
    if modules(service) and path.leg.on_director:
        yield Finding(
            f"helper: {_FTP}, and the director itself as a real server",
            "other real servers alone: data connections were not seen to work there",
        )
    if not modules(service) or (service.port, service.protocols) == (_PORT, ("tcp",)):
        return
    known = "a fwmark" if service.fwmark else f"{service.protocols[0]} port {service.port}"
    yield Finding(
        f"helper: {_FTP} with {known}",
        f"port: {_PORT} and protocol: tcp, without fwmark: the kernel looks at no other (real "
        "servers can have other ports)",
    )


def warnings(path: Path) -> Iterator[str]:
    """What clients of FTP without the helper will see."""
    service = path.service
    ports = [ports for ports in service.ports if "tcp" in service.protocols]
    is_ftp = any(one.first <= _PORT <= one.last for one in ports)
    has_data = any(one.last >= _UNPRIVILEGED.first for one in ports)
    if is_ftp and not has_data and not modules(service):
        yield (
            f"service {service.name} has port {_PORT}: if that is FTP, its data connections do not "
            f"work. helper: {_FTP} knows of them; or a fwmark, with the passive ports of the real "
            "servers among ports, and servers that tell clients the VIP"
        )


CHECKS = (
    PathCheck(
        "nat.helper", "a helper has a service that it knows", _is_of_ftp, holds_on_director=True
    ),
)

KEYS = {
    "helper": Key(
        "V(ftp) loads C(ip_vs_ftp) on the director, so that active and passive data connections "
        "of FTP work. The service must have port 21 and no C(fwmark).",
        default=_NONE,
        choices=(_NONE, _FTP),
    )
}
