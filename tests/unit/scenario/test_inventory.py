# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
from scenario.inventory import parse

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


def test_nodes_are_reached_as_ansible_reaches_them() -> None:
    director = parse(DATA).nodes["director"]
    assert director.command("ip", "address", "show dev") == [
        "ssh", "-o", "StrictHostKeyChecking=no", "-o", "ControlPath=/tmp/a b", "-i", "/key",
        "-p", "2201", "root@127.0.0.1", "--", "ip address 'show dev'",
    ]  # fmt: skip


def test_groups_hold_the_hosts_of_the_groups_below() -> None:
    inventory = parse(DATA)
    assert inventory.groups["webservers"] == ("web1", "web2")
    assert inventory.groups["lvs_directors"] == ("director",)
    assert inventory.services == {"web": {"mode": "dr"}}
