# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots, restored instead of a boot: copies of a disk with the machine's state inside."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import tools
from .errors import LabError
from .image import Image
from .machine import Machine

BOOTED, READY = "booted", "ready"
_KEPT = 8


@dataclass(frozen=True)
class Snapshot:
    """One kind of snapshot, cached under the digest of its inputs."""

    image: Image
    name: str
    digest: str

    @property
    def path(self) -> Path:
        """Its path in the cache."""
        return self.image.directory / "snapshots" / f"{self.name}-{self.digest}.qcow2"

    def exists(self) -> bool:
        """Tell whether it exists."""
        return self.path.exists()

    def fetch(self, target: Path) -> None:
        """Copy it for a machine to run on."""
        _copy(self.path, target)
        os.utime(self.path)

    def describe(self, base: str, plan: dict[str, Any]) -> None:
        """Say what its nodes were made from, so that others can be made out of them."""
        self._description.write_text(json.dumps({"base": base, "plan": plan}))

    def plan_on(self, base: str) -> dict[str, Any] | None:
        """Return the plan of its nodes, if they stand on this base."""
        if not (self.exists() and self._description.exists()):
            return None
        told = json.loads(self._description.read_text())
        plan: dict[str, Any] = told["plan"]
        return plan if told["base"] == base else None

    @property
    def _description(self) -> Path:
        return self.path.with_suffix(".json")

    def take(self, machine: Machine) -> None:
        """Save the running machine, and keep a copy of its disk for the next run."""
        with machine.control as control:
            control.save(self.name)
            control.pause()
            self.path.parent.mkdir(exist_ok=True)
            try:
                with tempfile.TemporaryDirectory(dir=self.path.parent) as work:
                    copy = Path(work) / "disk"
                    _copy(machine.disk, copy)
                    copy.rename(self.path)
            finally:
                control.resume()
        _prune(self.path.parent.glob(f"{self.name}-*.qcow2"))


def all_of(image: Image, name: str) -> Iterator[Snapshot]:
    """Find the snapshots of one kind."""
    for path in sorted((image.directory / "snapshots").glob(f"{name}-*.qcow2")):
        yield Snapshot(image, name, path.stem.removeprefix(f"{name}-"))


def _copy(source: Path, target: Path) -> None:
    tools.run(["cp", "--reflink=auto", "--sparse=always", source, target])


def _prune(paths: Iterable[Path]) -> None:
    """Delete all but the most recently used, so that edits of topologies do not fill the disk."""
    for path in sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
        path.unlink(missing_ok=True)
        path.with_suffix(".json").unlink(missing_ok=True)


def new_disk(image: Image, target: Path) -> None:
    """Make an empty overlay on the image."""
    if not image.disk.exists():
        raise LabError(f"{image.disk} is gone", f"rm -r {image.directory} && lab image")
    tools.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", image.disk, "-F", "qcow2", target])
