# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A host's links, addresses, routes, sysctls, nftables: model, plan, a folder for each tool."""
