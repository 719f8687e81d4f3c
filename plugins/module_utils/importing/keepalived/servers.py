# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""keepalived's virtual servers → services."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping, NamedTuple, Sequence, Union

from ...health.model import WITHDRAW
from ...ipvs.model import DROUTE, MASQ, SCHEDULER_FLAGS, TUNNEL
from ...net.addresses import normal_address
from ..source import MAX_SERVERS, MAX_SERVICES, Remarks, Server, Service, SourceError, shown
from ..units import addresses_in, number_in, only, port_in, prefix_in
from .blocks import Statement
from .checks import CHECKERS, INHERITED, OTHER_CHECKERS, Asked, checks_of, health_of_all, said_in
from .words import ignored

_METHODS = {"NAT": MASQ, "DR": DROUTE, "TUN": TUNNEL}
_METHOD = ("lb_kind", "lvs_method")
_CHECKSUMS = {"nocsum": "none", "csum": "csum", "remcsum": "remcsum"}
_FLAGS = {
    **{f"{scheduler}-{flag}": flag for scheduler in ("sh", "mh") for flag in SCHEDULER_FLAGS},
    **{f"flag-{number}": flag for number, flag in enumerate(SCHEDULER_FLAGS, 1)},
}
_Health = Union[Mapping[str, Any], bool]
_PERSISTENCE = 360  # seconds, where no number is given
_OF_FAMILY = {"inet": "ipv4", "inet6": "ipv6"}

_OPTIONS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "lb_algo": ("scheduler", str),
    "lvs_sched": ("scheduler", str),
    "protocol": ("protocol", str.lower),
    "persistence_engine": ("persistence_engine", str),
    "ip_family": ("family", _OF_FAMILY.get),
    "ops": ("one_packet", lambda _value: True),
}

_SERVICE_WORDS = frozenset(
    (
        *_METHOD,
        *INHERITED,
        "persistence_granularity",
        "quorum",
        "real_server",
        "sorry_server",
        "sorry_server_lvs_method",
    )
)
_SERVER_WORDS = frozenset(
    (*_METHOD, *INHERITED, *CHECKERS, *OTHER_CHECKERS, "weight", "uthreshold", "lthreshold")
)


class _Virtual(NamedTuple):
    """What real servers have from their virtual server."""

    forwarding: Mapping[str, Any]
    port: int  # of a group, the first one; 0 = every port, or a mark
    is_marked: bool


class _Target(NamedTuple):
    """What a virtual server is: addresses with a port, or a mark."""

    name: str
    keys: list[dict[str, Any]]  # of services, without the protocol


def services_of(statements: Sequence[Statement], remarks: Remarks) -> Iterator[Service]:
    """Yield every service."""
    groups = {one.value: one for one in statements if one.word == "virtual_server_group"}
    count = servers = 0
    for statement in statements:
        if statement.word != "virtual_server":
            continue
        for service in _services(statement, groups, remarks):
            count += 1
            servers += len(service.servers)
            if count > MAX_SERVICES or servers > MAX_SERVERS:
                raise SourceError(
                    statement.place,
                    f"more than {MAX_SERVICES} services, or {MAX_SERVERS} real servers",
                )
            yield service


def _services(
    statement: Statement, groups: Mapping[str, Statement], remarks: Remarks
) -> Iterator[Service]:
    target = _target(statement, groups, remarks)
    if target is None:
        return
    options = _options(statement, remarks)
    protocol = str(options["protocol"])
    above = said_in(statement)
    is_marked = all("fwmark" in key for key in target.keys)
    method = _last(statement, _METHOD)
    found = []
    servers: list[Server] = []
    port = 0 if is_marked else next((key["port"] for key in target.keys if "port" in key), 0)
    forwarding = _forwarding(method, remarks) if method else {"forwarding": MASQ}
    virtual = _Virtual(forwarding, port, is_marked)
    for one in statement.inside:
        if one.word != "real_server":
            continue
        server = _server(one, virtual, remarks)
        if server is None:
            continue
        servers.append(server.server)
        usual = 0 if is_marked else server.server.item["port"]
        asked = Asked(server.server.item["address"], server.port, usual, protocol)
        found.append(checks_of(one, {**above, **said_in(one)}, asked, remarks))
    fallback = _fallback(statement, virtual, remarks)
    health = health_of_all(found, remarks)
    health = _quorum(statement, health, servers, fallback, remarks)
    for key in target.keys:
        item = {**options, **key}
        if "fwmark" in key:
            item.pop("protocol")
        own = tuple(_at(servers, key, port))
        of_fallback = [*_at([fallback] if fallback else [], key, port)]
        yield Service(
            statement.place,
            target.name,
            item,
            own,
            of_fallback[0] if of_fallback else None,
            health,
        )


