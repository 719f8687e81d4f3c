# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hypothesis strategies: hosts, and desired states of components."""

from __future__ import annotations

from hypothesis import strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    Address,
    Current,
    Desired,
    Link,
    Resource,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.roles import (
    director,
    real_server,
    router,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.sysctl.rules import ipv4_conf

DEVICES = ("eth0", "eth1")
ADDRESSES = ("10.0.0.100", "10.0.0.101", "2001:db8::100")
PER_DEVICE = {
    "arp_ignore": ("0", "1", "2"),
    "arp_announce": ("0", "1", "2"),
    "rp_filter": ("0", "1", "2"),
    "send_redirects": ("0", "1"),
    "accept_local": ("0", "1"),
}
TUNNELS: tuple[tuple[tuple[str, int | None, bool], ...], ...] = (
    (),
    (("ipip", None, False),),
    (("gue", 6080, False), ("ipip", None, False)),
    (("gre", None, False),),
)
HOST_SYSCTLS = ("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding")


PORTS = st.sampled_from(("80", "443", "8000-8999"))


@st.composite
def hosts(draw: st.DrawFn) -> Current:
    """A host with two interfaces, and perhaps an address of ours on the right place already."""
    resources: set[Resource] = {Link("lo", ""), *(Link(name, "") for name in DEVICES)}
    for address in draw(st.sets(st.sampled_from(ADDRESSES))):
        resources.add(Address("lo", address, 128 if ":" in address else 32))
    sysctls = {key: draw(st.sampled_from("01")) for key in HOST_SYSCTLS}
    for name, values in PER_DEVICE.items():
        for device in ("all", "default", *DEVICES):
            sysctls[ipv4_conf(device, name)] = draw(st.sampled_from(values))
    return Current(frozenset(resources), frozenset(("lo", *DEVICES)), sysctls)


@st.composite
def real_servers(draw: st.DrawFn) -> Desired:
    """A real server's desired state of such a host."""
    gateways = {"10.0.0.11": ("10.0.0.5", "10.0.0.6"), "2001:db8::11": ("2001:db8::5",)}
    routes = [
        {
            "source": source,
            "protocol": draw(st.sampled_from(real_server.PROTOCOLS)),
            "ports": draw(st.sampled_from(("0", "80", "8000-8999"))),
            "gateway": draw(st.sampled_from(gateways[source])),
        }
        for source in draw(st.sets(st.sampled_from(sorted(gateways))))
    ]
    vips = sorted(draw(st.sets(st.sampled_from(ADDRESSES))))
    tunnels = [
        {"type": kind, "local": local, "family": family, "port": port, "checksum": checksum}
        for family in sorted({"ipv6" if ":" in vip else "ipv4" for vip in vips})
        for kind, port, checksum in draw(st.sampled_from(TUNNELS))
        for local in draw(st.sampled_from((["10.0.0.11"], ["10.0.0.11", "2001:db8::11"])))
    ]
    desired, problems = real_server.parse(
        {
            "vips": vips,
            "tunnels": tunnels,
            "mss_limits": [
                {"address": vip, "size": draw(st.sampled_from((1400, 1440)))}
                for vip in vips
                if draw(st.booleans())
            ],
            "vip_device": "lo",
            "arp_interfaces": draw(st.sampled_from(([], ["all"], ["eth0"], ["eth1", "eth0"]))),
            "loose_rp_filter": draw(st.sampled_from(([], ["eth0"], ["eth0", "eth1"]))),
            "return_routes": routes,
            "return_table": 20020,
        }
    )
    assert not problems
    return desired


@st.composite
def directors(draw: st.DrawFn) -> Desired:
    """A director's desired state of such a host."""
    addresses = draw(st.sets(st.sampled_from(ADDRESSES)))
    desired, problems = director.parse(
        {
            "vips": [
                {"address": address, "interface": draw(st.sampled_from(DEVICES))}
                for address in sorted(addresses)
            ],
            "forward": draw(st.sampled_from(([], ["ipv4"], ["ipv4", "ipv6"]))),
            "no_redirects": draw(st.sampled_from(([], ["eth0"]))),
            "probe_interfaces": draw(st.sampled_from(([], ["eth0"]))),
            "liberal_conntrack": False,
            "lips": [],
            "helpers": [],
            "snat": [
                {
                    "address": address,
                    "protocol": draw(st.sampled_from(("tcp", "udp"))),
                    "ports": draw(PORTS),
                }
                for address in sorted(draw(st.sets(st.sampled_from(ADDRESSES))))
            ],
            "local_addresses": [
                {"real_server": "10.0.0.11", "first": "10.0.0.5", "last": last}
                for last in draw(st.sets(st.sampled_from(("10.0.0.5", "10.0.0.7")), max_size=1))
            ],
            "marks": [
                {
                    "address": address,
                    "protocol": draw(st.sampled_from(("tcp", "sctp"))),
                    "ports": draw(PORTS),
                    "mark": draw(st.sampled_from((1, 2))),
                }
                for address in sorted(draw(st.sets(st.sampled_from(ADDRESSES))))
            ],
        }
    )
    assert not problems
    return desired


@st.composite
def routers(draw: st.DrawFn) -> Desired:
    """A router's desired state of such a host."""
    addresses = draw(st.sets(st.sampled_from(ADDRESSES[:2])))
    desired, problems = router.parse(
        {
            "neighbours": [
                {
                    "address": address,
                    "interface": draw(st.sampled_from(DEVICES)),
                    "mac": draw(st.sampled_from(("52:54:00:00:00:05", "52:54:00:00:00:06"))),
                }
                for address in sorted(addresses)
            ]
        }
    )
    assert not problems
    return desired


def wants() -> st.SearchStrategy[Desired]:
    """A desired state of any component."""
    return st.one_of(real_servers(), directors(), routers(), st.just(Desired()))
