# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is read: places in files, remarks about them, and services as a file has them."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Protocol

from ..errors import UserError

MAX_LINE = 65_536  # characters, also of one that grows while its variables are filled in
MAX_FILE = 8 * 2**20  # bytes
MAX_TEXT = 16 * 2**20  # characters that are read in all, each as often as it is repeated
MAX_LINES = 200_000
MAX_FILES = 1000
MAX_DEPTH = 16  # of blocks, of included files, of variables in variables
MAX_RANGE = 4096  # addresses of one range
MAX_SERVICES = 10_000
MAX_SERVERS = 200_000
MAX_REMARKS = 50_000

_MAX_SHOWN = 80


class Place(NamedTuple):
    """A line of a file; 0 = the file as a whole."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Line(NamedTuple):
    """A line of a file, or one that it stands for."""

    place: Place
    text: str
    depth: int = 0  # how many variables it came out of


class Reader(Protocol):
    """Who reads files."""

    def lines(self, path: str, place: Place | None = None) -> list[Line]:
        """Return the lines of a file; the place is where it is named."""

    def matching(self, pattern: str, beside: str) -> tuple[list[str], list[str]]:
        """Return files that match a pattern beside a file: those that may be read, and others."""


class SourceError(UserError):
    """A file that cannot be read as what it should be."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(f"{place}: {message}")


class Remark(NamedTuple):
    """Something that was not carried over as it is."""

    place: Place
    what: str  # what it is, and what became of it
    do: str = ""  # what a user can do about it

    @property
    def sentence(self) -> str:
        """Both, without the place."""
        return f"{self.what}: {self.do}" if self.do else self.what


class Remarks:
    """Collects remarks."""

    def __init__(self) -> None:
        self.found: list[Remark] = []

    def add(self, place: Place, what: str, do: str = "") -> None:
        """Note one."""
        if len(self.found) == MAX_REMARKS:
            raise SourceError(
                place,
                f"more than {MAX_REMARKS} things that cannot be carried over: is it a file of this "
                "kind?",
            )
        self.found.append(Remark(place, what, do))


class Server(NamedTuple):
    """A real server as a file has it."""

    place: Place
    item: Mapping[str, Any]  # as a destination of the module ipvs_services


class Service(NamedTuple):
    """A service as a file has it."""

    place: Place
    name: str  # "" = it has none
    item: Mapping[str, Any]  # as a service of the module ipvs_services, without destinations
    servers: tuple[Server, ...]
    fallback: Server | None = None
    health: Mapping[str, Any] | bool | None = None  # as in the declaration; None = not declared


class Source(NamedTuple):
    """All that was read."""

    place: Place  # where it begins
    services: tuple[Service, ...]
    directors: tuple[str, ...] = ()  # addresses, that of the file's own director first
    high_availability: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] | None = None
    floating: tuple[tuple[Place, str], ...] = ()  # addresses that VRRP moves, ADDRESS/PREFIX


def shown(text: str) -> str:
    """Return a text of a file for a message: in quotes, and not too long."""
    return repr(text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…")
