# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Errors of captures and requests."""

from __future__ import annotations

from ..errors import UserError


class PacketError(UserError):
    """A capture or a request failed; str() says why."""
