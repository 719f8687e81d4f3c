# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The guard: puts back what other programs take from this host, without Ansible.

Whoever configures a host's network (systemd-networkd, netplan, NetworkManager, ifupdown, a firewall
that flushes all of nftables) removes what is not its own. Each has hooks of its own, and none for
all of that; but the kernel tells everybody who listens what is gone. State files say what has to
be there: what modules of ours remove on purpose is in none of them any more.
"""

from __future__ import annotations

from ..netlink.listener import Listener
from ..state import paths
from ..state.lock import alone
from . import systemd

# A program that changes a network does it in many steps, and lists what it finds in between.
QUIET_SECONDS = 1.0
LIMIT_SECONDS = 5.0
# What was lost before it listened: a guard that dies is started again.
START_SECONDS = 30.0
# An interface may be down, a gateway out of reach, a run at work.
RETRY_SECONDS = 5.0


def main() -> int:
    """Listen for ever."""
    with alone(paths.guard_lock_file(), "guard"), Listener() as listener:
        systemd.tell_ready()
        said = ""
        pause: float | None = START_SECONDS
        while True:
            if listener.wait(pause):
                listener.wait_for_quiet(QUIET_SECONDS, LIMIT_SECONDS)
            # Now, and not at the start: who only listens needs little memory.
            from .put_back import put_back  # noqa: PLC0415 - see above

            found = put_back()
            if found.operations:
                _say(f"put back: {'; '.join(map(str, found.operations))}")
            if found.failure != said:
                _say(found.failure or "all is as it was")
            said, pause = found.failure, RETRY_SECONDS if found.failure else None


def _say(sentence: str) -> None:
    """In the journal, and in `systemctl status`."""
    systemd.log(sentence)
    systemd.tell(sentence)
