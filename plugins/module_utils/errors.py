# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Errors that a user can fix."""

from __future__ import annotations


class UserError(Exception):
    """An error that ends a run; str() is its message for people, one sentence a line."""
