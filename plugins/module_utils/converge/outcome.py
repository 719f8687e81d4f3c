# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a change of a host gives, and in check mode would give."""

from __future__ import annotations

from typing import Any, NamedTuple, Sequence


class Outcome(NamedTuple):
    """What was done; the fields without a default are those of every change."""

    operations: Sequence[object]  # in order; str() of each is a sentence
    difference: dict[str, Any]  # before and after
    warnings: Sequence[str] = ()  # what did not work, but is no reason to fail
    later: Sequence[object] = ()  # what the phase finish has yet to do
    connections: Sequence[dict[str, Any]] = ()  # those that are waited for
    staying: Sequence[str] = ()  # services with destinations that keep their forwarding method
    drained: Sequence[str] = ()  # RIPs that took new connections before
    destination_before: dict[str, Any] | None = None
