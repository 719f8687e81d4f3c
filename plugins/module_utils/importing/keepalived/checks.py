# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""keepalived's checkers → ``health`` of a service.

What is said of a virtual server holds for its real servers, and of these for their checkers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, Callable, Dict, Mapping, NamedTuple, Sequence

from ...health.kinds.dns import TYPES
from ...health.kinds.kind import PROTOCOLS
from ...health.kinds.table import KINDS
from ...net.addresses import normal_address
from ..source import Place, Remarks, shown
from ..units import number_in, port_in, seconds_in, short
from .blocks import Statement
from .words import ignored

CHECKERS = "HTTP_GET", "SSL_GET", "TCP_CHECK", "SMTP_CHECK", "DNS_CHECK", "MISC_CHECK", "UDP_CHECK"
OTHER_CHECKERS = "PING_CHECK", "FILE_CHECK", "BFD_CHECK"
INHERITED = "connect_timeout", "retry", "delay_before_retry", "delay_loop", "virtualhost"

_DELAY, _TIMEOUT = 60.0, 5.0  # keepalived's defaults, in seconds
_RETRIES = {"HTTP_GET": 1, "SSL_GET": 1, "DNS_CHECK": 3, "MISC_CHECK": 0}
# Nothing is taken out: until somebody has seen that the script works without its arguments.
_TRIAL = {"floor": 99}
_HEX = re.compile("[0-9A-Fa-f]{2}")

Health = Mapping[str, Any]
Options = Dict[str, Any]


class Asked(NamedTuple):
    """What a checker is about."""

    rip: str
    port: int  # of the real server
    usual: int  # the port that is asked where nothing is said; 0 = there is none
    protocol: str


class Found(NamedTuple):
    """What the checkers of one real server say."""

    place: Place
    health: Health | None  # None = it has none that could be carried over
    has_any: bool


def checks_of(server: Statement, above: Mapping[str, str], asked: Asked, remarks: Remarks) -> Found:
    """Return what the first checker of a real server says."""
    checkers = [one for one in server.inside if one.word in (*CHECKERS, *OTHER_CHECKERS)]
    found: list[Health] = []
    for checker in checkers:
        if checker.word in OTHER_CHECKERS:
            remarks.add(
                checker.place,
                f"{checker.word} has no counterpart",
                "say in health how the real servers are to be tried",
            )
        elif found:
            remarks.add(
                checker.place,
                f"a real server is tried in one way: this {checker.word} is left out",
                "a script can do several (health.check: script)",
            )
        else:
            health = _health(checker, {**above, **said_in(checker)}, asked, remarks)
            found += [health] if health else []
    return Found(server.place, found[0] if found else None, bool(checkers))


def health_of_all(found: Sequence[Found], remarks: Remarks) -> Health | bool:
    """Return how the real servers of a service are tried: as most of them are."""
    texts = [json.dumps(one.health, sort_keys=True) for one in found if one.health is not None]
    if not texts:
        return False
    most = Counter(texts).most_common(1)[0][0]
    health: Health = json.loads(most)
    for one in found:
        if one.health is None and not one.has_any:
            remarks.add(
                one.place, "this real server has no checker, and is tried as the others are now"
            )
        elif one.health is not None and json.dumps(one.health, sort_keys=True) != most:
            remarks.add(
                one.place,
                "its checker is another one than that of most real servers of the service, and is "
                "left out",
                "all are tried in the same way",
            )
    return health


def said_in(block: Statement) -> dict[str, str]:
    """Return what a block says of checks, for what is in it."""
    return {one.word: one.value for one in block.inside if one.word in INHERITED}


def _health(
    checker: Statement, said: Mapping[str, str], asked: Asked, remarks: Remarks
) -> Options | None:
    retries = number_in(said.get("retry", ""))
    if retries is None:
        retries = _RETRIES.get(checker.word, 1)
    delay = seconds_in(said.get("delay_loop", "")) or _DELAY
    timeout = seconds_in(said.get("connect_timeout", "")) or _TIMEOUT
    read = _READERS[checker.word]
    health = read(checker, said, asked, remarks)
    if not health:
        return None
    if "timeout" in health:
        timeout = health.pop("timeout")
    interval = min(max(delay, 0.1), 3600.0)
    health.update(
        interval=short(interval),
        timeout=short(min(max(timeout, 0.05), interval)),
        rise=1,
        fall=min(retries + 1, 100),
    )
    _ask(checker, health, asked, remarks)
    for one in checker.inside:
        if one.word not in (*_OWN[checker.word], *INHERITED, *_ASKED):
            ignored(one, f"{checker.word} of a real server", remarks)
    return health


def _ask(checker: Statement, health: dict[str, Any], asked: Asked, remarks: Remarks) -> None:
    """What is asked: address and port."""
    port = asked.port
    for one in checker.inside:
        address = normal_address(one.value)
        if one.word == "connect_port":
            port = port_in(one.value) or port
        elif one.word == "connect_ip" and address and address != asked.rip:
            remarks.add(
                one.place,
                f"another address than the real server's is not asked ({address})",
                "health.through: vip asks the VIP on each real server",
            )
        elif one.word in ("bindto", "bind_port", "bind_if", "fwmark"):
            remarks.add(one.place, f"{one.word}: probes leave by an address of the director's own")
    asks = PROTOCOLS.get(KINDS[health["check"]].transport)
    usual = asked.usual if asks == asked.protocol else 0
    if asks and port and port != usual:
        health["port"] = port
        if port != asked.port or checker.word == "SMTP_CHECK":
            # Of clients none comes there, and whoever listens may do so on the RIP alone.
            health["through"] = "rip"


