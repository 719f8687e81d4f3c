# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run on a client: asks a VIP from given ports, and prints which real server answered each."""

import json
import socket
import sys

servers = {}
for port in sys.argv[2:]:
    with socket.create_connection((sys.argv[1], 80), 3, ("", int(port))) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        # To the end: whoever closes first cannot use the port again for a minute.
        answer = connection.makefile("rb").read()
    servers[port] = json.loads(answer.partition(b"\r\n\r\n")[2])["server"]
sys.stdout.write(json.dumps(servers))
