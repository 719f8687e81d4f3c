# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a scenario shows: all of it by ``make long``, one case of each kind by ``make test``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

IS_LONG = bool(os.environ.get("SCENARIO_LONG"))

Case = TypeVar("Case")


def cases(short: Sequence[Case], long: Sequence[Case]) -> Sequence[Case]:
    """Choose the cases of a test."""
    return long if IS_LONG else short
