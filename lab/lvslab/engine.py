# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both kinds of lab have in common."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from . import recipe
from .image import Image
from .plan import Placement, make_plan
from .progress import say
from .settings import LAB_ROOT, Settings
from .ssh import Access, Remote, wait_all
from .topology import Topology

# node (and `vm`, if there is one) → where it answers SSH
Endpoints = dict[str, tuple[str, int]]

# What runs beside the nodes and in them: the agent and the web application.
COMPANIONS = (LAB_ROOT / "labagent", LAB_ROOT / "web")


class Engine(ABC):
    """A place for nodes. It keeps no state of its own: a later command makes another one."""

    name: ClassVar[str]

    def __init__(self, settings: Settings, image: Image, accelerator: str) -> None:
        self.settings = settings
        self.image = image
        self.accelerator = accelerator

    @cached_property
    def access(self) -> Access:
        """How to reach all of the nodes."""
        return Access(self.image.key, self.settings.make_socket_dir())

    def remotes(self, endpoints: Endpoints) -> dict[str, Remote]:
        """Return each node, ready to be reached."""
        return {name: Remote(self.access, *endpoint) for name, endpoint in endpoints.items()}

    def plan(self, topology: Topology) -> dict[str, Any]:
        """Return what the agent is to make of the topology."""
        return make_plan(topology, self.placement)

    def digest(self, topology: Topology) -> str:
        """Return a name for all labs that cannot be told apart from this one."""
        files = [recipe.file_digests(directory) for directory in COMPANIONS]
        parts = [self.base_digest(), self.plan(topology), files]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def restart(self, names: list[str], endpoints: Endpoints) -> None:
        """Reboot the nodes and wait until they answer."""
        self._agent(endpoints, ["restart", *names])
        wait_all(self.remotes(endpoints)[name] for name in names)

    def _agent(self, endpoints: Endpoints, arguments: Iterable[str]) -> None:
        for line in self._run_agent(endpoints, list(arguments)).splitlines():
            say(line)

    @property
    @abstractmethod
    def placement(self) -> Placement:
        """Where the nodes live."""

    @abstractmethod
    def base_digest(self) -> str:
        """Return a name for what is below the topology."""

    @abstractmethod
    def alive(self) -> bool:
        """Tell whether what `up` started is still there."""

    @abstractmethod
    def up(self, topology: Topology) -> Endpoints:
        """Bring the nodes up, and say where they answer."""

    @abstractmethod
    def reset(self, endpoints: Endpoints) -> None:
        """Go back to the state right after up()."""

    @abstractmethod
    def down(self) -> None:
        """End everything, also after an up() that stopped halfway."""

    @abstractmethod
    def _run_agent(self, endpoints: Endpoints, arguments: list[str]) -> str:
        """Run the agent where the nodes are."""


def agent_command(
    interpreter: str | Path, directory: str | Path, plan_file: str | Path
) -> list[str]:
    """Return the command that runs the agent found in a directory."""
    python = ["env", f"PYTHONPATH={directory}", str(interpreter), "-m", "labagent"]
    return [*python, "--plan", str(plan_file)]
