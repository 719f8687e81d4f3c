# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived's configuration, word for word."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.vrrp.model import Floating, Pair
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.render import (
    HEADER,
    configuration,
    drop_in,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.vrrp.pairs import (
    ALONE,
    PAIR,
    PLACES,
    VIP6,
)

_BOTH = """
global_defs {
    vrrp_version 3
    vrrp_skip_check_adv_addr
    vrrp_check_unicast_src
    vrrp_higher_prio_send_advert true
    vrrp_garp_master_refresh 60
}

track_file lvs_topology {
    file "/run/lvs-topology-vrrp/ready"
    weight 0
    init_file 1
}

track_file lvs_topology_health {
    file "/run/lvs-topology-vrrp/health"
    weight -100
    init_file 1
}

vrrp_instance lvs_topology {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 254
    advert_int 1
    unicast_src_ip 10.0.0.5
    unicast_peer {
        10.0.0.6
    }
    track_file {
        lvs_topology
        lvs_topology_health
    }
    track_interface {
        eth1
    }
    virtual_ipaddress {
        192.0.2.10/32 dev eth0
    }
    virtual_ipaddress_excluded {
        192.0.2.11/32 dev eth1
        2001:db8::10/128 dev eth0
    }
}
"""


def text(pair: Pair = PAIR) -> str:
    return configuration(pair, PLACES)


def test_both_families() -> None:
    """They are one instance: two might end with two masters, each of a family."""
    assert text() == HEADER + _BOTH


def test_nobody_is_master_for_a_health_daemon_that_is_nowhere() -> None:
    assert "health" not in text(ALONE)


def test_one_director_alone() -> None:
    """Without a peer keepalived takes multicast."""
    alone = text(ALONE)
    assert "    unicast_peer {\n        127.0.0.1\n    }\n" in alone
    assert "excluded" not in alone


def test_only_an_address_of_its_own_family_is_advertised() -> None:
    shown = text(PAIR._replace(addresses=(VIP6, Floating("192.0.2.9", "eth0"))))
    assert "    virtual_ipaddress {\n        192.0.2.9/32 dev eth0\n    }\n" in shown
    assert "excluded {\n        2001:db8::10/128 dev eth0\n" in shown


def test_a_fraction_of_a_second() -> None:
    assert "    advert_int 0.25\n" in text(PAIR._replace(interval=0.25))


def test_what_was_killed_has_left_its_addresses() -> None:
    assert "--vrrp --release-vips" in drop_in(PAIR, PLACES)


@pytest.mark.parametrize(("interval", "seconds"), [(0.25, 2), (1.0, 5), (2.5, 11)])
def test_it_starts_again_once_another_one_is_master(interval: float, seconds: int) -> None:
    text = drop_in(PAIR._replace(interval=interval), PLACES)
    assert f"\nRestartSec={seconds}\n" in text
