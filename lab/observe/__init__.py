# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What really happens to requests for a VIP: traffic, packets and neighbours, seen from the nodes.

It knows nothing of the collection but the declaration, so that it can judge the collection's work.
"""
