# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The IPVS table: model, plan, netlink encoding, client."""
