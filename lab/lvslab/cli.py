# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: the lvs.topology authors
"""The command line."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from . import commands, doctor, image, settings
from .errors import LabError

_INTERRUPTED = 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab", description="Hosts for the demo, molecule and the tests."
    )
    sub = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    up = sub.add_parser("up", help="start the nodes of a topology file, and write the inventory")
    up.add_argument("file", type=Path)
    up.add_argument(
        "--inventory", type=Path, help="where to write it (default: LAB_DIR/inventory.yml)"
    )
    sub.add_parser("down", help="end everything that `up` started")
    sub.add_parser("reset", help="back to the state right after `up`")
    sub.add_parser("status", help="what is up, and where it answers")
    sub.add_parser("ssh", help="a shell on a node, or on `vm`").add_argument("node")
    run = sub.add_parser(
        "exec", help="run a command on a node, or on `vm`: exec NODE -- COMMAND ..."
    )
    run.add_argument("node")
    run.add_argument("argv", nargs=argparse.REMAINDER, metavar="COMMAND")
    restart = sub.add_parser(
        "restart", help="reboot nodes: their disks stay, their kernel state goes"
    )
    restart.add_argument("nodes", nargs="+", metavar="NODE")
    push = sub.add_parser(
        "push", help="copy a file or the content of a directory to a node, or to `vm`"
    )
    push.add_argument("node")
    push.add_argument("source", type=Path)
    push.add_argument("target")
    sub.add_parser("image", help="only build the image")
    sub.add_parser("doctor", help="what is missing on this host, and how to mend it")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    lab = settings.from_environment(os.environ)
    match arguments.command:
        case "up":
            commands.up(lab, arguments.file, arguments.inventory)
        case "down":
            commands.down(lab)
        case "reset":
            commands.reset(lab)
        case "status":
            return commands.status(lab)
        case "ssh":
            commands.connect(lab, arguments.node, [], terminal=False)
        case "exec":
            argv = arguments.argv[1:] if arguments.argv[:1] == ["--"] else arguments.argv
            if not argv:
                raise LabError("exec needs a command", "lab exec NODE -- COMMAND ...")
            commands.connect(lab, arguments.node, argv, terminal=False)
        case "restart":
            commands.restart(lab, arguments.nodes)
        case "push":
            commands.push(lab, arguments.node, arguments.source, arguments.target)
        case "image":
            print(image.ensure(lab).directory)
        case "doctor":
            return doctor.report(lab)
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    """The first signal unwinds, and what was started is taken down; later ones do not stop that."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    arguments = _parser().parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return _run(arguments)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted", file=sys.stderr)
        return _INTERRUPTED
