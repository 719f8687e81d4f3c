# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: the lvs.topology authors
"""The nodes right on the host, where its kernel has IPVS and podman is there."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from . import plan, recipe, tools
from .engine_vm import GUEST_FILES
from .errors import LabError
from .image import Image
from .modules import MODULES
from .progress import say, step
from .settings import Settings
from .ssh import Access, Remote, wait_all
from .topology import Topology

# Docker can neither join a namespace by its path nor start from a directory.
PROGRAMS = ("podman", "crun", "ip", "ssh", "tar")


@dataclass(frozen=True)
class HostEngine:
    settings: Settings
    image: Image
    name: str = "host"
    accelerator: str = "none"

    @cached_property
    def access(self) -> Access:
        return Access(self.image.key, self.settings.make_socket_dir())

    @cached_property
    def placement(self) -> plan.Placement:
        """Names and addresses of this lab's own, so that two labs do not meet on one host."""
        lab_id = self.settings.lab_id
        return plan.Placement(
            tree=PurePosixPath(self.image.directory / "tree"),
            store=PurePosixPath(self.settings.run_dir / "store"),
            management=ipaddress.IPv4Network((f"10.213.{int(lab_id[:2], 16)}.0", 24)),
            bridge=f"lab{lab_id}",
            bridge_port=f"l{lab_id}.",
            prefix=f"lab{lab_id}-",
        )

    @property
    def _plan_file(self) -> Path:
        return self.settings.run_dir / "plan.json"

    def plan(self, topology: Topology) -> dict[str, Any]:
        return plan.make(topology, self.placement)

    def digest(self, topology: Topology) -> str:
        parts = [self.plan(topology), recipe.file_digests(GUEST_FILES)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def alive(self) -> bool:
        return Path("/sys/class/net", self.placement.bridge).exists()

    def up(self, topology: Topology) -> dict[str, tuple[str, int]]:
        if os.geteuid() != 0:
            raise LabError("containers on the host need root", "sudo, or LAB_ENGINE=vm")
        tools.need(*PROGRAMS)
        tools.run(["modprobe", "--all", *MODULES])
        self._unpack_tree()
        self._plan_file.write_text(json.dumps(self.plan(topology), indent=1))
        with step(f"making {len(topology.nodes)} nodes"):
            self._make_bridge()
            self._agent("up")
        endpoints = {
            node.name: (str(self.placement.address(number)), 22)
            for number, node in enumerate(topology.nodes)
        }
        wait_all(Remote(self.access, *endpoint) for endpoint in endpoints.values())
        return endpoints

    def _unpack_tree(self) -> None:
        tree = Path(self.placement.tree)
        if tree.exists():
            return
        with (
            step("unpacking the containers' root"),
            tempfile.TemporaryDirectory(dir=tree.parent) as work,
        ):
            fresh = Path(work) / "tree"
            fresh.mkdir()
            tools.run(
                [
                    "tar",
                    "--extract",
                    "--numeric-owner",
                    "--file",
                    self.image.tree,
                    "--directory",
                    fresh,
                ]
            )
            fresh.rename(tree)

    def _make_bridge(self) -> None:
        bridge, network = self.placement.bridge, self.placement.management
        tools.run(
            [
                "ip",
                "link",
                "add",
                bridge,
                "up",
                "type",
                "bridge",
                "stp_state",
                "0",
                "forward_delay",
                "0",
            ]
        )
        tools.run(["ip", "address", "add", f"{network[1]}/{network.prefixlen}", "dev", bridge])

    def _agent(self, *arguments: str) -> None:
        agent: list[str | Path] = [
            sys.executable,
            GUEST_FILES / "agent.py",
            "--plan",
            self._plan_file,
        ]
        for line in tools.run([*agent, *arguments]).decode().splitlines():
            say(line)

    def reset(self, endpoints: dict[str, tuple[str, int]]) -> None:
        """There is no snapshot of a host: the nodes are made anew."""
        self.access.close()
        self._agent("down")
        self._agent("up")
        wait_all(Remote(self.access, *endpoint) for endpoint in endpoints.values())

    def restart(self, names: list[str], endpoints: dict[str, tuple[str, int]]) -> None:
        self._agent("restart", *names)
        wait_all(Remote(self.access, *endpoints[name]) for name in names)

    def down(self) -> None:
        self.access.close()
        if self._plan_file.exists():
            self._agent("down")
            self._plan_file.unlink()
        if self.alive():
            tools.run(["ip", "link", "delete", self.placement.bridge])
