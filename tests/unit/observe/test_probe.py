# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe, run as it is on a client: by a bare interpreter."""

import json
import socket
import subprocess
import sys
import threading

from observe.traffic import PROBE


def probe(*jobs: dict[str, object]) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-ISE", "-", json.dumps(jobs)],
        input=PROBE.read_text(), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def job(port: int, protocol: str, requests: int = 1) -> dict[str, object]:
    return {"endpoint": 0, "address": "127.0.0.1", "port": port, "protocol": protocol,
            "requests": requests}  # fmt: skip


def test_http_and_the_port_that_it_came_from() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for _time in range(2):
                connection, peer = server.accept()
                with connection:
                    connection.recv(4096)
                    body = json.dumps({"client": f"{peer[0]}:{peer[1]}"})
                    connection.sendall(f"HTTP/1.1 200 OK\r\n\r\n{body}\n".encode())

        thread = threading.Thread(target=serve)
        thread.start()
        results = probe(job(server.getsockname()[1], "tcp", requests=2))
        thread.join()
    assert [each["answer"] for each in results] == [
        {"client": f"127.0.0.1:{each['port']}"} for each in results
    ]


def test_udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            _data, peer = server.recvfrom(4096)
            server.sendto(b'{"server": "web1"}\n', peer)

        thread = threading.Thread(target=serve)
        thread.start()
        (result,) = probe(job(server.getsockname()[1], "udp"))
        thread.join()
    assert result["answer"] == {"server": "web1"}


def test_an_endpoint_that_keeps_failing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    results = probe(job(free, "tcp", requests=9))
    assert [each["error"] for each in results] == ["Connection refused"] * 3
