# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the modules of a host's own settings share."""

from __future__ import annotations

from typing import Any, Callable, Mapping, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ..converge.host import converge
from ..converge.outcome import Outcome
from ..converge.phases import ALL, PHASE_SPEC, Goal, still_to_do
from ..host.codec import load_desired
from ..host.model import Desired
from ..state.part import Part
from . import run as shared

Options = Mapping[str, Any]
Parse = Callable[[Options], "tuple[Desired, list[str]]"]


def run(
    name: str,
    options: Options,
    parse: Parse,
    early: Callable[[Options], Options] | None = None,
    as_before: Callable[[Desired, Desired], Desired] = lambda wanted, _past: wanted,
) -> NoReturn:
    """Run the module of the part with this name.

    With ``early``, which leaves out what has to come last, it has the option ``phase``.
    ``as_before`` gives what is parsed the form that it had in the last run, where it has several.
    """
    module = AnsibleModule(
        argument_spec={
            **shared.STATE_SPEC,
            **shared.PERSIST_SPEC,
            **(PHASE_SPEC if early else {}),
            **options,
        },
        supports_check_mode=True,
    )
    goal, phase = Goal.at_once(Desired()), module.params.get("phase", ALL)
    if module.params["state"] == "present":
        wanted = shared.read_or_fail(module, *parse(module.params))
        goal = Goal(wanted, parse(early(module.params))[0] if early else wanted)

    def run_on(part: Part) -> Outcome:
        past = load_desired(part.desired)
        adapted = Goal(*(as_before(one, past) for one in goal))
        return converge(
            part,
            adapted,
            phase=phase,
            check_mode=module.check_mode,
            announce_again=module.params.get("announce_again", False),
        )

    shared.run(module, name, run_on, still_to_do(phase))
