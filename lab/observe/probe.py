# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a client: sends requests, and prints what became of each, one JSON object a line.

Its argument is a JSON list of {endpoint, address, port, protocol, requests}. Endpoints are asked
at the same time, each of them one request after another: schedulers count connections. Standard
library only, and few imports: under emulation these take longer than the requests.
"""

from __future__ import annotations

import json
import socket
import sys
import threading

TIMEOUT_SECONDS = 4
GIVE_UP_AFTER = 3
REQUEST = b"GET / HTTP/1.1\r\nHost: lvs\r\nConnection: close\r\n\r\n"
STREAM = {"tcp": 0, "sctp": getattr(socket, "IPPROTO_SCTP", 132)}


def ask_stream(connection: socket.socket, target: tuple[str, int]) -> bytes:
    """Send an HTTP request and give the answer's body."""
    connection.connect(target)
    connection.sendall(REQUEST)
    answer = b""
    while part := connection.recv(65536):
        answer += part
    return answer.rpartition(b"\r\n\r\n")[2]


def ask_datagram(connection: socket.socket, target: tuple[str, int]) -> bytes:
    """Send a datagram and give the answer."""
    connection.connect(target)
    connection.send(b"?")
    return connection.recv(65536)


def request(job: dict[str, object]) -> dict[str, object]:
    """Make one request from a port known beforehand: packets are found by it."""
    address, port, protocol = str(job["address"]), int(str(job["port"])), str(job["protocol"])
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    stream = protocol in STREAM
    kind = socket.SOCK_STREAM if stream else socket.SOCK_DGRAM
    result: dict[str, object] = {"endpoint": job["endpoint"]}
    with socket.socket(family, kind, STREAM.get(protocol, 0)) as connection:
        connection.settimeout(TIMEOUT_SECONDS)
        connection.bind(("", 0))
        result["port"] = connection.getsockname()[1]
        try:
            body = (ask_stream if stream else ask_datagram)(connection, (address, port))
            result["answer"] = json.loads(body)
        except OSError as error:
            timed_out = isinstance(error, TimeoutError)
            result["error"] = "timed out" if timed_out else error.strerror or str(error)
        except ValueError:
            result["error"] = "the answer is not JSON"
    return result


def work(job: dict[str, object], results: list[dict[str, object]]) -> None:
    """Make an endpoint's requests; an endpoint that keeps failing is not waited for."""
    failed = 0
    for _ in range(int(str(job["requests"]))):
        result = request(job)
        results.append(result)
        failed = failed + 1 if "error" in result else 0
        if failed == GIVE_UP_AFTER:
            return


def main() -> None:
    """Do all jobs."""
    results: list[dict[str, object]] = []
    jobs = [threading.Thread(target=work, args=(job, results)) for job in json.loads(sys.argv[1])]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    for result in results:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
