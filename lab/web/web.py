# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real servers' application: names server and client, over HTTP, UDP and SCTP.

Every answer is one line of JSON: `server` (host name), `client` and `local` (address:port).
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
from collections.abc import Callable

SERVER = os.uname().nodename
MAPPED = "::ffff:"  # a dual-stack socket's prefix of IPv4 addresses
PKTINFO = getattr(socket, "IPV6_RECVPKTINFO", 49)
PKTINFO_MESSAGE = getattr(socket, "IPV6_PKTINFO", 50)


def endpoint(address: str, port: int) -> str:
    """Write an address and a port as one word."""
    plain = address.removeprefix(MAPPED)
    return f"[{plain}]:{port}" if ":" in plain else f"{plain}:{port}"


def answer(client: tuple[str, int], local: tuple[str, int]) -> bytes:
    """Return the line that answers a request."""
    facts = {"server": SERVER, "client": endpoint(*client), "local": endpoint(*local)}
    return (json.dumps(facts) + "\n").encode()


def padded(line: bytes, target: str) -> bytes:
    """Pad an answer to the size in the path: /1000000 is a megabyte."""
    size = target.strip("/")
    return line.rstrip().ljust(int(size) - 1) + b"\n" if size.isdecimal() else line


def serve_http(connection: socket.socket) -> None:
    """Serve HTTP/1.1 with keep-alive; importing http.server takes half a second."""
    with connection, connection.makefile("rb") as requests:
        facts = answer(connection.getpeername()[:2], connection.getsockname()[:2])
        while line := requests.readline():
            method, target, version = line.decode("latin-1").split()
            body = padded(facts, target)
            keep = not version.endswith("HTTP/1.0")
            length = 0
            while header := requests.readline().decode("latin-1").strip().lower():
                name, _, value = header.partition(":")
                keep = keep and (name, value.strip()) != ("connection", "close")
                length = int(value) if name == "content-length" else length
            requests.read(length)
            more = "" if keep else "Connection: close\r\n"
            head = (
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n{more}\r\n"
            )
            connection.sendall(head.encode() + (b"" if method == "HEAD" else body))
            if not keep:
                return


def serve_sctp(connection: socket.socket) -> None:
    """Answer each message."""
    with connection:
        while connection.recv(65536):
            connection.sendall(answer(connection.getpeername()[:2], connection.getsockname()[:2]))


def accept(listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    """Serve each connection in its own thread."""

    def work(connection: socket.socket) -> None:
        try:
            serve(connection)
        except (OSError, ValueError):
            connection.close()  # the client left, or broke the protocol

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=work, args=(connection,), daemon=True).start()


def echo_udp(listener: socket.socket, port: int) -> None:
    """Answer from the request's target address: behind DR and TUN the VIP."""
    while True:
        _, control, _, client = listener.recvmsg(65536, 1024)
        info = next(data for _, kind, data in control if kind == PKTINFO_MESSAGE)
        local = socket.inet_ntop(socket.AF_INET6, info[:16])
        # Interface 0: the routing table chooses the route of the reply.
        source = (socket.IPPROTO_IPV6, PKTINFO_MESSAGE, info[:16] + bytes(4))
        # A client without a route must not end the service for others.
        with contextlib.suppress(OSError):
            listener.sendmsg([answer(client[:2], (local, port))], [source], 0, client)


def dual_stack(kind: int, protocol: int, port: int) -> socket.socket:
    """Bind to all addresses of both families."""
    listener = socket.socket(socket.AF_INET6, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind(("::", port))
    return listener


def tell_systemd() -> None:
    """Notify systemd that every port is open, see sd_notify(3)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.connect(address.replace("@", "\0", 1))
            notify.send(b"READY=1")


def main() -> None:
    """Serve the ports on the command line."""
    threads = []
    for port in map(int, sys.argv[1:]):
        for protocol, serve in (
            (socket.IPPROTO_TCP, serve_http),
            (socket.IPPROTO_SCTP, serve_sctp),
        ):
            stream = dual_stack(socket.SOCK_STREAM, protocol, port)
            stream.listen(1024)
            threads.append(threading.Thread(target=accept, args=(stream, serve)))
        datagrams = dual_stack(socket.SOCK_DGRAM, socket.IPPROTO_UDP, port)
        datagrams.setsockopt(socket.IPPROTO_IPV6, PKTINFO, 1)
        threads.append(threading.Thread(target=echo_udp, args=(datagrams, port)))
    for thread in threads:
        thread.start()
    tell_systemd()


if __name__ == "__main__":
    main()
