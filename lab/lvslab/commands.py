# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands, on an engine and the state of the last command."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from . import engines, image, inventory, state, topology_file
from .engine import Endpoints, Engine
from .errors import LabError
from .progress import say, step
from .settings import Settings
from .ssh import Remote
from .state import STARTING, UP, State
from .topology import Topology

# The status of `systemctl status` for a stopped unit.
_NOT_RUNNING = 3


def _lock(settings: Settings) -> Path:
    return settings.run_dir / "lock"


def up(settings: Settings, file: Path, inventory_file: Path | None) -> None:
    """Start the file's topology unless it is running, and write the inventory."""
    wanted = topology_file.load(file)
    engine = engines.choose(settings, image.ensure(settings))
    goal = State(
        phase=STARTING,
        engine=engine.name,
        accelerator=engine.accelerator,
        topology=str(file.resolve()),
        digest=engine.digest(wanted),
        image=str(engine.image.directory),
        inventory=str((inventory_file or settings.run_dir / "inventory.yml").resolve()),
    )
    with image.locked(_lock(settings)):
        before = state.load(settings)
        if before and before.phase == UP and before.digest == goal.digest and engine.alive():
            say("these nodes are already up")
            endpoints = before.endpoints
        else:
            _clean(settings, before)
            endpoints = _bring_up(settings, engine, wanted, goal)
        state.save(settings, dataclasses.replace(goal, phase=UP, endpoints=endpoints))
        text = inventory.render(wanted, engine.remotes(endpoints), engine.access, engine.python)
        inventory.write(Path(goal.inventory), text)
    print(goal.inventory)


def _bring_up(settings: Settings, engine: Engine, wanted: Topology, goal: State) -> Endpoints:
    """Start all nodes or none: stop what was started on an interrupt or a failure."""
    state.save(settings, goal)
    try:
        return engine.up(wanted)
    except BaseException:
        say("stopping the started nodes")
        try:
            _clean(settings, dataclasses.replace(goal, phase=UP))
        except LabError as second:
            say(f"that failed: {second}")  # report the first error
        raise


def _clean(settings: Settings, before: State | None) -> None:
    if before is None:
        return
    if before.phase == STARTING:
        say("cleaning up after an earlier `up` that was killed")
    engines.of_state(settings, before).down()
    Path(before.inventory).unlink(missing_ok=True)
    state.path(settings).unlink()


def down(settings: Settings) -> None:
    """Stop everything, also the remains of a killed command."""
    with image.locked(_lock(settings)):
        before = state.load(settings)
        if before is None:
            say("nothing is up")
        _clean(settings, before)
        shutil.rmtree(settings.socket_dir, ignore_errors=True)


def _running(settings: Settings) -> tuple[State, Engine]:
    found = state.load(settings)
    if found is None or found.phase != UP:
        raise LabError("no lab is up here", "lab up FILE")
    engine = engines.of_state(settings, found)
    if not engine.alive():
        raise LabError("the lab has died", "lab down && lab up FILE")
    return found, engine


def _remote(settings: Settings, name: str) -> Remote:
    found, engine = _running(settings)
    if name not in found.endpoints:
        raise LabError(f"no node {name!r}: there are {', '.join(found.endpoints)}")
    return engine.remotes(found.endpoints)[name]


def reset(settings: Settings) -> None:
    """Go back to the state right after `up`."""
    with image.locked(_lock(settings)):
        found, engine = _running(settings)
        with step("resetting the nodes"):
            engine.reset(found.endpoints)


def restart(settings: Settings, names: Sequence[str]) -> None:
    """Reboot nodes."""
    with image.locked(_lock(settings)):
        found, engine = _running(settings)
        nodes = [name for name in found.endpoints if name != "vm"]
        unknown = [name for name in names if name not in nodes]
        if unknown:
            raise LabError(f"no node {', '.join(unknown)}: there are {', '.join(nodes)}")
        with step(f"restarting {', '.join(names)}"):
            engine.restart(list(dict.fromkeys(names)), found.endpoints)


def status(settings: Settings) -> int:
    """Show what is running, with the exit status of `systemctl status`."""
    found = state.load(settings)
    if found is None:
        print("nothing is up")
        return _NOT_RUNNING
    alive = engines.of_state(settings, found).alive()
    print(f"state      {found.phase if alive else 'dead'}")
    print(f"topology   {found.topology}")
    print(f"engine     {found.engine} ({found.accelerator})")
    print(f"image      {found.image}")
    print(f"inventory  {found.inventory}")
    for name, (host, port) in found.endpoints.items():
        print(f"  {name:<16} {host}:{port}")
    return 0 if alive and found.phase == UP else _NOT_RUNNING


def connect(settings: Settings, name: str, argv: Sequence[str] = ()) -> None:
    """Replace this process by the SSH client, to pass input, output and exit status through."""
    command = _remote(settings, name).command(argv)
    os.execvp(command[0], command)  # noqa: S606  (no shell is wanted)


def push(settings: Settings, name: str, source: Path, target: str) -> None:
    """Copy a directory's content into a directory; a file to a path, or below one ending in /."""
    if not source.exists():
        raise LabError(f"{source} does not exist")
    remote = _remote(settings, name)
    if source.is_dir():
        remote.push([(source, ".")], target)
    else:
        directory, slash, file = target.rpartition("/")
        remote.push([(source, file or source.name)], directory or slash or ".")
