# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts as a table for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from .judge import THROUGH_DIRECTOR
from .paths import Observation
from .proof import Verdict

_HEAD = ("service", "mode", "VIP", "requests", "answered by (weight)", "client seen as",
         "ARP/ND by", "sent to", "reply path", "verdict")  # fmt: skip
_GAP = "  "


def render(verdicts: Sequence[Verdict]) -> str:
    """Draw the table, and below it the findings in full."""
    rows = [_row(verdict) for verdict in verdicts]
    columns = zip(*[[[name] for name in _HEAD], *rows], strict=True)
    widths = [max(len(line) for cell in column for line in cell) for column in columns]
    lines = [_line(_HEAD, widths), _line(["-" * width for width in widths], widths)]
    for row in rows:
        lines += [_line(part, widths) for part in zip_longest(*row, fillvalue="")]
    for verdict in verdicts:
        if verdict.findings:
            lines += ["", f"{verdict.seen.endpoint.service} {verdict.seen.endpoint.address}:"]
            lines += [f"  - {finding}" for finding in verdict.findings]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True))
    return _GAP.join(padded).rstrip()


def _row(verdict: Verdict) -> list[list[str]]:
    """Each cell is a list of lines."""
    seen = verdict.seen
    endpoint = seen.endpoint
    answered = [path for path in seen.paths if path.request.server]
    by = Counter(path.request.server for path in answered)
    servers = [*endpoint.weights, *(name for name in sorted(by) if name not in endpoint.weights)]
    return [
        [endpoint.service],
        [endpoint.mode],
        [endpoint.address],
        [f"{len(answered)} of {len(seen.paths)}"],
        [f"{by[name]} {name} ({endpoint.weights.get(name, '-')})" for name in servers],
        _listed({path.request.client.rpartition(":")[0].strip("[]") for path in answered}),
        _listed(seen.owners),
        _listed({host for path in seen.paths for host in path.sent_to}),
        _reply_path(seen),
        ["RED" if verdict.findings else "green"],
    ]


def _listed(names: set[str] | frozenset[str]) -> list[str]:
    return sorted(names) or ["nobody"]


def _reply_path(seen: Observation) -> list[str]:
    """Say what was seen, in the words of the mode where that is what was seen."""
    by = {host for path in seen.paths for host in path.replied_by}
    if not by:
        return ["none seen"]
    passed = {host for path in seen.paths for host in path.reply_passed}
    if passed and by <= passed:
        return ["through the director"]
    if (
        not passed
        and THROUGH_DIRECTOR[seen.endpoint.mode] is False
        and by <= {*seen.endpoint.weights}
    ):
        return ["straight from the", "real servers"]
    return [f"from {host}" for host in sorted(by)]
