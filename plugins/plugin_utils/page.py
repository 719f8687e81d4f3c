# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verification's report as one HTML page without scripts or other files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..module_utils.listing import count
from ..module_utils.verify.columns import COLUMNS, Verdict
from ..module_utils.verify.endpoints import Endpoint
from ..module_utils.verify.hosts import Hosts
from ..module_utils.verify.layout import arrange
from ..module_utils.verify.picture import observed
from ..module_utils.verify.portrait import stack
from ..module_utils.verify.svg import STYLE, draw
from .about import About

_TEMPLATES = Path(__file__).resolve().parents[2] / "roles/verify/templates"
TELEPHONE = 340  # pixels that page.html.j2 leaves for a picture, of 390
_TITLE = "The topology, with the paths of requests and replies"


class Verified(NamedTuple):
    """What was verified, and what was found."""

    endpoints: Sequence[Endpoint]
    hosts: Hosts
    groups: Mapping[str, Sequence[str]]
    verdicts: Sequence[Verdict]

    def of_service(self, name: str) -> Verified:
        """Return the part of one service."""
        return self._replace(
            endpoints=[one for one in self.endpoints if one.service == name],
            verdicts=[one for one in self.verdicts if one["service"] == name],
        )


def page(verified: Verified, about: About, violations: Sequence[str] = ()) -> str:
    """Write the page; what is red comes first."""
    verdicts = verified.verdicts
    rows = [_row(one, number) for number, one in enumerate(verdicts)]
    rows.sort(key=lambda row: not row["findings"])
    names = dict.fromkeys(one.service for one in verified.endpoints)
    numbers = {name: number for number, name in enumerate(names, 1)}
    services = [
        {
            "name": name,
            "mode": verified.of_service(name).verdicts[0]["mode"],
            "rows": [row for row in rows if row["service"] == name],
            # A single one is in the picture of the topology.
            "picture": _drawings(
                verified.of_service(name), f"The path to {name} and back", numbers[name]
            )
            if len(numbers) > 1
            else None,
        }
        for name in dict.fromkeys(row["service"] for row in rows)
    ]
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            picture_style=Markup(STYLE),  # noqa: S704 - a constant
            picture=_drawings(verified, _TITLE),
            is_red=any(row["findings"] for row in rows),
            sentence=sentence(verdicts),
            columns=[*COLUMNS],
            rows=rows,
            services=services,
            violations=violations,
            about=about,
        )
    )


@cache
def _environment() -> Environment:
    """Everything that hosts or people have written is escaped: only our own pictures are markup."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def sentence(verdicts: Sequence[Verdict]) -> str:
    """Return how many services and VIPs are what they should be."""
    services = {one["service"] for one in verdicts}
    red = {one["service"] for one in verdicts if one["findings"]}
    vips = {(one["service"], one["vip"]) for one in verdicts}
    all_of_them = f"{count(len(services), 'service')} with {count(len(vips), 'VIP')}"
    return f"{len(red)} of {all_of_them}" if red else all_of_them


class Drawings(NamedTuple):
    """One picture twice: for a desk, and for a telephone."""

    wide: Markup
    narrow: Markup
    fits: bool  # on a telephone


def _drawings(verified: Verified, title: str, first: int = 1) -> Drawings:
    picture = observed(*verified, first)
    narrow = stack(picture)
    wide, upright = (
        Markup(draw(picture, layout, title, is_alone=False))  # noqa: S704 - it escapes all text
        for layout in (arrange(picture), narrow)
    )
    return Drawings(wide, upright, fits=narrow.width <= TELEPHONE)


def _row(verdict: Verdict, number: int) -> dict[str, Any]:
    return {
        **{name: verdict[name] for name in ("service", "address", "protocol", "verdict", "notes")},
        "anchor": f"verdict-{number}",
        "cells": [(name, cell(verdict)) for name, cell in COLUMNS.items()],
        "findings": [
            {**one, "where": f"{one['host']}: " if one["host"] else ""}
            for one in verdict["findings"]
        ],
        "ways": [*_ways(verdict)],
    }


def _ways(verdict: Verdict) -> Iterator[dict[str, Any]]:
    for way in verdict["ways"]:
        to = f", to {way['server']}" if way["server"] else ""
        yield {
            "title": f"A request from port {way['port']}, {way['result']}{to}",
            "hops": [_hop(kind, hop) for kind in ("request", "reply") for hop in way[kind]],
        }


def _hop(kind: str, hop: Mapping[str, Any]) -> dict[str, str]:
    link = f"{hop['from']} {hop['out_interface']} → {hop['in_interface']} {hop['to']}"
    outer = f" in {hop['encapsulation']} {hop['outer']}" if hop["encapsulation"] else ""
    return {
        "kind": kind,
        "link": " ".join(link.split()),
        "packet": f"{hop['source']} → {hop['target']}{outer}",
        "macs": f"{hop['from_mac']} → {hop['to_mac']}",
    }
