# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The text of keepalived's configuration, and of what its unit gets besides: keepalived.conf(5).

Written for keepalived 2.2.7 and newer. It has VRRP alone: the table is ours.
"""

from __future__ import annotations

import math
from typing import Iterable, Iterator, NamedTuple

from ..net.addresses import HOST_PREFIX, family_of
from .model import Floating, Pair

HEADER = "# Written by the Ansible collection lvs.topology, and replaced by its next run.\n"

READY, NOT_READY, DRAINED = "0", "1", "2"
HEALTHY, NOT_HEALTHY = "0", "1"
_NAME, _HEALTH = "lvs_topology", "lvs_topology_health"

# The same for both: a master is left alone by an equal, and gives way to a better one. It is the
# highest one: the fraction of an interval for which a backup waits beside is (256 - priority) / 256
# (RFC 5798).
_PRIORITY = 254
_WITHOUT_HEALTH = -100
_TAKEOVER = 4  # intervals: three, and a fraction by the priority
# A director without another one talks to itself, in a packet that no socket takes. Without a peer
# keepalived would go over to multicast, and lose its state when a peer comes.
_NOBODY = {"ipv4": "127.0.0.1", "ipv6": "::1"}

# --release-vips: a keepalived that was killed has left its addresses, and another director has them
# by now. Without --vrrp nothing of IPVS would start either, since no virtual_server is there; with
# it, files that somebody includes later cannot change that. Distributions call the variable
# differently.
_ARGUMENTS = "--vrrp --release-vips"


class Places(NamedTuple):
    """What texts name."""

    ready_file: str
    healthy_file: str
    runtime_folder: str  # below /run


def drop_in(pair: Pair, places: Places) -> str:
    """What the unit keepalived.service gets besides.

    A keepalived that dies leaves its addresses, and IPVS goes on with them. It starts again, and
    takes them away, once another director has had the time to be master.
    """
    pause = math.ceil(_TAKEOVER * pair.interval) + 1
    return f"""\
{HEADER}\
[Unit]
# The table is filled before this director may be master.
After=lvs-topology.service
StartLimitIntervalSec=0

[Service]
EnvironmentFile=
Environment="DAEMON_ARGS={_ARGUMENTS}" "KEEPALIVED_OPTIONS={_ARGUMENTS}"
RuntimeDirectory={places.runtime_folder}
RuntimeDirectoryPreserve=yes
Restart=always
RestartSec={pause}
"""


def configuration(pair: Pair, places: Places) -> str:
    """The whole file."""
    return "\n".join([HEADER, *_lines(pair, places), ""])


def _lines(pair: Pair, places: Places) -> Iterator[str]:
    yield from (
        "global_defs {",
        "    vrrp_version 3",
        # While addresses come and go, the two have different ones for a moment.
        "    vrrp_skip_check_adv_addr",
        # The peer is the only one who is heard. Who has the same number, such as a director that
        # has left the pair while it could not be reached, would take the VIPs to where nobody is.
        "    vrrp_check_unicast_src",
        # Of two masters that meet, the one that stays hears of the other, and tells the neighbours.
        "    vrrp_higher_prio_send_advert true",
        # Again every minute: a neighbour may have missed the first ones.
        "    vrrp_garp_master_refresh 60",
        "}",
        "",
        # In words of vrrp_track_file: any number but 0 is a fault.
        *_track_file(_NAME, places.ready_file, 0, NOT_READY),
    )
    if pair.health:
        # It counts for less, and is master where nobody counts for more.
        yield ""
        yield from _track_file(_HEALTH, places.healthy_file, _WITHOUT_HEALTH, NOT_HEALTHY)
    yield ""
    yield from _instance(pair)


def _track_file(name: str, path: str, weight: int, at_first: str) -> Iterator[str]:
    yield from (
        f"track_file {name} {{",
        f'    file "{path}"',
        f"    weight {weight}",
        f"    init_file {at_first}",
        "}",
    )


def _instance(pair: Pair) -> Iterator[str]:
    first, others = _advertised(pair)
    yield from (
        f"vrrp_instance {_NAME} {{",
        "    state BACKUP",
        f"    interface {pair.interface}",
        f"    virtual_router_id {pair.router_id}",
        f"    priority {_PRIORITY}",
        f"    advert_int {pair.interval:g}",
        f"    unicast_src_ip {pair.source}",
    )
    yield from _block("unicast_peer", [pair.peer or _NOBODY[pair.family]])
    yield from _block("track_file", [_NAME, *([_HEALTH] if pair.health else ())])
    if pair.track:
        yield from _block("track_interface", pair.track)
    yield from _block("virtual_ipaddress", [_address(first)])
    if others:
        yield from _block("virtual_ipaddress_excluded", map(_address, others))
    yield "}"


def _advertised(pair: Pair) -> tuple[Floating, list[Floating]]:
    """The address that is named in advertisements, and all others.

    One is enough, and has to be of their family. With many, an advertisement comes too late.
    """
    first = next(one for one in pair.addresses if family_of(one.address) == pair.family)
    return first, [one for one in pair.addresses if one != first]


def _address(floating: Floating) -> str:
    prefix = HOST_PREFIX[family_of(floating.address)]
    return f"{floating.address}/{prefix} dev {floating.interface}"


def _block(name: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"    {name} {{"
    yield from (f"        {line}" for line in lines)
    yield "    }"
