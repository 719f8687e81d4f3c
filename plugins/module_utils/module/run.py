# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the modules that change a host share: from parameters to the result."""

from __future__ import annotations

from typing import Any, Callable, Mapping, NoReturn, Sequence, TypeVar

from ansible.module_utils.basic import AnsibleModule

from ..boot import install, units
from ..boot.failing import guard_failure
from ..boot.lasting import Lasting
from ..converge import metrics
from ..converge.director import PART as DIRECTOR
from ..converge.outcome import Outcome
from ..errors import HalfwayError, UserError
from ..state.errors import PersistenceError
from ..state.part import Part, open_part
from ..state.section import HEALTH, METRICS, Section

PERSIST_SPEC: dict[str, Any] = {"persist": {"type": "bool", "default": True}}
STATE_SPEC: dict[str, Any] = {
    "state": {"type": "str", "default": "present", "choices": ["present", "absent"]}
}

Parsed = TypeVar("Parsed")


def read_or_fail(
    module: AnsibleModule, parsed: Parsed | None, problems: Sequence[object]
) -> Parsed:
    """The parsed input; with problems the module ends and says all of them."""
    if problems or parsed is None:
        sentences = [str(problem) for problem in problems]
        module.fail_json(msg="Bad input:\n" + "\n".join(sentences), problems=sentences)
    return parsed


def run(
    module: AnsibleModule,
    part_name: str,
    converge: Callable[[Part], Outcome],
    results: Callable[[Outcome], Mapping[str, Any]] = lambda _outcome: {},
) -> NoReturn:
    """Change what the module is about, and end the module with its result, and further results."""
    persist, check_mode = module.params.get("persist"), module.check_mode
    try:
        with open_part(
            part_name, persist=persist, check_mode=check_mode, before_keeping=units.texts
        ) as part:
            outcome = converge(part)
            lasting = Lasting(part)
            changes = settle(part, lasting, check_mode=check_mode)
    except HalfwayError as error:
        done = [str(operation) for operation in error.operations]
        module.fail_json(msg=str(error), changed=bool(done), operations=done)
    except UserError as error:
        module.fail_json(msg=str(error))
    for warning in filter(None, (*outcome.warnings, *lasting.warnings(), guard_failure())):
        module.warn(warning)
    module.exit_json(
        changed=bool(outcome.operations or changes),
        operations=[*map(str, outcome.operations), *changes],
        diff=with_changes(outcome.difference, changes),
        **results(outcome),
    )


def settle(part: Part, lasting: Lasting, *, check_mode: bool) -> list[str]:
    """Bring the boot program in line with what is kept now; gives all changes of files."""
    changes = install.settle(
        needed=part.is_anything_kept(),
        extras=_extras(part),
        check_mode=check_mode,
        configuration=lasting.files(),
    )
    return [*part.changes(), *changes]


def _extras(part: Part) -> units.Extras | None:
    """What the director of this host needs beside; None if unknown."""
    try:
        director = part if part.name == DIRECTOR else Part(DIRECTOR, persist=True)
        if not director.persist:
            return units.Extras()
        return units.Extras(
            bool(director.desired.get(HEALTH)), metrics.load(Section(director, METRICS))
        )
    except PersistenceError:  # of another part, whose own run tells it
        return None


def with_changes(difference: Mapping[str, Any], changes: Sequence[str]) -> dict[str, Any]:
    """A module's before and after, with what changes in the files that are kept."""
    if not changes:
        return dict(difference)
    return {
        "before": {**difference["before"], "kept": []},
        "after": {**difference["after"], "kept": [*changes]},
    }
