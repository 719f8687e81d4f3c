# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets as /proc/net lists them."""

from __future__ import annotations

import ipaddress
import struct

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.host.sockets import listening


@pytest.mark.parametrize(
    ("bound", "address"),
    [
        ("10.0.0.11", "10.0.0.11"),
        ("2001:db8::1", "2001:db8::1"),
        ("::", "::"),
        ("::ffff:10.0.0.11", "10.0.0.11"),
        ("::ffff:0.0.0.0", "0.0.0.0"),
    ],
)
def test_addresses(bound: str, address: str) -> None:
    packed = ipaddress.ip_address(bound).packed
    words = struct.unpack(f"={len(packed) // 4}I", packed)
    local = "".join(f"{word:08X}" for word in words)
    text = f"  sl  local_address ...\n   0: {local}:1F90 {'0' * len(local)}:0000 0A 0:0 0\n"
    assert [*listening("tcp", text)] == [{"protocol": "tcp", "address": address, "port": 8080}]
