# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Lines → words in blocks."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from ..source import MAX_DEPTH, Line, Place, Remarks, SourceError

_OPEN, _CLOSE = "{", "}"


class Statement(NamedTuple):
    """A line's words, with what is in the braces behind them."""

    place: Place
    words: tuple[str, ...]
    inside: list[Statement]

    @property
    def word(self) -> str:
        """What it is about."""
        return self.words[0]

    @property
    def values(self) -> tuple[str, ...]:
        """The other words."""
        return self.words[1:]

    @property
    def value(self) -> str:
        """The first of them, if there is one."""
        return self.words[1] if self.words[1:] else ""

    def find(self, word: str) -> Statement | None:
        """Return the last statement in it that begins with a word: it counts."""
        found = [one for one in self.inside if one.word == word]
        return found[-1] if found else None


class _Word(NamedTuple):
    text: str
    is_brace: bool = False


def read_blocks(lines: Iterable[Line], remarks: Remarks) -> list[Statement]:
    """Return the outermost statements."""
    blocks = _Blocks(remarks)
    for line in lines:
        blocks.take(line)
    return blocks.end()


class _Blocks:
    """Statements as their lines come."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks
        self._outermost: list[Statement] = []
        self._open: list[Statement] = []

    def take(self, line: Line) -> None:
        """Take the words of one line."""
        words: list[str] = []
        for word in _words(line.text):
            if not word.is_brace:
                words.append(word.text)
                continue
            self._say(line.place, words)
            words = []
            if word.text == _OPEN:
                self._begin(line.place)
            elif self._open:
                self._open.pop()
            else:
                self._remarks.add(line.place, "a } that closes nothing is left out")
        self._say(line.place, words)

    def end(self) -> list[Statement]:
        """Return everything."""
        if self._open:
            block = self._open[-1]
            raise SourceError(
                block.place, f"the block {block.word} is never closed: a }} is missing"
            )
        return self._outermost

    def _here(self) -> list[Statement]:
        return self._open[-1].inside if self._open else self._outermost

    def _say(self, place: Place, words: list[str]) -> None:
        if words:
            self._here().append(Statement(place, tuple(words), []))

    def _begin(self, place: Place) -> None:
        if not self._here():
            raise SourceError(place, "a { without a word before it")
        if len(self._open) == MAX_DEPTH:
            raise SourceError(place, f"more than {MAX_DEPTH} blocks in each other")
        self._open.append(self._here()[-1])


def _words(text: str) -> Iterator[_Word]:
    """The words of a line; quotes are taken away, and braces around words are words."""
    word: list[str] = []
    quote = ""
    is_quoted = False
    for one in f"{text} ":
        if quote:
            if one == quote and word[-1:] != ["\\"]:
                quote = ""
            elif one == quote:
                word[-1] = one
            else:
                word.append(one)
        elif one in "\"'":
            quote, is_quoted = one, True
        elif not one.isspace():
            word.append(one)
        elif word or is_quoted:
            yield from [_Word("".join(word))] if is_quoted else _parted("".join(word))
            word, is_quoted = [], False
    if quote:
        # As keepalived has it: what is missing is the end of the line.
        yield _Word("".join(word).rstrip())


def _parted(word: str) -> Iterator[_Word]:
    """A word, and the braces that it begins or ends with."""
    core = word.lstrip("{}")
    yield from (_Word(one, is_brace=True) for one in word[: len(word) - len(core)])
    end = core.rstrip(_OPEN)
    # Of an unquoted expression such as [0-9]{3} the brace is its own.
    end = end if _OPEN in end else end.rstrip(_CLOSE)
    if end:
        yield _Word(end)
    yield from (_Word(one, is_brace=True) for one in core[len(end) :])
