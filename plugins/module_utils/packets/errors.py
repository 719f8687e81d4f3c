# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What goes wrong with looking at a network."""

from __future__ import annotations

from ..errors import UserError


class PacketError(UserError):
    """Nothing could be seen or sent; str() says why."""
