# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What ``ipvsadm --save`` writes → services: ``process_options()`` in ipvsadm.c."""

from __future__ import annotations

from typing import Any, Iterable, Iterator, NamedTuple

from ..ipvs.model import DROUTE, MASQ, TUNNEL
from ..net.addresses import normal_address
from .source import MAX_SERVERS, MAX_SERVICES, Line, Remarks, Server, Service, SourceError, shown
from .units import endpoint_in, number_in, only, port_in, prefix_in

_ADD_SERVICE, _ADD_SERVER = "-A", "-a"
_LONG = {
    "--add-service": _ADD_SERVICE,
    "--add-server": _ADD_SERVER,
    "--clear": "-C",
    "--tcp-service": "-t",
    "--udp-service": "-u",
    "--fwmark-service": "-f",
    "--real-server": "-r",
    "--scheduler": "-s",
    "--persistent": "-p",
    "--netmask": "-M",
    "--gatewaying": "-g",
    "--masquerading": "-m",
    "--ipip": "-i",
    "--weight": "-w",
    "--u-threshold": "-x",
    "--l-threshold": "-y",
    "--ops": "-o",
    "--ipv6": "-6",
    "--sched-flags": "-b",
}
_PROTOCOLS = {"-t": "tcp", "-u": "udp", "--sctp-service": "sctp"}
_FORWARDINGS = {"-g": DROUTE, "-m": MASQ, "-i": TUNNEL}
_CHECKSUMS = {"--tun-nocsum": "none", "--tun-csum": "csum", "--tun-remcsum": "remcsum"}
_WITH_VALUE = frozenset(
    ("-t", "-u", "--sctp-service", "-f", "-r", "-s", "-M", "-w", "-x", "-y", "-b", "--pe")
) | {"--tun-type", "--tun-port"}
_OPTIONAL = "-p"  # its value may be left out
_PERSISTENCE = "360"
_NAMES = "ipvsadm --save --numeric writes numbers in place of names"


class _Key(NamedTuple):
    kind: str
    address: str
    port: int
    family: str


class _Rules:
    """Services as their lines come."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks
        self._services: dict[_Key, Service] = {}
        self._servers: dict[_Key, list[Server]] = {}
        self._count = 0

    def read(self, line: Line) -> None:
        """Take one line."""
        words = line.text.split()
        if words and words[0].rpartition("/")[2] == "ipvsadm":
            words = words[1:]
        if not words or words[0].startswith("#"):
            return
        options = dict(_options(words))
        key = _key(options)
        if "-C" in options:
            return
        if _ADD_SERVICE not in options and _ADD_SERVER not in options:
            self._remarks.add(line.place, f"{shown(line.text.strip())} is no rule: it is left out")
        elif key is None:
            text = shown(line.text.strip())
            self._remarks.add(line.place, f"no address with a port in {text}: left out", _NAMES)
        elif _ADD_SERVICE in options:
            self._add_service(line, key, options)
        elif key in self._services:
            self._add_server(line, key, options)
        else:
            self._remarks.add(line.place, "a real server of a service that no line before adds")

    def services(self) -> Iterator[Service]:
        """Yield all of them."""
        for key, service in self._services.items():
            yield service._replace(servers=tuple(self._servers[key]))

    def _add_service(self, line: Line, key: _Key, options: dict[str, str]) -> None:
        if key in self._services:
            self._remarks.add(line.place, "the service is there already: this line is left out")
            return
        item: dict[str, Any] = {"scheduler": options.get("-s"), "one_packet": "-o" in options}
        if key.kind:
            item.update(protocol=key.kind, address=key.address, port=key.port)
        else:
            item.update(fwmark=key.port, family=key.family)
        if _OPTIONAL in options:
            item["persistence_timeout"] = options[_OPTIONAL] or _PERSISTENCE
        if "-M" in options:
            family = "ipv6" if ":" in key.address or key.family == "ipv6" else "ipv4"
            item["persistence_prefix"] = prefix_in(options["-M"], family)
        if "--pe" in options:
            item["persistence_engine"] = options["--pe"]
        if "-b" in options:
            flags = [one.rpartition("-")[2] for one in options["-b"].split(",")]
            item["scheduler_flags"] = flags
        if len(self._services) == MAX_SERVICES:
            raise SourceError(line.place, f"more than {MAX_SERVICES} services")
        self._services[key] = Service(line.place, "", only(item), ())
        self._servers[key] = []

    def _add_server(self, line: Line, key: _Key, options: dict[str, str]) -> None:
        address, port = endpoint_in(options.get("-r", ""))
        normal, number = normal_address(address), port_in(port or str(key.port if key.kind else 0))
        if normal is None or number is None:
            got = shown(options.get("-r", ""))
            self._remarks.add(line.place, f"the real server {got} is left out", _NAMES)
            return
        given = [name for option, name in _FORWARDINGS.items() if option in options]
        checksums = [name for option, name in _CHECKSUMS.items() if option in options]
        item = {
            "address": normal,
            "port": number,
            "forwarding": given[0] if given else DROUTE,
            "weight": options.get("-w"),
            "upper_threshold": options.get("-x"),
            "lower_threshold": options.get("-y"),
            "tunnel_type": options.get("--tun-type"),
            "tunnel_port": options.get("--tun-port"),
            "tunnel_checksum": checksums[0] if checksums else None,
        }
        self._count += 1
        if self._count > MAX_SERVERS:
            raise SourceError(line.place, f"more than {MAX_SERVERS} real servers")
        self._servers[key].append(Server(line.place, only(item)))


def _key(options: dict[str, str]) -> _Key | None:
    if "-f" in options:
        mark = number_in(options["-f"])
        return _Key("", "", mark, "ipv6" if "-6" in options else "ipv4") if mark else None
    for option, protocol in _PROTOCOLS.items():
        if option in options:
            address, text = endpoint_in(options[option])
            normal, port = normal_address(address), port_in(text or "0")
            return None if normal is None or port is None else _Key(protocol, normal, port, "")
    return None


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    waiting = [*reversed([one for word in words for one in _short(word)])]
    while waiting:
        option, equals, value = waiting.pop().partition("=")
        option = _LONG.get(option, option)
        takes = option in _WITH_VALUE
        if option == _OPTIONAL:
            takes = bool(waiting) and number_in(waiting[-1]) is not None
        if takes and not equals:
            value = waiting.pop() if waiting else ""
        yield option, value


def _short(word: str) -> list[str]:
    """Part options that are written as one: -At."""
    is_joined = word.startswith(("-A", "-a")) and len(word) > len("-A")
    return [word[:2], f"-{word[2:]}"] if is_joined else [word]


def read_rules(lines: Iterable[Line], remarks: Remarks) -> tuple[Service, ...]:
    """Read rules."""
    rules = _Rules(remarks)
    for line in lines:
        rules.read(line)
    return tuple(rules.services())
