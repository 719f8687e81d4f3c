# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Errors that a user can fix."""

from __future__ import annotations

from typing import Sequence


class UserError(Exception):
    """An error that ends a run; str() is its message for people, one sentence a line."""


class HalfwayError(UserError):
    """Ends a run in the middle of its changes; ``operations`` are those made before."""

    def __init__(self, message: str, operations: Sequence[object]) -> None:
        super().__init__(message)
        self.operations = operations
