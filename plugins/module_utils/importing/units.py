# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Numbers, addresses and ports as other programs write them."""

from __future__ import annotations

import ipaddress
import re
from typing import Mapping

from ..net.addresses import HOST_PREFIX, family_of, normal_address
from .source import MAX_RANGE, Place, SourceError, shown

# What configurations name in place of numbers; of /etc/services the usual ones, as a controller
# may have others than the director.
PORTS = {
    "ftp": 21,
    "ssh": 22,
    "telnet": 23,
    "smtp": 25,
    "domain": 53,
    "http": 80,
    "www": 80,
    "www-http": 80,
    "pop3": 110,
    "ntp": 123,
    "imap": 143,
    "imap2": 143,
    "snmp": 161,
    "ldap": 389,
    "https": 443,
    "submission": 587,
    "ldaps": 636,
    "imaps": 993,
    "pop3s": 995,
    "radius": 1812,
    "radius-acct": 1813,
    "mysql": 3306,
    "sip": 5060,
    "sips": 5061,
    "postgresql": 5432,
    "http-alt": 8080,
    "webcache": 8080,
}

_DIGITS = re.compile("[0-9]{1,9}")
_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
_LAST_PART = re.compile("[0-9A-Fa-f]{1,4}")


def number_in(text: str) -> int | None:
    """Return a number; None for anything else."""
    return int(text) if _DIGITS.fullmatch(text) else None


def seconds_in(text: str) -> float | None:
    """Return seconds; None for anything else."""
    return float(text) if _SECONDS.fullmatch(text) else None


def short(seconds: float) -> float | int:
    """Return a number as people write it."""
    return int(seconds) if seconds == int(seconds) else seconds


def port_in(text: str) -> int | None:
    """Return a port by its number, or by its name; None for anything else."""
    return PORTS.get(text.lower(), number_in(text))


def endpoint_in(text: str) -> tuple[str, str]:
    """Part ADDRESS:PORT, [ADDRESS]:PORT, or an address alone."""
    if text.startswith("["):
        address, _bracket, port = text[1:].partition("]")
        return address, port[1:] if port.startswith(":") else port
    if text.count(":") > 1 and "." not in text.partition(":")[0]:
        return text, ""
    address, _colon, port = text.partition(":")
    return address, port.lstrip(":")  # ldirectord's own example has two of them


def prefix_in(text: str, family: str) -> int | None:
    """Return the length of a netmask, which may be written out; None for anything else."""
    number = number_in(text)
    if number is None:
        try:
            number = ipaddress.ip_network(f"0.0.0.0/{text}").prefixlen
        except ValueError:
            return None
    return number if 0 < number <= HOST_PREFIX[family] else None


def addresses_in(text: str, place: Place) -> list[str] | None:
    """Return the addresses of FIRST-LAST, FIRST-LASTPART, NETWORK/PREFIX, or of one address.

    None for anything else.
    """
    first, dash, last = text.partition("-")
    if "/" in text:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return None
        first, last = str(network[0]), str(network[-1])
    elif not dash:
        last = first
    low, high = normal_address(first), normal_address(_whole(first, last))
    if low is None or high is None or family_of(low) != family_of(high):
        return None
    begin, end = ipaddress.ip_address(low), ipaddress.ip_address(high)
    count = int(end) - int(begin) + 1
    if not 0 < count <= MAX_RANGE:
        raise SourceError(
            place, f"the range {shown(text)}: expected from 1 to {MAX_RANGE} addresses, got {count}"
        )
    return [normal_address(str(begin + step)) or "" for step in range(count)]


def _whole(first: str, last: str) -> str:
    """Return the last address, of which the last part may be all that is written."""
    between = ":" if ":" in first else "."
    if between in last or not _LAST_PART.fullmatch(last):
        return last
    return first.rpartition(between)[0] + between + last


def only(item: Mapping[str, object]) -> dict[str, object]:
    """Return an item without what is not said."""
    return {name: value for name, value in item.items() if value is not None}
