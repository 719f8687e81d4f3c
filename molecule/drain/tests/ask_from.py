# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a client: asks a VIP from given ports, and prints the real server of each answer."""

import json
import socket
import sys

servers = {}
for port in sys.argv[2:]:
    with socket.create_connection((sys.argv[1], 80), 3, ("", int(port))) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        # To the end: the side that closes first cannot reuse the port for a minute.
        answer = connection.makefile("rb").read()
    servers[port] = json.loads(answer.partition(b"\r\n\r\n")[2])["server"]
sys.stdout.write(json.dumps(servers))
