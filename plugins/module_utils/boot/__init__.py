# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The boot program and its unit: at boot, the same code applies every state file."""
