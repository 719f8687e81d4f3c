# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Messages for the kernel's refusals, which name the service or destination."""

from __future__ import annotations

import errno
from os import strerror
from typing import Callable, Sequence

from ..errors import UserError
from ..netlink.message import Refusal
from ..tunnels.table import KINDS
from .plan import Operation, Verb


class IpvsError(UserError):
    """The kernel refused a request; str() is its message for people, one sentence a line."""


_NOT_ALLOWED = (
    "CAP_NET_ADMIN is missing: run as root (become: true), outside an unprivileged container"
)
_DESTINATION_VERBS = (Verb.NEW_DESTINATION, Verb.SET_DESTINATION, Verb.DEL_DESTINATION)


def explain_read(what: str, refused: OSError) -> IpvsError:
    """Return the error for a request that changes no entry."""
    number = refused.errno or 0
    if number == errno.ENOENT:
        reason = (
            "this kernel has no IPVS: load it with 'modprobe ip_vs' (module ip_vs, CONFIG_IP_VS)"
        )
    elif number == errno.EPERM:
        reason = _NOT_ALLOWED
    else:
        reason = _plain(Refusal(number, refused.strerror or ""))
    return IpvsError(f"cannot {what}: {reason}")


def explain_operations(refused: Sequence[tuple[Operation, Refusal]]) -> IpvsError:
    """Return one error for all refusals.

    It omits destinations that failed only because their service could not be added.
    """
    failed = {one.service.key for one, _why in refused if one.verb is Verb.NEW_SERVICE}
    sentences: list[str] = []
    for one, why in refused:
        follows = one.verb in _DESTINATION_VERBS and one.service.key in failed
        if not (follows and why.errno == errno.ESRCH):
            sentences.append(f"cannot {one}: {_reason(one, why)}")
    return IpvsError("\n".join(sentences))


def _reason(operation: Operation, why: Refusal) -> str:
    known = _REASONS.get(why.errno)
    return known(operation, why) if known else _plain(why)


def _plain(why: Refusal) -> str:
    name = errno.errorcode.get(why.errno, str(why.errno))
    return f"{why.message or strerror(why.errno)} ({name})"


def _exists(_operation: Operation, _why: Refusal) -> str:
    return "it is there already: another program changed the table since it was read; run again"


def _no_service(operation: Operation, _why: Refusal) -> str:
    return f"there is no service {operation.service.key}"


def _no_entry(operation: Operation, _why: Refusal) -> str:
    service = operation.service
    if operation.destination is not None:
        return f"the service has no destination {operation.destination.key}"
    reason = f"the kernel has no scheduler {service.scheduler}: modprobe ip_vs_{service.scheduler}"
    if service.persistence_engine:
        engine = service.persistence_engine
        reason += f", or no persistence engine {engine}: modprobe ip_vs_pe_{engine}"
    return reason


def _out_of_range(operation: Operation, _why: Refusal) -> str:
    one = operation.destination
    if one is None:
        return "a value is out of range (ERANGE)"
    return (
        f"weight {one.weight} must not be negative, and lower_threshold {one.lower_threshold} "
        f"must not be above upper_threshold {one.upper_threshold}"
    )


def _invalid(operation: Operation, why: Refusal) -> str:
    one = operation.destination
    if one is None:
        key = operation.service.key
        return f"{_plain(why)}: the kernel takes no service {key} with these fields"
    if KINDS[one.tunnel_type].has_port and not one.tunnel_port:
        return f"{one.tunnel_type} needs a tunnel_port"
    return (
        f"{one.key.address} must be a unicast address or one of this host's own; "
        "a destination of the other family must be a tunnel, with no sync daemon running"
    )


def _bad_family(operation: Operation, _why: Refusal) -> str:
    return f"this kernel has no {operation.service.key.family} (EAFNOSUPPORT)"


def _not_allowed(_operation: Operation, _why: Refusal) -> str:
    return _NOT_ALLOWED


_REASONS: dict[int, Callable[[Operation, Refusal], str]] = {
    errno.EEXIST: _exists,
    errno.ESRCH: _no_service,
    errno.ENOENT: _no_entry,
    errno.ERANGE: _out_of_range,
    errno.EINVAL: _invalid,
    errno.EAFNOSUPPORT: _bad_family,
    errno.EPERM: _not_allowed,
}
