# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived's virtual servers and checkers, one thing at a time."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.importing.convert import Converted
from ansible_collections.lvs.topology.plugins.module_utils.importing.source import SourceError

from .sampled import imported, said


def service(inside: str, server: str = "", kind: str = "DR") -> Converted:
    return imported(
        f"virtual_server 10.0.0.100 80 {{\nlvs_method {kind}\n{inside}\n"
        f"real_server 10.0.0.11 80 {{\n{server}\n}}\n}}"
    )


def health(checker: str, inside: str = "") -> object:
    declared = service(inside, checker).declared
    [found] = declared.services.values()
    said_of_it: object = found["health"]
    return said_of_it


TIMES = {"interval": 60, "timeout": 5, "rise": 1, "fall": 2}


@pytest.mark.parametrize(
    ("checker", "expected"),
    [
        ("", False),
        ("TCP_CHECK {\n}", {"check": "tcp", **TIMES}),
        (
            "TCP_CHECK {\nconnect_port 81\n}",
            {"check": "tcp", "port": 81, "through": "rip", **TIMES},
        ),
        ("TCP_CHECK {\nretry 2\nconnect_timeout 1\ndelay_loop 2\n}", {"check": "tcp", "rise": 1}),
        (
            "TCP_CHECK {\ndelay_loop 0.01\n}",
            {"check": "tcp", **TIMES, "interval": 0.1, "timeout": 0.1},
        ),
        ("SMTP_CHECK {\n}", {"check": "tcp", **TIMES}),
        ("HTTP_GET {\n}", {"check": "http", **TIMES}),
        (
            "HTTP_GET {\nurl {\npath /a\nstatus_code 200-299 404\nregex x\n}\n}",
            {"check": "http", "url": "/a", "statuses": ["200-299", "404"], "pattern": "x", **TIMES},
        ),
        (
            "SSL_GET {\nsni_name b.example.com\nurl {\nvirtualhost a.example.com\n}\n}",
            {"check": "https", "host": "a.example.com", "server_name": "b.example.com", **TIMES},
        ),
        (
            "DNS_CHECK {\ntype a\nname example.com\n}",
            # A service of TCP, which is asked by UDP.
            {
                "check": "dns",
                "query_name": "example.com",
                "query_type": "A",
                "port": 80,
                **TIMES,
                "fall": 4,
            },
        ),
        (
            "UDP_CHECK {\npayload 01 2 aBc\nrequire_reply\n}",
            {"check": "udp", "send": "\\x01\\x02\\xaB\\x0c", "expect": "", "port": 80, **TIMES},
        ),
        (
            'MISC_CHECK {\nmisc_path "/bin/check"\nmisc_timeout 3\n}',
            {"check": "script", "script": "/bin/check", **TIMES, "timeout": 3, "fall": 1},
        ),
        (
            'MISC_CHECK {\nmisc_path "/bin/check --all"\n}',
            {"check": "script", "script": "/bin/check", **TIMES, "fall": 1, "floor": 99},
        ),
        ("PING_CHECK {\n}", False),
        ("FILE_CHECK {\n}\nTCP_CHECK {\n}", {"check": "tcp", **TIMES}),
    ],
)
def test_checkers(checker: str, expected: object) -> None:
    found = health(checker)
    if isinstance(expected, dict):
        usual = {"fall": 3, "interval": 2, "timeout": 1}
        expected = {name: one for name, one in expected.items() if one != usual.get(name)}
    assert found == expected


def test_checks_have_what_their_servers_say() -> None:
    assert health("TCP_CHECK {\n}\nretry 4", "delay_loop 7\nconnect_timeout 9\nretry 3") == {
        "check": "tcp",
        "interval": 7,
        "timeout": 7,
        "rise": 1,
        "fall": 5,
    }


