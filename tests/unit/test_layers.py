# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers of module_utils: which folder may import which, and which files may do I/O."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

MODULE_UTILS = Path(__file__).resolve().parents[2] / "plugins/module_utils"

# A file counts as a folder here. Each may import the folders behind it, and what is below these.
LAYERS = {
    "errors": "",
    "net": "",
    "execute": "",
    "grid": "printable",
    "json_types": "",
    "listing": "",
    "printable": "",
    "netlink": "",
    "fields": "json_types",
    "state": "errors json_types",
    "tunnels": "",
    "ipvs": "errors fields json_types listing net netlink state tunnels",
    "health": "errors execute fields ipvs json_types listing net state",
    "vrrp": "errors execute fields ipvs net state",
    "metrics": "fields health ipvs",
    "host.errors": "errors",
    "host.model": "net tunnels",
    "host.sysctl": "host.errors host.model",
    "host.plan": "host.model host.sysctl",
    "host.codec": "host.model host.nft host.sysctl json_types net state tunnels",
    "host.ip": "execute host.errors host.model host.plan net tunnels",
    "host.nft": "execute host.errors host.model net",
    "host.apply": "host.errors host.ip host.model host.nft host.plan host.sysctl",
    "host.kernel": "",
    "host.keepalived": "",
    "host.table_writers": "host.keepalived",
    "host.facts": "health host.apply host.codec host.ip host.kernel host.model host.sysctl "
    "host.table_writers net state vrrp",
    "host.sockets": "",
    "host.obstacles": "host.errors host.nft host.sockets host.sysctl",
    "host.roles": "host.model host.nft host.sysctl net tunnels",
    "converge": "errors health host ipvs listing metrics net state vrrp",
    "boot": "converge errors execute health host ipvs metrics netlink state vrrp",
    "module": "boot converge errors host ipvs listing state",
    "packets": "errors net tunnels",
    "topology.violation": "listing",
    "topology.declaration": "fields health ipvs metrics net topology.violation vrrp",
    "topology.routing": "net",
    "topology.paths": "net topology.declaration topology.routing",
    "topology.topology": "net topology.declaration topology.paths topology.routing",
    "topology.pair": "net topology.declaration topology.paths topology.topology vrrp",
    "topology.static_arp": "net topology.declaration topology.paths topology.topology",
    "topology.modes": "ipvs net topology.declaration topology.paths topology.routing "
    "topology.static_arp topology.topology topology.violation tunnels",
    "topology.settings": "topology.modes topology.pair topology.topology",
    "topology.checks": "host.sysctl ipvs net topology.declaration topology.modes topology.pair "
    "topology.paths topology.settings topology.static_arp topology.topology topology.violation "
    "vrrp",
    "topology.teardown": "topology.declaration topology.violation",
    "topology.migration": "ipvs net topology.declaration topology.topology topology.violation",
    "topology.path_facts": "net topology.modes topology.paths topology.topology",
    "topology.watches": "health ipvs net topology.modes topology.pair topology.paths "
    "topology.topology",
    "topology.desired_state": "ipvs metrics net topology.declaration topology.migration "
    "topology.modes topology.pair topology.paths topology.settings topology.static_arp "
    "topology.topology topology.watches",
    "topology.acceptance": "topology.checks topology.declaration topology.modes topology.violation",
    "topology.compile": "listing net printable topology.acceptance topology.checks "
    "topology.declaration topology.desired_state topology.migration topology.modes "
    "topology.path_facts topology.paths topology.teardown topology.topology topology.violation",
    "importing": "errors fields health ipvs json_types listing net printable topology",
    "verify": "errors grid ipvs json_types listing net packets printable state topology tunnels "
    "vrrp",
}

# The only folders that may do I/O. All others are pure, and reach none of these.
IO = (
    "boot converge.director converge.drain converge.host converge.pair converge.role "
    "converge.settings converge.table execute health.prober health.runtime health.transports "
    "host.apply host.facts host.ip.announce host.ip.run host.keepalived host.kernel host.nft.run "
    "host.obstacles host.sysctl.files host.sysctl.folders host.table_writers importing.reading "
    "ipvs.client "
    "ipvs.connections module net.ask net.send netlink.connection netlink.generic netlink.listener "
    "packets.arp_nd packets.background packets.capture packets.probe state.files state.lease "
    "state.lock state.part state.paths state.state_file vrrp.facts vrrp.service"
)

