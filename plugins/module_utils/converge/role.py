# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Has one director of a pair give its VIPs to the other one, or take its turn again."""

from __future__ import annotations

import time

from ..errors import UserError
from ..host.ip import run as iproute
from ..host.ip.commands import addresses
from ..state.record import Record
from ..state.section import VRRP, Section
from ..vrrp import role, service
from ..vrrp.render import READY
from . import pair
from .outcome import Outcome
from .pair_plan import floating

_LOOK_SECONDS = 0.2


def converge_role(record: Record, state: str, timeout: float, *, check_mode: bool) -> Outcome:
    """Bring the director to a state, and wait until it is there."""
    kept = pair.load(Section(record, VRRP)).pair
    content = service.content()
    operations = role.decide(kept, content, state, is_running=service.is_running())
    if not check_mode:
        for operation in operations:
            service.write(operation.content)
        _wait(state, floating(kept), timeout)
    before = {"may_be_master": content == READY}
    after = {"may_be_master": operations[0].content == READY} if operations else before
    return Outcome(operations, {"before": before, "after": after})


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
