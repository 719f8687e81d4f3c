# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creates and recreates the nodes on the machine whose kernel they share.

It runs inside the virtual machine or on the host, with the standard library only. Its input is the
plan of lvslab/plan.py. A node is an overlay over the machine's tree, a network namespace that is
prepared from outside like a host's hardware and static network configuration, and a privileged
podman container with systemd in both.
"""
