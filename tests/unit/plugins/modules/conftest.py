# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of all modules' tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.module_utils import _internal
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs


@pytest.fixture(autouse=True)
def managed_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules warn in their result; that tests of action plugins ran before does not matter."""
    monkeypatch.setattr(_internal, "is_controller", False)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    """A host in memory, with a root of its own."""
    return FakeHost(tmp_path, monkeypatch)


@pytest.fixture
def ipvs(host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> FakeIpvs:
    """The IPVS of that host: an empty table, and a few sysctls."""
    host.set("net/ipv4/vs/conntrack", "0")
    host.set("net/ipv4/vs/sync_threshold", "3\t50")
    kernel = FakeIpvs()
    kernel.put_in_place(monkeypatch)
    return kernel


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What modules warn of: their results hold what earlier ones of this process did, too."""
    said: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: said.append(text))
    return said
