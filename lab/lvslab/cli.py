# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from argparse import ArgumentParser as Parser, Namespace
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from . import commands, doctor, image, settings
from .errors import LabError
from .settings import Settings

_INTERRUPTED = 130
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _parser() -> argparse.ArgumentParser:
    """Bind each command to its function, so that there is one list of commands."""
    parser = argparse.ArgumentParser(
        prog="lab", description="Hosts for the demo, molecule and the tests."
    )
    sub = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, does: Callable[[Settings, Namespace], int | None], text: str) -> Parser:
        added = sub.add_parser(name, help=text, description=text)
        added.set_defaults(does=does)
        return added

    up = command("up", _up, "start the nodes of a topology file, and write the inventory")
    up.add_argument("file", type=Path)
    up.add_argument("--inventory", type=Path, help="default: LAB_DIR/inventory.yml")
    command("down", lambda lab, _: commands.down(lab), "stop everything that `up` started")
    command("reset", lambda lab, _: commands.reset(lab), "back to the state right after `up`")
    command("status", lambda lab, _: commands.status(lab), "what is running, and its addresses")
    ssh = command(
        "ssh", lambda lab, a: commands.connect(lab, a.node), "a shell on a node, or on `vm`"
    )
    ssh.add_argument("node")
    run = command("exec", _exec, "run a command on a node, or on `vm`: exec NODE -- COMMAND ...")
    run.add_argument("node")
    run.add_argument("argv", nargs=argparse.REMAINDER, metavar="COMMAND")
    restart = command(
        "restart",
        lambda lab, a: commands.restart(lab, a.nodes),
        "reboot nodes: disks stay, kernel state goes",
    )
    restart.add_argument("nodes", nargs="+", metavar="NODE")
    push = command(
        "push",
        lambda lab, a: commands.push(lab, a.node, a.source, a.target),
        "copy a file, or the content of a directory, to a node or to `vm`",
    )
    push.add_argument("node")
    push.add_argument("source", type=Path)
    push.add_argument("target")
    command("image", _image, "only build the image")
    command("doctor", lambda lab, _: doctor.report(lab), "missing programs, and their packages")
    return parser


def _up(lab: Settings, arguments: Namespace) -> None:
    commands.up(lab, arguments.file, arguments.inventory)


def _exec(lab: Settings, arguments: Namespace) -> None:
    argv = arguments.argv[1:] if arguments.argv[:1] == ["--"] else arguments.argv
    if not argv:
        raise LabError("exec needs a command", "lab exec NODE -- COMMAND ...")
    commands.connect(lab, arguments.node, argv)


def _image(lab: Settings, _: Namespace) -> None:
    print(image.ensure(lab).directory)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Clean up at the first signal; ignore later ones."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    """Run one command and return its exit status."""
    arguments = _parser().parse_args()
    for number in _ENDING:
        signal.signal(number, _interrupt)
    try:
        return arguments.does(settings.from_environment(os.environ), arguments) or 0
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted", file=sys.stderr)
        return _INTERRUPTED
