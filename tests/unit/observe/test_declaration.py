# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from observe.declaration import Endpoint, endpoints

GROUPS = {"webservers": ("web1", "web2")}


def test_every_vip_is_an_endpoint_and_groups_are_their_hosts() -> None:
    services = {
        "web": {
            "mode": "dr",
            "vips": ["10.0.0.100", "2001:DB8:10:0::100"],
            "port": 80,
            "real_servers": [
                {"group": "webservers", "weight": 3},
                {"host": "web2"},
                {"address": ["10.0.0.98", "2001:db8:10::98"]},
            ],
        },
        "dns": {
            "mode": "nat",
            "vips": ["10.0.0.101"],
            "port": 53,
            "protocol": "udp",
            "scheduler": "sh",
            "real_servers": [{"address": "10.0.0.99"}, {"host": "web1", "address": "10.0.0.11"}],
        },
    }
    weights = {"web1": 3, "web2": 1}
    assert endpoints(services, GROUPS) == (
        Endpoint("web", "dr", "10.0.0.100", 80, {**weights, "10.0.0.98": 1}),
        Endpoint("web", "dr", "2001:db8:10::100", 80, {**weights, "2001:db8:10::98": 1}),
        Endpoint("dns", "nat", "10.0.0.101", 53, {"10.0.0.99": 1, "web1": 1}, "udp", spreads=False),
    )


def test_persistence_keeps_a_client_at_one_server() -> None:
    service = {"mode": "nat", "vips": ["10.0.0.1"], "port": 1, "real_servers": [{"host": "a"}],
               "persistence_timeout": 60}  # fmt: skip
    assert not endpoints({"x": service}, {})[0].spreads


@pytest.mark.parametrize(
    ("weights", "requests"),
    [((1, 1, 1), 6), ((2, 1), 6), ((200, 100, 0), 6), ((1000, 1), 24), ((0, 0), 1), ((), 1)],
)
def test_requests_are_two_rounds_of_the_weights(weights: tuple[int, ...], requests: int) -> None:
    named = {str(number): weight for number, weight in enumerate(weights)}
    assert Endpoint("web", "dr", "10.0.0.1", 80, named).requests == requests


def test_addresses_are_written_as_people_do() -> None:
    assert Endpoint("w", "dr", "10.0.0.1", 80, {}).address == "10.0.0.1:80"
    assert Endpoint("w", "dr", "2001:db8::1", 80, {}).address == "[2001:db8::1]:80"
