# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of real_server, behind tunnels, on a host in memory."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import program
from ansible_collections.lvs.topology.plugins.module_utils.host.model import MssLimit, NftTable
from ansible_collections.lvs.topology.plugins.modules import real_server
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)

RIP, RIP6 = "10.0.0.11", "2001:db8:10::11"
VIPS = ["10.0.0.100", "2001:db8:10::100"]
IPIP, SIT, GRE = "ipip-0a00000b", "sit-0a00000b", "gre-0a00000b"
LIMIT = {"address": "10.0.0.100", "size": 1428}
EVERYTHING: dict[str, Any] = {
    "vips": VIPS,
    "tunnels": [
        {"local": RIP},
        {"local": RIP, "family": "ipv6"},
        {"type": "gre", "local": RIP, "checksum": True},
        {"type": "gue", "local": RIP, "port": 6080},
        {"type": "gue", "local": RIP6, "port": 6080},
        {"type": "gre", "local": RIP6, "family": "ipv4"},
    ],
    "mss_limits": [LIMIT],
}


def run(*, check: bool = False, **arguments: object) -> dict[str, Any]:
    return run_module(real_server.main, check=check, **arguments)


def test_a_tunnel_that_leaves_later_comes_up_until_then(host: FakeHost) -> None:
    run(vips=VIPS, tunnels=[{"local": RIP}])
    run(vips=[], phase="prepare")
    host.up.discard(IPIP)
    assert program.main() == 0
    assert IPIP in host.up
    run(vips=[], phase="finish")
    assert IPIP not in host.tunnels


def test_present_again_and_absent(host: FakeHost) -> None:
    host.set("net/ipv4/conf/all/rp_filter", "1")
    before = host.snapshot()
    predicted = run(check=True, **EVERYTHING)
    assert host.snapshot() == before
    assert run(**EVERYTHING) == predicted
    present = host.snapshot()
    assert not run(**EVERYTHING)["changed"]
    assert host.snapshot() == present
    predicted = run(check=True, state="absent")
    assert run(state="absent") == predicted
    assert host.snapshot() == before


def test_devices_ports_and_limits(host: FakeHost) -> None:
    run(**EVERYTHING)
    made = {name: host.kinds[name] for name in host.tunnels}
    assert made == {
        IPIP: "ipip",
        SIT: "sit",
        GRE: "gre",
        "ip6tnl-ccd364f7": "ip6tnl",
        "ip6gre-ccd364f7": "ip6gre",
    }
    assert {name: data["local"] for name, data in host.tunnels.items()} == {
        name: RIP6 if kind.startswith("ip6") else RIP for name, kind in made.items()
    }
    assert [name for name, data in host.tunnels.items() if data["icsum"]] == [GRE]
    assert set(made) <= host.up
    assert {(one["port"], one["family"]) for one in host.gue_ports} == {
        (6080, "inet"),
        (6080, "inet6"),
    }
    assert set(host.nft) == {NftTable("lvs_real_server"), MssLimit("10.0.0.100", 1428)}


def test_only_devices_for_ipv4_have_an_address_and_a_loose_filter(host: FakeHost) -> None:
    host.set("net/ipv4/conf/all/rp_filter", "1")
    run(**EVERYTHING)
    with_vip = {name for name, address, _prefix in host.addresses if address == "10.0.0.100"}
    assert with_vip == {"lo", IPIP, GRE, "ip6gre-ccd364f7"}
    loose = {name for name in host.tunnels if host.get(f"net/ipv4/conf/{name}/rp_filter") == "2"}
    assert loose == with_vip - {"lo"}


def test_deleted_device_comes_back_with_all_that_was_on_it(host: FakeHost) -> None:
    host.set("net/ipv4/conf/all/rp_filter", "1")
    run(**EVERYTHING)
    present = host.snapshot()
    host._link("delete", ["dev", IPIP])
    assert run(**EVERYTHING)["operations"] == [
        f"add tunnel {IPIP} (ipip) to {RIP}",
        f"set net.ipv4.conf.{IPIP}.rp_filter to 2",
        f"set link {IPIP} up",
        f"add address 10.0.0.100/32 on {IPIP}",
    ]
    assert host.snapshot() == present


def test_changed_device_is_made_anew(host: FakeHost) -> None:
    run(**EVERYTHING)
    present = host.snapshot()
    host.tunnels[IPIP]["remote"] = "10.0.0.5"
    operations = run(**EVERYTHING)["operations"]
    assert operations[:2] == [f"remove link {IPIP} (ipip)", f"add tunnel {IPIP} (ipip) to {RIP}"]
    assert host.snapshot() == present


@pytest.mark.usefixtures("host")
def test_checksums_are_a_matter_of_the_whole_device() -> None:
    tunnel = {"type": "gre", "local": RIP}
    run(vips=VIPS, tunnels=[tunnel])
    done = run(vips=VIPS, tunnels=[{**tunnel, "checksum": True}])
    assert done["operations"][:2] == [
        f"remove tunnel {GRE} (gre) to {RIP}",
        f"add tunnel {GRE} (gre with checksums) to {RIP}",
    ]
    assert not run(vips=VIPS, tunnels=[{**tunnel, "checksum": True}])["changed"]


