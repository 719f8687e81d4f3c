# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a real server: as little of FTP as passive and active data connections need.

Without apostrophes: it is passed to a shell between two of them.
"""

import os
import re
import socket
import threading


def passive(own: str, *, extended: bool) -> tuple[socket.socket, str]:
    """Open a port that the kernel chooses, and give the reply that tells of it."""
    listener = socket.create_server(
        (own, 0), family=socket.AF_INET6 if extended else socket.AF_INET
    )
    listener.settimeout(5)
    port = listener.getsockname()[1]
    if extended:
        return listener, f"229 Entering Extended Passive Mode (|||{port}|)"
    octets = own.replace(".", ",")
    return listener, f"227 Entering Passive Mode ({octets},{port >> 8},{port & 255})"


def connected(own: str, line: str) -> socket.socket:
    """Connect from port 20 to where the client waits."""
    if line.startswith("EPRT"):
        _number, address, port = line[len("EPRT |") :].rstrip().rstrip("|").split("|")
    else:
        *octets, high, low = re.findall(r"\d+", line)
        address, port = ".".join(octets), str(int(high) * 256 + int(low))
    data = socket.socket(socket.AF_INET6 if ":" in own else socket.AF_INET)
    # An earlier connection from there may be in TIME_WAIT.
    data.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    data.settimeout(5)
    data.bind((own, 20))
    data.connect((address, int(port)))
    return data


def serve(control: socket.socket) -> None:
    """Answer one client: the data are the name of this host."""
    own = control.getsockname()[0].removeprefix("::ffff:")
    listener = data = None
    with control:
        control.sendall(b"220 ready\r\n")
        for line in control.makefile("r", newline="\r\n"):
            said = "200 so be it"
            if line.startswith(("PASV", "EPSV")):
                listener, said = passive(own, extended=line.startswith("EPSV"))
            elif line.startswith(("PORT", "EPRT")):
                data = connected(own, line)
            elif listener:
                data, _peer = listener.accept()
            control.sendall(f"{said}\r\n".encode())
            if data:
                data.sendall(os.uname().nodename.encode())
                data.close()
                listener = data = None


server = socket.create_server(("::", 21), family=socket.AF_INET6, dualstack_ipv6=True)
while True:
    threading.Thread(target=serve, args=server.accept()[:1], daemon=True).start()
