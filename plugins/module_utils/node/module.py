# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the modules of a host's own settings share."""

from __future__ import annotations

from typing import Any, Callable, Mapping, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lvs.topology.plugins.module_utils.node.host import converge
from ansible_collections.lvs.topology.plugins.module_utils.node.state import Wanted
from ansible_collections.lvs.topology.plugins.module_utils.persistence import module as shared

Parse = Callable[[Mapping[str, Any]], "tuple[Wanted, list[str]]"]


def run(name: str, options: Mapping[str, Any], parse: Parse) -> NoReturn:
    """Run the module of the part with this name."""
    module = AnsibleModule(
        argument_spec={**shared.STATE_SPEC, **shared.PERSIST_SPEC, **options},
        supports_check_mode=True,
    )
    wanted = Wanted()
    if module.params["state"] == "present":
        wanted = shared.read_or_fail(module, *parse(module.params))
    shared.run(module, name, lambda part: converge(part, wanted, check_mode=module.check_mode))
