# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Desired, current, owned → plan → record → apply: the table, settings, a host, a drain."""
