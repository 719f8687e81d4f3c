# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The declaration: its keys, and what was read of it as frozen data."""