@pytest.mark.parametrize(
    ("checker", "key"),
    [
        ("HTTP_GET {\nurl {\npath no/slash\n}\n}", "url"),
        ("HTTP_GET {\nurl {\nvirtualhost a,b\n}\n}", "host"),
        ("HTTP_GET {\nurl {\nstatus_code 2xx\n}\n}", "statuses"),
        ("HTTP_GET {\nurl {\nregex (\n}\n}", "pattern"),
        (f"UDP_CHECK {{\npayload {'00' * 1401}\n}}", "send"),
        (f"UDP_CHECK {{\nrequire_reply {'00' * 1401}\n}}", "expect"),
        ("MISC_CHECK {\nmisc_path relative\n}", "script"),
    ],
)
def test_a_check_that_would_ask_something_else_is_left_out(checker: str, key: str) -> None:
    converted = service("", checker)
    [found] = converted.declared.services.values()
    assert found["health"] is False
    sentence = f": health of service tcp-10.0.0.100-80 is left out: health.{key}: "
    assert any(sentence in one for one in said(converted))


@pytest.mark.parametrize("word", ["payload", "require_reply"])
def test_a_datagram_that_cannot_be_read_is_no_check(word: str) -> None:
    converted = service("", f"UDP_CHECK {{\npayload 01\n{word} 0x01\n}}")
    [found] = converted.declared.services.values()
    assert found["health"] is False
    assert any(f": UDP_CHECK is left out: {word} has " in one for one in said(converted))


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("sorry_server 10.0.0.99 80", {"fallback": "rs-10-0-0-99"}),
        ("sorry_server 127.0.0.1 80", {"fallback": "director"}),
        (
            "sorry_server 10.0.0.99 80\nquorum 5",
            {"fallback": "rs-10-0-0-99", "floor": 50, "on_floor": "withdraw"},
        ),
        # In keepalived it takes nothing out of the table, either.
        ("quorum 5", {}),
        # Nor does it once the sorry server is lost.
        ("sorry_server 10.0.0.11 80\nquorum 5", {}),
        (
            "sorry_server 10.0.0.99 80\nsorry_server_lvs_method TUN",
            {"fallback": {"host": "rs-10-0-0-99", "mode": "tun"}},
        ),
        ("sorry_server 10.0.0.99 80\nsorry_server_lvs_method NAT", {}),
    ],
)
def test_sorry_servers(inside: str, expected: dict[str, Any]) -> None:
    found = service(inside, "weight 10\nTCP_CHECK {\n}").declared.services["tcp-10.0.0.100-80"]
    policy = {name: found["health"].get(name) for name in ("fallback", "floor", "on_floor")}
    assert {name: one for name, one in policy.items() if one is not None} == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10.0.0.0/8 80", "main:2: the range '10.0.0.0/8': expected from 1 to 4096 addresses"),
        ("10.0.0.1-11.0.0.1 80", "expected from 1 to 4096 addresses, got 16777217"),
        ("2001:db8::/32 80", "expected from 1 to 4096 addresses"),
        ("10.0.0.9-2 80", "expected from 1 to 4096 addresses, got -6"),
    ],
)
def test_ranges_of_millions(text: str, message: str) -> None:
    with pytest.raises(SourceError) as error:
        imported(f"virtual_server_group a {{\n{text}\n}}\nvirtual_server group a {{\n}}")
    assert message in str(error.value)


def test_groups() -> None:
    converted = imported(
        "virtual_server_group a {\n10.0.0.1-2 80\n10.0.0.250-10.0.1.1 80\n10.0.2.8/30 80\n"
        "fwmark 7 inet6\nx 80\n}\n"
        "virtual_server group a {\nlb_kind DR\nreal_server 10.1.0.1 80 {\n}\n}\n"
        "virtual_server group none {\n}"
    )
    [found] = converted.declared.services.values()
    assert len(found["vips"]) == 2 + 8 + 4
    assert {one.partition(": ")[0] for one in said(converted)} >= {"main:6", "main:8", "main:13"}


def test_a_pair_needs_both() -> None:
    converted = imported(
        "vrrp_instance a {\nvirtual_router_id 300\ninterface eth0\nnopreempt\n}\n"
        "virtual_server 10.0.0.100 80 {\nreal_server 10.0.0.11 80 {\n}\n}"
    )
    assert converted.declared.variables["topology_high_availability"] == {
        "engine": "vrrp",
        "interface": "eth0",
    }
    sentences = "\n".join(said(converted))
    assert "main:1: the file does not say who the other director is" in sentences
    assert (
        "main:1: virtual_router_id '300' is left out: expected a number from 1 to 255" in sentences
    )


