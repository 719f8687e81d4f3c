# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets on one interface of a node, for as long as a `with` block lasts."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .errors import ObserveError
from .frames import Advertisement, Packet, read
from .node import Node

# It ends when its input does: also when this program, or the connection, dies.
_SCRIPT = """
tcpdump -i "$1" -p -n -s 128 -U --immediate-mode -w - "$2" &
cat > /dev/null
sleep 0.5
kill $!
wait
"""
_LISTENING = b"listening on"


@dataclass
class Capture:
    """What was seen; complete once the block has ended."""

    frames: list[Packet | Advertisement] = field(default_factory=list)


@contextmanager
def capture(node: Node, interface: str, expression: str) -> Iterator[Capture]:
    """Capture what matches, without promiscuous mode, and without more than the headers."""
    seen = Capture()
    with tempfile.TemporaryFile() as stream:
        process = subprocess.Popen(
            node.command("sh", "-c", _SCRIPT, "capture", interface, expression),
            stdin=subprocess.PIPE, stdout=stream, stderr=subprocess.PIPE,
        )  # fmt: skip
        with process:
            _wait_until_listening(node, process)
            yield seen
            process.communicate()
        stream.seek(0)
        seen.frames += read(stream.read())


def _wait_until_listening(node: Node, process: subprocess.Popen[bytes]) -> None:
    said = b""
    for line in process.stderr or ():
        said += line
        if _LISTENING in line:
            return
    raise ObserveError(f"{node.name}: cannot capture: {said.decode(errors='replace').strip()}")
