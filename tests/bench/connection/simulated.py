# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to hosts that are not there: each module finds nothing to do, at once."""

from __future__ import annotations

from pathlib import Path

from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
name: simulated
short_description: Hosts that are not there
description: Answers every module with one text, the host's. Needs pipelining.
author: the lvs.topology authors
version_added: 0.1.0
options:
  answers:
    description: A folder that has a file for each host, with the result of any module.
    type: path
    required: true
    env: [{name: SIMULATED_ANSWERS}]
"""


class Connection(ConnectionBase):
    """The connection plugin."""

    transport = "simulated"
    has_pipelining = True

    def _connect(self) -> Connection:
        self._connected = True
        return self

    def exec_command(
        self,
        cmd: str,
        in_data: bytes | None = None,
        sudoable: bool = True,  # noqa: ARG002, FBT001, FBT002 - the base class has it so
    ) -> tuple[int, bytes, bytes]:
        """Answer a module that arrives on standard input; nothing else is expected."""
        if not in_data:
            return 1, b"", f"unexpected: {cmd}".encode()
        # ansible-core has no annotations here.
        answers = self.get_option("answers")  # type: ignore[no-untyped-call]
        return 0, (Path(answers) / f"{self._play_context.remote_addr}.json").read_bytes(), b""

    def put_file(self, in_path: str, out_path: str) -> None:
        """Refuse: with pipelining there are no files."""
        raise NotImplementedError(out_path)

    def fetch_file(self, in_path: str, out_path: str) -> None:
        """Refuse."""
        raise NotImplementedError(in_path)

    def close(self) -> None:
        """End nothing."""
        self._connected = False
