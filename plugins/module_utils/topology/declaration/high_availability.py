# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is declared of a pair of directors."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, NamedTuple

from ...ipvs.sync_daemon import DEFAULT_GROUP, DEFAULT_PORT, MAX_ID, is_group
from ...net.addresses import MAX_PORT, normal_address
from ...vrrp.schema import MAX_INTERVAL, MAX_ROUTER_ID, MIN_INTERVAL, is_vrrp_interface
from .key import Key

ENGINE = "vrrp"

SYNC_KEYS: dict[str, Key] = {
    "enabled": Key(
        "Synchronise connections, so that they continue on the other director. Use V(false) if a "
        "service has real servers of both families, which the kernel cannot synchronise.",
        "bool",
        default=True,
    ),
    "interface": Key("The interface for it. The default is that of VRRP."),
    "group": Key(
        f"The multicast group, IPv4 or IPv6. The default is V({DEFAULT_GROUP}), or V(ff02::81) if "
        "the directors have no IPv4 address on the interface."
    ),
    "port": Key("The UDP port.", "int", DEFAULT_PORT, low=1, high=MAX_PORT),
    "id": Key(
        "The syncid of what the first director sends; the second one uses the next number. The "
        "default is the virtual router ID.",
        "int",
        high=MAX_ID - 1,
    ),
}

KEYS: dict[str, Key] = {
    "engine": Key(
        "What moves the VIPs. V(vrrp) is the distribution's keepalived, used for VRRP only.",
        choices=(ENGINE,),
    ),
    "virtual_router_id": Key(
        "The virtual router ID, which must be unique on the directors' link. The default is "
        "derived from their names, and kept from then on.",
        "int",
        low=1,
        high=MAX_ROUTER_ID,
    ),
    "advertisement_interval": Key(
        "Seconds from one advertisement to the next. A director counts as dead after three of "
        "them and a fraction.",
        "float",
        1.0,
        low=MIN_INTERVAL,
        high=MAX_INTERVAL,
    ),
    "interface": Key("The interface on which the directors talk. The default is that of the DIP."),
    "sync": Key("Synchronisation of connections.", "dict", {}, keys=SYNC_KEYS),
}


class Sync(NamedTuple):
    """How connections are synchronised."""

    interface: str
    group: str  # "" = the default
    port: int
    first_id: int | None


class HighAvailability(NamedTuple):
    """A pair."""

    router_id: int | None
    interval: float
    interface: str
    sync: Sync | None


def parse(option: Mapping[str, Any]) -> HighAvailability | None:
    """The pair that is declared; None without an engine."""
    if not option.get("engine"):
        return None
    sync = option.get("sync") or {}
    return HighAvailability(
        option.get("virtual_router_id"),
        float(option.get("advertisement_interval") or 1.0),
        option.get("interface") or "",
        Sync(
            sync.get("interface") or "",
            normal_address(sync.get("group") or "") or "",
            sync.get("port") or DEFAULT_PORT,
            sync.get("id"),
        )
        if sync.get("enabled", True)
        else None,
    )


def problems(option: Mapping[str, Any]) -> Iterator[tuple[str, object, str]]:
    """What is wrong with it: the place, what it got, and what it expected."""
    if not option.get("engine"):
        given = [name for name, value in option.items() if value is not None and name != "sync"]
        if option.get("virtual_router_id") or option.get("interface"):
            yield "engine", None, f"{ENGINE} beside {', '.join(given)}"
        return
    sync = option.get("sync") or {}
    yield from _numbers(option, KEYS, "")
    yield from _numbers(sync, SYNC_KEYS, "sync.")
    for where, keys in (("", option), ("sync.", sync)):
        name = keys.get("interface")
        if name and not is_vrrp_interface(name):
            expected = "an interface whose name has letters, digits, dot, dash and underscore only"
            yield f"{where}interface", name, expected
    group = sync.get("group")
    if group:
        address = normal_address(group)
        if address is None or not is_group(address):
            yield "sync.group", group, "a multicast address"


def _numbers(
    given: Mapping[str, Any], keys: Mapping[str, Key], where: str
) -> Iterator[tuple[str, object, str]]:
    for name, key in keys.items():
        value = given.get(name)
        if key.high and value is not None and not key.low <= value <= key.high:
            yield f"{where}{name}", value, f"a number from {key.low} to {key.high}"
