# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads what a record holds, and refuses what would be lost when it is written again.

A state file is the only record of what is ours. Another release, or a hand, may have put into it
what this version does not know; ignoring it would lose it with the next run.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Callable, Iterator, TypeVar

from .errors import PersistenceError
from .record import Record, Values

Content = TypeVar("Content")


def read(
    record: Record,
    load: Callable[[Values, Values], Content],
    dump: Callable[[Content], tuple[Values, Values]],
) -> Content:
    """What is desired and what was owned, as ``load`` reads it and ``dump`` writes it.

    Raises PersistenceError where ``load`` raises an exception, or ``dump`` writes less.
    """
    try:
        content = load(record.desired, record.owned)
        desired, owned = dump(content)
        before = {"desired": record.desired, "owned": record.owned}
        after = {"desired": desired, "owned": owned}
        unknown = next(_lost(before, after, ""), "") if before != after else ""
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise refusal(record, f"{type(error).__name__}: {error}") from error
    if unknown:
        raise refusal(record, unknown)
    return content


def refusal(record: Record, reason: str) -> PersistenceError:
    """The error that says that a record cannot be used."""
    return PersistenceError(
        f"{record.place} holds something that this version does not know ({reason}): use the "
        "release of lvs.topology that wrote it, or a newer one; or put it right from a backup"
    )


def _lost(before: Any, after: Any, where: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Every place in a JSON value that another one does not have alike; empty ones do not count."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in before.items():
            place = f"{where}.{name}" if where else name
            if name in after:
                yield from _lost(value, after[name], place)
            elif value not in ({}, []):
                yield place
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, other in _unlike(before, after):
            yield from _lost(before[index], other, f"{where}[{index}]")
    elif type(before) is not type(after) or before != after:
        yield where


def _unlike(before: list[Any], after: list[Any]) -> Iterator[tuple[int, Any]]:
    """The index of each element that the other list lacks, with one of those that it has instead.

    The order is no part of it: where it counts, it is written as it was read.
    """
    texts = [json.dumps(one, sort_keys=True) for one in before]
    others = Counter(json.dumps(one, sort_keys=True) for one in after)
    missing = []
    for index, text in enumerate(texts):
        if others[text]:
            others[text] -= 1
        else:
            missing.append(index)
    yield from zip(
        sorted(missing, key=lambda index: texts[index]),
        map(json.loads, sorted(others.elements())),
    )
