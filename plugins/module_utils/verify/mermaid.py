# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A picture as a Mermaid flowchart; requests are solid, replies dotted."""

from __future__ import annotations

from .picture import DIRECTOR, REQUEST, SERVER, Host, Link, Picture

# As mid tones they can be read on white and on black.
_COLOURS = ("#3b82d6", "#d0700f", "#149a78", "#a65fd0", "#d04f83", "#8a9a00", "#1595b5", "#a07850")


def flowchart(picture: Picture) -> str:
    """Write it."""
    ids = {host.name: f"host{number}" for number, host in enumerate(picture.hosts)}
    lines = ["flowchart LR"]
    lines += [f"  {ids[host.name]}[{_quoted(*_texts(host, picture))}]" for host in picture.hosts]
    styles = []
    for number, (link, services) in enumerate(_bundled(picture).items()):
        line = "-->" if link.kind == REQUEST else "-.->"
        names = [f"{one + picture.first} {picture.services[one].name}" for one in services]
        # The rest of a path is the same for all services.
        lanes = (picture.lane_of(link.source), picture.lane_of(link.target))
        label = f"|{_quoted(*names)}|" if SERVER in lanes else ""
        lines.append(f"  {ids[link.source]} {line}{label} {ids[link.target]}")
        if SERVER in lanes and len(services) == 1:
            colour = _COLOURS[services[0] % len(_COLOURS)]
            styles.append(f"  linkStyle {number} stroke:{colour}")
    return "\n".join((*lines, *styles, ""))


def _bundled(picture: Picture) -> dict[Link, list[int]]:
    """Return each link once, with all services that use it."""
    found: dict[Link, list[int]] = {}
    for link in picture.links:
        found.setdefault(link._replace(service=-1), []).append(link.service)
    return found


def _texts(host: Host, picture: Picture) -> list[str]:
    state = f" ({host.state})" if host.state else ""
    texts = [host.name + state, *host.addresses]
    if host.lane == DIRECTOR:
        for number, service in enumerate(picture.services):
            texts += [f"{number + picture.first} {service.name} ({service.mode})", *service.vips]
    for offer in host.offers:
        out = f": {offer.why}" if offer.is_out else ""
        texts.append(f"{offer.service + picture.first} {offer.text}{out}")
    return texts


def _quoted(*lines: str) -> str:
    text = "<br>".join(line.replace("&", "&amp;").replace("<", "&lt;") for line in lines)
    return '"' + text.replace('"', "#quot;") + '"'
