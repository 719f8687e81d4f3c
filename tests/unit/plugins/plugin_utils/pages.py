# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of verifications: each mode, a red one, a pair, many hosts, and hostile names."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.topology.plugins.module_utils.verify.endpoints import read_endpoints
from ansible_collections.lvs.topology.plugins.module_utils.verify.hosts import read_hosts
from ansible_collections.lvs.topology.plugins.plugin_utils.about import About
from ansible_collections.lvs.topology.plugins.plugin_utils.page import Verified, page
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import link
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.verify.scenes import (
    GROUPS,
    Scene,
)

MODES = ("nat", "dr", "tun", "fullnat")
HOSTILE = "<script>alert('1')</script>\"&'"
ABOUT = About("2026-01-02 03:04 UTC", [("declaration", "hosts.yml"), ("Linux", "6.1.0 on web1")])


def verified(*scenes: Scene, groups: dict[str, list[str]] | None = None) -> Verified:
    """The first scene's service is web; the others' have their mode's name."""
    paths: list[dict[str, Any]] = []
    verdicts: list[dict[str, Any]] = []
    for number, scene in enumerate(scenes):
        name = f"web-{scene.mode}" if number else "web"
        paths += [{**path, "service": name} for path in scene.paths]
        verdicts += [{**verdict, "service": name} for verdict in scene.verdicts()]
    endpoints, hosts = read_endpoints(paths), read_hosts(scenes[0].facts)
    return Verified(endpoints, hosts, groups or GROUPS, verdicts)


def red(mode: str = "nat") -> Scene:
    """A scene in which no host answers ARP."""
    scene = Scene(mode).requests()
    scene.answered_by = []
    return scene


def outside(scene: Scene) -> Scene:
    """Give the router an address on the client's link, and each host one for its management."""
    facts = {"prefix": 24, "family": "ipv4"}
    own = {"device": "eth1", "address": "198.51.100.1", **facts}
    scene.facts["router"]["addresses"].append(own)
    for number, each in enumerate(scene.facts.values()):
        other = {"device": "mgmt0", "address": f"10.0.2.{number + 1}", **facts}
        each["addresses"].insert(0, other)
    return scene


def pair() -> Verified:
    """A second director, without the VIP, and a real server that is out."""
    scene = outside(Scene("dr", is_watched=True))
    scene.decide({"web2": 0})
    for _each in range(2):
        scene.request("web1")
    standby = {"device": "eth0", "address": "10.0.0.6", "prefix": 24, "family": "ipv4"}
    links = [link("eth0", "52:54:00:00:00:06")]
    scene.facts["standby"] = {**scene.facts["web1"], "links": links, "addresses": [standby]}
    groups = {**GROUPS, "lvs_directors": ["director", "standby"]}
    return verified(scene, groups=groups)._replace(endpoints=scene.endpoints())


def many() -> Verified:
    """Twenty real servers with long names, which got no request."""
    found = verified(outside(Scene("dr")).requests())
    (endpoint,) = found.endpoints
    names = [f"application-backend-{number:02}.WWW.frankfurt.example.com" for number in range(20)]
    servers = tuple(endpoint.servers[0]._replace(name=name, host=name) for name in names)
    return found._replace(endpoints=[endpoint._replace(servers=(*endpoint.servers, *servers))])


def hostile() -> Verified:
    """Every text that others write is markup."""
    found = verified(red("dr"))
    (verdict,) = found.verdicts
    (endpoint,) = found.endpoints
    servers = (endpoint.servers[0]._replace(name=HOSTILE, host=HOSTILE, reason=HOSTILE),)
    findings = [{**one, "got": HOSTILE, "cause": HOSTILE} for one in verdict["findings"]]
    return found._replace(
        endpoints=[endpoint._replace(service=HOSTILE, servers=(*endpoint.servers, *servers))],
        verdicts=[{**verdict, "service": HOSTILE, "findings": findings, "notes": [HOSTILE]}],
    )


def pages() -> dict[str, str]:
    """Return all of them."""
    made = {mode: page(verified(outside(Scene(mode)).requests()), ABOUT) for mode in MODES}
    made["red"] = page(verified(outside(Scene("dr")).requests(), red()), ABOUT, ["something"])
    made["pair"] = page(pair(), ABOUT)
    made["many"] = page(many(), ABOUT)
    made["hostile"] = page(hostile(), About(HOSTILE, [(HOSTILE, HOSTILE)]), [HOSTILE])
    return made
