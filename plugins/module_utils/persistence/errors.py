# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What can go wrong with what is kept on a host."""

from __future__ import annotations

from ansible_collections.lvs.topology.plugins.module_utils.errors import UserError


class PersistenceError(UserError):
    """A file that is broken, locked or cannot be written; str() is a sentence for people."""
