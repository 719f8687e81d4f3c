# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The model as the JSON values of a state file, and back."""

from __future__ import annotations

from typing import Any, Iterable, Mapping

from .model import KINDS, Found, Replaced, Setting, Thing, Wanted


def dump_wanted(wanted: Wanted) -> dict[str, Any]:
    """What is wanted; {} when nothing is."""
    if wanted == Wanted(hidden=wanted.hidden):
        return {}
    settings = [{**one._asdict(), "accepted": list(one.accepted)} for one in wanted.settings]
    return {
        **_dump_things(wanted.things),
        "settings": settings,
        "up": list(wanted.up),
        "hidden": wanted.hidden,
    }


def load_wanted(data: Mapping[str, Any]) -> Wanted:
    """What dump_wanted() wrote."""
    if not data:
        return Wanted()
    settings = [Setting(**{**one, "accepted": tuple(one["accepted"])}) for one in data["settings"]]
    return Wanted(_load_things(data), tuple(settings), tuple(data["up"]), data["hidden"])


def dump_found(found: Found) -> dict[str, Any]:
    """What is ours; {} when nothing is."""
    if found == Found():
        return {}
    settings = {key: one._asdict() for key, one in found.settings.items()}
    return {**_dump_things(found.things), "settings": settings}


def load_found(data: Mapping[str, Any]) -> Found:
    """What dump_found() wrote."""
    if not data:
        return Found()
    settings = {key: Replaced(**one) for key, one in data["settings"].items()}
    return Found(_load_things(data), settings)


def _dump_things(things: Iterable[Thing]) -> dict[str, list[dict[str, Any]]]:
    ordered = sorted(things, key=lambda thing: thing.slot)
    return {
        name: [thing._asdict() for thing in ordered if isinstance(thing, kind)]
        for name, kind in KINDS.items()
    }


def _load_things(data: Mapping[str, Any]) -> frozenset[Thing]:
    # A kind that this version adds is missing from an older version's file.
    return frozenset(kind(**one) for name, kind in KINDS.items() for one in data.get(name, ()))
