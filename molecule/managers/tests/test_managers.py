# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What NetworkManager and ifupdown take from hosts is back within seconds: the real programs."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
from scenario.topology import Topology
from testinfra.host import Host  # type: ignore[import-untyped]

# The last part of each host's addresses.
NUMBERS = {"director": 5, "web1": 11}

# What a topology has put on a host. The host's own addresses and routes are its manager's.
SHOW = """
ip -o address show | awk '$4 ~ "/(32|128)$" {print $2, $4}' | sort
ip rule; ip -6 rule; ip route show table 20020 2>/dev/null
nft list tables; sysctl -n net.ipv4.ip_forward net.ipv4.conf.all.arp_ignore
"""
BEGIN = f"""
systemctl start lvs-topology-guard
cat > /run/show <<'END'{SHOW}END
sh /run/show | tee /run/whole
"""
# What each of them loses by whatever takes anything.
TAKEN = {"director": "add address 2001:db8:10::100/128 on inside", "web1": "in table 20020"}

# NetworkManager waits for udev, which nodes do not run; a link of a network namespace is none that
# it connects by itself.
NETWORK_MANAGER = """
set -e
mkdir -p /run/udev/data
echo I:1 > /run/udev/data/n$(cat /sys/class/net/inside/ifindex)
printf '[keyfile]\\nunmanaged-devices=interface-name:mgmt0\\n' > /etc/NetworkManager/conf.d/lab.conf
file=/etc/NetworkManager/system-connections/lab.nmconnection
cat > $file <<END
[connection]
id=lab
type=ethernet
interface-name=inside
[ipv4]
method=manual
address1=10.0.0.{number}/24,10.0.0.1
[ipv6]
method=manual
address1=2001:db8:10::{number}/64,2001:db8:10::1
END
chmod 600 $file
systemctl start NetworkManager
nmcli --wait 60 connection up lab
"""
# NetworkManager has switched the kernel's own link-local addresses off. ifupdown relies on them.
IFUPDOWN = """
systemctl stop NetworkManager
cat > /etc/network/interfaces <<END
auto inside
iface inside inet static
  address 10.0.0.{number}/24
  gateway 10.0.0.1
iface inside inet6 static
  address 2001:db8:10::{number}/64
  gateway 2001:db8:10::1
  accept_ra 0
  dad-attempts 0
END
ip link set dev inside addrgenmode eui64
ip address flush dev inside scope global
systemctl start networking
"""


class Manager(NamedTuple):
    """A program that configures a host's network."""

    set_up: str
    of_links: tuple[str, ...]  # what takes routes by a link, too
    of_addresses: tuple[str, ...]  # what takes addresses of a link alone
    harmless: tuple[str, ...]


DOWN_AND_UP = "ip link set inside down; ip link set inside up"
MANAGERS = {
    "NetworkManager": Manager(
        NETWORK_MANAGER,
        (
            "nmcli --wait 60 connection up lab",
            "nmcli --wait 60 connection down lab; nmcli --wait 60 connection up lab",
            DOWN_AND_UP,
        ),
        ("nmcli --wait 60 device reapply inside",),
        ("nmcli connection reload", "nmcli general reload", "systemctl restart NetworkManager"),
    ),
    # A link that was down has neither IPv6 addresses nor routes of ifupdown's until it comes next.
    "ifupdown": Manager(
        IFUPDOWN,
        (DOWN_AND_UP, "ifdown inside; ifup inside", "systemctl restart networking"),
        (),
        ("ifup --force inside",),
    ),
}

WHOLE = "sh /run/show | cmp -s - /run/whole"
# Whatever is whole may be so because the guard has not heard the loss yet.
PUT_BACK = 'journalctl --unit lvs-topology-guard --no-pager | grep -c -- "{what}"'


def comes(host: Host, condition: str) -> bool:
    """Wait for a condition, a minute at most."""
    found: bool = host.run(f"timeout 60 sh -c 'until {condition}; do sleep 0.2; done'").succeeded
    return found


def disturb(host: Host, name: str, manager: Manager) -> list[str]:
    """Do all that takes something away; gives what did not come back in time."""
    count = PUT_BACK.format(what=TAKEN[name])
    failed = []
    of_addresses = manager.of_addresses if name == "director" else ()
    for disturbance in (*manager.of_links, *of_addresses):
        before = int(host.run(count).stdout)
        host.run(disturbance)
        if not comes(host, f"[ $({count}) -gt {before} ] && {WHOLE}"):
            failed.append(f"{name}, {disturbance}: {host.check_output('sh /run/show')}")
    for harmless in manager.harmless:
        host.check_output(harmless)
        if not comes(host, WHOLE):
            failed.append(f"{name}, {harmless}: {host.check_output('sh /run/show')}")
    return failed


@pytest.mark.parametrize("manager", MANAGERS.values(), ids=[*MANAGERS])
def test_what_it_takes_is_put_back(
    hosts: Mapping[str, Host], topology: Topology, manager: Manager
) -> None:
    def try_on(name: str) -> list[str]:
        whole = hosts[name].check_output(BEGIN)
        assert "10.0.0.100/32" in whole
        hosts[name].check_output(manager.set_up.format(number=NUMBERS[name]))
        return disturb(hosts[name], name, manager)

    with ThreadPoolExecutor() as pool:
        assert [*pool.map(try_on, NUMBERS)] == [[]] * len(NUMBERS)
    assert [str(finding) for finding in topology.verify()] == []
