# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's command line."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from types import FrameType

from . import environment
from .commands import Demo, DemoError

_INTERRUPTED = 130


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run one command, and suggest the next step if it fails."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument(
        "command", nargs="?", default="up", choices=("up", "verify", "fail", "shell", "down"),
        help="up (default): the whole demo; verify, fail: these steps alone",
    )  # fmt: skip
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    os.environ.update(environment.make(os.environ))
    demo = Demo(os.environ)
    try:
        {
            "up": demo.up,
            "verify": demo.verify,
            "fail": demo.fail,
            "shell": demo.shell,
            "down": demo.down,
        }[arguments.command]()
    except DemoError as error:
        print(f"demo: {error}\n      {error.hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: interrupted (`make demo-down` stops the demo)", file=sys.stderr)
        return _INTERRUPTED
    return 0
