# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: a topology file in, running hosts and an Ansible inventory out."""