def _at(servers: Sequence[Server], key: Mapping[str, Any], port: int) -> Iterator[Server]:
    """The same at another port of a group: where ports are kept, it is that of the service."""
    own = key.get("port", 0)
    for server in servers:
        keeps = "fwmark" in key or (
            server.item["port"] == port and server.item["forwarding"] != MASQ
        )
        yield server._replace(item={**server.item, "port": own}) if keeps else server


def _target(
    statement: Statement, groups: Mapping[str, Statement], remarks: Remarks
) -> _Target | None:
    first, second = statement.value, (*statement.values, "", "")[1]
    if first == "fwmark":
        key = _mark(statement, second, "", remarks)
        return _Target("", [key]) if key else None
    if first == "group":
        group = groups.get(second)
        if group is None:
            remarks.add(
                statement.place, f"there is no group {shown(second)}: the service is left out"
            )
            return None
        return _Target(second, [*_members(group, remarks)])
    keys = [*_endpoints(statement, first, second, remarks)]
    return _Target("", keys) if keys else None


def _members(group: Statement, remarks: Remarks) -> Iterator[dict[str, Any]]:
    count = 0
    for one in group.inside:
        if one.word == "fwmark":
            family = (*one.values, "", "")[1]
            key = _mark(one, one.value, family, remarks)
            members = [key] if key else []
        else:
            members = [*_endpoints(one, one.word, one.value, remarks)]
        count += len(members)
        if count > MAX_SERVICES:
            raise SourceError(one.place, f"more than {MAX_SERVICES} addresses in the group")
        yield from members


def _mark(statement: Statement, text: str, family: str, remarks: Remarks) -> dict[str, Any] | None:
    number = number_in(text)
    if not number:
        remarks.add(statement.place, f"fwmark {shown(text)} is no mark: it is left out")
        return None
    return only({"fwmark": number, "family": _OF_FAMILY.get(family)})


def _endpoints(
    statement: Statement, text: str, port_text: str, remarks: Remarks
) -> Iterator[dict[str, Any]]:
    addresses = addresses_in(text, statement.place)
    port = port_in(port_text) if port_text else 0
    if addresses is None or port is None:
        got = shown(f"{text} {port_text}".strip())
        remarks.add(statement.place, f"{got} is no address with a port: it is left out")
        return
    for address in addresses:
        yield {"address": address, "port": port}


def _options(statement: Statement, remarks: Remarks) -> dict[str, Any]:
    """The options of the service itself."""
    options: dict[str, Any] = {"protocol": "tcp"}
    flags = []
    for one in statement.inside:
        if one.word in _OPTIONS:
            name, read = _OPTIONS[one.word]
            options[name] = read(one.value)
        elif one.word in _FLAGS:
            flags.append(_FLAGS[one.word])
        elif one.word == "persistence_timeout":
            options["persistence_timeout"] = _timeout(one, remarks)
        elif one.word not in _SERVICE_WORDS:
            ignored(one, "virtual_server", remarks)
    if flags:
        options["scheduler_flags"] = [*dict.fromkeys(flags)]
    granularity = statement.find("persistence_granularity")
    if granularity:
        text = granularity.value
        family = "ipv6" if ":" in statement.value or text.isdigit() else "ipv4"
        options["persistence_prefix"] = prefix_in(text, family)
    if granularity or options.get("persistence_engine"):
        options.setdefault("persistence_timeout", _PERSISTENCE)
    return only(options)


