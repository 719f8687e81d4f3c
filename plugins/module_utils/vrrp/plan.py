# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""From what keepalived and the sync daemons are to what they have to be: the operations."""

from __future__ import annotations

from typing import Any, Collection, Iterator, NamedTuple, Union

from ..ipvs.sync_daemon import StartSync, StopSync, SyncDaemon, plan as plan_sync
from .model import Pair
from .render import Places, configuration, drop_in

UNIT = "keepalived.service"
WRITE, REMOVE, ENABLE, DISABLE, START, STOP, RELOAD, READY = (
    "write",
    "remove",
    "enable",
    "disable",
    "start",
    "stop",
    "reload",
    "ready",
)
CONFIGURATION, DROP_IN = "keepalived.conf", f"{UNIT}.d/lvs-topology.conf"


class Texts(NamedTuple):
    """The content of both files; "" = there is none."""

    configuration: str = ""
    drop_in: str = ""


class Current(NamedTuple):
    """What is there."""

    texts: Texts = Texts()
    is_enabled: bool = False  # at boot
    is_running: bool = False
    is_ready: bool = False  # whether this director may be master
    daemons: tuple[SyncDaemon, ...] = ()


class Owned(NamedTuple):
    """What is ours beside the files, which say so themselves."""

    enabled: bool = False  # we have enabled keepalived
    roles: tuple[str, ...] = ()  # of sync daemons


class Do(NamedTuple):
    """An operation on keepalived."""

    verb: str
    what: str
    text: str = ""  # of a file

    def __str__(self) -> str:
        if self.verb == READY:
            return "let this director be master"
        return f"{self.verb} {self.what}"


Operation = Union[Do, StartSync, StopSync]
OPERATIONS = (Do, StartSync, StopSync)


def texts_of(pair: Pair | None, places: Places) -> Texts:
    """The content of both files."""
    if pair is None:
        return Texts()
    return Texts(configuration(pair, places), drop_in(pair, places))


def keepalived(current: Current, texts: Texts, owned: Owned, *, persist: bool) -> Iterator[Do]:
    """What makes keepalived so; without texts it ends."""
    if not texts.configuration:
        yield from _away(current, owned)
        return
    for name, there, wanted in (
        (DROP_IN, current.texts.drop_in, texts.drop_in),
        (CONFIGURATION, current.texts.configuration, texts.configuration),
    ):
        if there != wanted:
            yield Do(WRITE, name, wanted)
    if persist and not current.is_enabled:
        yield Do(ENABLE, UNIT)
    if not current.is_ready:
        yield Do(READY, UNIT)
    if not current.is_running:
        yield Do(START, UNIT)
    elif current.texts.configuration != texts.configuration:
        yield Do(RELOAD, UNIT)


def _away(current: Current, owned: Owned) -> Iterator[Do]:
    if not current.texts.configuration and not current.texts.drop_in:
        return
    if current.is_running and current.texts.configuration:
        yield Do(STOP, UNIT)
    if owned.enabled and current.is_enabled:
        yield Do(DISABLE, UNIT)
    for name, there in (
        (CONFIGURATION, current.texts.configuration),
        (DROP_IN, current.texts.drop_in),
    ):
        if there:
            yield Do(REMOVE, name)


def sync(
    current: Current, desired: Collection[SyncDaemon], owned: Owned
) -> list[StartSync | StopSync]:
    """What makes the sync daemons so."""
    return plan_sync(current.daemons, desired, owned.roles)


def after(current: Current, operations: Collection[Operation]) -> Current:
    """What is there once the operations are done."""
    for one in operations:
        if isinstance(one, StartSync):
            current = current._replace(daemons=(*current.daemons, one.daemon))
        elif isinstance(one, StopSync):
            left = tuple(each for each in current.daemons if each.role != one.daemon.role)
            current = current._replace(daemons=left)
        elif one.verb in (WRITE, REMOVE):
            name = "configuration" if one.what == CONFIGURATION else "drop_in"
            current = current._replace(texts=current.texts._replace(**{name: one.text}))
        elif one.verb in (ENABLE, DISABLE):
            current = current._replace(is_enabled=one.verb == ENABLE)
        elif one.verb in (START, STOP):
            current = current._replace(is_running=one.verb == START)
        elif one.verb == READY:
            current = current._replace(is_ready=True)
    return current


def difference(current: Current, operations: Collection[Operation]) -> dict[str, Any]:
    """Before and after, where there are any operations."""
    if not operations:
        return {"before": {}, "after": {}}
    return {
        "before": _shown(current),
        "after": _shown(after(current, operations)),
    }


def _shown(current: Current) -> dict[str, Any]:
    return {
        "keepalived": {
            "configuration": current.texts.configuration.splitlines(),
            "drop_in": current.texts.drop_in.splitlines(),
            "enabled": current.is_enabled,
            "running": current.is_running,
            "may_be_master": current.is_ready,
        },
        "sync_daemons": sorted(map(str, current.daemons)),
    }
