# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes on the host itself, if it has podman and a kernel with IPVS."""

from __future__ import annotations

import ipaddress
import json
import os
import sys
import tempfile
from functools import cached_property
from pathlib import Path, PurePosixPath

from . import tools
from .engine import Endpoints, Engine, agent_command
from .errors import LabError
from .modules import MODULES
from .plan import Placement, mac
from .progress import step
from .settings import LAB_ROOT
from .ssh import wait_all
from .topology import Topology

# Docker can neither join a namespace by its path nor start from a directory.
PROGRAMS = ("podman", "crun", "ip", "ssh", "tar")


class HostEngine(Engine):
    """The agent of the virtual machine, with names that do not clash with the host's."""

    name = "host"

    @cached_property
    def placement(self) -> Placement:
        """Names and addresses of this lab, which no other lab on the host uses."""
        lab_id = self.settings.lab_id
        return Placement(
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

    @property
    def _bridge_there(self) -> bool:
        return Path("/sys/class/net", self.placement.bridge).exists()

    def base_digest(self) -> str:
        """Return the digest of the containers' root."""
        return self.image.directory.name

    def alive(self) -> bool:
        """Tell whether the nodes' namespaces exist; a reboot removes them."""
        return self._bridge_there and Path("/run/netns", f"{self.placement.prefix}switch").exists()

    def up(self, topology: Topology) -> Endpoints:
        """Make the nodes, since there is no snapshot."""
        if os.geteuid() != 0:
            raise LabError("containers on the host need root", "sudo, or LAB_ENGINE=vm")
        tools.need(*PROGRAMS)
        tools.run(["modprobe", "--all", *MODULES])
        self._unpack_tree()
        self._plan_file.write_text(json.dumps(self.plan(topology), indent=1))
        endpoints = {
            node.name: (str(self.placement.address(number)), 22)
            for number, node in enumerate(topology.nodes)
        }
        with step(f"making {len(topology.nodes)} nodes"):
            self._make_bridge()
            self._agent(endpoints, ["up"])
            wait_all(self.remotes(endpoints).values())
        return endpoints

    def reset(self, endpoints: Endpoints) -> None:
        """Recreate the nodes, since there is no snapshot of a host."""
        self.access.close()
        self._agent(endpoints, ["down"])
        self._agent(endpoints, ["up"])
        wait_all(self.remotes(endpoints).values())

    def down(self) -> None:
        """Remove all containers, namespaces, mounts and the bridge that exist."""
        self.access.close()
        if self._plan_file.exists():
            self._agent({}, ["down"])
            self._plan_file.unlink()
        if self._bridge_there:
            tools.run(["ip", "link", "delete", self.placement.bridge])

    def _unpack_tree(self) -> None:
        tree = Path(self.placement.tree)
        if tree.exists():
            return
        unpack = ["tar", "--extract", "--numeric-owner", "--xattrs", "--xattrs-include=*"]
        with (
            step("unpacking the containers' root"),
            tempfile.TemporaryDirectory(dir=tree.parent) as work,
        ):
            fresh = Path(work) / "tree"
            fresh.mkdir()
            tools.run([*unpack, "--file", self.image.tree, "--directory", fresh])
            fresh.rename(tree)

    def _make_bridge(self) -> None:
        bridge, network = self.placement.bridge, self.placement.management
        address = f"{network[1]}/{network.prefixlen}"
        # A fixed MAC address, because the bridge's own changes with its ports.
        link = ["ip", "link", "add", bridge, "address", mac(bridge), "up"]
        tools.run([*link, "type", "bridge", "stp_state", "0"])
        tools.run(["ip", "address", "add", address, "dev", bridge])

    def _run_agent(self, endpoints: Endpoints, arguments: list[str]) -> str:
        del endpoints  # the agent runs on this host
        command = agent_command(sys.executable, LAB_ROOT, self._plan_file)
        return tools.run([*command, *arguments]).decode()
