# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Announcements."""

from __future__ import annotations

from ansible_collections.lvs.topology.plugins.module_utils.host.ip.announce import announce


def test_device_that_is_not_there_is_a_reason_and_no_error() -> None:
    assert len(announce("no-such-device", "10.0.0.100")) == 1
    assert len(announce("no-such-device", "2001:db8::100")) == 1
