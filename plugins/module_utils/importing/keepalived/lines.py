# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The lines that keepalived would see: files included, conditions decided, variables filled in.

``lib/parser.c`` of keepalived, and "ADVANCED CONFIGURATION" of keepalived.conf(5). Nothing is run,
and no variable of the environment is read.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Iterator

from ..source import (
    MAX_DEPTH,
    MAX_LINE,
    MAX_LINES,
    MAX_TEXT,
    Line,
    Place,
    Reader,
    Remarks,
    SourceError,
    shown,
)

# A line may be long, and hostile: none of these tries the same characters again and again.
_INCLUDE = re.compile(r"include[armwb]?\s+(\S.*)$")
_CONDITION = re.compile(r"\s*@(\^?)(\S*)\s*(.*)$")
_DEFINITION = re.compile(r"\s*\$([A-Za-z_][A-Za-z0-9_]*)=(.*)$")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*)(?=\s|$))")
_MADE_UP = re.compile(r"\$\{?_(RANDOM|ENV)\b")
_BLOCK = re.compile(r"\s*~(SEQx?|LST)\(([^()]*)\)\s*(.*)$")
_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_ENDS = (1, 2, 3)  # the end; start and end; start, step and end
_NUMBER = re.compile("-?(0[xX][0-9A-Fa-f]{1,8}|[0-9]{1,9})")
_CHARACTERS = {"_HASH": "#", "_BANG": "!"}
_LATER = ("_HASH", "_BANG")
_HERE, _FOLDER = "${_PWD}", "/etc/keepalived"


class Lines:
    """Reads one configuration."""

    def __init__(self, reader: Reader, remarks: Remarks, config_id: str) -> None:
        self._reader = reader
        self._remarks = remarks
        self._config_id = config_id
        self._variables: dict[str, list[str]] = {}
        self._characters = 0
        self._count = 0

    def read(self, path: str) -> Iterator[Line]:
        """Yield every line that says something, without comments."""
        raw = self._included(path, None, ())
        waiting: deque[Line] = deque()
        while True:
            line = waiting.popleft() if waiting else next(raw, None)
            if line is None:
                return
            self._pay(line)
            text = without_comment(line.text)
            condition = _CONDITION.match(text)
            if condition:
                if self._holds(line, condition[1], condition[2]) and condition[3]:
                    waiting.appendleft(line._replace(text=condition[3], depth=line.depth + 1))
                continue
            definition = _DEFINITION.match(text)
            if definition:
                self._define(definition[1], definition[2], waiting, raw)
                continue
            repeated = _BLOCK.match(text)
            if repeated:
                waiting.extendleft(reversed([*self._repeated(line, *repeated.groups())]))
                continue
            filled = self._filled(line, text)
            if filled is not None:
                waiting.extendleft(reversed(filled))
            elif text.strip():
                yield line._replace(text=_with_characters(text))

    def _pay(self, line: Line) -> None:
        self._count += 1
        self._characters += len(line.text)
        if self._count > MAX_LINES or self._characters > MAX_TEXT:
            raise SourceError(line.place, "its variables and sequences stand for too many lines")
        if len(line.text) > MAX_LINE:
            raise SourceError(line.place, f"it stands for more than {MAX_LINE} characters")
        # Conditions, sequences and variables can each be in the other.
        if line.depth > 4 * MAX_DEPTH:
            raise SourceError(line.place, "a variable that contains itself, or too many in others")

    def _included(self, path: str, place: Place | None, above: tuple[str, ...]) -> Iterator[Line]:
        if path in above:
            raise SourceError(place or Place(path), f"{path} includes itself")
        if len(above) > MAX_DEPTH:
            raise SourceError(place or Place(path), f"files include others {MAX_DEPTH} deep")
        for line in self._reader.lines(path, place):
            include = _INCLUDE.match(without_comment(line.text).strip())
            if not include:
                yield line
                continue
            # keepalived fills in no other variable there.
            pattern = include[1].strip("\"'").replace(_HERE + "/", "")
            found, refused = self._reader.matching(pattern, path)
            for name in refused:
                self._remarks.add(
                    line.place,
                    f"the file {shown(name)} is in another folder, and is not read",
                    "copy it beside the others, or name its folder in import_folders",
                )
            if not found and not refused:
                self._remarks.add(line.place, f"no file is there for include {shown(pattern)}")
            for name in found:
                yield from self._included(name, line.place, (*above, path))

    def _holds(self, line: Line, negated: str, name: str) -> bool:
        if not self._config_id:
            self._remarks.add(
                line.place,
                f"a line for {'all but ' if negated else ''}{shown(name)} is left out",
                "say in import_config_id whose lines are meant",
            )
            return False
        return (name == self._config_id) != bool(negated)

    def _define(self, name: str, value: str, waiting: deque[Line], raw: Iterator[Line]) -> None:
        value = value.rstrip()
        if not value.endswith("\\"):
            self._variables[name] = [value]
            return
        lines = [value[:-1]] if value[:-1].strip() else []
        while value.endswith("\\"):
            following = waiting.popleft() if waiting else next(raw, None)
            if following is None:
                break
            self._pay(following)
            value = without_comment(following.text).rstrip()
            if not value:  # an empty line inside does not end it
                value = "\\"
            lines.append(value[:-1] if value.endswith("\\") else value)
        self._variables[name] = [text for text in lines if text.strip()]

    def _filled(self, line: Line, text: str) -> list[Line] | None:
        """Return what a line with variables stands for; None if it has none."""
        if _MADE_UP.search(text):
            self._remarks.add(
                line.place, "a random number, or a variable of the environment, is not known here"
            )
        values = {name: self._value(line, name) for name in _names(text)}
        known = {name: value for name, value in values.items() if value is not None}
        if not known:
            return None
        whole = text.strip()
        found = _VARIABLE.fullmatch(whole)
        if found:
            lines = known[found[1] or found[2]]
            return [line._replace(text=one, depth=line.depth + 1) for one in lines]

        joined = {name: "\n".join(lines) for name, lines in known.items()}

        def value(found: re.Match[str]) -> str:
            return joined.get(found[1] or found[2], found[0])

        size = len(text) + sum(len(value(found)) for found in _VARIABLE.finditer(text))
        if size > MAX_LINE:
            raise SourceError(line.place, f"it stands for more than {MAX_LINE} characters")
        filled = _VARIABLE.sub(value, text)
        return [line._replace(text=one, depth=line.depth + 1) for one in filled.split("\n")]

    def _value(self, line: Line, name: str) -> list[str] | None:
        if name in _LATER:
            return None
        if name == "_PWD":
            self._remarks.add(line.place, f"{_HERE} is taken as {_FOLDER}")
            return [_FOLDER]
        if name == "_INSTANCE" and self._config_id:
            return [self._config_id]
        return self._variables.get(name)

    def _repeated(self, line: Line, kind: str, inside: str, rest: str) -> Iterator[Line]:
        """What a sequence or a list stands for."""
        names, rows = _list(line, inside) if kind == "LST" else _sequence(line, kind, inside)
        for row in rows:
            definitions = [f"${name}={value}" for name, value in zip(names, row)]
            for text in (*definitions, rest):
                yield line._replace(text=text, depth=line.depth + 1)


