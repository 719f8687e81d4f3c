# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Has one director of a pair give its VIPs to the other one, or take its turn again."""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from typing import Iterator

from ..errors import UserError
from ..host.ip import run as iproute
from ..host.ip.commands import addresses
from ..host.nft import run as nft, switch_table
from ..ipvs.model import MASQ
from ..state.record import Record
from ..state.section import TABLE, VRRP, Section
from ..vrrp import role, service
from ..vrrp.render import READY
from . import pair, table_state
from .outcome import Outcome
from .pair_plan import floating

_LOOK_SECONDS = 0.2

# Of a planned switch; switch_table.py says why something is dropped.
_OPENING_SECONDS = 0.5  # more than most handshakes take; clients send again after a second
_TELLING_SECONDS = 4  # until the kernel has told of every connection, and some are told again
_RETRY_SECONDS = 1  # for a packet that was on its way to the one that had the VIPs
_LIMIT_SECONDS = 60  # should a run end in between


def converge_role(record: Record, state: str, timeout: float, *, check_mode: bool) -> Outcome:
    """Bring the director to a state, and wait until it is there."""
    kept = pair.load(Section(record, VRRP)).pair
    content = service.content()
    operations = role.decide(kept, content, state, is_running=service.is_running())
    if not check_mode:
        is_there = state == role.STANDBY and not operations
        with nullcontext() if is_there else _held(record, state, floating(kept)):
            for operation in operations:
                service.write(operation.content)
            _wait(state, floating(kept), timeout)
    before = {"may_be_master": content == READY}
    after = {"may_be_master": operations[0].content == READY} if operations else before
    return Outcome(operations, {"before": before, "after": after})


@contextmanager
def _held(record: Record, state: str, vips: frozenset[str]) -> Iterator[None]:
    """Drop what would be reset while the VIPs move."""
    if state == role.NEXT:
        replying = (
            (one.address, one.port)
            for entry in table_state.load(Section(record, TABLE)).table.values()
            for one, destination in entry.destinations.items()
            if destination.forwarding == MASQ
        )
        nft.hold(switch_table.taking(vips, replying, _LIMIT_SECONDS))
    if state == role.MAY_BE_MASTER:
        nft.let_go()  # what a switch that was broken off has left
    if state in (role.NEXT, role.MAY_BE_MASTER):
        yield
        return
    if state == role.STANDBY:
        nft.hold(switch_table.giving(vips, _LIMIT_SECONDS))
        time.sleep(_OPENING_SECONDS)
    try:
        yield
        if nft.is_held():
            time.sleep(_RETRY_SECONDS if state == role.STANDBY else _TELLING_SECONDS)
    finally:
        nft.let_go()


def _wait(state: str, wanted: frozenset[str], timeout: float) -> None:
    end = time.monotonic() + timeout
    while True:
        there = [one.address for one in addresses(iproute.show(["address show"])[0])]
        if role.is_reached(state, wanted, there):
            return
        if time.monotonic() > end:
            which = ", ".join(sorted(wanted & {*there} or wanted))
            what = "still here" if state == role.STANDBY else "not here"
            raise UserError(f"after {timeout:g} s {which} are {what}: journalctl -u keepalived")
        time.sleep(_LOOK_SECONDS)
