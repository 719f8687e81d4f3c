# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option of every module whose work can outlive a reboot."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  persist:
    description:
      - Whether the host comes back like this after a reboot, without Ansible.
      - V(true) keeps the desired state in C(/var/lib/lvs-topology), and installs a program
        (C(/usr/local/lib/lvs-topology/apply.pyz)) and an enabled unit (C(lvs-topology.service))
        that applies it at boot. Both go with the last state that is kept. Needs systemd 244 or
        newer.
      - V(false) keeps the state, what is owned, and original values, in C(/run/lvs-topology), which
        ends with the running system.
    type: bool
    default: true
"""