def test_limit_that_somebody_took_away_comes_back(host: FakeHost) -> None:
    run(**EVERYTHING)
    host.nft = [NftTable("lvs_real_server")]
    assert run(**EVERYTHING)["operations"] == [
        "add TCP segments for 10.0.0.100 of at most 1428 bytes"
    ]
    run(**{**EVERYTHING, "mss_limits": [{**LIMIT, "size": 1400}]})
    assert set(host.nft) == {NftTable("lvs_real_server"), MssLimit("10.0.0.100", 1400)}


def test_boot_program_makes_it_so_again(host: FakeHost) -> None:
    run(**EVERYTHING)
    present = host.snapshot()
    for name in [*host.tunnels]:
        host._link("delete", ["dev", name])
    host.gue_ports.clear()
    host.nft.clear()
    assert program.main() == 0
    assert host.snapshot() == present


@pytest.mark.parametrize(
    ("refused", "error", "message"),
    [
        (
            "type ipip",
            "Error: Unknown device type.",
            (
                f"cannot add tunnel {IPIP} (ipip) to {RIP}: Error: Unknown device type "
                "(the kernel's module ipip is needed)"
            ),
        ),
        (
            "fou add",
            "Error talking to the kernel",
            (
                "cannot add gue port 6080 (ipv4): Error talking to the kernel "
                "(the kernel's module fou is needed)"
            ),
        ),
        (
            "type ipip",
            "RTNETLINK answers: Operation not permitted",
            f"cannot add tunnel {IPIP} (ipip) to {RIP}: RTNETLINK answers: Operation not permitted",
        ),
    ],
)
def test_what_the_kernel_lacks_is_named(
    host: FakeHost, refused: str, error: str, message: str
) -> None:
    before = host.snapshot()
    host.refuse, host.refusal = refused, error
    assert run(**EVERYTHING)["msg"] == message
    host.refuse = ""
    run(state="absent")
    assert host.snapshot() == before


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            {"local": RIP, "remote": "any"},
            (
                f"tunnel theirs (ipip) to {RIP} is not ours and in the way of tunnel {IPIP} "
                f"(ipip) to {RIP}: the kernel takes only one of them"
            ),
        ),
        ({"local": RIP, "remote": "10.0.0.5"}, ""),
        ({"local": "10.0.0.12", "remote": "any"}, ""),
    ],
)
def test_device_of_somebody_else(host: FakeHost, data: dict[str, Any], message: str) -> None:
    host.kinds["theirs"], host.tunnels["theirs"] = "ipip", data
    assert run(**EVERYTHING).get("msg", "") == message
    run(state="absent")
    assert host.kinds["theirs"] == "ipip"


@pytest.mark.parametrize("kind", ["gue", "ipproto"])
def test_port_of_somebody_else(host: FakeHost, kind: str) -> None:
    """One that unwraps GUE will do, and stays."""
    host.gue_ports = [{"port": 6080, kind: None, "family": "inet"}]
    message = run(**EVERYTHING).get("msg", "")
    in_the_way = "fou port 6080 (ipv4) is in the way of gue port 6080 (ipv4)"
    assert message == ("" if kind == "gue" else in_the_way)
    run(state="absent")
    assert host.gue_ports == [{"port": 6080, kind: None, "family": "inet"}]


def test_bad_input_is_told_all_at_once(host: FakeHost) -> None:
    before = host.snapshot()
    result = run(
        vips=[VIPS[1]],
        tunnels=[
            {"local": "10.0.0.300"},
            {"local": RIP},
            {"type": "gue", "local": RIP6},
            {"local": RIP6, "port": 6080, "checksum": True},
            {"type": "gre", "local": RIP6},
            {"type": "gre", "local": RIP6},
            {"type": "gre", "local": RIP6, "family": "ipv4", "checksum": True},
        ],
        mss_limits=[{**LIMIT, "size": 27}, LIMIT],
    )
    some_ipv4 = "expected an IPv4 address among vips for IPv4 to be sent to"
    assert result["problems"] == [
        (
            "tunnels[0].local: got '10.0.0.300', expected an IPv4 or IPv6 address, without prefix "
            "length or zone"
        ),
        f"tunnels[1]: got 'ipv4', {some_ipv4}",
        "tunnels[2].port: got 0, expected a number from 1 to 65535",
        "tunnels[3].port: got 6080, expected nothing: ipip has no port",
        "tunnels[3].checksum: got True, expected false: only gre has to be told of checksums",
        f"tunnels[5]: got 'gre {RIP6}', expected each only once: tunnels[4] is the same",
        f"tunnels[6]: got 'ipv4', {some_ipv4}",
        "mss_limits[0].size: got 27, expected a number from 28 to 65495",
        "mss_limits[1]: got '10.0.0.100', expected each only once: mss_limits[0] is the same",
        (
            "tunnels: got 'ip6gre-ccd364f7', expected checksums in all GRE tunnels to an address, "
            "or in none"
        ),
    ]
    assert host.snapshot() == before
