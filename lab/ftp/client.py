# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a client: gets data of an FTP server at a VIP, passive and active.

Prints for each the address of the other end, and the data.
"""

import json
import re
import socket
import sys

VIP = sys.argv[1]
control = socket.create_connection((VIP, 21), 5)
own = control.getsockname()[0]
replies = control.makefile("r", newline="\r\n")
replies.readline()


def command(line: str) -> str:
    """Send a command, and give its reply."""
    control.sendall(f"{line}\r\n".encode())
    return replies.readline()


def passive() -> tuple[str, str]:
    """Connect to where the server says, and give that address and the data."""
    if ":" in VIP:
        [port] = re.findall(r"\|\|\|(\d+)\|", command("EPSV"))
        where = (VIP, int(port))
    else:
        *octets, high, low = re.findall(r"\d+", command("PASV").partition("(")[2])
        where = (".".join(octets), int(high) * 256 + int(low))
    with socket.create_connection(where, 5) as data:
        command("LIST")
        return where[0], data.recv(64).decode()


def active() -> tuple[str, str]:
    """Wait for the server, and give its address and the data."""
    family = socket.AF_INET6 if ":" in VIP else socket.AF_INET
    with socket.create_server((own, 0), family=family) as listener:
        listener.settimeout(5)
        port = listener.getsockname()[1]
        octets = own.replace(".", ",")
        command(
            f"EPRT |2|{own}|{port}|" if ":" in VIP else f"PORT {octets},{port >> 8},{port & 255}"
        )
        data, peer = listener.accept()
        return peer[0], data.recv(64).decode()


sys.stdout.write(json.dumps([passive(), active()]))
