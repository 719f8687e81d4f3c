# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hypothesis strategies: whole IPVS tables that the kernel accepts."""

from __future__ import annotations

from hypothesis import strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.ipvs import model, schema
from ansible_collections.lvs.topology.plugins.module_utils.net.addresses import HOST_PREFIX
from ansible_collections.lvs.topology.plugins.module_utils.tunnels.table import KINDS

# Debian builds all of the kernel's schedulers but this one.
DEBIAN_SCHEDULERS = tuple(name for name in model.SCHEDULERS if name != "twos")

_HOSTS = {"ipv4": "192.0.2.{}", "ipv6": "2001:db8::{}"}


def addresses(family: str) -> st.SearchStrategy[str]:
    """A few addresses, so that tables collide and differ in interesting ways."""
    return st.integers(1, 4).map(_HOSTS[family].format)


@st.composite
def destinations(draw: st.DrawFn, family: str, port: int) -> dict[str, object]:
    """One destination in the input's shape."""
    forwarding = draw(st.sampled_from(model.FORWARDINGS))
    upper = draw(st.integers(0, 10))
    item: dict[str, object] = {
        "address": draw(addresses(family)),
        "port": draw(st.sampled_from([port, 8080])) if forwarding == "masq" else port,
        "forwarding": forwarding,
        "weight": draw(st.integers(0, 3)),
        "upper_threshold": upper,
        "lower_threshold": draw(st.integers(0, upper)),
    }
    if forwarding == "tunnel":
        kind = draw(st.sampled_from([*KINDS.values()]))
        item |= {
            "tunnel_type": kind.name,
            "tunnel_port": 6080 if kind.has_port else 0,
            "tunnel_checksum": draw(st.sampled_from([*kind.checksums])),
        }
    return item


@st.composite
def services(draw: st.DrawFn) -> dict[str, object]:
    """One service with its destinations in the input's shape."""
    family = draw(st.sampled_from(model.FAMILIES))
    port = draw(st.sampled_from([80, 443]))
    item: dict[str, object]
    if draw(st.booleans()):
        protocol = draw(st.sampled_from(model.PROTOCOLS))
        item = {"address": draw(addresses(family)), "protocol": protocol, "port": port}
        item["one_packet"] = protocol == "udp" and draw(st.booleans())
    else:
        port = 0
        item = {"fwmark": draw(st.integers(1, 3)), "family": family}
    item["scheduler"] = draw(st.sampled_from(DEBIAN_SCHEDULERS))
    if item["scheduler"] in model.FLAGGED_SCHEDULERS:
        item["scheduler_flags"] = draw(st.lists(st.sampled_from(model.SCHEDULER_FLAGS)))
    if draw(st.booleans()):
        item["persistence_timeout"] = draw(st.integers(1, 600))
        item["persistence_prefix"] = draw(st.integers(1, HOST_PREFIX[family]))
    item["destinations"] = draw(
        st.lists(
            destinations(family, port),
            max_size=4,
            unique_by=lambda one: (one["address"], one["port"]),
        )
    )
    return item


def tables() -> st.SearchStrategy[model.Table]:
    """A whole table."""
    return st.lists(services(), max_size=6).map(lambda items: schema.parse_services(items)[0])
