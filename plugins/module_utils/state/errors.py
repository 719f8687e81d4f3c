# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What can go wrong with what is kept on a host."""

from __future__ import annotations

from ..errors import UserError


class PersistenceError(UserError):
    """A file that is broken, locked or cannot be written; str() is a sentence for people."""
