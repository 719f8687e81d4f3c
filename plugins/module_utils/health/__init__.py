# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Health checks: what is tried, what an answer says, and which weights follow."""
