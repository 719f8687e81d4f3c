# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is kept of a director's pair, and how a step of its way is taken."""

from __future__ import annotations

from ..errors import UserError
from ..ipvs.client import Client
from ..ipvs.sync_daemon import ROLES
from ..state import content
from ..state.record import Record, Values
from ..vrrp import plan, service
from ..vrrp.plan import Current, Owned
from ..vrrp.schema import parse_vrrp, render_vrrp
from .pair_plan import Kept, PairGoal, PairStep, Stages, stages


def load(record: Record) -> Kept:
    """Read it; raises PersistenceError where not all of it is known."""
    return content.read(record, _load, _dump)


def prepare(client: Client, past: Kept, goal: PairGoal) -> tuple[Current, Stages]:
    """Look at the host, refuse what stands in the way, and plan; nothing is changed."""
    wanted = goal.pair
    if wanted is None and past == Kept():
        return Current(), Stages()
    current, places = service.read(client), service.places()
    if wanted:
        service.refuse(current, plan.texts_of(wanted, places))
        if past.pair is None or wanted.peer != past.pair.peer:
            service.refuse_stranger(wanted)
        for daemon in current.daemons:
            if daemon.role not in past.owned.roles and daemon not in wanted.sync and wanted.sync:
                raise UserError(
                    f"there is a {daemon}, which is not ours: stop it (ipvsadm --stop-daemon "
                    f"{daemon.role}), and whoever starts it; or set sync.enabled: false"
                )
    elif service.is_foreign(current.texts.configuration):
        current = current._replace(texts=current.texts._replace(configuration=""))
    return current, stages(current, past, goal, places)


def prepare_at_boot(client: Client, past: Kept) -> tuple[Current, Stages]:
    """The same for the boot program: files are there, and systemd starts keepalived itself."""
    if past.pair is None:
        return Current(), Stages()
    places = service.places()
    current = service.read(client)._replace(
        texts=plan.texts_of(past.pair, places), is_enabled=True, is_running=True
    )
    return current, stages(current, past, PairGoal(past.pair, drains=False, persist=True), places)


def carry_out_step(record: Record, step: PairStep, client: Client, *, check_mode: bool) -> None:
    """Record a step, and carry it out."""
    record.record(*_dump(step.during))
    if not check_mode:
        service.carry_out(client, step.operations)
    record.record(*_dump(step.after))


def _load(desired: Values, owned: Values) -> Kept:
    pair, problems = parse_vrrp(desired.get("pair"))
    if problems:
        raise ValueError("; ".join(map(str, problems)))
    enabled, roles = owned.get("enabled", False), owned.get("sync", [])
    if not isinstance(enabled, bool) or not {*roles} <= {*ROLES}:
        raise ValueError(f"owned: {owned}")
    return Kept(pair, Owned(enabled, tuple(roles)))


def _dump(past: Kept) -> tuple[Values, Values]:
    desired: Values = {"pair": render_vrrp(past.pair)} if past.pair else {}
    owned: Values = {}
    if past.owned.enabled:
        owned["enabled"] = True
    if past.owned.roles:
        owned["sync"] = [*past.owned.roles]
    return desired, owned
