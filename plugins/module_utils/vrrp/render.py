# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The text of keepalived's configuration, and of what its unit gets besides: keepalived.conf(5).

Written for keepalived 2.2.7 and newer. It has VRRP alone: the table is ours.
"""

from __future__ import annotations

import math
from typing import Iterable, Iterator

from ..net.addresses import HOST_PREFIX, family_of
from .model import Floating, Instance, Pair

HEADER = "# Written by the Ansible collection lvs.topology, and replaced by its next run.\n"

READY, NOT_READY, DRAINED = "0", "1", "2"
_NAME = "lvs_topology"
_TAKEOVER = 4  # intervals: three, and a fraction by the priority
# A director without another one talks to itself, in a packet that no socket takes. Without a peer
# keepalived would go over to multicast, and lose its state when a peer comes.
_NOBODY = {"ipv4": "127.0.0.1", "ipv6": "::1"}

# --release-vips: a keepalived that was killed has left its addresses, and another director has them
# by now. Without --vrrp nothing of IPVS would start either, since no virtual_server is there; with
# it, files that somebody includes later cannot change that. Distributions call the variable
# differently.
_ARGUMENTS = "--vrrp --release-vips"


def drop_in(pair: Pair, folder: str) -> str:
    """What the unit keepalived.service gets besides; the folder is below /run.

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
RuntimeDirectory={folder}
RuntimeDirectoryPreserve=yes
Restart=always
RestartSec={pause}
"""


def configuration(pair: Pair, ready_file: str) -> str:
    """The whole file."""
    return "\n".join([HEADER, *_lines(pair, ready_file), ""])


def _lines(pair: Pair, ready_file: str) -> Iterator[str]:
    yield from (
        "global_defs {",
        "    vrrp_version 3",
        # While addresses come and go, the two have different ones for a moment.
        "    vrrp_skip_check_adv_addr",
        # Of two masters that meet, the one that stays hears of the other, and tells the neighbours.
        "    vrrp_higher_prio_send_advert true",
        # Again every minute: a neighbour may have missed the first ones.
        "    vrrp_garp_master_refresh 60",
        "}",
        "",
        # In words of vrrp_track_file: any number but 0 is a fault.
        f"track_file {_NAME} {{",
        f'    file "{ready_file}"',
        "    weight 0",
        f"    init_file {NOT_READY}",
        "}",
    )
    names = [f"{_NAME}_{one.family}" for one in pair.instances]
    if len(names) > 1:
        yield from ("", f"vrrp_sync_group {_NAME} {{")
        yield from _block("group", names)
        yield "}"
    for name, one in zip(names, pair.instances):
        yield ""
        yield from _instance(name, one, pair)


def _instance(name: str, one: Instance, pair: Pair) -> Iterator[str]:
    first, others = _advertised(one)
    yield from (
        f"vrrp_instance {name} {{",
        "    state BACKUP",
        "    nopreempt",
        f"    interface {pair.interface}",
        f"    virtual_router_id {pair.router_id}",
        f"    priority {pair.priority}",
        f"    advert_int {pair.interval:g}",
        f"    unicast_src_ip {one.source}",
    )
    yield from _block("unicast_peer", [one.peer or _NOBODY[one.family]])
    yield from _block("track_file", [_NAME])
    if pair.track:
        yield from _block("track_interface", pair.track)
    yield from _block("virtual_ipaddress", [_address(first)])
    if others:
        yield from _block("virtual_ipaddress_excluded", map(_address, others))
    yield "}"


def _advertised(one: Instance) -> tuple[Floating, list[Floating]]:
    """The address that is named in advertisements, and all others.

    One is enough, and has to be of their family. With many, an advertisement comes too late.
    """
    first = next(each for each in one.addresses if family_of(each.address) == one.family)
    return first, [each for each in one.addresses if each != first]


def _address(floating: Floating) -> str:
    prefix = HOST_PREFIX[family_of(floating.address)]
    return f"{floating.address}/{prefix} dev {floating.interface}"


def _block(name: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"    {name} {{"
    yield from (f"        {line}" for line in lines)
    yield "    }"
