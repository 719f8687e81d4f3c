# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state between two commands, in the run directory."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .errors import LabError
from .settings import Settings

# `starting` on disk without a running lab command means that the command was killed.
STARTING, UP = "starting", "up"


@dataclass(frozen=True)
class State:
    """The state of one lab that later commands need."""

    phase: str
    engine: str
    accelerator: str
    topology: str
    digest: str
    image: str
    inventory: str
    # SSH: node (and `vm`, if there is one) → host and port
    endpoints: dict[str, tuple[str, int]] = field(default_factory=dict)


def path(settings: Settings) -> Path:
    """Its path."""
    return settings.run_dir / "state.json"


def load(settings: Settings) -> State | None:
    """Return the state of the last command, if any."""
    file = path(settings)
    if not file.exists():
        return None
    try:
        data = json.loads(file.read_text())
        data["endpoints"] = {name: (host, port) for name, (host, port) in data["endpoints"].items()}
        return State(**data)
    except (ValueError, TypeError, KeyError) as error:
        raise LabError(f"{file} is not readable: {error}", f"rm {file}") from error


def save(settings: Settings, state: State) -> None:
    """Replace it atomically."""
    file = path(settings)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(state), indent=2) + "\n")
    fresh.rename(file)
