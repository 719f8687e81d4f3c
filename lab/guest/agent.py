#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: the lvs.topology authors
"""Makes and remakes the nodes on the machine whose kernel they share.

Standard library only: it runs inside the virtual machine, or on the host itself. What is to be
done comes as a plan (see lvslab/plan.py). A node is an overlay over the machine's tree, a network
namespace prepared from outside like a host's hardware and static network configuration, and a
privileged podman container with systemd in both. The networks are bridges in a namespace of
their own, out of reach of the machine's firewall and of bridge netfilter.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SETTLE_SECONDS = 180
STOP_SECONDS = 30
# No calendar, no devices and no kernel of their own: these only cost a container time.
MASKED_IN_NODES = (
    "systemd-binfmt.service",
    "proc-sys-fs-binfmt_misc.automount",
    "systemd-remount-fs.service",
)


class AgentError(Exception):
    pass


def run(*argv: str | Path, stdin: str | None = None) -> str:
    done = subprocess.run([str(arg) for arg in argv], input=stdin, capture_output=True, text=True)
    if done.returncode:
        raise AgentError(f"{' '.join(map(str, argv))}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def ip(lines: list[str], namespace: str | None = None) -> None:
    """One process for many commands: starting processes is what emulation is slowest at."""
    inside = ["-n", namespace] if namespace else []
    run("ip", *inside, "-batch", "-", stdin="".join(f"{line}\n" for line in lines))


@dataclass(frozen=True)
class Lab:
    """The plan, and the names of what is made from it on this machine."""

    plan: dict[str, Any]

    @property
    def nodes(self) -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = self.plan["nodes"]
        return nodes

    def named(self, names: list[str]) -> list[dict[str, Any]]:
        return [node for node in self.nodes if node["name"] in names]

    @property
    def switch(self) -> str:
        return f"{self.plan['prefix']}switch"

    @property
    def store(self) -> Path:
        return Path(self.plan["store"])

    @property
    def lower(self) -> Path:
        return self.store / "lower"

    def name(self, node: dict[str, Any]) -> str:
        """Of the node's container and of its network namespace."""
        return f"{self.plan['prefix']}{node['name']}"

    def home(self, node: dict[str, Any]) -> Path:
        return self.store / "nodes" / str(node["name"])

    def pid(self, node: dict[str, Any]) -> str:
        return (self.home(node) / "pid").read_text().strip()


def podman(*arguments: str | Path) -> str:
    return run("podman", "--cgroup-manager=cgroupfs", "--runtime=crun", *arguments)


# --- networks ---------------------------------------------------------------------------------


def make_switch(lab: Lab) -> None:
    run("ip", "netns", "add", lab.switch)
    ip(
        [
            f"link add {network['name']} mtu {network['mtu']} up type bridge"
            " stp_state 0 forward_delay 0 mcast_snooping 0"
            for network in lab.plan["networks"]
        ],
        lab.switch,
    )
    bridge_filter = "/proc/sys/net/bridge/bridge-nf-call-"
    run(
        "ip", "netns", "exec", lab.switch, "sh", "-c",
        f"for f in {bridge_filter}*; do [ ! -e $f ] || echo 0 > $f; done",
    )  # fmt: skip


def make_network(lab: Lab, node: dict[str, Any]) -> None:
    """All that the node finds as its hardware and its static configuration when it boots."""
    namespace, number = lab.name(node), node["number"]
    run("ip", "netns", "add", namespace)
    management = f"{lab.plan['management']['port']}{number}"
    ip(
        [
            f"link add {management} master {lab.plan['management']['bridge']} up type veth"
            f" peer name mgmt0 netns {namespace} address {node['management']['mac']}"
        ]
    )
    inside = ["link set lo up", f"address add {node['management']['address']} dev mgmt0"]
    ports = []
    for index, link in enumerate(node["links"]):
        port = f"p{number}.{index}"
        inside.append(
            f"link add {link['interface']} address {link['mac']} mtu {link['mtu']} type veth"
            f" peer name {port} mtu {link['mtu']} netns {lab.switch}"
        )
        ports.append(f"link set {port} master {link['network']} up")
        inside += [
            # No duplicate to be detected here, and no second of a tentative address.
            f"address add {address} dev {link['interface']}{' nodad' if ':' in address else ''}"
            for address in link["addresses"]
        ]
    # Before the links come up, because forwarding decides what an interface does then.
    forward = int(node["forward"])
    run(
        "ip", "netns", "exec", namespace, "sysctl", "-qw", "net.ipv6.conf.mgmt0.disable_ipv6=1",
        f"net.ipv4.ip_forward={forward}", f"net.ipv6.conf.all.forwarding={forward}",
    )  # fmt: skip
    inside.append("link set mgmt0 up")
    inside += [f"link set {link['interface']} up" for link in node["links"]]
    ip(inside, namespace)
    if ports:
        ip(ports, lab.switch)
    ip(
        [f"route add {route['destination']} via {route['gateway']}" for route in node["routes"]],
        namespace,
    )


def drop_namespace(name: str) -> None:
    if Path("/run/netns", name).exists():
        run("ip", "netns", "delete", name)


# --- file systems -----------------------------------------------------------------------------


