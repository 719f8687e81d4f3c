# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What can go wrong on a host."""

from __future__ import annotations

from ansible_collections.lvs.topology.plugins.module_utils.errors import UserError


class HostError(UserError):
    """Something that the host refused or lacks; str() is a sentence (or one on each line)."""
