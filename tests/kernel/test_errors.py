# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that the kernel refuses, and the messages for them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import Operation, Verb
from ansible_collections.lvs.topology.tests.kernel.conftest import Ipvsadm

KEY = ServiceKey("ipv4", 0, "tcp", "192.0.2.1", 80)
WEB = Service(KEY)
MISSING = Service(KEY._replace(port=81))
RIP = Destination(DestinationKey("10.0.0.1", 80))
TUNNEL = RIP._replace(forwarding="tunnel")
NAME = "10.0.0.1:80 of service tcp 192.0.2.1:80"

REFUSED: dict[str, tuple[Operation, str]] = {
    "a service twice (EEXIST)": (
        Operation(Verb.NEW_SERVICE, WEB),
        "cannot add service tcp 192.0.2.1:80: it is there already",
    ),
    "a destination twice (EEXIST)": (
        Operation(Verb.NEW_DESTINATION, WEB, RIP),
        f"cannot add destination {NAME}: it is there already",
    ),
    "no such service (ESRCH)": (
        Operation(Verb.SET_SERVICE, MISSING),
        "cannot change service tcp 192.0.2.1:81: there is no service tcp 192.0.2.1:81",
    ),
    "no such service for a destination (ESRCH)": (
        Operation(Verb.NEW_DESTINATION, MISSING, RIP),
        "of service tcp 192.0.2.1:81: there is no service tcp 192.0.2.1:81",
    ),
    "no such destination (ENOENT)": (
        Operation(Verb.DEL_DESTINATION, WEB, RIP._replace(key=DestinationKey("10.0.0.2", 80))),
        "the service has no destination 10.0.0.2:80",
    ),
    "no such scheduler (ENOENT)": (
        Operation(Verb.NEW_SERVICE, MISSING._replace(scheduler="best")),
        "the kernel has no scheduler best: modprobe ip_vs_best",
    ),
    "no such persistence engine (ENOENT)": (
        Operation(
            Verb.NEW_SERVICE,
            MISSING._replace(persistence_timeout=60, persistence_engine="best"),
        ),
        "or no persistence engine best: modprobe ip_vs_pe_best",
    ),
    "a negative weight (ERANGE)": (
        Operation(Verb.SET_DESTINATION, WEB, RIP._replace(weight=2**31)),
        "weight 2147483648 must not be negative",
    ),
    "thresholds upside down (ERANGE)": (
        Operation(Verb.SET_DESTINATION, WEB, RIP._replace(lower_threshold=2, upper_threshold=1)),
        "lower_threshold 2 must not be above upper_threshold 1",
    ),
    "gue without a port (EINVAL)": (
        Operation(Verb.SET_DESTINATION, WEB, TUNNEL._replace(tunnel_type="gue")),
        "gue needs a tunnel_port",
    ),
    "a multicast destination (EINVAL)": (
        Operation(Verb.NEW_DESTINATION, WEB, RIP._replace(key=DestinationKey("224.0.0.1", 80))),
        "224.0.0.1 must be a unicast address or one of this host's own",
    ),
    "another family without a tunnel (EINVAL)": (
        Operation(Verb.NEW_DESTINATION, WEB, RIP._replace(key=DestinationKey("2001:db8::1", 80))),
        "a destination of the other family must be a tunnel",
    ),
}


@pytest.fixture
def served(client: Client) -> Client:
    """The client, with a table of WEB and RIP."""
    client.apply([Operation(Verb.NEW_SERVICE, WEB), Operation(Verb.NEW_DESTINATION, WEB, RIP)])
    return client


@pytest.mark.parametrize(("operation", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_with_a_sentence(served: Client, operation: Operation, said: str) -> None:
    before = served.table()
    with pytest.raises(IpvsError) as error:
        served.apply([operation])
    assert said in str(error.value)
    assert served.table() == before


def test_what_follows_a_refused_request_is_done_and_all_refusals_are_reported(
    served: Client, ipvsadm: Ipvsadm
) -> None:
    other = Service(KEY._replace(port=443))
    with pytest.raises(IpvsError) as error:
        served.apply(
            [
                REFUSED["a service twice (EEXIST)"][0],
                Operation(Verb.NEW_SERVICE, other),
                REFUSED["no such service (ESRCH)"][0],
            ]
        )
    assert len(str(error.value).splitlines()) == 2
    assert "-A -t 192.0.2.1:443 -s wlc" in [line.strip() for line in ipvsadm.saved()]


def test_destinations_of_a_service_that_failed_are_not_reported(served: Client) -> None:
    bad = MISSING._replace(scheduler="best")
    with pytest.raises(IpvsError) as error:
        served.apply([Operation(Verb.NEW_SERVICE, bad), Operation(Verb.NEW_DESTINATION, bad, RIP)])
    assert len(str(error.value).splitlines()) == 1


def test_without_cap_net_admin() -> None:
    program = (
        "import os\n"
        "from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client\n"
        "os.setuid(65534)\n"
        "with Client() as client: client.table()"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "cannot read the services: CAP_NET_ADMIN is missing: run as root" in done.stderr
