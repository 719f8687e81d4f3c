# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Runs ``ip``: one process to read, and one for all changes of a plan."""

from __future__ import annotations

from itertools import groupby
from subprocess import CompletedProcess
from typing import Any, Sequence

from ... import execute
from ..errors import HostError
from ..plan import Add, LinkUp, Remove
from .commands import command, documents, family_option, missing, refusals


def show(lines: Sequence[str], *options: str) -> list[list[dict[str, Any]]]:
    """Return the output of ``ip`` for each line of a batch, with numbers instead of names."""
    result = _run((*options, "-N", "-json", "-details"), lines)
    if result.returncode != 0:
        number, reason = refusals(result.stderr)[0]
        what = lines[number] if 0 <= number < len(lines) else "; ".join(lines)
        raise HostError(f"cannot read this host: ip {what}: {reason}")
    found = _read(result.stdout, "; ".join(lines))
    if len(found) != len(lines):
        raise HostError(f"cannot read this host: ip answered {len(found)} of {len(lines)} requests")
    return found


def show_fou() -> list[dict[str, Any]]:
    """Return the ports of ``ip fou show``; none if the kernel lacks it."""
    result = _run(("-json",), ["fou show"])
    if result.returncode == 0:
        return [one for document in _read(result.stdout, "fou show") for one in document]
    if "No such file or directory" in result.stderr:
        return []
    raise HostError(f"cannot read this host: ip fou show: {refusals(result.stderr)[0][1]}")


def change(
    operations: Sequence[Add | Remove | LinkUp], *, arp_suppressed: bool, goes_on: bool = False
) -> None:
    """Run operations in order, up to the first failure, or all of them."""
    failures: list[str] = []
    for option, group in groupby(operations, key=family_option):
        together = list(group)
        lines = [command(one, arp_suppressed=arp_suppressed) for one in together]
        options = [*([option] if option else []), *(["-force"] if goes_on else [])]
        result = _run(options, lines)
        if result.returncode != 0:
            failures += [_failure(together, *one) for one in refusals(result.stderr)]
            if not goes_on:
                break
    if failures:
        raise HostError("\n".join(failures))


def _failure(operations: Sequence[Add | Remove | LinkUp], number: int, reason: str) -> str:
    if not 0 <= number < len(operations):
        return f"cannot change this host: {reason}"
    module = missing(operations[number], reason)
    hint = f" (the kernel's module {module} is needed)" if module else ""
    return f"cannot {operations[number]}: {reason}{hint}"


def _read(output: str, what: str) -> list[list[dict[str, Any]]]:
    try:
        return [*documents(output)]
    except ValueError as error:
        raise HostError(f"cannot read this host: ip {what} answers no JSON: {error}") from error


def _run(options: Sequence[str], lines: Sequence[str]) -> CompletedProcess[str]:
    try:
        return execute.run(["ip", *options, "-batch", "-"], "\n".join((*lines, "")))
    except FileNotFoundError as error:
        raise HostError("this host has no program ip: install iproute2 (RHEL: iproute)") from error
