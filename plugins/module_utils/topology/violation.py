# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is wrong with a topology: where, what it has got, and what was expected."""

from __future__ import annotations

import difflib
from typing import Collection, Iterable, NamedTuple, Sequence, Tuple

from ..listing import count, few

MOST_CAUSES = 10  # that one report shows of one check

_Cause = Tuple[str, str]  # what was found, and what is wanted
_Place = Tuple[str, str]  # service and host


class Finding(NamedTuple):
    """What a check got, and what it expected."""

    got: str
    expected: str
    service: str = ""
    host: str = ""


class Violation(NamedTuple):
    """A finding and the check that it comes from."""

    id: str
    service: str  # "" = it is about no single service
    host: str  # "" = it is about no single host
    got: str
    expected: str

    @property
    def message(self) -> str:
        """The whole thing as a sentence."""
        places = [("service", self.service), ("host", self.host)]
        where = ", ".join(f"{kind} {name}" for kind, name in places if name)
        return f"{where or 'topology'}: got {self.got}; expected {self.expected} [{self.id}]"

    def as_dict(self) -> dict[str, str]:
        """As data."""
        return {**self._asdict(), "message": self.message}


def report(violations: Iterable[Violation]) -> str:
    """All violations for people, each cause once, by service and host.

    Of one check that finds something else in many places, the first few are shown.
    """
    of_check: dict[str, dict[_Cause, list[_Place]]] = {}
    for violation in sorted(set(violations), key=lambda one: (one.service, one.host, one.got)):
        causes = of_check.setdefault(violation.id, {})
        causes.setdefault((violation.got, violation.expected), []).append(
            (violation.service, violation.host)
        )
    shown: dict[str, list[str]] = {}
    for check, causes in sorted(of_check.items()):
        for (got, expected), places in [*causes.items()][:MOST_CAUSES]:
            lines = shown.setdefault(_where(places), [])
            lines += [f"  - got {got}", f"    expected {expected} [{check}]"]
    hidden = {check: len(causes) - MOST_CAUSES for check, causes in sorted(of_check.items())}
    return "\n".join(
        [
            *(line for where in sorted(shown) for line in (f"{where}:", *shown[where])),
            *(f"and {more} more like that [{check}]" for check, more in hidden.items() if more > 0),
        ]
    )


def summary(violations: Collection[Violation]) -> str:
    """How many there are, for a message that follows the report."""
    return f"{count(len(set(violations)), 'violation')}, listed above; no host was changed"


def _where(places: Sequence[_Place]) -> str:
    kinds = [
        (kind, sorted({place[number] for place in places} - {""}))
        for number, kind in enumerate(("service", "host"))
    ]
    named = (f"{kind}{'s' if names[1:] else ''} {few(names)}" for kind, names in kinds if names)
    return ", ".join(named) or "topology"


def did_you_mean(word: object, choices: Iterable[str]) -> str:
    """' (did you mean X?)' where one of the choices is close to the word, else ''."""
    close = difflib.get_close_matches(str(word), sorted(choices), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
