# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the modules that change a host share: from parameters to the result."""

from __future__ import annotations

from typing import Any, Callable, Mapping, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lvs.topology.plugins.module_utils.node.errors import HostError
from ansible_collections.lvs.topology.plugins.module_utils.node.host import converge
from ansible_collections.lvs.topology.plugins.module_utils.node.state import Wanted
from ansible_collections.lvs.topology.plugins.module_utils.persistence.errors import (
    PersistenceError,
)
from ansible_collections.lvs.topology.plugins.module_utils.persistence.part import (
    open_part,
    with_changes,
)

_SHARED: dict[str, Any] = {
    "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
    "persist": {"type": "bool", "default": True},
}

Parse = Callable[[Mapping[str, Any]], "tuple[Wanted, list[str]]"]


def run(name: str, options: Mapping[str, Any], parse: Parse) -> NoReturn:
    """Run the module of the part with this name."""
    module = AnsibleModule(argument_spec={**_SHARED, **options}, supports_check_mode=True)
    absent = module.params["state"] == "absent"
    wanted, problems = (Wanted(), []) if absent else parse(module.params)
    if problems:
        module.fail_json(msg="Bad input:\n" + "\n".join(problems), problems=problems)
    persist, check_mode = module.params["persist"], module.check_mode
    try:
        with open_part(name, persist=persist, check_mode=check_mode) as part:
            outcome = converge(part, wanted, check_mode=check_mode)
    except (HostError, PersistenceError) as error:
        module.fail_json(msg=str(error))
    for warning in outcome.warnings:
        module.warn(warning)
    module.exit_json(
        changed=bool(outcome.operations or part.changes),
        operations=[*map(str, outcome.operations), *part.changes],
        diff=with_changes(outcome.difference, part.changes),
    )