@pytest.mark.parametrize(
    ("gateway", "is_one"),
    [
        ("10.1.0.1/24", True),
        ("10.1.0.254/28", False),
        ("10.1.0.1/28", True),
        ("10.1.1.1/24", False),
        ("10.1.0.1", False),
        ("2001:db8::1/64", False),
    ],
)
def test_the_gateway_is_in_the_network_of_a_real_server(gateway: str, is_one: bool) -> None:  # noqa: FBT001 - of a test
    converted = imported(
        f"vrrp_instance a {{\nvirtual_ipaddress {{\n{gateway}\n}}\n}}\n"
        "virtual_server 10.0.0.100 80 {\nlb_kind NAT\nreal_server 10.1.0.11 80 {\n}\n}"
    )
    assert any("is taken for the gateway" in one for one in said(converted)) is is_one


def test_a_pair_is_of_two() -> None:
    converted = imported(
        "vrrp_instance a {\nunicast_src_ip 10.0.0.5\nunicast_peer {\n10.0.0.5\n2001:db8::6\n"
        "10.0.0.6\n10.0.0.7\n10.0.0.6\n10.0.0.8\n}\n}\n"
        "virtual_server 10.0.0.100 80 {\nreal_server 10.0.0.11 80 {\n}\n}"
    )
    assert converted.declared.hosts["lvs_directors"] == {
        "director1": {"ansible_host": "10.0.0.5"},
        "director2": {"ansible_host": "10.0.0.6"},
    }
    assert [one.partition(": a pair")[0] for one in said(converted) if "the peer" in one] == [
        "main:7: the peer 10.0.0.7 is left out",
        "main:9: the peer 10.0.0.8 is left out",
    ]


def test_both_directors_are_asked_of_the_pair() -> None:
    """What it lacks can be given to it: no service goes for that."""
    converted = imported(
        "vrrp_instance a {\ninterface eth7\nunicast_src_ip 10.0.0.5\nunicast_peer {\n10.0.0.6\n"
        "}\n}\nvirtual_server 10.0.0.100 80 {\nlb_kind NAT\nreal_server 10.1.0.11 80 {\n}\n}"
    )
    assert [*converted.declared.services] == ["tcp-10.0.0.100-80"]
    assert converted.differences == []
    [remark] = [one for one in said(converted) if one.startswith("the declaration: ")]
    assert "the playbook site refuses it: " in remark
    assert "got 2 DIPs: 10.0.0.5, 10.0.0.6; expected one DIP that moves with the VIPs" in remark


def test_the_director_of_a_pair_is_no_real_server() -> None:
    converted = imported(
        "vrrp_instance a {\nunicast_src_ip 10.0.0.5\nunicast_peer {\n10.0.0.6\n}\n}\n"
        "virtual_server 10.0.0.100 80 {\nsorry_server 127.0.0.1 80\n"
        "real_server 10.0.0.11 80 {\nTCP_CHECK {\n}\n}\n}"
    )
    [found] = converted.declared.services.values()
    assert "fallback" not in found["health"]
    assert any("a director of a pair is no real server" in one for one in said(converted))


def test_the_director_itself_has_the_mode_of_the_service() -> None:
    converted = service("sorry_server 127.0.0.1 80\nsorry_server_lvs_method NAT", "TCP_CHECK {\n}")
    assert converted.declared.services["tcp-10.0.0.100-80"]["health"]["fallback"] == "director"
    assert converted.differences == []


def test_a_script_is_not_read() -> None:
    with pytest.raises(SourceError, match="main:1: a script, which is not run"):
        imported("#!/bin/sh\nipvsadm -A -t $VIP:80")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "server {\nlisten 80\n}",
        "vrrp_instance a {\n}",
        "virtual_server www.example.com 80 {\n}",
    ],
)
def test_no_service_is_no_import(text: str) -> None:
    with pytest.raises(
        SourceError, match=r"^main: no virtual server found: is it keepalived\.conf, "
    ):
        imported(text)


def test_what_is_not_known_is_said() -> None:
    assert said(service("frobnicate 7", "TCP_CHECK {\n}"))[0] == (
        "main:3: 'frobnicate' in virtual_server is not known, and left out"
    )
