# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from observe.errors import ObserveError
from observe.inventory import parse
from observe.wiring import Wiring, parse as parse_links

DATA = {
    "_meta": {
        "hostvars": {
            "director": {
                "ansible_host": "127.0.0.1",
                "ansible_port": 2201,
                "ansible_ssh_common_args": "-o StrictHostKeyChecking=no",
                "ansible_ssh_args": "-o 'ControlPath=/tmp/a b'",
                "ansible_ssh_private_key_file": "/key",
                "topology_services": {"web": {"mode": "dr"}},
            },
            "web1": {},
            "web2": {},
        }
    },
    "all": {"children": ["ungrouped", "lvs_directors", "webservers"]},
    "lvs_directors": {"hosts": ["director"]},
    "webservers": {"children": ["east", "west"]},
    "east": {"hosts": ["web1", "web2"]},
    "west": {"hosts": ["web2"]},
}
LINKS = """[
  {"ifname": "lo", "link_type": "loopback", "address": "00:00:00:00:00:00",
   "addr_info": [{"local": "10.0.0.100", "prefixlen": 32}]},
  {"ifname": "inside", "link_type": "ether", "address": "02:00:00:00:00:03",
   "addr_info": [{"local": "10.0.0.5", "prefixlen": 24}, {},
                 {"local": "10.0.0.100", "prefixlen": 32}]}
]"""


def test_nodes_are_reached_as_ansible_reaches_them() -> None:
    director = parse(DATA).nodes["director"]
    assert director.command("ip", "address", "show dev") == [
        "ssh", "-o", "StrictHostKeyChecking=no", "-o", "ControlPath=/tmp/a b", "-i", "/key",
        "-p", "2201", "root@127.0.0.1", "--", "ip address 'show dev'",
    ]  # fmt: skip


def test_groups_hold_the_hosts_of_the_groups_below() -> None:
    inventory = parse(DATA)
    assert inventory.groups["webservers"] == ("web1", "web2")
    assert inventory.first("lvs_directors").name == "director"
    assert inventory.services == {"web": {"mode": "dr"}}
    with pytest.raises(ObserveError, match="no host in group lvs_routers"):
        inventory.first("lvs_routers")


def test_wiring_knows_macs_and_networks_but_no_loopback() -> None:
    wiring = Wiring({"director": parse_links(LINKS)})
    assert wiring.owner("02:00:00:00:00:03") == "director"
    assert wiring.owner("00:00:00:00:00:00") == "00:00:00:00:00:00"
    # Its own /32 does not make an address a network that others could be in.
    assert wiring.facing("director", "10.0.0.100") == "inside"
    assert wiring.addresses("director") == {"10.0.0.5", "10.0.0.100"}
    with pytest.raises(ObserveError, match="no interface in the network"):
        wiring.facing("director", "10.1.0.1")
