# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of the documentation, as a reader follows it word for word.

A block of YAML is a file, with the name that the text before it gives. Each line of a ``console``
block is typed as it stands. A ``text`` block below is what the last of these lines shows; there
``...`` stands for any lines, and within a line for anything.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import ScenarioError

_PARTS = re.compile(
    r"^## (?P<heading>[^\n]+)\n|^```(?P<kind>\w*)\n(?P<block>.*?)^```$", re.MULTILINE | re.DOTALL
)
_FILE = re.compile(r"`([\w./-]+\.yml)`")
_ANYTHING = "..."
_ANY_LINES = r"(?:.*\n)*?"
_DRAWING = "mermaid"
_LIMIT_SECONDS = 600


@dataclass(frozen=True)
class File:
    """A file to write."""

    section: str
    name: str
    text: str


@dataclass(frozen=True)
class Command:
    """A line to type, and what it shows, if the page says so."""

    section: str
    line: str
    shown: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The line without its comment."""
        return re.sub(r"\s+#.*", "", self.line)


Step = File | Command


def follow(
    steps: Iterable[Step], folder: Path, environment: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Do all that the steps say in a folder; yield each command, and what it printed."""
    for step in steps:
        if isinstance(step, File):
            file = folder / step.name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step.text)
        else:
            output = _typed(step.line, folder, environment)
            if not shows(output, step.shown):
                shown = "\n".join(step.shown)
                raise ScenarioError(f"{step.line}: does not show\n{shown}\nbut\n{output}")
            yield step.words, output


def _typed(line: str, folder: Path, environment: Mapping[str, str]) -> str:
    began = time.monotonic()
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False, timeout=_LIMIT_SECONDS,
    )  # fmt: skip
    print(f"$ {line}\n{done.stdout}[{time.monotonic() - began:.1f} s]")
    if done.returncode:
        raise ScenarioError(f"{line}: ended with {done.returncode}\n{done.stdout}")
    return done.stdout


def read(page: str) -> list[Step]:
    """Return the steps of a page, in their order."""
    steps: list[Step] = []
    section, end = "", 0
    for part in _PARTS.finditer(page):
        before, end = page[end : part.start()], part.end()
        if part["heading"]:
            section = part["heading"]
        elif part["kind"] == "yaml":
            steps.append(File(section, _name(before, section), part["block"]))
        elif part["kind"] == "console":
            steps += [Command(section, line) for line in part["block"].splitlines()]
        elif part["kind"] == "text":
            steps[-1] = _showing(steps[-1:], section, part["block"])
        elif part["kind"] != _DRAWING:
            raise ScenarioError(f"{section}: a block of {part['kind'] or 'no kind'}")
    return steps


def _name(before: str, section: str) -> str:
    """The file's name: the last one that the text before the block gives."""
    names = _FILE.findall(before)
    if not names:
        raise ScenarioError(f"{section}: no file name before a block of YAML")
    return str(names[-1])


def _showing(last: list[Step], section: str, block: str) -> Command:
    before = last[0] if last else None
    if not isinstance(before, Command) or before.shown:
        raise ScenarioError(f"{section}: output of no command")
    return Command(section, before.line, tuple(block.splitlines()))


def shows(output: str, shown: Iterable[str]) -> bool:
    """Tell whether an output has these lines, behind each other but for gaps."""
    parts = [_ANY_LINES if line == _ANYTHING else _pattern(line) for line in shown]
    return bool(re.search("^" + "".join(parts), output, re.MULTILINE))


def _pattern(line: str) -> str:
    """A regular expression for a line; who reads the page does not see spaces at its end."""
    return ".*".join(map(re.escape, line.rstrip().split(_ANYTHING))) + r" *\n"
