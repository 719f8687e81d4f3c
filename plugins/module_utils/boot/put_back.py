# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Gives this host back what its state files say and others took."""

from __future__ import annotations

from ..state.errors import PersistenceError
from ..state.lock import host_lock
from .registry import BY_GUARD, Applied, attempt


def put_back() -> Applied:
    """Put back what is missing; a part that fails stops no other."""
    try:
        with host_lock():
            found = [attempt(part, apply) for part, apply in BY_GUARD.items()]
    except PersistenceError as error:  # a run is at work
        return Applied(failure=str(error))
    return Applied(
        [operation for one in found for operation in one.operations],
        "; ".join(one.failure for one in found if one.failure),
    )
