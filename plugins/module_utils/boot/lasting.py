# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Files that keep other programs from undoing what is ours, and what they cannot keep."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Iterator

from ..converge import director, settings
from ..host.codec import load
from ..host.model import Past, Rule
from ..host.sysctl import folders, lasting
from ..state import paths
from ..state.errors import PersistenceError
from ..state.part import Part
from ..state.section import HOST, Section

# Parts with something of a host, and the section that has it.
_PARTS = {"real_server": "", "router": "", settings.PART: "", director.PART: HOST}

# Read by a networkd that starts. Its like for routes, ManageForeignRoutes=, is left alone: versions
# of networkd lost their own default route by it (systemd issues 20201, 30403). Foreign addresses
# have none: KeepConfiguration= of a link would keep everything that an administrator takes out of
# its files. The guard puts both back.
_NETWORKD = """\
# Written by the Ansible collection lvs.topology, and removed by its teardown: systemd-networkd
# removes policy rules that are not in its own files, networkd.conf(5).
[Network]
ManageForeignRoutingPolicyRules=no
"""


class Lasting:
    """What the parts of this host need of others."""

    def __init__(self, part: Part) -> None:
        self._is_known = True
        try:
            self._kept = [*_kept(part)]
        except PersistenceError:  # of another part, whose own run tells it
            self._kept, self._is_known = [], False
        self._settings = [
            setting for past in self._kept for setting in lasting.lasting(past.desired, past.owned)
        ]

    def files(self) -> dict[Path, bytes]:
        """Each file with its content, empty where there must be none; {} = leave them alone."""
        if not self._is_known:
            return {}
        rules = any(isinstance(one, Rule) for past in self._kept for one in past.desired.resources)
        return {
            paths.sysctl_file(): lasting.render(self._settings).encode(),
            paths.networkd_file(): (
                _NETWORKD.encode() if rules and paths.networkd_has_run() else b""
            ),
        }

    def warnings(self) -> list[str]:
        """A sentence for each line of a file that undoes a setting all the same."""
        if not self._settings:
            return []
        later = folders.later(paths.SYSCTL_NAME)
        return [*lasting.overruling(self._settings, later, paths.SYSCTL_NAME)]


def _kept(part: Part) -> Iterator[Past]:
    """What is kept of this host: by the run's own part, and by others."""
    for name, section in _PARTS.items():
        own = name == part.name
        if part.persist if own else os.path.lexists(paths.state_file(name, persist=True)):
            record = part if own else Part(name, persist=True)
            yield load(Section(record, section) if section else record)
