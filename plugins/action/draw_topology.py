# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw a declaration. This contacts no host."""

from __future__ import annotations

from typing import Any

from ..module_utils.topology.declaration.bounded import bounded
from ..module_utils.topology.declaration.health import parse_defaults
from ..module_utils.topology.declaration.inventory import parse_inventory
from ..module_utils.topology.declaration.parser import parse_services
from ..module_utils.topology.modes.table import SHAPES
from ..module_utils.topology.violation import report, summary
from ..module_utils.verify.diagram import sketch
from ..module_utils.verify.layout import arrange
from ..module_utils.verify.mermaid import flowchart
from ..module_utils.verify.picture import Picture
from ..module_utils.verify.svg import draw
from ..plugin_utils.local_action import LocalAction, Result
from ..plugin_utils.screen import show

_TITLE = "The declared topology, with the paths of requests and replies"


def _svg(picture: Picture) -> str:
    return draw(picture, arrange(picture), _TITLE) + "\n"


_FORMATS = {"svg": _svg, "mermaid": flowchart}


def argument_spec() -> dict[str, Any]:
    """Return the options."""
    return {
        "services": {"type": "dict", "required": True},
        "groups": {"type": "dict", "required": True},
        "health": {"type": "raw"},
        "format": {"type": "str", "default": "mermaid", "choices": [*_FORMATS]},
    }


class ActionModule(LocalAction):
    """The action plugin."""

    spec = staticmethod(argument_spec)

    def carry_out(self, given: Result) -> Result:
        """Draw; of an invalid declaration show what is wrong."""
        # What is wrong with it is the compiler's to say: here it brings no more than a fallback.
        health, _wrong = parse_defaults(bounded(given["health"]))
        services, violations = parse_services(
            bounded(given["services"]), parse_inventory(given["groups"]), SHAPES, health
        )
        if violations:
            show(report(violations))
            # Ansible's default output has all of a failed result on one line.
            return {"failed": True, "msg": summary(violations)}
        drawn = _FORMATS[given["format"]](sketch(services, given["groups"]))
        return {"picture": drawn}
