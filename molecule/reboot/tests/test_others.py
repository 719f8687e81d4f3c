# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others do to a host is put back, prevented, or said beforehand: the real programs."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from testinfra.host import Host  # type: ignore[import-untyped]

# Everything of a host that others take. Addresses of IPv6 come back in any order.
SHOW = """
ip -o address show | awk '{print $2, $4}' | sort
ip rule; ip -6 rule; ip route show table 20020 2>/dev/null
nft list tables; sysctl -n net.ipv4.ip_forward net.ipv4.conf.all.arp_ignore
"""

# What a link needs again is networkd's business, and what networkd leaves is the guard's.
RECONFIGURE = "networkctl reconfigure inside"
DOWN_AND_UP = "ip link set inside down; ip link set inside up"
DISTURBANCES = {
    "director": (RECONFIGURE, DOWN_AND_UP, "nft flush ruleset"),
    "web1": (DOWN_AND_UP, "ip rule delete priority 20020"),
}
PUT_BACK = {
    "director": (
        "add address 10.0.0.100/32 on inside",
        "add address 2001:db8:10::100/128 on inside",
        "add rules of nft table inet lvs_director",
    ),
    "web1": (
        "add default route via 10.0.0.5 in table 20020",
        "add rule from 10.0.0.11 tcp port 80 to table 20020",
    ),
}

HARDENING = """
cat > /etc/sysctl.d/99-hardening.conf <<END
net.ipv4.ip_forward = 0
net.ipv4.conf.all.arp_ignore = 0
END
sysctl --system >/dev/null
systemctl restart systemd-sysctl
rm /etc/sysctl.d/99-hardening.conf
"""

UNTIL_WHOLE = "timeout 60 sh -c 'until sh /run/show | cmp -s - /run/whole; do sleep 0.2; done'"


@pytest.fixture(scope="module")
def whole(hosts: Mapping[str, Host]) -> dict[str, str]:
    """What the hosts have while all is well, and guards."""
    begin = f"cat > /run/show <<'END'{SHOW}END\nsh /run/show | tee /run/whole"
    guard = "systemctl start lvs-topology-guard"
    return {name: hosts[name].check_output(f"{guard}; {begin}") for name in DISTURBANCES}


def test_what_others_take_is_put_back(hosts: Mapping[str, Host], whole: dict[str, str]) -> None:
    def disturb(name: str) -> str:
        host = hosts[name]
        for disturbance in DISTURBANCES[name]:
            host.check_output(f"{disturbance}; ! sh /run/show | cmp -s - /run/whole")
            host.check_output(UNTIL_WHOLE)
        said: str = host.check_output("journalctl --unit lvs-topology-guard --no-pager")
        return said

    assert "10.0.0.100/32" in whole["director"]
    with ThreadPoolExecutor() as pool:
        said = dict(zip(whole, pool.map(disturb, whole), strict=True))
    missing = [each for name in said for each in PUT_BACK[name] if each not in said[name]]
    assert missing == []


def test_networkd_leaves_rules_alone(hosts: Mapping[str, Host], whole: dict[str, str]) -> None:
    rule = "from 10.0.0.11 ipproto tcp sport 80 lookup 20020"
    assert rule in whole["web1"]
    web1 = hosts["web1"]
    # It takes the address, which nobody puts back.
    web1.check_output("systemctl stop lvs-topology-guard; ip address add 10.0.0.99/32 dev inside")
    web1.check_output(f"systemctl restart systemd-networkd; {RECONFIGURE}")
    gone = "while ip address show inside | grep -q 10.0.0.99; do sleep 0.2; done"
    web1.check_output(f"timeout 30 sh -c '{gone}'")
    assert rule in web1.check_output("ip rule")


def test_sysctls_outlast_those_who_apply_theirs_again(
    hosts: Mapping[str, Host], whole: dict[str, str]
) -> None:
    for name, line in {"director": -2, "web1": -1}.items():
        assert whole[name].splitlines()[line] == "1"
        hosts[name].check_output(f"systemctl stop lvs-topology-guard; {HARDENING}")
        assert hosts[name].check_output("sh /run/show").splitlines()[line] == "1"
