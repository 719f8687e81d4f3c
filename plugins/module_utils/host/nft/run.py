# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Runs ``nft`` of nftables, which reads and writes only our own tables."""

from __future__ import annotations

import json
from subprocess import CompletedProcess
from typing import Any, Callable, Iterable, Iterator, NamedTuple, Sequence

from ... import execute
from ..errors import HostError
from ..model import Resource
from . import director_table, real_server_table, switch_table


class _Table(NamedTuple):
    replace: Callable[[Iterable[Resource]], str]
    parse: Callable[[dict[str, Any]], Iterator[Resource]]


_TABLES = {
    director_table.TABLE: _Table(director_table.replace, director_table.parse),
    real_server_table.TABLE: _Table(real_server_table.replace, real_server_table.parse),
}


def show(table: str) -> list[Resource]:
    """Return the content of one of our tables; empty if it does not exist."""
    listed = _run(("--json", "list", "table", "inet", table))
    if listed.returncode == 0:
        return [*_TABLES[table].parse(_document(listed.stdout))]
    if "No such file or directory" in listed.stderr:
        return []
    raise HostError(f"cannot read nft table inet {table}: {_reason(listed.stderr)}")


def ruleset() -> dict[str, Any]:
    """Return all tables, without the elements of sets."""
    listed = _run(("--json", "--terse", "list", "ruleset"))
    if listed.returncode != 0:
        raise HostError(f"cannot read nft tables: {_reason(listed.stderr)}")
    return _document(listed.stdout)


def change(table: str, resources: Iterable[Resource]) -> None:
    """Replace one of our tables by these in one transaction; remove it if there are none."""
    resources = [*resources]
    text = _TABLES[table].replace(resources) if resources else director_table.delete(table)
    _write(table, text)


def hold(text: str) -> None:
    """Drop for a moment what ``switch_table`` says."""
    _write(switch_table.TABLE, text)


def is_held() -> bool:
    """Whether something is dropped for a moment."""
    return _run(("list", "table", "inet", switch_table.TABLE)).returncode == 0


def let_go() -> None:
    """Drop nothing of that any more."""
    _write(switch_table.TABLE, director_table.delete(switch_table.TABLE))


def _write(table: str, text: str) -> None:
    done = _run(("-f", "-"), text)
    if done.returncode != 0:
        raise HostError(f"cannot write nft table inet {table}: {_reason(done.stderr)}")


def _document(text: str) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(text)
    except ValueError as error:  # built without JSON, it lists its own language
        raise HostError("nft answers no JSON: it has to be built with libjansson") from error
    return document


def _reason(errors: str) -> str:
    """Return the first line of nft's message; the others show the place in its input."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return lines[0] if lines else "nft gave no reason"


def _run(arguments: Sequence[str], text: str = "") -> CompletedProcess[str]:
    try:
        return execute.run(["nft", *arguments], text)
    except FileNotFoundError as error:
        raise HostError("this host has no program nft: install nftables") from error
