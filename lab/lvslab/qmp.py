# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of QEMU's control socket that the lab needs."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .errors import LabError

_TIMEOUT = 300.0


class Qmp:
    """A connection, open inside a `with` block."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(_TIMEOUT)
        try:
            self._socket.connect(str(self._path))
            self._stream = self._socket.makefile("rw")
            self._read()  # the greeting comes once a snapshot on the command line is loaded
            self._execute("qmp_capabilities")
        except BaseException:
            self._socket.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()
        self._socket.close()

    def _read(self) -> dict[str, Any]:
        while True:
            line = self._stream.readline()
            if not line:
                raise ConnectionResetError("QEMU closed its control socket")
            message: dict[str, Any] = json.loads(line)
            if "event" not in message:
                return message

    def _execute(self, command: str, **arguments: object) -> object:
        self._stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._stream.flush()
        reply = self._read()
        if "error" in reply:
            raise LabError(f"QEMU: {command}: {reply['error']['desc']}")
        return reply["return"]

    def _monitor(self, line: str) -> None:
        """Run a snapshot command of the monitor, which blocks, and prints only errors."""
        answer = str(self._execute("human-monitor-command", **{"command-line": line})).strip()
        if answer:
            raise LabError(f"QEMU: {line}: {answer}")

    def save(self, snapshot: str) -> None:
        """Save the whole machine into its disk."""
        self._monitor(f"savevm {snapshot}")

    def load(self, snapshot: str) -> None:
        """Restore a saved state."""
        self._monitor(f"loadvm {snapshot}")

    def delete(self, snapshot: str) -> None:
        """Delete a saved state."""
        self._monitor(f"delvm {snapshot}")

    def pause(self) -> None:
        """Pause the machine and flush its disk, so that the file can be copied until resume()."""
        self._execute("stop")

    def resume(self) -> None:
        """Resume the machine."""
        self._execute("cont")
