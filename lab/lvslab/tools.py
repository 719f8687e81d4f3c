# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that the lab runs, and the command that installs missing ones."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .errors import LabError

# Program → Debian package
PACKAGE_OF = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "fakeroot": "fakeroot",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "podman": "podman",
    "crun": "crun",
    "ip": "iproute2",
    "tar": "tar",
}
_SBIN = "/usr/local/sbin:/usr/sbin:/sbin"
_GRACE = 20.0


def find(program: str) -> str | None:
    """Return the path of a program, searching root's directories too."""
    return shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:{_SBIN}")


def install_command(programs: Sequence[str]) -> str:
    """Return the command that installs these programs."""
    packages = sorted({PACKAGE_OF[program] for program in programs})
    return f"apt-get install --no-install-recommends {' '.join(packages)}"


def need(*programs: str) -> None:
    """Fail if one of these programs is missing."""
    missing = [program for program in programs if find(program) is None]
    if missing:
        raise LabError(f"not found: {', '.join(missing)}", install_command(missing))


def run(argv: Sequence[str | Path], *, log: Path | None = None) -> bytes:
    """Run to the end and return stdout; an interrupt ends the program first.

    `log` takes all output; the message of a failure shows its end.
    """
    command = [find(str(argv[0])) or str(argv[0]), *map(str, argv[1:])]
    # In its own session Ctrl-C does not reach the program, and we end it in order.
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if log else subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
            raise
    if log:
        log.write_bytes(out)
    if process.returncode:
        text = (out if log else err).decode(errors="replace")
        tail = "\n".join(text.strip().splitlines()[-15:])
        kept = f"\n  all of it: {log}" if log else ""
        raise LabError(f"{argv[0]} ended with status {process.returncode}:\n{tail}{kept}")
    return out
