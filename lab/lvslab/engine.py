# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The common base of both kinds of lab."""

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
from .settings import FORKING_PYTHON, LAB_ROOT, PYTHON, PYTHONS, Settings
from .ssh import Access, Remote, wait_all
from .topology import Topology

# node (and `vm`, if there is one) → its SSH address
Endpoints = dict[str, tuple[str, int]]

# Programs of the lab: the agent, and the web application of the nodes.
COMPANIONS = (LAB_ROOT / "labagent", LAB_ROOT / "web")


class Engine(ABC):
    """A place for nodes. It keeps no state; each command makes its own."""

    name: ClassVar[str]

    def __init__(self, settings: Settings, image: Image, accelerator: str) -> None:
        self.settings = settings
        self.image = image
        self.accelerator = accelerator

    @cached_property
    def access(self) -> Access:
        """Return the SSH settings of all nodes."""
        return Access(self.image.key, self.settings.make_socket_dir())

    def remotes(self, endpoints: Endpoints) -> dict[str, Remote]:
        """Return an SSH client for each node."""
        return {name: Remote(self.access, *endpoint) for name, endpoint in endpoints.items()}

    @property
    def python(self) -> str:
        """The interpreter of Ansible's modules: as named, or the quick one under emulation."""
        if self.settings.python:
            return PYTHONS[self.settings.python]
        return FORKING_PYTHON if self.accelerator == "tcg" else PYTHON

    def plan(self, topology: Topology) -> dict[str, Any]:
        """Return the agent's plan of the topology."""
        return make_plan(topology, self.placement)

    def digest(self, topology: Topology) -> str:
        """Return the digest of everything that determines this lab."""
        return _hash([self.agent_digest(), self.plan(topology)])

    def agent_digest(self) -> str:
        """Return the digest of everything that determines what becomes of a plan."""
        return _hash([self.base_digest(), *map(recipe.file_digests, COMPANIONS)])

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
        """Where the nodes run."""

    @abstractmethod
    def base_digest(self) -> str:
        """Return the digest of everything below the topology."""

    @abstractmethod
    def alive(self) -> bool:
        """Tell whether the lab of `up` still runs."""

    @abstractmethod
    def up(self, topology: Topology) -> Endpoints:
        """Start the nodes, and return their addresses."""

    @abstractmethod
    def reset(self, endpoints: Endpoints) -> None:
        """Go back to the state right after up()."""

    @abstractmethod
    def down(self) -> None:
        """Stop everything, also after an incomplete up()."""

    @abstractmethod
    def _run_agent(self, endpoints: Endpoints, arguments: list[str]) -> str:
        """Run the agent on the nodes' machine."""


def _hash(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def agent_command(
    interpreter: str | Path, directory: str | Path, plan_file: str | Path
) -> list[str]:
    """Return the command that runs the agent found in a directory."""
    python = ["env", f"PYTHONPATH={directory}", str(interpreter), "-m", "labagent"]
    return [*python, "--plan", str(plan_file)]
