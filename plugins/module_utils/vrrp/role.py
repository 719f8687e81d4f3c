# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Who of a pair may be master, by hand: pure decisions, and what they wait for."""

from __future__ import annotations

from typing import Collection, NamedTuple

from ..errors import UserError
from .model import Pair
from .render import DRAINED, NOT_READY, READY

STATES = STANDBY, MAY_BE_MASTER, NEXT, IS_MASTER = ("standby", "ready", "next", "master")


class ChangeRole(NamedTuple):
    """An operation: another content of the file that keepalived watches."""

    content: str

    def __str__(self) -> str:
        return (
            "let this director be master"
            if self.content == READY
            else "have the other director be master"
        )


def decide(pair: Pair | None, content: str, state: str, *, is_running: bool) -> list[ChangeRole]:
    """The change that leads to a state; raises UserError where it cannot be."""
    if pair is None:
        raise UserError("this host is no director of a pair (topology_high_availability)")
    if state == STANDBY and not pair.peer:
        raise UserError("there is no other director that could have the VIPs")
    if content == NOT_READY or not content:
        raise UserError(
            "this director may not be master: its table was not filled since it booted. "
            "systemctl status lvs-topology says why; site.yml fills it"
        )
    if state != STANDBY and not is_running:
        raise UserError("keepalived does not run here: systemctl status keepalived says why")
    if state == NEXT and content == DRAINED:
        raise UserError("this director is drained itself: lvs.topology.undrain ends that")
    if state in (NEXT, IS_MASTER):
        return []
    wanted = DRAINED if state == STANDBY else READY
    return [] if content == wanted else [ChangeRole(wanted)]


def is_reached(state: str, floating: Collection[str], there: Collection[str]) -> bool:
    """Whether a host with these addresses is in a state."""
    if state == STANDBY:
        return not {*floating} & {*there}
    return state != IS_MASTER or {*floating} <= {*there}
