# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Datagrams of any kind, and programs."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.health.kinds import script, udp
from ansible_collections.lvs.topology.plugins.module_utils.health.kinds.kind import Answer
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.health.kinds.test_kinds import (  # noqa: E501 - a name
    ASKED,
    options,
)


def test_what_is_sent() -> None:
    own = options(udp.KIND, send=r"ä\x00\xFF\n")
    assert udp.request(own, ASKED) == b"\xc3\xa4\x00\xff\\n"


@pytest.mark.parametrize(
    ("expect", "data", "result"),
    [
        (None, b"", ""),
        ("", b"x", ""),
        ("pong", b"a pong", ""),
        (r"\xff", b"\xff", ""),
        ("pong", b"PONG", "another answer than expected"),
    ],
)
def test_what_is_expected(expect: str | None, data: bytes, result: str) -> None:
    own = options(udp.KIND, expect=expect)
    assert udp.judge(own, ASKED, Answer(data, is_closed=False)) == result
    assert udp.takes_silence(own) == (expect is None)


@pytest.mark.parametrize(
    ("status", "result"), [(b"0", ""), (b"3", "exit status 3"), (b"-9", "killed by signal 9")]
)
def test_exit_status(status: bytes, result: str) -> None:
    own = options(script.KIND, script="/bin/true")
    assert script.judge(own, ASKED, Answer(status, is_closed=True)) == result
