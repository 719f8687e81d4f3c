# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Errors of a host."""

from __future__ import annotations

from ..errors import UserError


class HostError(UserError):
    """The host refused or lacks something; str() is its message, one sentence a line."""
