# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Lists of CPUs as the kernel prints them: bitmap_parselist() and bitmap_list_string().

See lib/bitmap-str.c and lib/vsprintf.c. Of ``0,1-7:1/2`` the second part is the first one of each
two from 1 to 7.
"""

from __future__ import annotations

import re
from typing import Iterator

MOST_CPUS = 8192  # NR_CPUS of the largest configurations

_PART = re.compile(r"(\d{1,4})(?:-(\d{1,4})(?::(\d{1,4})/(\d{1,4}))?)?")


def canonical(text: str) -> str:
    """Return a list as it is read back from the kernel; empty if it is none."""
    cpus: set[int] = set()
    for part in text.split(","):
        found = _PART.fullmatch(part)
        first, last, used, group = found.groups() if found else ("", "", "", "")
        if not first:
            return ""
        low, high = int(first), int(last or first)
        size = int(group or 1)
        if not (low <= high < MOST_CPUS and 1 <= int(used or 1) <= size):
            return ""
        cpus |= {one for one in range(low, high + 1) if (one - low) % size < int(used or 1)}
    return ",".join(_ranges(sorted(cpus)))


def _ranges(cpus: list[int]) -> Iterator[str]:
    first = last = cpus[0]
    for one in [*cpus[1:], MOST_CPUS + 1]:
        if one != last + 1:
            yield str(first) if first == last else f"{first}-{last}"
            first = one
        last = one
