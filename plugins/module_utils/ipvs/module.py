# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the modules of IPVS share: from parameters to the result."""

from __future__ import annotations

from typing import Any, Callable, NoReturn, Protocol, Sequence, TypeVar

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import Problem
from ansible_collections.lvs.topology.plugins.module_utils.node.errors import HostError
from ansible_collections.lvs.topology.plugins.module_utils.persistence.errors import (
    PersistenceError,
)
from ansible_collections.lvs.topology.plugins.module_utils.persistence.part import (
    Part,
    open_part,
)

PERSIST_SPEC: dict[str, Any] = {"persist": {"type": "bool", "default": True}}
STATE_SPEC: dict[str, Any] = {
    "state": {"type": "str", "default": "present", "choices": ["present", "absent"]}
}

Parsed = TypeVar("Parsed")


def read_or_fail(
    module: AnsibleModule, parsed: Parsed | None, problems: Sequence[Problem]
) -> Parsed:
    """The parsed input; with problems the module ends and says all of them."""
    if problems or parsed is None:
        sentences = [str(problem) for problem in problems]
        module.fail_json(msg="Bad input:\n" + "\n".join(sentences), problems=sentences)
    return parsed


class Outcome(Protocol):
    """What a change gives: what was done, and what it looked like before and after."""

    @property
    def operations(self) -> Sequence[object]:
        """What was done, in order."""

    @property
    def difference(self) -> dict[str, Any]:
        """Before and after."""


def run(module: AnsibleModule, part_name: str, converge: Callable[[Part], Outcome]) -> NoReturn:
    """Change what the module is about, and end the module with its result."""
    try:
        with open_part(
            part_name, persist=module.params["persist"], check_mode=module.check_mode
        ) as part:
            outcome = converge(part)
            changes = part.changes
    except (IpvsError, HostError, PersistenceError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=bool(outcome.operations or changes),
        operations=[str(operation) for operation in outcome.operations],
        diff=outcome.difference,
    )
