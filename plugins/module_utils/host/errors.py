# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What can go wrong on a host."""

from __future__ import annotations

from ..errors import UserError


class HostError(UserError):
    """Something that the host refused or lacks; str() is a sentence (or one on each line)."""
