# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on a client: many connections that last, and what becomes of each until input ends.

Prints two lines: an empty one once each has been answered, and the outcome as JSON. Its argument is
JSON: `tcp` and `udp` (lists of host and port), and `each`, how many connections to each of them.
Needs the standard library alone.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from contextlib import suppress
from typing import Any

PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 30  # TCP sends again after 0.2, 0.4, 0.8, … seconds
DATAGRAM_SECONDS = 1.0

Place = tuple[str, int]


class Lasting:
    """A connection over TCP."""

    def __init__(self, place: Place) -> None:
        self.place, self.broken = place, False

    async def open(self) -> None:
        """Connect, and ask once."""
        self._reader, self._writer = await asyncio.open_connection(*self.place)
        await self.ask()

    async def ask(self) -> None:
        """Send a request; what has broken stays so."""
        if self.broken:
            return
        try:
            self._writer.write(b"GET / HTTP/1.1\r\nHost: survey\r\n\r\n")
            await asyncio.wait_for(self._answer(), PATIENCE_SECONDS)
        except (OSError, EOFError):
            self.broken = True

    async def _answer(self) -> None:
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split()[0]
        await self._reader.readexactly(int(length))


class Datagrams:
    """A socket that keeps its port."""

    def __init__(self, place: Place) -> None:
        self.place, self.moved, self.asked, self.silent = place, False, 0, 0
        self._server = ""

    async def open(self) -> None:
        """Ask once."""
        family = socket.AF_INET6 if ":" in self.place[0] else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003 - the standard library's own
        self._socket.connect(self.place)
        await self.ask()

    async def ask(self) -> None:
        """Send a datagram, and see who answers it."""
        loop = asyncio.get_running_loop()
        self.asked += 1
        try:
            self._socket.send(b"?")
            said = await asyncio.wait_for(loop.sock_recv(self._socket, 1000), DATAGRAM_SECONDS)
        except OSError:
            self.silent += 1
            return
        server = json.loads(said)["server"]
        self.moved = self.moved or self._server not in ("", server)
        self._server = server


async def _ask_for_ever(one: Lasting | Datagrams) -> None:
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        await one.ask()


async def survey() -> dict[str, Any]:
    """Ask until input ends."""
    given = json.loads(sys.argv[1])
    lasting = [Lasting((host, port)) for host, port in given["tcp"] for _ in range(given["each"])]
    sockets = [Datagrams((host, port)) for host, port in given["udp"] for _ in range(given["each"])]
    every: list[Lasting | Datagrams] = [*lasting, *sockets]
    for one in every:
        await one.open()
    print(flush=True)
    tasks = [asyncio.create_task(_ask_for_ever(one)) for one in every]
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    for one in lasting:
        await one.ask()
    outcome: dict[str, dict[str, int]] = {}
    for kept in lasting:
        found = outcome.setdefault(f"tcp {kept.place[0]}", {"connections": 0, "broken": 0})
        found["connections"] += 1
        found["broken"] += kept.broken
    for each in sockets:
        begun = {"sockets": 0, "moved": 0, "asked": 0, "silent": 0}
        found = outcome.setdefault(f"udp {each.place[0]}", begun)
        found["sockets"] += 1
        found["moved"] += each.moved
        found["asked"] += each.asked
        found["silent"] += each.silent
    return {"outcome": outcome}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(survey())))
