# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's container: podman starts systemd in the node's files and network."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

from .lab import Lab, Node
from .shell import AgentError, run

_SETTLE_SECONDS = 600
_STOP_SECONDS = 30
# Where nodes of the image keep byte code (lab_bytecode.py there); another tree has none.
_BYTECODE = "var/cache/lab-bytecode"
# Two starts at one time have taken away each other's temporary directory (crun 1.8).
_one_start = threading.Lock()


def _podman(*arguments: str | Path) -> str:
    # Otherwise crun needs D-Bus for its control groups.
    return run("podman", "--cgroup-manager=cgroupfs", "--runtime=crun", *arguments)


def _pid_file(lab: Lab, node: Node) -> Path:
    return lab.home(node) / "pid"


def create(lab: Lab, node: Node) -> None:
    """Define the container."""
    name = lab.name(node)
    options: list[str | Path] = ["--quiet", "--privileged", "--systemd=always", "--no-hosts"]
    options += ["--log-driver=none", "--stop-timeout", str(_STOP_SECONDS)]
    options += ["--name", name, "--hostname", node["name"], "--network", f"ns:/run/netns/{name}"]
    options += ["--pidfile", _pid_file(lab, node)]
    bytecode = Path(lab.plan["tree"], _BYTECODE)
    if bytecode.is_dir():
        options += ["--volume", f"{bytecode}:/{_BYTECODE}"]
    _podman("create", *options, "--rootfs", lab.home(node) / "root", "/sbin/init")


def start(lab: Lab, node: Node) -> None:
    """Start systemd; settle() waits until it is done."""
    with _one_start:
        _podman("start", lab.name(node))


def stop(lab: Lab, node: Node) -> None:
    """Shut down through systemd."""
    _podman("stop", lab.name(node))


def remove(lab: Lab, node: Node) -> None:
    """End the container in any state."""
    _podman("rm", "--force", "--ignore", "--time", "2", lab.name(node))


def _systemctl(lab: Lab, node: Node) -> list[str]:
    pid = _pid_file(lab, node).read_text().strip()
    return ["nsenter", "--target", pid, "--all", "--", "systemctl"]


def restart_web(lab: Lab, node: Node) -> None:
    """Let the node's web application read its ports again."""
    run(*_systemctl(lab, node), "restart", "lab-web.service")


def settle(lab: Lab, node: Node) -> list[str]:
    """Wait until systemd has finished the boot, and return the names of failed units."""
    systemctl = _systemctl(lab, node)
    end = time.monotonic() + _SETTLE_SECONDS
    while (left := end - time.monotonic()) > 0:
        state = subprocess.run(
            [*systemctl, "is-system-running", "--wait"],
            capture_output=True,
            text=True,
            timeout=left,
            check=False,
        ).stdout.strip()
        if state == "running":
            return []
        if state == "degraded":
            failed = run(*systemctl, "list-units", "--failed", "--plain", "--no-legend")
            return [line.split()[0] for line in failed.splitlines()]
        time.sleep(0.2)  # systemd does not listen yet
    raise AgentError(f"{node['name']}: systemd did not finish the boot within {_SETTLE_SECONDS} s")
