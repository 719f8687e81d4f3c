# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception of this package."""

from __future__ import annotations


class ScenarioError(Exception):
    """It could not be found out; that says nothing about the topology."""
