# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception of this package."""

from __future__ import annotations


class ObserveError(Exception):
    """The observation could not be made; that says nothing about the topology."""
