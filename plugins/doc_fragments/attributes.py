# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes that modules share."""

from __future__ import annotations


class ModuleDocFragment:
    # Every module that changes a host.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode), and reports changes without making them.
  diff_mode:
    support: full
    description: Shows before and after of every change, in check mode too.
  idempotent:
    support: full
    description: A second run with the same arguments on an unchanged host changes nothing.
  platform:
    support: full
    platforms: linux
    description: The operating systems of its hosts.
"""

    # Read-only modules.
    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Changes nothing, in C(check_mode) or not.
  diff_mode:
    support: N/A
    description: Changes nothing, so that there is no diff.
  idempotent:
    support: full
    description: Changes nothing, however often it runs.
  platform:
    support: full
    platforms: linux
    description: The operating systems of its hosts.
"""

    # Action plugins that contact no host.
    CONTROLLER = r"""
options: {}
attributes:
  action:
    support: full
    description: Runs on the controller as an action plugin.
  check_mode:
    support: full
    description: Changes nothing on any host, in C(check_mode) or not.
  diff_mode:
    support: N/A
    description: Changes nothing, so that there is no diff.
  idempotent:
    support: full
    description: Changes nothing, however often it runs.
  platform:
    support: full
    platforms: all
    description: The operating systems of its hosts.
"""
