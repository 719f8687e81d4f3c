# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collector in its unit, on a real table: traffic, names, and no services that lead probes."""

from prometheus_client.parser import text_string_to_metric_families
from scenario.node import Node
from scenario.topology import Topology

UNIT = "lvs-topology-metrics.service"
FILE = "/var/lib/misc/lvs_topology.prom"


def read(director: Node) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Have the collector write, and read that: metric → its series."""
    director.run("systemctl", "start", UNIT)
    families = text_string_to_metric_families(director.run("cat", FILE))
    return {
        name: [(labels, value) for _name, labels, value, *_more in family.samples]
        for family in families
        for name in {sample.name for sample in family.samples}
    }


def test_what_a_director_tells(topology: Topology, director: Node) -> None:
    before = read(director)
    client = topology.inventory.nodes["client"]
    for _time in range(4):
        client.run("curl", "-s", "http://10.0.0.100/")
    after = read(director)
    declared = director.variables["topology_services"]
    assert isinstance(declared, dict)
    assert {labels["service"] for labels, _value in after["lvs_service_present"]} == {*declared}
    assert {value for _labels, value in after["lvs_service_present"]} == {1}
    assert [value for _labels, value in after["lvs_undeclared_services"]] == [0]
    assert [value for _labels, value in after["lvs_health_daemon_running"]] == [1]
    web = {"service": "web-dr", "vip": "10.0.0.100"}
    for name in ("lvs_service_connections_total", "lvs_service_incoming_bytes_total"):
        counted = [
            sum(value for labels, value in found[name] if labels.items() >= web.items())
            for found in (before, after)
        ]
        assert counted[1] - counted[0] >= 4, name
    servers = {
        labels["real_server"]
        for labels, _value in after["lvs_real_server_connections_total"]
        if labels.items() >= web.items()
    }
    assert servers == {"web1", "web2"}
