# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `steady` runs on a node: sends requests until its input ends, and prints what came of them.

Prints two lines: an empty one after the first round, and the outcome as JSON. Needs the standard
library alone. Its argument is JSON: `new` and `long_lived` (lists of host and port), `renew`, the
seconds after which a long-lived connection makes place for another one, and `timeout`, those after
which a request is lost.
"""

from __future__ import annotations

import http.client
import json
import select
import sys
import time
from typing import Any

LEAST_ROUNDS = 4
PAUSE_SECONDS = 0.2

Endpoint = tuple[str, int]


class Load:
    """The requests and their outcome."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self.answered: dict[str, dict[str, int]] = {}
        self.failures: list[str] = []
        self.slowest = {"new": 0.0, "long_lived": 0.0}
        self.last: dict[str, dict[str, str]] = {}
        self._kept: dict[Endpoint, tuple[http.client.HTTPConnection, float]] = {}

    def new(self, endpoint: Endpoint) -> None:
        """Send a request over a connection of its own."""
        connection = http.client.HTTPConnection(*endpoint, timeout=self._timeout)
        self._ask("new", endpoint, connection)
        connection.close()

    def long_lived(self, endpoint: Endpoint, renew: float) -> None:
        """Send a request over the connection that there is; one that broke counts each time."""
        connection, begun = self._kept.get(endpoint, (None, 0.0))
        if connection is None or time.monotonic() - begun > renew:
            if connection is not None:
                connection.close()
            connection = http.client.HTTPConnection(*endpoint, timeout=self._timeout)
            self._kept[endpoint] = connection, time.monotonic()
            self._ask("long_lived", endpoint, connection)
            connection.auto_open = 0
            return
        self._ask("long_lived", endpoint, connection)

    def _ask(self, kind: str, endpoint: Endpoint, connection: http.client.HTTPConnection) -> None:
        name, start = f"{endpoint[0]} port {endpoint[1]}", time.monotonic()
        try:
            connection.request("GET", "/")
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(f"{kind}, {name}, at {time.strftime('%X')}: {error!r}")
            connection.close()
            return
        self.slowest[kind] = max(self.slowest[kind], time.monotonic() - start)
        self.last[name] = {each: str(answer[each]) for each in ("client", "local")}
        of_each = self.answered.setdefault(name, {})
        of_each[answer["server"]] = of_each.get(answer["server"], 0) + 1


def main() -> None:
    """Send requests to all endpoints in turns."""
    given = json.loads(sys.argv[1])
    load, rounds = Load(given["timeout"]), 0
    while rounds < LEAST_ROUNDS or not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
        rounds += 1
        for host, port in given["new"]:
            load.new((host, port))
        for host, port in given["long_lived"]:
            load.long_lived((host, port), given["renew"])
        if rounds == 1:
            print(flush=True)
    outcome = ("answered", "failures", "slowest", "last")
    print(json.dumps({name: getattr(load, name) for name in outcome}))


if __name__ == "__main__":
    main()
