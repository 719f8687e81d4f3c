# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What goes wrong for a reason that the user can mend."""

from __future__ import annotations


class UserError(Exception):
    """Ends a run; str() is a sentence (or one on each line) for people."""
