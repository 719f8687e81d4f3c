# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: the lvs.topology authors
"""The commands, in terms of an engine and of the state that the last command left."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from . import engines, image, inventory, state, topology
from .engines import Engine
from .errors import LabError
from .progress import say, step
from .settings import Settings
from .ssh import Remote
from .state import STARTING, UP, State
from .topology import Topology


def _lock(settings: Settings) -> Path:
    """Beside the run directory, which a command may remove."""
    return settings.run_dir.with_name(f"{settings.run_dir.name}.lock")


def up(settings: Settings, file: Path, inventory_file: Path | None) -> None:
    wanted = topology.load(file)
    built = image.ensure(settings)
    engine = engines.choose(settings, built)
    digest = engine.digest(wanted)
    target = (inventory_file or settings.run_dir / "inventory.yml").resolve()
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    with image.locked(_lock(settings)):
        before = state.load(settings)
        if before and before.phase == UP and before.digest == digest and engine.alive():
            say("these nodes are up already")
            endpoints = before.endpoints
        else:
            _clean(settings, before)
            endpoints = _bring_up(settings, engine, wanted, digest, file)
        state.save(settings, _state(UP, engine, file, digest, str(target), endpoints))
        remotes = {name: Remote(engine.access, *endpoint) for name, endpoint in endpoints.items()}
        inventory.write(target, inventory.render(wanted, remotes, engine.access))
    print(target)


def _state(
    phase: str, engine: Engine, file: Path, digest: str, target: str, endpoints: engines.Endpoints
) -> State:
    return State(
        phase=phase, engine=engine.name, accelerator=engine.accelerator, topology=str(file.resolve()),
        digest=digest, image=str(engine.image.directory), inventory=target, endpoints=endpoints,
    )  # fmt: skip


def _bring_up(
    settings: Settings, engine: Engine, wanted: Topology, digest: str, file: Path
) -> engines.Endpoints:
    """All or nothing: what was started ends when we are interrupted or fail."""
    state.save(settings, _state(STARTING, engine, file, digest, "", {}))
    try:
        return engine.up(wanted)
    except BaseException:
        say("taking down what was started")
        engine.down()
        state.path(settings).unlink(missing_ok=True)
        raise


def _clean(settings: Settings, before: State | None) -> None:
    if before is None:
        return
    if before.phase == STARTING:
        say("an earlier `up` was killed: cleaning up after it")
    engines.of_state(settings, before).down()
    if before.inventory:
        Path(before.inventory).unlink(missing_ok=True)
    state.path(settings).unlink()


def down(settings: Settings) -> None:
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
    return Remote(engine.access, *found.endpoints[name])


def reset(settings: Settings) -> None:
    with image.locked(_lock(settings)):
        found, engine = _running(settings)
        with step("resetting the nodes"):
            engine.reset(found.endpoints)


def restart(settings: Settings, names: Sequence[str]) -> None:
    with image.locked(_lock(settings)):
        found, engine = _running(settings)
        nodes = [name for name in found.endpoints if name != "vm"]
        unknown = [name for name in names if name not in nodes]
        if unknown:
            raise LabError(f"no node {', '.join(unknown)}: there are {', '.join(nodes)}")
        with step(f"restarting {', '.join(names)}"):
            engine.restart(list(dict.fromkeys(names)), found.endpoints)


def status(settings: Settings) -> int:
    found = state.load(settings)
    if found is None:
        print("nothing is up")
        return 3  # as `systemctl status` says of what does not run
    alive = engines.of_state(settings, found).alive()
    print(f"state      {found.phase if alive else 'dead'}")
    print(f"topology   {found.topology}")
    print(f"engine     {found.engine} ({found.accelerator})")
    print(f"image      {found.image}")
    print(f"inventory  {found.inventory}")
    for name, (host, port) in found.endpoints.items():
        print(f"  {name:<16} {host}:{port}")
    return 0 if alive and found.phase == UP else 3


def connect(settings: Settings, name: str, argv: Sequence[str], *, terminal: bool) -> None:
    """Become the SSH client, so that input, output and exit status are its own."""
    command = _remote(settings, name).command(argv, terminal=terminal)
    os.execvp(command[0], command)


def push(settings: Settings, name: str, source: Path, target: str) -> None:
    """Like `cp -r`: a file to a path, or into a directory that ends in `/`; a directory's content."""
    if not source.exists():
        raise LabError(f"{source} does not exist")
    remote = _remote(settings, name)
    if source.is_dir():
        remote.push([(source, ".")], target)
    else:
        directory, _, file = target.rpartition("/")
        remote.push(
            [(source, file or source.name)], directory or ("/" if target.startswith("/") else ".")
        )
