# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host for tests: an ``ip`` that understands our commands, and a file system."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import failing, install
from ansible_collections.lvs.topology.plugins.module_utils.converge import host
from ansible_collections.lvs.topology.plugins.module_utils.host import kernel, table_writers
from ansible_collections.lvs.topology.plugins.module_utils.host.ip import run as iproute
from ansible_collections.lvs.topology.plugins.module_utils.host.model import Resource
from ansible_collections.lvs.topology.plugins.module_utils.host.nft import run as nft
from ansible_collections.lvs.topology.plugins.module_utils.host.sysctl import (
    files as sysctl,
    folders,
)
from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.module_utils.vrrp import (
    facts as vrrp_facts,
    service,
)

DEVICE_SYSCTLS = {
    "arp_ignore": "0",
    "arp_announce": "0",
    "rp_filter": "0",
    "send_redirects": "1",
    "accept_local": "0",
}


class FakeHost:
    """Two interfaces, an address of each family on eth0, and a default route."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.kinds = {"lo": "", "eth0": "", "eth1.100": "vlan"}
        self.tunnels: dict[str, dict[str, Any]] = {}
        self.gue_ports: list[dict[str, Any]] = []
        self.up = {"lo", "eth0"}
        self.addresses = [("eth0", "10.0.0.11", 24), ("eth0", "2001:db8:10::11", 64)]
        self.default_routes: dict[tuple[str, str], str] = {("254", "inet"): "10.0.0.1"}
        self.rules: list[str] = []
        self.neighbours: dict[tuple[str, str], str] = {}  # the permanent ones
        self.nft: list[Resource] = []
        self.held: list[str] = []  # what is dropped for a moment
        self.refuse = ""
        self.refusal = "RTNETLINK answers: Operation not permitted"
        self.processes = 0
        self.systemctl: list[tuple[str, ...]] = []
        self.guard = {"ActiveState": "inactive", "SubState": "dead"}
        self.announced: list[tuple[str, str]] = []
        self.services: list[str] = []  # what systemctl was told of keepalived
        self.refuses_configuration = ""
        self.silent: list[tuple[str, str, str]] = []  # device, own address, who does not answer
        for name, value in DEVICE_SYSCTLS.items():
            for device in ("all", "default", *self.kinds):
                self.set(f"net/ipv4/conf/{device}/{name}", value)
        self.set("net/ipv4/ip_forward", "0")
        self.set("net/ipv6/conf/all/forwarding", "0")
        (root / "run/systemd/system").mkdir(parents=True)
        for module in (paths, kernel, table_writers, folders):
            monkeypatch.setattr(module, "ROOT", root)
        monkeypatch.setattr(sysctl, "ROOT", root / "proc/sys")
        monkeypatch.setattr(iproute, "_run", self._ip)
        monkeypatch.setattr(install, "_systemctl", lambda *words: self.systemctl.append(words))
        monkeypatch.setattr(failing, "_show", lambda _name: self.guard)
        monkeypatch.setattr(host, "announce", self._announce)
        monkeypatch.setattr(service, "_run", self._keepalived)
        for asking in (service, vrrp_facts):
            monkeypatch.setattr(asking, "is_silent", lambda *asked: asked in self.silent)
        monkeypatch.setattr(nft, "show", lambda _table: [*self.nft])
        monkeypatch.setattr(nft, "change", self._nft)
        monkeypatch.setattr(nft, "hold", self.held.append)
        monkeypatch.setattr(nft, "is_held", lambda: bool(self.held))
        monkeypatch.setattr(nft, "let_go", self.held.clear)

    def set(self, key: str, value: str) -> None:
        path = self.root / "proc/sys" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value + "\n")

    def get(self, key: str) -> str:
        return (self.root / "proc/sys" / key).read_text().strip()

    def write(self, path: str, content: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)

    def snapshot(self) -> dict[str, Any]:
        """All that a module could change, the files that are kept included."""
        files = {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and path != self.root / "run/lvs-topology.lock"
        }
        return {
            "kinds": dict(self.kinds),
            "up": set(self.up),
            "tunnels": {name: dict(data) for name, data in self.tunnels.items()},
            "gue_ports": [*self.gue_ports],
            "addresses": sorted(self.addresses),
            "routes": dict(self.default_routes),
            "rules": sorted(self.rules),
            "neighbours": dict(self.neighbours),
            "nft": sorted(map(str, self.nft)),
            "held": [*self.held],
            "files": files,
        }

    def _announce(self, device: str, address: str) -> list[str]:
        self.announced.append((device, address))
        return [] if device in self.up else ["Network is down"]

    def _nft(self, _table: str, resources: Iterable[Resource]) -> None:
        self.nft = [*resources]

    def _keepalived(self, *command: str, text: str = "") -> tuple[int, str]:
        """Both keepalived and systemctl, which is asked for nothing else here."""
        if command[0] == "keepalived":
            assert text
            return (4, self.refuses_configuration) if self.refuses_configuration else (0, "")
        running = self.root / "run/keepalived.pid"
        if command[1] == "is-active":
            return (0 if running.exists() else 3), ""
        self.services.append(command[1])
        for verbs, file in (
            (("start", "stop"), running),
            (("enable", "disable"), paths.enabled_unit("keepalived.service")),
        ):
            if command[1] == verbs[0]:
                self.write(str(file.relative_to(self.root)), "1")
            elif command[1] == verbs[1]:
                file.unlink()
        return 0, ""

    def _ip(self, options: Sequence[str], lines: Sequence[str]) -> CompletedProcess[str]:
        self.processes += 1
        output = errors = ""
        for number, line in enumerate(lines, 1):
            if self.refuse and self.refuse in line:
                errors += f"{self.refusal}\nCommand failed -:{number}\n"
                if "-force" in options:
                    continue
                break
            words = line.split()
            assert ("-6" in options) == (words[0] == "rule" and ":" in line) or words[1] == "show"
            if words[1] == "show":
                output += json.dumps(self._show(words[0], ipv6="-6" in options)) + "\n"
            else:
                getattr(self, f"_{words[0]}")(words[1], words[2:])
        return CompletedProcess([], 1 if errors else 0, output, errors)

    def _show(self, what: str, *, ipv6: bool) -> list[dict[str, Any]]:
        if what == "fou":
            return self.gue_ports
        if what == "address":
            return [self._show_link(name) for name in self.kinds]
        if what == "route":
            return [
                {"dst": "default", "gateway": gateway, "dev": "eth0", "table": table}
                for (table, family), gateway in self.default_routes.items()
                if not ipv6 or family == "inet6"
            ]
        if what == "neighbour":
            return [
                {"dst": address, "dev": device, "lladdr": mac, "state": ["PERMANENT"]}
                for (device, address), mac in self.neighbours.items()
            ]
        return [self._show_rule(rule) for rule in self.rules if (":" in rule) == ipv6]

    def _show_link(self, name: str) -> dict[str, Any]:
        return {
            "ifname": name,
            "flags": ["UP"] if name in self.up else [],
            "mtu": 1500,
            "address": "52:54:00:00:00:01",
            "linkinfo": {"info_kind": self.kinds[name], "info_data": self.tunnels.get(name, {})},
            "addr_info": [
                {"family": "inet6" if ":" in address else "inet", "local": address, "prefixlen": n}
                for device, address, n in self.addresses
                if device == name
            ],
        }

    @staticmethod
    def _show_rule(rule: str) -> dict[str, Any]:
        words = rule.split()
        named = dict(zip(words[::2], words[1::2], strict=True))
        number = {"tcp": "6", "udp": "17", "sctp": "132"}[named["ipproto"]]
        shown = {"src": named["from"], "ipproto": f"ipproto-{number}", "table": named["table"]}
        first, _dash, last = named.get("sport", "").partition("-")
        ports = {"sport_start": int(first), "sport_end": int(last)} if last else {}
        if first and not last:
            ports = {"sport": int(first)}
        return {"priority": int(named["priority"]), **shown, **ports}

    def _link(self, verb: str, words: list[str]) -> None:
        name = words[1]
        if verb == "add":
            self.kinds[name] = words[3]
            if "local" in words:
                local = words[words.index("local") + 1]
                self.tunnels[name] = {"remote": "any", "local": local, "icsum": "icsum" in words}
                self.tunnels[name]["proto"] = "any"
            for key, value in DEVICE_SYSCTLS.items():
                self.set(f"net/ipv4/conf/{name}/{key}", value)
        elif verb == "set":
            self.up.add(name)
        else:
            del self.kinds[name]
            self.tunnels.pop(name, None)
            self.up.discard(name)
            self.addresses = [one for one in self.addresses if one[0] != name]
            shutil.rmtree(self.root / "proc/sys/net/ipv4/conf" / name)

    def _fou(self, verb: str, words: list[str]) -> None:
        family = "inet6" if "-6" in words else "inet"
        entry = {"port": int(words[1]), "gue": None, "family": family}
        if verb == "add":
            self.gue_ports.append(entry)
        else:
            self.gue_ports.remove(entry)

    def _address(self, verb: str, words: list[str]) -> None:
        address, prefix = words[0].split("/")
        entry = (words[2], address, int(prefix))
        if verb == "add":
            assert entry not in self.addresses
            self.addresses.append(entry)
        else:
            self.addresses.remove(entry)

    def _route(self, verb: str, words: list[str]) -> None:
        key = (words[4], "inet6" if ":" in words[2] else "inet")
        if verb == "replace":
            self.default_routes[key] = words[2]
        else:
            assert self.default_routes.pop(key) == words[2]

    def _rule(self, verb: str, words: list[str]) -> None:
        rule = " ".join(words)
        if verb == "add":
            self.rules.append(rule)
        else:
            self.rules.remove(rule)

    def _neighbour(self, verb: str, words: list[str]) -> None:
        if verb == "replace":
            assert words[-2:] == ["nud", "permanent"]
            self.neighbours[words[4], words[0]] = words[2]
        else:
            del self.neighbours[words[2], words[0]]
