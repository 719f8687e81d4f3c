# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's file system: its own layer over the shared tree."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from .lab import Lab, Node
from .shell import AgentError, run

WEB = Path(__file__).resolve().parent.parent / "web"
# Devices and file systems only cost a container time.
_MODULES = ("configfs", "dm_mod", "drm", "efi_pstore", "fuse", "loop")
_MASKED = (
    *(f"modprobe@{module}.service" for module in _MODULES),
    "proc-sys-fs-binfmt_misc.automount",
    "sys-fs-fuse-connections.mount",
    "sys-kernel-config.mount",
    "systemd-binfmt.service",
    "systemd-remount-fs.service",
)


def share_tree(lab: Lab) -> None:
    """Mount the machine's tree as the lower layer of all nodes."""
    lab.lower.mkdir(parents=True)
    run("mount", "--bind", lab.plan["tree"], lab.lower)
    run("mount", "-o", "remount,bind,ro", lab.lower)


def make_files(lab: Lab, node: Node) -> None:
    """Write the node's own files; restarts leave them alone."""
    home = lab.home(node)
    for layer in ("root", "work", "upper"):
        (home / layer).mkdir(parents=True)
    etc = home / "upper/etc"
    units = etc / "systemd/system"
    units.mkdir(parents=True)
    (etc / "hostname").write_text(f"{node['name']}\n")
    (etc / "machine-id").write_text(f"{node['machine_id']}\n")
    (etc / "hosts").write_text(lab.plan["hosts"])
    for unit in _MASKED:
        (units / unit).symlink_to("/dev/null")
    if node["web"]:
        _add_web(home / "upper", node["web"])
    _hide_store(lab, home / "upper")


def _add_web(upper: Path, ports: list[int]) -> None:
    library, units = upper / "usr/local/lib/lab", upper / "etc/systemd/system"
    wanted = units / "multi-user.target.wants"
    library.mkdir(parents=True)
    wanted.mkdir()
    shutil.copy(WEB / "web.py", library)
    shutil.copy(WEB / "lab-web.service", units)
    (wanted / "lab-web.service").symlink_to("../lab-web.service")
    _set_ports(upper / "etc", ports)


def _set_ports(etc: Path, ports: list[int]) -> None:
    (etc / "lab-web.env").write_text(f"PORTS={' '.join(map(str, ports))}\n")


def change_files(lab: Lab, node: Node) -> None:
    """Write what another plan changes for a node that runs."""
    etc = lab.home(node) / "root/etc"  # the merged tree: nobody else may write a mounted layer
    (etc / "hosts").write_text(lab.plan["hosts"])
    if node["web"]:
        _set_ports(etc, node["web"])


def _hide_store(lab: Lab, upper: Path) -> None:
    """Hide the layers of all nodes from a node with a whiteout."""
    if lab.store.is_relative_to(lab.plan["tree"]):
        hidden = upper / lab.store.relative_to(lab.plan["tree"])
        hidden.parent.mkdir(parents=True, exist_ok=True)
        os.mknod(hidden, stat.S_IFCHR, os.makedev(0, 0))


def mount_root(lab: Lab, node: Node) -> None:
    """Mount the layers as one."""
    home = lab.home(node)
    layers = f"lowerdir={lab.lower},upperdir={home / 'upper'},workdir={home / 'work'}"
    run("mount", "-t", "overlay", f"lab-{node['name']}", "-o", layers, home / "root")


def remove_all(lab: Lab) -> None:
    """Unmount and delete everything that exists."""
    mounted = _mount_points()
    for path in [*(lab.home(node) / "root" for node in lab.nodes), lab.lower]:
        if str(path) in mounted:
            # The namespace of a container that has just ended may keep it busy for a moment.
            run("umount", "--lazy", path)
    # Deletion would follow a remaining mount, at worst into the whole tree.
    left = [point for point in _mount_points() if Path(point).is_relative_to(lab.store)]
    if left:
        raise AgentError(f"still mounted: {', '.join(left)}")
    if lab.store.exists():
        shutil.rmtree(lab.store)


def _mount_points() -> list[str]:
    """Return all mount points; Path.is_mount() misses a bind mount within one file system."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split()[4].encode().decode("unicode_escape") for line in lines]
