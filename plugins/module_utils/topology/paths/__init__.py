# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Facts of the hosts, and the RIP and DIP of each path."""
