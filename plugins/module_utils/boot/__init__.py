# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""At boot, and when others take something away: the same code applies every state file."""
