# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Configurations of other programs → a declaration and an inventory, with what is left out."""
