# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The report as one HTML page without scripts or other files."""

from __future__ import annotations

from html import escape
from typing import Any, Iterator, Mapping, Sequence

from .columns import COLUMNS, Verdict
from .endpoints import Endpoint
from .hosts import Hosts
from .picture import Picture, observed
from .report import GREEN, RED
from .svg import draw

_STYLE = """
:root { color-scheme: light dark; --back: #f5f7fa; --card: #fff; --text: #1b2230; --dim: #5a6474;
 --line: #d5dbe5; --good: #11662e; --bad: #b00020; --request: #0b62c4; --reply: #b3470b }
@media (prefers-color-scheme: dark) { :root { --back: #12161e; --card: #1a2029; --text: #e9edf5;
 --dim: #a5afc0; --line: #333c4b; --good: #6fd28f; --bad: #ff8a94; --request: #6cb2ff;
 --reply: #ffa366 } }
body { background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
 margin: 0 auto; max-width: 1080px; padding: 24px }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
 margin: 20px 0; padding: 16px 20px; overflow-x: auto }
h1 { font-size: 24px; margin: 0 } h2 { font-size: 18px; margin: 0 0 8px }
h3 { font-size: 14px; margin: 14px 0 4px }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid var(--line); padding: 6px 10px 6px 0; text-align: left;
 vertical-align: top }
code, td.data { font-family: ui-monospace, monospace; font-size: 13px }
.green { color: var(--good); font-weight: 600 } .red { color: var(--bad); font-weight: 600 }
.dim { color: var(--dim) } .request { color: var(--request) } .reply { color: var(--reply) }
dl { border-left: 3px solid var(--bad); margin: 8px 0; padding-left: 12px }
dt { font-weight: 600 } dd { margin: 0 }
"""


def page(
    endpoints: Sequence[Endpoint],
    hosts: Hosts,
    groups: Mapping[str, Sequence[str]],
    verdicts: Sequence[Verdict],
    violations: Sequence[str] = (),
) -> str:
    """Write the page."""
    reds = sum(verdict["verdict"] == RED for verdict in verdicts)
    summary = (
        f'<span class="{RED}">{reds} of {len(verdicts)} services are red</span>'
        if reds
        else f'<span class="{GREEN}">all {len(verdicts)} services are green</span>'
    )
    everything = draw(
        observed(endpoints, groups, verdicts, hosts),
        "The topology, with the paths of requests and replies",
    )
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<link rel="icon" href="data:,"><title>Verification with packets</title>',
        f"<style>{_STYLE}</style></head><body><main>",
        f"<h1>Verification with packets</h1><p>{summary}, by captured packets. {_LEGEND}</p>",
        f'<section id="topology"><h2>Topology</h2>{everything}</section>',
        f"<section><h2>Services</h2>{_table(verdicts)}</section>",
        *(_violations(violations)),
    ]
    for verdict in verdicts:
        of_service = [endpoint for endpoint in endpoints if _is(endpoint, verdict)]
        parts.append(_section(verdict, observed(of_service, groups, [verdict], hosts)))
    return "\n".join((*parts, "</main></body></html>", ""))


_LEGEND = (
    '<span class="request">Solid lines are requests</span>,'
    ' <span class="reply">dashed ones replies</span>.'
)


def _is(endpoint: Endpoint, verdict: Verdict) -> bool:
    return (endpoint.service, endpoint.vip) == (verdict["service"], verdict["vip"])


def _table(verdicts: Sequence[Verdict]) -> str:
    rows = []
    for verdict in verdicts:
        cells = (map(escape, cell(verdict)) for cell in COLUMNS.values())
        row = "".join(f"<td>{'<br>'.join(lines)}</td>" for lines in cells)
        rows.append(f'<tr>{row}<td class="{verdict["verdict"]}">{verdict["verdict"]}</td></tr>')
    titles = "".join(f'<th scope="col">{name}</th>' for name in (*COLUMNS, "verdict"))
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _section(verdict: Verdict, picture: Picture) -> str:
    name = f"{verdict['service']} {verdict['address']}"
    colour = verdict["verdict"]
    parts = [
        f"<section><h2>{escape(name)}",
        f' <span class="dim">{verdict["mode"]}, {verdict["protocol"]}</span>',
        f' <span class="{colour}">{colour}</span></h2>',
        *map(_finding, verdict["findings"]),
    ]
    parts.append(draw(picture, f"The path to {name} and back"))
    for way in verdict["ways"]:
        about = f"A request from port {way['port']}, {way['result']}"
        to = f", to {way['server']}" if way["server"] else ""
        rows = "".join(_hop(kind, hop) for kind in ("request", "reply") for hop in way[kind])
        parts.append(f"<h3>{escape(about + to)}</h3><table><tbody>{rows}</tbody></table>")
    parts += [f'<p class="dim">{escape(note)}</p>' for note in verdict["notes"]]
    return "".join((*parts, "</section>"))


def _finding(one: Mapping[str, Any]) -> str:
    at = f"{one['host']}: " if one["host"] else ""
    return (
        f"<dl><dt>{escape(at)}{escape(one['got'])}</dt>"
        f"<dd>expected: {escape(one['expected'])}</dd>"
        f"<dd>cause: {escape(one['cause'])}</dd></dl>"
    )


def _hop(kind: str, hop: Mapping[str, Any]) -> str:
    link = f"{hop['from']} {hop['out_interface']} → {hop['in_interface']} {hop['to']}"
    macs = f"{hop['from_mac']} → {hop['to_mac']}"
    inside = f"{hop['source']} → {hop['target']}"
    outer = f" in {hop['encapsulation']} {hop['outer']}" if hop["encapsulation"] else ""
    return (
        f'<tr><td class="{kind}">{kind}</td><td>{escape(" ".join(link.split()))}</td>'
        f'<td class="data">{escape(inside + outer)}</td>'
        f'<td class="data dim">{escape(macs)}</td></tr>'
    )


def _violations(violations: Sequence[str]) -> Iterator[str]:
    if violations:
        items = "".join(f"<li>{escape(violation)}</li>" for violation in violations)
        yield f"<section><h2>The declaration's own checks</h2><ul>{items}</ul></section>"