# What pure code may import of the standard library; of the last three, these names alone.
PURE = (
    "__future__ bisect collections contextlib dataclasses difflib enum errno functools hashlib "
    "html ipaddress itertools json math re string struct textwrap types typing zlib time.gmtime "
    "time.strftime os.strerror sys.byteorder socket.AF_INET socket.AF_INET6 socket.IPPROTO_SCTP "
    "socket.IPPROTO_TCP socket.IPPROTO_UDP socket.htons socket.inet_ntop socket.inet_pton "
    "socket.ntohs"
)


def sources() -> dict[str, str]:
    files = (path for path in MODULE_UTILS.rglob("*.py") if path.name != "__init__.py")
    return {
        ".".join(path.relative_to(MODULE_UTILS).with_suffix("").parts): path.read_text()
        for path in files
    }


def is_in(name: str, folders: str) -> bool:
    return any(f"{name}.".startswith(f"{folder}.") for folder in folders.split())


def imports(name: str, source: str, names: set[str]) -> Iterator[str]:
    """Every import: its name below module_utils; behind a slash, what is not from there."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (f"/{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"/{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = [*name.split(".")[: -node.level], *(node.module or "").split(".")]
            base = ".".join(filter(None, package))
            yield from (
                base if base in names else f"{base}.{alias.name}".strip(".") for alias in node.names
            )


def problems(code: Mapping[str, str]) -> list[str]:
    """What breaks the layers, a sentence each."""
    found = []
    graph = {name: {*imports(name, text, {*code})} for name, text in code.items()}
    for name, imported in sorted(graph.items()):
        folder = next((folder for folder in LAYERS if is_in(name, folder)), "")
        if not folder:
            found.append(f"{name} is in no folder")
        inside = {one for one in imported if not one.startswith("/")}
        found += [
            f"{name} imports {one}"
            for one in sorted(inside)
            if one not in code or not is_in(one, f"{folder} {LAYERS.get(folder, '')}")
        ]
        if is_in(name, IO):
            continue
        found += [
            f"{name} is pure, and imports {one}, which is not"
            for one in sorted(inside)
            if is_in(one, IO)
        ]
        outside = {one[1:] for one in imported - inside}
        found += [
            f"{name} is pure, and imports {one}"
            for one in sorted(outside)
            if not {one, one.split(".")[0]} & {*PURE.split()}
        ]
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(code[name]))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        found += [f"{name} is pure, and calls {one}" for one in sorted(calls & {"open", "print"})]
    return found


def test_layers() -> None:
    assert problems(sources()) == []


def test_no_circle() -> None:
    code = sources()
    graph = {name: {*imports(name, text, {*code})} & {*code} for name, text in code.items()}
    TopologicalSorter(graph).prepare()
    folders = {
        folder: [other for other in LAYERS if other != folder and is_in(other, allowed)]
        for folder, allowed in LAYERS.items()
    }
    TopologicalSorter(folders).prepare()


def test_every_folder_is_there() -> None:
    code = sources()
    missing = [
        folder for folder in (*LAYERS, *IO.split()) if not any(is_in(name, folder) for name in code)
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("name", "line", "problem"),
    [
        ("state.files", "from ..boot import install", "imports boot.install"),
        (
            "topology.modes.nat",
            "from ..checks.hosts import CHECKS",
            "imports topology.checks.hosts",
        ),
        (
            "ipvs.plan",
            "from .client import Client",
            "is pure, and imports ipvs.client, which is not",
        ),
        ("ipvs.plan", "import socket", "is pure, and imports socket"),
        ("ipvs.plan", "from socket import socket", "is pure, and imports socket.socket"),
        ("ipvs.plan", "from pathlib import Path", "is pure, and imports pathlib.Path"),
        ("ipvs.plan", "open('/etc/passwd')", "is pure, and calls open"),
        ("stray", "", "is in no folder"),
        ("net.addresses", "from .nowhere import X", "imports net.nowhere.X"),
    ],
)
def test_a_violation_is_found(name: str, line: str, problem: str) -> None:
    code = sources()
    code[name] = f"{code.get(name, '')}\n{line}\n"
    assert problems(code) == [f"{name} {problem}"]
