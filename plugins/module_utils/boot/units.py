# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The text of the units of the boot program, of the guard and of the health daemon."""

from __future__ import annotations

import sys

from ..state import paths
from ..state.errors import PersistenceError
from ..vrrp.render import NOT_HEALTHY

GUARD_ARGUMENT, HEALTH_ARGUMENT = "guard", "health"

# Failures are tried again for ever: an interface may be late, and a host that stays without its
# part of the topology is never right. Boot itself goes on meanwhile.
_BOOT = """\
# Written by the Ansible collection lvs.topology, and replaced by its next run.
[Unit]
Description=Virtual servers: apply what lvs.topology keeps for this host
Wants=network-online.target
After=network-online.target systemd-sysctl.service
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
NotifyAccess=main
ExecStart={python} -I {program}
Restart=on-failure
RestartSec=5
TimeoutStartSec=120
# What has been applied, for the next attempt.
RuntimeDirectory=lvs-topology-boot
RuntimeDirectoryPreserve=restart
{sandbox}
[Install]
WantedBy=multi-user.target
"""

# It listens before the boot program looks at the host: nothing is lost in between.
_GUARD = """\
# Written by the Ansible collection lvs.topology, and replaced by its next run.
[Unit]
Description=Virtual servers: put back what others take from this host
Before=lvs-topology.service
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={python} -I {program} {guard}
Restart=always
RestartSec=5
{sandbox}
[Install]
WantedBy=multi-user.target
"""

# It starts when the table is there. keepalived is told when it has ended, however that was.
# What it has decided stays over a restart: the table still has
# these weights. A descriptor for each probe that goes on.
_HEALTH = """\
# Written by the Ansible collection lvs.topology, and replaced by its next run.
[Unit]
Description=Virtual servers: try real servers, and set their weights
After=lvs-topology.service network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={python} -I {program} {health}
ExecStopPost=-/bin/sh -c 'test ! -e {healthy} || echo {not_healthy} > {healthy}'
Restart=always
RestartSec=1
WatchdogSec=30
RuntimeDirectory=lvs-topology-health
RuntimeDirectoryMode=0755
RuntimeDirectoryPreserve=yes
LimitNOFILE=65536
# IPVS and SO_MARK; programs that are checks have no more either.
CapabilityBoundingSet=CAP_NET_ADMIN CAP_DAC_READ_SEARCH
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6
{sandbox}
[Install]
WantedBy=multi-user.target
"""

# Of those that change sysctls, and announce addresses.
_CHANGES_HOST = """\
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_DAC_READ_SEARCH
RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6 AF_PACKET
"""

_SANDBOX = """\
# State files are in /var and /run. The Python may be in somebody's home, or below /var/tmp, which
# PrivateTmp would hide.
NoNewPrivileges=yes
ProtectSystem=full
ProtectHome=read-only
PrivateDevices=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
# The kernel itself loads the modules that are needed.
ProtectKernelModules=yes
ProtectClock=yes
ProtectHostname=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
KeyringMode=private
UMask=0077
"""


def texts() -> dict[str, str]:
    """Each unit, for the Python that is running; raises PersistenceError where there is none."""
    values = {
        "python": _quoted(sys.executable),
        "program": _quoted(str(paths.program())),
        "guard": GUARD_ARGUMENT,
        "health": HEALTH_ARGUMENT,
        "healthy": str(paths.healthy_file()),
        "not_healthy": NOT_HEALTHY,
        "sandbox": _SANDBOX,
    }
    host = {**values, "sandbox": _CHANGES_HOST + _SANDBOX}
    return {
        paths.UNIT_NAME: _BOOT.format(**host),
        paths.GUARD_NAME: _GUARD.format(**host),
        paths.HEALTH_NAME: _HEALTH.format(**values),
    }


def _quoted(path: str) -> str:
    """A path as systemd.service(5) wants it: a word, and no specifier in it."""
    # string_is_safe() in src/basic/string-util.c of systemd
    if not path or not path.isprintable() or set(path) & set("\"'\\"):
        raise PersistenceError(
            f"systemd starts no program {path!r}: set persist: false, or let "
            "ansible_python_interpreter name another one"
        )
    return '"{}"'.format(path.replace("%", "%%"))
