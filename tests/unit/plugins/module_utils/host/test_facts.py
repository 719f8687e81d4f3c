# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes as node_info tells them."""

from __future__ import annotations

import json

from ansible_collections.lvs.topology.plugins.module_utils.host import facts


def test_a_next_hop_of_the_other_family_is_one() -> None:
    """Recorded with iproute2 6.1."""
    shown = json.loads("""[{"type":"1","dst":"10.9.0.0/16","via":{"family":"inet6",
     "host":"fe80::9"},"dev":"va","protocol":"3","scope":"0","flags":[]}]""")
    assert [one["gateway"] for one in facts._routes("ipv4", shown)] == ["fe80::9"]
