# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the modules for IPVS alone share: they leave a host to the topology that declares it."""

from __future__ import annotations

from typing import Any, Callable, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ..converge import director
from ..converge.outcome import Outcome
from ..converge.weights import Health
from ..errors import UserError
from ..state.part import Part
from . import run as shared

OVERRIDE_SPEC: dict[str, Any] = {"ignore_topology": {"type": "bool", "default": False}}


def run(module: AnsibleModule, part_name: str, converge: Callable[[Part], Outcome]) -> NoReturn:
    """Run a module as any other, but not on a director of a topology."""

    def unless_declared(part: Part) -> Outcome:
        if not module.params["ignore_topology"] and director.is_declared():
            raise UserError(
                "the table of this director is declared in a topology: change the declaration and "
                "run site.yml, or use ipvs_drain to take a real server out of service; "
                "ignore_topology=true changes the host all the same"
            )
        return converge(part)

    shared.run(module, part_name, unless_declared)


def health() -> Health:
    """What health checks say of this host's table, also to who ignores the topology."""
    return director.health(Part(director.PART))
