# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Packets on a host: kernel filter, frames, captures, queries by ARP and ND, requests."""
