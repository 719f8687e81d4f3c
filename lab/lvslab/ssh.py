# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH to the nodes: one connection for each, shared with Ansible."""

from __future__ import annotations

import io
import shlex
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .errors import LabError

_READY_SECONDS = 300.0
_PERSIST = "10m"


@dataclass(frozen=True)
class Access:
    """The common settings of all connections of one lab."""

    key: Path
    socket_dir: Path

    @property
    def common(self) -> list[str]:
        """Options of every connection."""
        # Nodes on a loopback port are often recreated: do not record their identity.
        return [
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes",
        ]  # fmt: skip

    @property
    def sharing(self) -> list[str]:
        """Options that let later connections use the first one."""
        return [
            "-o", "ControlMaster=auto", "-o", f"ControlPersist={_PERSIST}",
            "-o", f"ControlPath={self.socket_dir}/%C",
        ]  # fmt: skip

    def close(self) -> None:
        """Close the shared connections, which do not survive a restart of the machine."""
        if self.socket_dir.is_dir():
            for path in self.socket_dir.iterdir():
                if path.is_socket() and path.suffix == "":
                    leave = ["ssh", "-o", f"ControlPath={path}", "-O", "exit", "lab"]
                    subprocess.run(leave, capture_output=True, check=False)
                    path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Remote:
    """One node, or the machine."""

    access: Access
    host: str
    port: int

    def command(self, argv: Iterable[str] = ()) -> list[str]:
        """Return the command line of the SSH client."""
        command = ["ssh", *self.access.common, *self.access.sharing, "-i", str(self.access.key)]
        command += ["-p", str(self.port), f"root@{self.host}"]
        words = list(argv)
        return [*command, "--", shlex.join(words)] if words else command

    def run(self, *argv: str, stdin: bytes = b"") -> str:
        """Run a remote command and return its output."""
        done = subprocess.run(self.command(argv), input=stdin, capture_output=True, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).decode(errors="replace").strip()
            raise LabError(f"{shlex.join(argv)} ended with status {done.returncode}: {said}")
        return done.stdout.decode(errors="replace")

    def push(self, sources: Iterable[tuple[Path | bytes, str]], directory: str) -> None:
        """Copy files, directories and plain contents under the given names into a directory."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for source, name in sources:
                if isinstance(source, bytes):
                    entry = tarfile.TarInfo(name)
                    entry.size, entry.mode, entry.mtime = len(source), 0o644, int(time.time())
                    archive.addfile(entry, io.BytesIO(source))
                else:
                    archive.add(source, name, filter=_for_root)
        script = f"mkdir -p {shlex.quote(directory)} && tar -x -C {shlex.quote(directory)}"
        self.run("sh", "-c", script, stdin=packed.getvalue())

    def wait(self) -> None:
        """Wait for the SSH banner: QEMU itself accepts every connection."""
        end = time.monotonic() + _READY_SECONDS
        while time.monotonic() < end:
            try:
                with socket.create_connection((self.host, self.port), 5) as connection:
                    if connection.recv(8).startswith(b"SSH-2.0"):
                        return
            except OSError:
                pass  # not yet: retry
            time.sleep(0.2)
        raise LabError(f"{self.host}:{self.port} did not answer SSH within {_READY_SECONDS:.0f} s")


def _for_root(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if "__pycache__" in PurePosixPath(entry.name).parts:
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


def wait_all(remotes: Iterable[Remote]) -> None:
    """Wait until all of them answer."""
    targets = list(remotes)
    with ThreadPoolExecutor(len(targets) or 1) as pool:
        list(pool.map(Remote.wait, targets))
