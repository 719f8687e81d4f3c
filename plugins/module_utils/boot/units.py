# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The text of all units: boot program, guard, health daemon, and collector of metrics."""

from __future__ import annotations

import sys
from typing import NamedTuple

from ..metrics.settings import Settings
from ..state import paths
from ..state.errors import PersistenceError
from ..state.names import BOOT_UNIT, GUARD_UNIT, HEALTH_UNIT, METRICS_TIMER, METRICS_UNIT
from ..vrrp.render import NOT_HEALTHY

GUARD_ARGUMENT, HEALTH_ARGUMENT, METRICS_ARGUMENT = "guard", "health", "metrics"


class Extras(NamedTuple):
    """What only some hosts need."""

    watched: bool = False  # the health daemon
    metrics: Settings | None = None  # the collector


NO_EXTRAS = Extras()

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
RuntimeDirectory=lvs-topology-guard
RuntimeDirectoryMode=0755
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

# It changes nothing but one file, in a folder that may be another user's.
_METRICS = """\
# Written by the Ansible collection lvs.topology, and replaced by its next run.
[Unit]
Description=Virtual servers: write metrics for node_exporter
After=lvs-topology.service
ConditionPathIsDirectory={directory}

[Service]
Type=oneshot
ExecStart={python} -I {program} {metrics}
TimeoutStartSec=300
Nice=10
CapabilityBoundingSet=CAP_NET_ADMIN CAP_DAC_OVERRIDE
RestrictAddressFamilies=AF_UNIX AF_NETLINK
ReadWritePaths={folder}
ProtectKernelTunables=yes
{sandbox}"""

# From the end of a run to the next: a host that is slow has a pause, too.
_METRICS_TIMER = """\
# Written by the Ansible collection lvs.topology, and replaced by its next run.
[Unit]
Description=Virtual servers: write metrics, {interval} s after the last time

[Timer]
OnActiveSec=1
OnUnitInactiveSec={interval}
AccuracySec=1

[Install]
WantedBy=multi-user.target
"""
_FOLDER = "ReadWritePaths=-"

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


def texts(extras: Extras = NO_EXTRAS) -> dict[str, str]:
    """Each unit, for the Python that is running; raises PersistenceError where there is none."""
    values = {
        "python": _quoted(sys.executable),
        "program": _quoted(str(paths.program())),
        "guard": GUARD_ARGUMENT,
        "health": HEALTH_ARGUMENT,
        "healthy": str(paths.healthy_file()),
        "not_healthy": NOT_HEALTHY,
        "metrics": METRICS_ARGUMENT,
        "sandbox": _SANDBOX,
    }
    host = {**values, "sandbox": _CHANGES_HOST + _SANDBOX}
    found = {
        BOOT_UNIT: _BOOT.format(**host),
        GUARD_UNIT: _GUARD.format(**host),
        HEALTH_UNIT: _HEALTH.format(**values),
    }
    if extras.metrics:
        directory, interval = extras.metrics.directory, str(extras.metrics.interval)
        # Read only, but for one folder.
        strict = _SANDBOX.replace("ProtectSystem=full", "ProtectSystem=strict")
        of_file = {**values, "sandbox": strict, "directory": directory, "folder": f"-{directory}"}
        found[METRICS_UNIT] = _METRICS.format(**of_file)
        found[METRICS_TIMER] = _METRICS_TIMER.format(interval=interval)
    return found


def metrics_directory(text: str) -> str:
    """The folder that a collector's unit writes into; "" where it is none of ours."""
    lines = (line for line in text.splitlines() if line.startswith(_FOLDER))
    return next(lines, "")[len(_FOLDER) :]


def _quoted(path: str) -> str:
    """A path as systemd.service(5) wants it: a word, and no specifier in it."""
    # string_is_safe() in src/basic/string-util.c of systemd
    if not path or not path.isprintable() or set(path) & set("\"'\\"):
        raise PersistenceError(
            f"systemd starts no program {path!r}: set persist: false, or let "
            "ansible_python_interpreter name another one"
        )
    return '"{}"'.format(path.replace("%", "%%"))