def without_comment(text: str) -> str:
    """Return a line without its comment."""
    if "#" not in text and "!" not in text:
        return text
    quote = ""
    is_escaped = False
    for index, one in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif one == "\\":
            is_escaped = bool(quote)
        elif quote:
            quote = "" if one == quote else quote
        elif one in "\"'":
            quote = one
        elif one in "#!":
            return text[:index]
    return text


def _names(text: str) -> set[str]:
    return {found[1] or found[2] for found in _VARIABLE.finditer(text)}


def _with_characters(text: str) -> str:
    for name, character in _CHARACTERS.items():
        text = text.replace(f"${{{name}}}", character)
    return text


def _number(line: Line, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise SourceError(line.place, f"got {shown(text)}, expected a number of the sequence")
    return int(text, 0 if "x" in text.lower() else 10)


def _sequence(line: Line, kind: str, inside: str) -> tuple[list[str], Iterator[tuple[str, ...]]]:
    name, *texts = [one.strip() for one in inside.split(",")]
    if not _NAME.fullmatch(name) or len(texts) not in _ENDS:
        raise SourceError(line.place, f"got {shown(inside)}, expected (var, start, step, end)")
    numbers = [_number(line, one) for one in texts]
    end = numbers[-1]
    start = numbers[0] if numbers[1:] else (1 if end > 0 else -1)
    step = numbers[1] if numbers[2:] else (1 if end >= start else -1)
    if not step or abs((end - start) // step) > MAX_LINES:
        raise SourceError(line.place, f"the sequence ({shown(inside)}) has no end, or is too long")
    form = "{:x}" if kind == "SEQx" else "{}"
    values = range(start, end + (1 if step > 0 else -1), step)
    return [name], ((form.format(value),) for value in values)


def _list(line: Line, inside: str) -> tuple[list[str], Iterator[tuple[str, ...]]]:
    rows: list[tuple[str, ...]] = []
    for found in re.finditer(r"\{([^{}]*)\}|([^,{}]+)", inside):
        text = found[1] if found[1] is not None else found[2]
        if text.strip():
            of_row = text.split(",") if found[1] is not None else [text]
            rows.append(tuple(one.strip() for one in of_row))
    names = [*(rows[0] if rows else ())]
    if not rows[1:] or not all(map(_NAME.fullmatch, names)):
        raise SourceError(line.place, f"got {shown(inside)}, expected (var, value, ...)")
    if any(len(row) != len(names) for row in rows):
        raise SourceError(line.place, f"as many values as variables in each row of {shown(inside)}")
    return names, iter(rows[1:])
