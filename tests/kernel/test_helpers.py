# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helpers of IPVS are loaded by the kernel itself."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.errors import IpvsError


def test_a_helper_is_loaded(client: Client) -> None:
    for _once_more in range(2):
        client.load_helper("ftp")
        assert "ftp" in client.helpers()
        assert client.table() == {}


def test_one_that_the_kernel_does_not_have_is_told(client: Client) -> None:
    with pytest.raises(IpvsError, match="no helper best: modprobe ip_vs_best"):
        client.load_helper("best")
    assert client.table() == {}
