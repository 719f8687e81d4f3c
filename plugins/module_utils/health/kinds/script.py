# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Whether a program of the director ends with status 0."""

from __future__ import annotations

import re
from typing import Iterator

from ...fields import Field
from .kind import PROCESS, Answer, Asked, Kind, Misfit, Options

FIELDS = {"script": Field("str")}
TEXTS = {
    "script": "The path of a program on the director. Exit status V(0) is good. It gets no "
    "arguments and no shell; the environment variables LVS_SERVICE, LVS_VIP, LVS_RIP "
    "and LVS_PORT say what to check. At the timeout, the program and everything that it"
    " started are killed.",
}
_PATH = re.compile(r"/[^\x00-\x1f\x7f]{1,4000}")


def environment(service: str, vip: str, rip: str, port: int) -> tuple[tuple[str, str], ...]:
    """Return what a program is told."""
    told = {"LVS_SERVICE": service, "LVS_VIP": vip, "LVS_RIP": rip, "LVS_PORT": str(port)}
    return tuple(told.items())


def misfits(options: Options) -> Iterator[Misfit]:
    """Yield what is no path."""
    if not options["script"] or not _PATH.fullmatch(options["script"]):
        yield "script", "the absolute path of a program on the director"


def request(options: Options, _asked: Asked) -> bytes:
    """Return the path."""
    return str(options["script"]).encode("utf-8", "surrogateescape")


def judge(_options: Options, _asked: Asked, answer: Answer) -> str | None:
    """Judge by the exit status."""
    status = answer.data.decode("ascii", "replace")
    if status == "0":
        return ""
    return f"killed by signal {status[1:]}" if status.startswith("-") else f"exit status {status}"


KIND = Kind(
    "script",
    PROCESS,
    "A program of the director ends with status 0.",
    FIELDS,
    TEXTS,
    misfits,
    request,
    judge,
)
