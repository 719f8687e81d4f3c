# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What ``systemctl status`` shows of a service, said by the service itself: sd_notify(3).

The journal has it, too; but the few lines of it that ``systemctl status`` shows are soon those of a
later attempt.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys


def log(sentence: str) -> None:
    """Say something in the journal, as one line."""
    sys.stderr.write(f"{' '.join(sentence.split())}\n")  # which takes any text


def tell(sentence: str) -> None:
    """Set the status line; does nothing where systemd does not listen."""
    _notify(f"STATUS={' '.join(sentence.split())}")


def tell_ready() -> None:
    """Say that a service has begun its work."""
    _notify("READY=1")


def tell_alive() -> None:
    """Say that a service is at work; systemd starts one again that does not say so in time."""
    _notify("WATCHDOG=1")


def _notify(line: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # An address in the abstract namespace is written with @ for its first byte, 0.
    target = f"\0{address[1:]}" if address.startswith("@") else address
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        # Whatever a failure quotes.
        sender.sendto(line.encode("utf-8", "backslashreplace"), target)
