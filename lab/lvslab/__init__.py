# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: turns a topology file into running hosts and an Ansible inventory."""
