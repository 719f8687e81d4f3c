# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""keepalived on this host: its files, its unit, and the file that says who may be master."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Sequence

from .. import execute
from ..errors import UserError
from ..ipvs.client import Client
from ..ipvs.sync_daemon import StartSync, StopSync
from ..net.ask import is_silent
from ..state import files, paths
from .model import Pair
from .plan import (
    CONFIGURATION,
    DROP_IN,
    READY,
    REMOVE,
    UNIT,
    WRITE,
    Current,
    Do,
    Operation,
    Texts,
)
from .render import HEADER, HEALTHY, READY as IS_READY, Places

_MISSING = 127  # as a shell says of a program
_FILES = {CONFIGURATION: paths.keepalived_file, DROP_IN: paths.keepalived_drop_in}


def places() -> Places:
    """What texts name of this host."""
    ready = paths.ready_file()
    return Places(str(ready), str(paths.healthy_file()), ready.parent.name)


def read(client: Client) -> Current:
    """Look at all of it."""
    return Current(
        Texts(*(_text(place()) for place in _FILES.values())),
        os.path.lexists(paths.enabled_unit(UNIT)),
        is_running(),
        content() == IS_READY,
        tuple(client.sync_daemons()),
    )


def is_running() -> bool:
    """Whether systemd has keepalived running."""
    return _run("systemctl", "is-active", "--quiet", UNIT)[0] == 0


def is_foreign(text: str) -> bool:
    """Whether a configuration is not ours."""
    return bool(text.strip()) and not text.startswith(HEADER)


def refuse(current: Current, wanted: Texts) -> None:
    """Raise for what stands in the way of a configuration, before anything is changed."""
    if is_foreign(current.texts.configuration):
        raise UserError(
            f"{paths.keepalived_file()} is not ours: keepalived has another configuration here. "
            "Move the file away, and stop keepalived; or leave topology_high_availability out, and "
            "VIPs to that keepalived by topology_manage_vips: false"
        )
    if current.texts.configuration == wanted.configuration:
        return
    status, said = _run(
        *("keepalived", "--config-test", "--vrrp", "--use-file", "/dev/stdin"),
        text=wanted.configuration,
    )
    if status == _MISSING:
        raise UserError(
            "keepalived is not installed, which moves the VIPs of a pair: install the "
            "distribution's package (apt-get install keepalived, dnf install keepalived)"
        )
    if status:
        raise UserError(f"keepalived refuses its configuration: {said}")


def refuse_stranger(pair: Pair) -> None:
    """Raise where the other director is one that this one cannot reach."""
    if pair.peer and is_silent(pair.interface, pair.source, pair.peer):
        raise UserError(
            f"the other director does not answer: {pair.peer} on {pair.interface}. Each of the two "
            "would be master, with all VIPs. Connect them, or name the interface on which they "
            "reach each other (topology_high_availability.interface)"
        )


def carry_out(client: Client, operations: Sequence[Operation]) -> None:
    """Run all operations, in order."""
    for operation in operations:
        if isinstance(operation, (StartSync, StopSync)):
            client.change_sync([operation])
        else:
            _do(operation)


def content() -> str:
    """What keepalived is told: whether this director may be master."""
    return _text(paths.ready_file()).strip()


def write(content: str) -> None:
    """Tell it."""
    files.write(paths.ready_file(), content.encode())


def say_healthy() -> None:
    """Tell keepalived that the health daemon is at work, where there is a pair."""
    path = paths.healthy_file()
    if path.parent.is_dir() and not is_said_healthy():
        files.write(path, HEALTHY.encode())


def is_said_healthy() -> bool:
    """Whether keepalived is told so."""
    return _text(paths.healthy_file()).strip() == HEALTHY


def _assume_healthy() -> None:
    path = paths.healthy_file()
    if not os.path.lexists(path):
        files.write(path, HEALTHY.encode())


def _do(one: Do) -> None:
    if one.verb in (WRITE, REMOVE):
        path = _FILES[one.what]()
        if one.verb == WRITE:
            files.write(path, one.text.encode())
        elif one.what == DROP_IN:
            files.remove_with_folder(path)
        else:
            files.remove(path)
            files.remove(paths.healthy_file())
            files.remove_with_folder(paths.ready_file())
        if one.what == DROP_IN:
            _systemctl("daemon-reload")
        elif one.verb == WRITE and str(paths.healthy_file()) in one.text:
            # The daemon starts later in the run, and says so itself if it cannot.
            _assume_healthy()
    elif one.verb == READY:
        write(IS_READY)
    else:
        _systemctl(one.verb, one.what)  # enable, disable, start, stop, reload


def _systemctl(*arguments: str) -> None:
    status, said = _run("systemctl", *arguments)
    if status:
        raise UserError(f"systemctl {' '.join(arguments)} failed: {said}")


def _run(*command: str, text: str = "") -> tuple[int, str]:
    try:
        result = execute.run(command, text)
    except FileNotFoundError:
        return _MISSING, f"there is no {command[0]}"
    return result.returncode, " ".join((result.stderr or result.stdout).split())


def _text(path: Path) -> str:
    content = files.read(path)
    return (content or b"").decode("utf-8", "replace")
