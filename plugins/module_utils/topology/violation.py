# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is wrong with a topology: where, what a check got, and what it expected."""

from __future__ import annotations

import difflib
from typing import Collection, Hashable, Iterable, Iterator, List, NamedTuple, Tuple, TypeVar

from ..listing import MOST_NAMES, count, few

MOST_CAUSES = 10  # that are shown of one check
PAGE = "docs/checks.md"  # has an entry for each check, in the collection's folder too
REPOSITORY = "https://github.com/lvs-topology/lvs.topology"

Place = Tuple[str, str]  # service and host
Cause = TypeVar("Cause", bound=Hashable)


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
        return _sentence(self, [(self.service, self.host)])

    def as_dict(self) -> dict[str, str]:
        """As data."""
        return {**self._asdict(), "message": self.message}


def entry(check: str) -> str:
    """Where the check is explained, with an example and the fix."""
    return f"{PAGE}#{check}"


def report(violations: Iterable[Violation]) -> str:
    """Violations for people, each cause once, by service and host; of each check the first few."""
    shown: dict[str, list[str]] = {}
    hidden = []
    for check, (causes, more) in _by_check(violations).items():
        for one, places in causes:
            lines = shown.setdefault(names_of(places), [])
            lines += [f"  - got {one.got}", f"    expected {one.expected} [{entry(check)}]"]
        if more:
            hidden.append(_more(more, check))
    by_place = (line for where in sorted(shown) for line in (f"{where}:", *shown[where]))
    return "\n".join([*by_place, *hidden])


def in_short(violations: Iterable[Violation]) -> Iterator[str]:
    """The same, a sentence for each cause."""
    for check, (causes, more) in _by_check(violations).items():
        for one, places in causes:
            yield _sentence(one, places)
        if more:
            yield _more(more, check)


def summary(violations: Collection[Violation], file: str = "") -> str:
    """How many there are, for a message that follows the report; the file has all of them."""
    found = count(len(set(violations)), "violation")
    page = f"{PAGE} of the collection explains each: {REPOSITORY}/blob/main/{PAGE}"
    if _is_all_shown(violations):
        return f"{found}, listed above; no host was changed. {page}"
    place = file or "the file that lvs.topology.validate writes with -e validate_report=FILE"
    return (
        f"{found}, the first of each kind listed above, all in {place}; no host was changed. {page}"
    )


def first_causes(
    found: Iterable[tuple[Cause, Place]],
) -> tuple[list[tuple[Cause, list[Place]]], int]:
    """The first few causes, each once with all its places; and how many more there are."""
    causes: dict[Cause, list[Place]] = {}
    for cause, place in found:
        causes.setdefault(cause, []).append(place)
    return [*causes.items()][:MOST_CAUSES], max(0, len(causes) - MOST_CAUSES)


def names_of(places: Iterable[Place]) -> str:
    """Services and hosts; of many, the first few."""
    named = zip(("service", "host"), _services_and_hosts(places))
    texts = (f"{kind}{'s' if names[1:] else ''} {few(names)}" for kind, names in named if names)
    return ", ".join(texts) or "topology"


_Causes = List[Tuple[Violation, List[Place]]]


def _by_check(violations: Iterable[Violation]) -> dict[str, tuple[_Causes, int]]:
    """The first causes of each check, as violations of no place; and how many more there are."""
    of_check: dict[str, list[tuple[Violation, Place]]] = {}
    for one in sorted(set(violations), key=lambda one: (one.id, one.service, one.host, one.got)):
        cause = one._replace(service="", host="")
        of_check.setdefault(one.id, []).append((cause, (one.service, one.host)))
    return {check: first_causes(found) for check, found in of_check.items()}


def _is_all_shown(violations: Iterable[Violation]) -> bool:
    causes = _by_check(violations).values()
    return not any(more for _first, more in causes) and all(
        len(names) <= MOST_NAMES
        for first, _more in causes
        for _cause, places in first
        for names in _services_and_hosts(places)
    )


def _services_and_hosts(places: Iterable[Place]) -> list[list[str]]:
    return [sorted({*names} - {""}) for names in zip(*places)]


def _sentence(one: Violation, places: Iterable[Place]) -> str:
    return f"{names_of(places)}: got {one.got}; expected {one.expected} [{entry(one.id)}]"


def _more(number: int, check: str) -> str:
    return f"and {number} more like that [{entry(check)}]"


def did_you_mean(word: object, choices: Iterable[str]) -> str:
    """' (did you mean X?)' where one of the choices is close to the word, else ''."""
    close = difflib.get_close_matches(str(word), sorted(choices), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
