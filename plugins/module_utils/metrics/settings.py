# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Where metrics are written, and how often: the input format, and what it is kept as."""

from __future__ import annotations

import re
from typing import Any, Mapping, NamedTuple

from ..fields import Field, Fields, Problem, argument_spec
from ..ipvs.model import Table

# Neither what systemd.exec(5) would read as something else, nor steps upwards.
_DIRECTORY = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._+@-]+)+")
_EXPECTED = "an absolute path of letters, digits and ._+@-, without . and .. as a folder"

# Debian's node_exporter reads this folder, without any argument.
FIELDS: dict[str, Field] = {
    "directory": Field("str", "/var/lib/prometheus/node-exporter"),
    "interval": Field("int", 15, low=5, high=3600),
    "real_servers": Field("bool", default=True),
}


class Settings(NamedTuple):
    """What is to be written."""

    directory: str
    interval: int = 15  # seconds from the end of a run to the next
    real_servers: bool = True  # whether each has series of its own
    names: Mapping[str, str] = {}  # of services, by what IPVS knows them by

    def name(self, service: object) -> str:
        """A service as people know it."""
        return self.names.get(str(service), str(service))


def metrics_spec() -> dict[str, Any]:
    """Return the Ansible argument spec of the option."""
    return {
        "type": "dict",
        "options": {**argument_spec(FIELDS), "services": {"type": "dict", "default": {}}},
    }


def parse_fields(item: Mapping[str, Any], where: str) -> tuple[dict[str, Any], list[Problem]]:
    """Read what a declaration has, too."""
    fields = Fields(item, where)
    values = fields.read(FIELDS)
    if "directory" not in fields.bad and not _DIRECTORY.fullmatch(values["directory"]):
        fields.problems.append(fields.problem("directory", _EXPECTED))
    return values, fields.problems


def parse_metrics(
    item: Mapping[str, Any] | None, where: str = "metrics"
) -> tuple[Settings | None, list[Problem]]:
    """Parse the option; return it or None, and all problems."""
    if not item:
        return None, []
    values, problems = parse_fields(item, where)
    given = item.get("services") or {}
    names: dict[str, str] = {}
    pairs = given.items() if isinstance(given, dict) else [(given, None)]
    for name, services in pairs:
        if _is_text(name) and isinstance(services, (list, tuple)) and all(map(_is_text, services)):
            names.update(dict.fromkeys(services, name))
        else:
            expected = "names, each with a list of services"
            problems.append(Problem(f"{where}.services", given, expected))
            break
    return (None if problems else Settings(**values, names=names)), problems


def problems_with(settings: Settings | None, table: Table) -> list[Problem]:
    """Return what has a name and is not in the table."""
    there = {str(key) for key in table}
    return [
        Problem(f"metrics.services.{name}", service, "a service of the table")
        for service, name in (settings.names if settings else {}).items()
        if service not in there
    ]


def render_metrics(settings: Settings) -> dict[str, Any]:
    """Return the input format."""
    services: dict[str, list[str]] = {}
    for service, name in settings.names.items():
        services.setdefault(name, []).append(service)
    return {**{name: getattr(settings, name) for name in FIELDS}, "services": services}


def _is_text(value: object) -> bool:
    return isinstance(value, str)
