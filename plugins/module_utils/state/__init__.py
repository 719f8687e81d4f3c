# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""State files, locks and the lease. They know nothing of what is in them."""
