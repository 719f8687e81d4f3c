# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What an import tells its user."""

from __future__ import annotations

from typing import Iterator, Sequence

from ..listing import count
from .convert import Converted
from .files import REMARKS, grouped

_MOST = 40  # kinds of remarks, and differences


def summary(converted: Converted, source: str, director: str) -> Iterator[str]:
    """Yield the lines; the last ones say whether nothing was lost."""
    read = count(converted.services, "service")
    servers = count(converted.destinations, "real server")
    declared = count(len(converted.declared.services), "service")
    yield f"{source}: {read} with {servers}, declared as {declared}"
    remarks = [*grouped(converted.remarks)]
    if remarks:
        yield ""
        yield f"Not carried over as it was ({REMARKS} has each line):"
        yield from _first(remarks)
    yield ""
    yield from _compared(source, converted.differences)
    if converted.live is not None and f"director {director}" != source:
        yield from _compared(f"the table of {director}", converted.live)


def _compared(source: str, differences: Sequence[str]) -> Iterator[str]:
    if not differences:
        yield f"The compiled declaration and {source}: no difference"
        return
    found = count(len(differences), "difference")
    yield f"The compiled declaration and {source}: {found}"
    yield from _first(differences)


def _first(sentences: Sequence[str]) -> Iterator[str]:
    yield from (f"  - {one}" for one in sentences[:_MOST])
    if len(sentences) > _MOST:
        yield f"  and {len(sentences) - _MOST} more"
