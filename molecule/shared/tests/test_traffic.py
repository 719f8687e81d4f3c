# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real requests to every declared endpoint take the path that its mode demands."""

from scenario.topology import Topology


def test_every_endpoint_is_green(topology: Topology) -> None:
    assert [str(finding) for finding in topology.verify()] == []