def _tcp(
    _checker: Statement, _said: Mapping[str, str], _asked: Asked, _remarks: Remarks
) -> Options:
    return {"check": "tcp"}


def _smtp(checker: Statement, _said: Mapping[str, str], _asked: Asked, remarks: Remarks) -> Options:
    remarks.add(checker.place, "SMTP_CHECK: whether a connection is accepted is all that is asked")
    return {"check": "tcp"}


def _http(checker: Statement, said: Mapping[str, str], _asked: Asked, remarks: Remarks) -> Options:
    urls = [one for one in checker.inside if one.word == "url"]
    for more in urls[1:]:
        remarks.add(more.place, "one path is asked for: this url is left out")
    is_tls = checker.word == "SSL_GET"
    health: dict[str, Any] = {"check": "https" if is_tls else "http"}
    host = said.get("virtualhost", "")
    for one in urls[0].inside if urls else ():
        if one.word == "path" and one.value:
            health["url"] = one.value
        elif one.word == "virtualhost":
            host = one.value
        elif one.word == "status_code":
            health["statuses"] = [*one.values]
        elif one.word == "regex" and one.value:
            health["pattern"] = one.value
            remarks.add(
                one.place,
                "the expression was for PCRE and is one of Python's now",
                "compare the two; only the body is searched, not the header",
            )
        elif one.word == "digest":
            remarks.add(
                one.place,
                "a digest of the page is not compared",
                "health.pattern finds a text in it",
            )
        else:
            ignored(one, "url", remarks)
    if host:
        health["host"] = host
    sni = checker.find("sni_name")
    if is_tls and sni and sni.value != host:
        health["server_name"] = sni.value
    return health


def _dns(checker: Statement, _said: Mapping[str, str], _asked: Asked, remarks: Remarks) -> Options:
    kind, name = checker.find("type"), checker.find("name")
    wanted = (kind.value if kind else "SOA").upper()
    if kind and wanted not in TYPES:
        remarks.add(kind.place, f"DNS_CHECK for {shown(wanted)}: asks for SOA", "see query_type")
        wanted = "SOA"
    return {
        "check": "dns",
        "query_name": name.value if name and name.value else ".",
        "query_type": wanted,
    }


def _udp(checker: Statement, _said: Mapping[str, str], _asked: Asked, remarks: Remarks) -> Options:
    health: dict[str, Any] = {"check": "udp"}
    for name, word in (("send", "payload"), ("expect", "require_reply")):
        said = checker.find(word)
        if said is None:
            continue
        data = _bytes(said)
        if data is None:
            # Another datagram may not be answered, and another answer may be a bad one.
            remarks.add(
                said.place,
                f"{checker.word} is left out: {word} has something else than whole bytes in "
                "hexadecimal digits",
                "say the bytes in health.send and health.expect (docs/health.md)",
            )
            return {}
        health[name] = data
    return health


def _bytes(statement: Statement) -> str | None:
    """Bytes in hexadecimal digits, as this collection writes them; None for anything else."""
    digits: list[str] = []
    for word in statement.values:
        digits += [word[at : at + 2].rjust(2, "0") for at in range(0, len(word), 2)]
    if not all(map(_HEX.fullmatch, digits)):
        return None
    return "".join(f"\\x{one}" for one in digits)


def _script(
    checker: Statement, _said: Mapping[str, str], _asked: Asked, remarks: Remarks
) -> Options:
    path = checker.find("misc_path")
    words = " ".join(path.values).split() if path else []
    health: dict[str, Any] = {"check": "script", "script": words[0] if words else ""}
    limit = checker.find("misc_timeout")
    if limit and seconds_in(limit.value):
        health["timeout"] = seconds_in(limit.value)
    if words[1:]:
        health.update(_TRIAL)
        remarks.add(
            path.place if path else checker.place,
            f"{shown(words[0])} gets no arguments, and no shell",
            "let it read LVS_RIP, LVS_PORT and others (docs/health.md), then take `floor: 99` "
            "away: until then, nothing is taken out",
        )
    elif words:
        remarks.add(checker.place, f"the script {shown(words[0])} runs as root, see docs/health.md")
    dynamic = checker.find("misc_dynamic")
    if dynamic:
        remarks.add(dynamic.place, "misc_dynamic: a script says yes or no, and no weights")
    return health


_READERS: dict[str, Callable[[Statement, Mapping[str, str], Asked, Remarks], Options]] = {
    "HTTP_GET": _http,
    "SSL_GET": _http,
    "TCP_CHECK": _tcp,
    "SMTP_CHECK": _smtp,
    "DNS_CHECK": _dns,
    "UDP_CHECK": _udp,
    "MISC_CHECK": _script,
}
_ASKED = ("connect_ip", "connect_port", "bindto", "bind_port", "bind_if", "fwmark")
_OWN = {
    "HTTP_GET": ("url",),
    "SSL_GET": ("url", "enable_sni", "sni_name"),
    "TCP_CHECK": (),
    "SMTP_CHECK": ("helo_name",),
    "DNS_CHECK": ("type", "name"),
    "UDP_CHECK": ("payload", "require_reply", "min_reply_length", "max_reply_length"),
    "MISC_CHECK": ("misc_path", "misc_timeout", "misc_dynamic"),
}
