# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A declaration and its inventory as YAML that Ansible reads as it stands.

The text comes from a foreign file: it is quoted, and where it looks like a
template it is marked so that it is never rendered.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any, Iterator, Mapping, Sequence

from ..listing import few
from ..printable import printable
from .declare import Declared
from .source import Place, Remark

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*|[0-9]{1,3}(\.[0-9]{1,3}){3}")
_WORDS_OF_YAML = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))
# What makes a template for Ansible: the first one is a header with options of Jinja's.
_TEMPLATE = re.compile(r"\A#jinja2:|\{[{%#]")
_LONGEST = 110
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_SCALARS = (str, int, float)

HOSTS, DECLARATION, REMARKS = "hosts.yml", "group_vars/all.yml", "remarks.md"


def files_of(declared: Declared, remarks: Sequence[Remark], source: str) -> dict[str, str]:
    """Return the files by their names."""
    return {
        HOSTS: "\n".join([*_head(source, "The inventory", remarks), *_hosts(declared), ""]),
        DECLARATION: "\n".join(
            [*_head(source, "The declaration", remarks), *_declaration(declared), ""]
        ),
        REMARKS: "\n".join([*_remarks(remarks, source), ""]),
    }


def grouped(remarks: Sequence[Remark]) -> Iterator[str]:
    """Yield what was not carried over, each with its places; the same of many is one."""
    places: dict[str, list[str]] = {}
    for remark in remarks:
        places.setdefault(remark.sentence, []).append(str(remark.place))
    for sentence, there in places.items():
        yield printable(f"{few(_short(there))}: {sentence}")


def _short(places: Sequence[str]) -> list[str]:
    """Places of one file without repeating its name."""
    shown = []
    for file, those in groupby(dict.fromkeys(places), key=lambda one: one.rpartition(":")[0]):
        first, *more = those
        shown += [first, *(one[len(file) + 1 :] if file else one for one in more)]
    return shown


def _head(source: str, what: str, remarks: Sequence[Remark]) -> Iterator[str]:
    yield printable(f"# {what}, imported from {source}.")
    if remarks:
        yield f"# {REMARKS} lists what was not carried over as it was."
    yield "---"


def _remarks(remarks: Sequence[Remark], source: str) -> Iterator[str]:
    yield printable(f"# Imported from {source}")
    yield ""
    if not remarks:
        yield "Everything was carried over."
    for remark in remarks:
        yield printable(f"- {remark.place}: {remark.sentence}")


def _hosts(declared: Declared) -> Iterator[str]:
    yield "all:"
    yield "  children:"
    seen: set[str] = set()
    for group, hosts in declared.hosts.items():
        yield f"    {group}:"
        yield "      hosts:" if hosts else "      hosts: {}"
        for name, variables in hosts.items():
            own = {} if name in seen else variables
            seen.add(name)
            yield f"        {scalar(name)}: {_flow(own)}" if own else f"        {scalar(name)}:"


def _declaration(declared: Declared) -> Iterator[str]:
    for name, value in declared.variables.items():
        if name != "topology_services":
            yield from _entry(name, value, 0)
            continue
        yield f"{name}:" if value else f"{name}: {{}}"
        last: Place | None = None
        for service, keys in value.items():
            place = declared.places[service]
            if place != last:
                yield printable(f"  # {place}")
            last = place
            yield from _entry(service, keys, 1)


def _entry(name: str, value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - of YAML
    indent = "  " * depth
    head = f"{indent}{scalar(name)}:"
    if isinstance(value, Mapping) and value:
        yield head
        for key, one in value.items():
            yield from _entry(str(key), one, depth + 1)
    elif isinstance(value, (list, tuple)) and value:
        line = f"{head} {_flow(value)}"
        if all(isinstance(one, _SCALARS) for one in value) and len(line) <= _LONGEST:
            yield line
            return
        yield head
        for one in value:
            yield f"{indent}  - {_item(one)}"
    else:
        yield f"{head} {_flow(value)}"


def _item(value: Any) -> str:  # noqa: ANN401 - of YAML
    if isinstance(value, Mapping) and len(value) == 1:
        ((name, one),) = value.items()
        return f"{scalar(name)}: {_flow(one)}"
    return _flow(value)


def _flow(value: Any) -> str:  # noqa: ANN401 - of YAML
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(k))}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return scalar(value) if isinstance(value, str) else repr(value)


def scalar(text: str) -> str:
    """Return a text as YAML that means exactly this text."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML:
        return text
    quoted = "".join(map(_escaped, text))
    return f'!unsafe "{quoted}"' if _TEMPLATE.search(text) else f'"{quoted}"'


def _escaped(one: str) -> str:
    if one in _ESCAPES:
        return _ESCAPES[one]
    if one.isprintable() and one != "\ufeff":
        return one
    return f"\\U{ord(one):08x}"