def _timeout(statement: Statement, remarks: Remarks) -> int:
    if not statement.value:
        return _PERSISTENCE
    number = number_in(statement.value)
    if number is None:
        remarks.add(statement.place, f"got {shown(statement.value)}, expected seconds: taken as 0")
    return number or 0


def _last(block: Statement, words: Sequence[str]) -> Statement | None:
    found = [one for one in block.inside if one.word in words]
    return found[-1] if found else None


def _forwarding(statement: Statement, remarks: Remarks) -> dict[str, Any]:
    """How packets get to a real server, with the tunnel."""
    method, *more = [*statement.values, ""]
    if method not in _METHODS:
        remarks.add(
            statement.place,
            f"{statement.word} {shown(method)} is taken as NAT",
            "mode fullnat does what FNAT of dpvs does" if method == "FNAT" else "see docs/modes.md",
        )
    item: dict[str, Any] = {"forwarding": _METHODS.get(method, MASQ)}
    words = iter(more)
    for word in words:
        if word == "type":
            item["tunnel_type"] = next(words, "")
        elif word == "port":
            item["tunnel_port"] = number_in(next(words, ""))
        elif word in _CHECKSUMS:
            item["tunnel_checksum"] = _CHECKSUMS[word]
    return only(item)


class _Read(NamedTuple):
    server: Server
    port: int  # the one that is written


def _server(
    statement: Statement,
    virtual: _Virtual,
    remarks: Remarks,
) -> _Read | None:
    item: dict[str, Any] = {**virtual.forwarding}
    for one in statement.inside:
        if one.word in _METHOD:
            item = {**item, **_forwarding(one, remarks)}
        elif one.word == "weight":
            item["weight"] = one.value
        elif one.word == "uthreshold":
            item["upper_threshold"] = one.value
        elif one.word == "lthreshold":
            item["lower_threshold"] = one.value
        elif one.word not in _SERVER_WORDS:
            ignored(one, "real_server", remarks)
    return _at_address(statement, item, virtual, remarks)


def _at_address(
    statement: Statement,
    item: dict[str, Any],
    virtual: _Virtual,
    remarks: Remarks,
) -> _Read | None:
    text, port_text = (*statement.values, "", "")[:2]
    address = normal_address(text)
    port = port_in(port_text) if port_text else virtual.port
    if address is None or port is None:
        got = shown(" ".join(statement.values))
        remarks.add(statement.place, f"{got} is no address with a port: it is left out")
        return None
    own = 0 if virtual.is_marked else port
    if not virtual.is_marked and item["forwarding"] != MASQ and port != virtual.port:
        remarks.add(
            statement.place,
            f"port {port} in place of {virtual.port}: only NAT maps ports, requests keep theirs",
        )
        own = virtual.port
    return _Read(Server(statement.place, {"address": address, "port": own, **item}), port)


def _fallback(
    statement: Statement,
    virtual: _Virtual,
    remarks: Remarks,
) -> Server | None:
    sorry = statement.find("sorry_server")
    if sorry is None:
        return None
    method = statement.find("sorry_server_lvs_method")
    item = {**virtual.forwarding, **(_forwarding(method, remarks) if method else {})}
    found = _at_address(sorry, item, virtual, remarks)
    return found.server if found else None


def _quorum(
    statement: Statement,
    health: _Health,
    servers: Sequence[Server],
    fallback: Server | None,
    remarks: Remarks,
) -> _Health:
    """Without a sorry server, a quorum takes nothing out of the table."""
    quorum = statement.find("quorum")
    if not isinstance(health, dict):
        if fallback:
            remarks.add(
                fallback.place,
                "the fallback is left out: nobody tries the real servers of the service",
            )
        return health
    number = number_in(quorum.value) if quorum else 1
    if quorum is None or fallback is None or not number or number == 1 or "floor" in health:
        return health
    weights = [number_in(str(one.item.get("weight", 1))) or 0 for one in servers]
    floor = min(100 * number // max(sum(weights), 1), 99)
    remarks.add(
        quorum.place, f"quorum {number} of {sum(weights)} is a floor of {floor} % of the weight"
    )
    return {**health, "floor": floor, "on_floor": WITHDRAW} if floor else health
