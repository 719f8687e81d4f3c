# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running programs."""

from __future__ import annotations

import subprocess
from pathlib import Path


class AgentError(Exception):
    """A program failed; the message has its name and output."""


def run(*argv: str | Path, stdin: str | None = None) -> str:
    """Run a program to its end, and return its output."""
    words = [str(word) for word in argv]
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AgentError(f"{' '.join(words)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def ip(lines: list[str], namespace: str | None = None) -> None:
    """Run many `ip` commands in one process: emulation starts processes slowly."""
    inside = ["-n", namespace] if namespace else []
    run("ip", *inside, "-batch", "-", stdin="".join(f"{line}\n" for line in lines))
