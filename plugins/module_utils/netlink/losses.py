# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Which messages of the kernel say that a host may have lost something.

Layouts and numbers: include/uapi/linux/rtnetlink.h, if_link.h, if_addr.h, fib_rules.h,
netconf.h, netfilter/nfnetlink.h, netfilter/nf_tables.h.
"""

from __future__ import annotations

import struct
from typing import Mapping

from .message import attributes, messages

NETLINK_ROUTE, NETLINK_NETFILTER = 0, 12

_LINK, _NETCONF_IPV4, _NETCONF_IPV6 = 1, 24, 25
_ADDRESS = (5, 9)  # of IPv4, of IPv6
_ROUTE = (7, 11)
_RULE = (8, 19)
_NFTABLES = 7

GROUPS: Mapping[int, tuple[int, ...]] = {
    NETLINK_ROUTE: (_LINK, *_ADDRESS, *_ROUTE, *_RULE, _NETCONF_IPV4, _NETCONF_IPV6),
    NETLINK_NETFILTER: (_NFTABLES,),
}
"""The groups to listen to, by protocol."""

RTM_NEWLINK, RTM_DELLINK = 16, 17
RTM_DELADDR = 21
RTM_DELROUTE = 25
RTM_DELRULE = 33
RTM_NEWNETCONF = 80
NFT_MSG_DELTABLE = 10 << 8 | 2  # of NFNL_SUBSYS_NFTABLES

_INTERFACE = struct.Struct("=BxHiII")  # ifinfomsg: family, type, index, flags, change
_NUMBER = struct.Struct("=i")
_IFF_UP = 1
_SCOPE_AT = 3  # in ifaddrmsg
_RT_SCOPE_LINK = 253
_TABLE_AT = 4  # in rtmsg
_OTHERS_TABLES = (253, 254, 255)  # default, main, local
_NETCONF_HEADER = 4  # netconfmsg, padded
_NETCONFA_FORWARDING, _NETCONFA_RP_FILTER = 2, 3
_STRICT = 1


def may_concern_us(protocol: int, data: bytes) -> bool:
    """Tell whether a datagram says so.

    Few do: a host with containers or routing programs sends many, and each costs a look at it. One
    that cannot be read does: it did not fit into the reader's buffer.
    """
    try:
        return any(
            _is_loss(protocol, kind, data, start, end)
            for kind, _flags, _sequence, start, end in messages(data)
        )
    except (ValueError, IndexError, struct.error):
        return True


def _is_loss(protocol: int, kind: int, data: bytes, start: int, end: int) -> bool:
    if protocol == NETLINK_NETFILTER:
        return kind == NFT_MSG_DELTABLE  # `nft flush ruleset` does that
    if kind == RTM_NEWLINK:
        # The kernel forgets IPv6 addresses and routes of a link that goes down, and does not
        # announce the routes: whether they can be there again is seen once it is up.
        changed = _INTERFACE.unpack_from(data, start)[-1]
        return bool(changed & _IFF_UP)
    if kind == RTM_DELADDR:
        return data[start + _SCOPE_AT] != _RT_SCOPE_LINK
    if kind == RTM_DELROUTE:
        return data[start + _TABLE_AT] not in _OTHERS_TABLES
    if kind == RTM_NEWNETCONF:
        return _is_closing(data, start + _NETCONF_HEADER, end)
    return kind in (RTM_DELLINK, RTM_DELRULE)


def _is_closing(data: bytes, start: int, end: int) -> bool:
    """Whether forwarding goes off, or the check of sources becomes strict."""
    places = attributes(data, start, end)
    values = {one: _NUMBER.unpack_from(data, place[0])[0] for one, place in places.items()}
    return values.get(_NETCONFA_FORWARDING) == 0 or values.get(_NETCONFA_RP_FILTER) == _STRICT
