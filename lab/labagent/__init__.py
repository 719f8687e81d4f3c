# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes and remakes the nodes on the machine whose kernel they share.

Standard library only: it runs inside the virtual machine, or on the host itself. What is to be
done comes as a plan (lvslab/plan.py makes it). A node is an overlay over the machine's tree, a
network namespace prepared from outside like a host's hardware and static network configuration,
and a privileged podman container with systemd in both.
"""
