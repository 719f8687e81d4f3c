# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the modules of a host's own settings share."""

from __future__ import annotations

from typing import Any, Callable, Mapping, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ..converge.host import ALL, FINISH, PREPARE, converge
from ..converge.outcome import Outcome
from ..host.codec import load
from ..host.model import Desired
from ..state.part import Part
from . import run as shared

Options = Mapping[str, Any]
Parse = Callable[[Options], "tuple[Desired, list[str]]"]

PHASE_SPEC = {"phase": {"type": "str", "default": ALL, "choices": [ALL, PREPARE, FINISH]}}


def run(
    name: str,
    options: Options,
    parse: Parse,
    as_before: Callable[[Desired, Desired], Desired] = lambda desired, _past: desired,
    results: Callable[[Outcome], Options] = lambda _outcome: {},
) -> NoReturn:
    """Run the module of the part with this name.

    With PHASE_SPEC among its options it changes the host in two. ``as_before`` gives what is parsed
    the form that it had in the last run, where it has several.
    """
    module = AnsibleModule(
        argument_spec={**shared.STATE_SPEC, **shared.PERSIST_SPEC, **options},
        supports_check_mode=True,
    )
    desired = Desired()
    if module.params["state"] == "present":
        desired = shared.read_or_fail(module, *parse(module.params))

    def run_on(part: Part) -> Outcome:
        return converge(
            part,
            as_before(desired, load(part).desired),
            phase=module.params.get("phase", ALL),
            check_mode=module.check_mode,
        )

    shared.run(module, name, run_on, results)