def make_files(lab: Lab, node: dict[str, Any]) -> None:
    """What makes a node differ from the shared tree, written once into its own layer."""
    home = lab.home(node)
    upper = home / "upper"
    for directory in (
        home / "root",
        home / "work",
        upper / "etc/systemd/system/multi-user.target.wants",
    ):
        directory.mkdir(parents=True)
    etc = upper / "etc"
    (etc / "hostname").write_text(f"{node['name']}\n")
    (etc / "machine-id").write_text(f"{node['machine_id']}\n")
    (etc / "hosts").write_text(lab.plan["hosts"])
    units = etc / "systemd/system"
    for unit in MASKED_IN_NODES:
        (units / unit).symlink_to("/dev/null")
    if node["web"]:
        library = upper / "usr/local/lib/lab"
        library.mkdir(parents=True)
        shutil.copy(HERE / "web.py", library)
        shutil.copy(HERE / "lab-web.service", units)
        (units / "multi-user.target.wants/lab-web.service").symlink_to("../lab-web.service")
        (etc / "lab-web.ports").write_text(" ".join(map(str, node["web"])))
    # The layers of all nodes lie in the tree that each of them sees: a whiteout hides them.
    with contextlib.suppress(ValueError):
        hidden = upper / lab.store.relative_to(lab.plan["tree"])
        hidden.parent.mkdir(parents=True, exist_ok=True)
        os.mknod(hidden, 0o020000 | 0o600, os.makedev(0, 0))


def mount_root(lab: Lab, node: dict[str, Any]) -> None:
    home = lab.home(node)
    layers = f"lowerdir={lab.lower},upperdir={home / 'upper'},workdir={home / 'work'}"
    run("mount", "-t", "overlay", f"lab-{node['name']}", "-o", layers, home / "root")


# --- containers -------------------------------------------------------------------------------


def create(lab: Lab, node: dict[str, Any]) -> None:
    name, home = lab.name(node), lab.home(node)
    podman(
        "create", "--quiet", "--name", name, "--hostname", node["name"], "--privileged",
        "--systemd=always", "--network", f"ns:/run/netns/{name}", "--no-hosts",
        "--log-driver=none", "--stop-timeout", str(STOP_SECONDS), "--pidfile", home / "pid",
        "--rootfs", home / "root", "/sbin/init",
    )  # fmt: skip


def settle(lab: Lab, node: dict[str, Any]) -> str:
    """Wait for systemd's word that the boot is over, and return the names of failed units."""
    inside = ["nsenter", "--target", lab.pid(node), "--all", "--", "systemctl"]
    end = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < end:
        done = subprocess.run(
            [*inside, "is-system-running", "--wait"],
            capture_output=True,
            text=True,
            timeout=SETTLE_SECONDS,
        )
        state = done.stdout.strip()
        if state == "running":
            return ""
        if state == "degraded":
            failed = run(*inside, "list-units", "--failed", "--plain", "--no-legend").splitlines()
            return ", ".join(line.split()[0] for line in failed)
        time.sleep(0.2)  # its socket is not there yet
    raise AgentError(f"{node['name']}: systemd has not finished the boot in {SETTLE_SECONDS} s")


def each(
    lab: Lab, nodes: list[dict[str, Any]], *steps: Callable[[Lab, dict[str, Any]], object]
) -> None:
    """The steps in their order for every node, as many nodes at a time as there are processors."""

    def work(node: dict[str, Any]) -> None:
        for step in steps:
            step(lab, node)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(work, nodes))


def start(lab: Lab, node: dict[str, Any]) -> None:
    podman("start", lab.name(node))


def stop(lab: Lab, node: dict[str, Any]) -> None:
    podman("stop", lab.name(node))


def report_failed_units(lab: Lab, nodes: list[dict[str, Any]]) -> None:
    with ThreadPoolExecutor(len(nodes)) as pool:
        for node, failed in zip(
            nodes, pool.map(lambda node: settle(lab, node), nodes), strict=True
        ):
            if failed:
                print(f"{node['name']}: failed units: {failed}", flush=True)


# --- commands ---------------------------------------------------------------------------------


def up(lab: Lab) -> None:
    lab.lower.mkdir(parents=True)
    run("mount", "--bind", lab.plan["tree"], lab.lower)
    run("mount", "-o", "remount,bind,ro", lab.lower)
    make_switch(lab)
    each(lab, lab.nodes, make_files, mount_root, make_network, create, start)
    report_failed_units(lab, lab.nodes)


def restart(lab: Lab, names: list[str]) -> None:
    nodes = lab.named(names)
    each(lab, nodes, stop)
    for node in nodes:
        drop_namespace(lab.name(node))
    each(lab, nodes, make_network, start)
    report_failed_units(lab, nodes)


def down(lab: Lab) -> None:
    """Take away whatever of the lab is there, also after an `up` that stopped halfway."""
    for node in lab.nodes:
        podman("rm", "--force", "--ignore", "--time", "2", lab.name(node))
        drop_namespace(lab.name(node))
    drop_namespace(lab.switch)
    for path in [*(lab.home(node) / "root" for node in lab.nodes), lab.lower]:
        if path.is_mount():
            run("umount", path)
    if lab.store.exists():
        shutil.rmtree(lab.store)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan", type=Path, default=HERE / "plan.json")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up")
    commands.add_parser("restart").add_argument("nodes", nargs="+")
    commands.add_parser("down")
    arguments = parser.parse_args()
    lab = Lab(json.loads(arguments.plan.read_text()))
    try:
        if arguments.command == "up":
            up(lab)
        elif arguments.command == "restart":
            restart(lab, arguments.nodes)
        else:
            down(lab)
    except AgentError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
