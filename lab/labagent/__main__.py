# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's commands: `python3 -m labagent --plan FILE COMMAND`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import container, files, network
from .change import change_between
from .lab import Lab, Node
from .shell import AgentError


def _each(lab: Lab, nodes: list[Node], *steps: Callable[[Lab, Node], None]) -> None:
    """Run the steps for every node, with one node per processor at a time."""

    def work(node: Node) -> None:
        for step in steps:
            step(lab, node)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(work, nodes))


def _settle(lab: Lab, nodes: list[Node]) -> None:
    """Wait for all nodes; report failed units without failing."""
    with ThreadPoolExecutor(len(nodes)) as pool:
        for node, failed in pool.map(lambda node: (node, container.settle(lab, node)), nodes):
            if failed:
                print(f"{node['name']}: failed units: {', '.join(failed)}")


def _make(lab: Lab, nodes: list[Node]) -> None:
    _each(
        lab,
        nodes,
        files.make_files,
        files.mount_root,
        network.make_network,
        container.create,
        container.start,
    )
    _settle(lab, nodes)


def _up(lab: Lab) -> None:
    files.share_tree(lab)
    network.make_switch(lab)
    _make(lab, lab.nodes)


def _change(lab: Lab, previous: Lab) -> None:
    """Make what `up` would have made, out of the nodes of another plan that are up."""
    change = change_between(previous.nodes, lab.nodes)
    if change is None:
        raise AgentError("nodes of the previous plan have no place in this one")
    _each(previous, previous.nodes, network.disconnect)
    network.drop_switch(previous)
    network.make_switch(lab)
    _each(lab, change.kept, network.connect, files.change_files)
    _each(lab, [node for node in change.kept if node["web"]], container.restart_web)
    if change.new:
        _make(lab, change.new)


def _restart(lab: Lab, names: list[str]) -> None:
    """Reboot: kernel state goes with the namespace, files stay."""
    nodes = lab.named(names)
    _each(
        lab,
        nodes,
        container.stop,
        network.drop_network,
        network.make_network,
        container.start,
    )
    _settle(lab, nodes)


def _down(lab: Lab) -> None:
    """Remove everything, also after an incomplete `up`."""
    _each(lab, lab.nodes, container.remove, network.drop_network)
    network.drop_switch(lab)
    files.remove_all(lab)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="labagent")
    parser.add_argument("--plan", type=Path, required=True)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up")
    change = commands.add_parser("change")
    change.add_argument("previous", type=Path, help="the plan of the nodes that are up")
    commands.add_parser("restart").add_argument("nodes", nargs="+")
    commands.add_parser("down")
    arguments = parser.parse_args()
    lab = Lab(json.loads(arguments.plan.read_text()))
    try:
        if arguments.command == "up":
            _up(lab)
        elif arguments.command == "change":
            _change(lab, Lab(json.loads(arguments.previous.read_text())))
        elif arguments.command == "restart":
            _restart(lab, arguments.nodes)
        else:
            _down(lab)
    except (AgentError, OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
