# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Puts the boot program and its unit on this host, or takes them away.

The program is a zip archive of the very sources that are running now, wherever they were loaded
from: a controller's upgrade reaches the boot program with the next run of any module.
"""

from __future__ import annotations

import importlib.util
import io
import os
import sys
import zipfile
from pathlib import Path

from .. import execute
from ..state import files, paths
from ..state.errors import PersistenceError
from . import program

PACKAGE = "ansible_collections.lvs.topology.plugins.module_utils"

# What program.py imports, directly or not: a test compares. Listed, because finding it out by
# parsing costs every run of every module more than all the rest of this file.
MODULES = (
    "boot.program",
    "boot.registry",
    "boot.systemd",
    "converge.director",
    "converge.director_plan",
    "converge.drain_plan",
    "converge.host",
    "converge.outcome",
    "converge.settings",
    "converge.steps",
    "converge.table",
    "converge.table_state",
    "errors",
    "execute",
    "host.apply",
    "host.codec",
    "host.errors",
    "host.ip.announce",
    "host.ip.commands",
    "host.ip.run",
    "host.model",
    "host.nft.director_table",
    "host.nft.marks",
    "host.nft.real_server_table",
    "host.nft.run",
    "host.nft.text",
    "host.plan",
    "host.sysctl.files",
    "host.sysctl.rules",
    "ipvs.client",
    "ipvs.connections",
    "ipvs.cpu_list",
    "ipvs.edit",
    "ipvs.errors",
    "ipvs.model",
    "ipvs.plan",
    "ipvs.protocol",
    "ipvs.schema",
    "ipvs.settings",
    "ipvs.transition",
    "ipvs.wait",
    "json_types",
    "listing",
    "net.addresses",
    "net.devices",
    "net.frames",
    "net.ports",
    "net.send",
    "netlink.connection",
    "netlink.generic",
    "netlink.message",
    "state.content",
    "state.errors",
    "state.files",
    "state.lock",
    "state.part",
    "state.paths",
    "state.record",
    "state.section",
    "state.state_file",
    "tunnels.gre",
    "tunnels.gue",
    "tunnels.ipip",
    "tunnels.kind",
    "tunnels.table",
)

# program is imported above for more than its name: Ansible sends a node only the modules that are
# imported somewhere, and this file needs the sources of all that the program consists of.
_MAIN = f"""\
import sys

from {program.__name__} import main

sys.exit(main())
"""

# Failures are tried again for ever: an interface may be late, and a host that stays without its
# part of the topology is never right. Boot itself goes on meanwhile.
_UNIT = """\
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
# It changes sysctls, so no ProtectKernelTunables; and state files in /var and /run. The Python may
# be in somebody's home, or below /var/tmp, which PrivateTmp would hide.
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_DAC_READ_SEARCH
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
RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6 AF_PACKET
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
KeyringMode=private
UMask=0077

[Install]
WantedBy=multi-user.target
"""


def settle(*, needed: bool, check_mode: bool) -> list[str]:
    """Make program and unit current, or remove them; gives a sentence for each change."""
    return _install(check_mode=check_mode) if needed else _uninstall(check_mode=check_mode)


def build_program() -> bytes:
    """The boot program: the same bytes for the same sources."""
    entries = {"__main__.py": _MAIN}
    for name in MODULES:
        parts = f"{PACKAGE}.{name}".split(".")
        for depth in range(1, len(parts)):
            entries["/".join((*parts[:depth], "__init__.py"))] = ""
        entries["/".join(parts) + ".py"] = _source(".".join(parts))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as target:
        for path in sorted(entries):
            # ZipInfo's own date is fixed: 1980.
            target.writestr(zipfile.ZipInfo(path), entries[path])
    return archive.getvalue()


def unit_text() -> str:
    """The unit, for the Python that is running now; raises PersistenceError where there is none."""
    return _UNIT.format(python=_quoted(sys.executable), program=_quoted(str(paths.program())))


def _quoted(path: str) -> str:
    """A path as systemd.service(5) wants it: a word, and no specifier in it."""
    # string_is_safe() in src/basic/string-util.c of systemd
    if not path or not path.isprintable() or set(path) & set("\"'\\"):
        raise PersistenceError(
            f"systemd starts no program {path!r}: set persist: false, or let "
            "ansible_python_interpreter name another one"
        )
    return '"{}"'.format(path.replace("%", "%%"))


def _install(*, check_mode: bool) -> list[str]:
    changes = []
    unit_changed = False
    for path, content in (
        (paths.program(), build_program()),
        (paths.unit(), unit_text().encode()),
    ):
        if files.read(path) == content:
            continue
        changes.append(f"write {path}")
        unit_changed = unit_changed or path == paths.unit()
        if not check_mode:
            files.write(path, content)
    link = paths.enabled_unit()
    if not _leads_to(link, paths.unit()):
        changes.append(f"enable {paths.UNIT_NAME}")
        unit_changed = True
        if not check_mode:
            files.link(link, paths.unit())
    if unit_changed and not check_mode:
        _systemctl("daemon-reload")
    return changes


def _uninstall(*, check_mode: bool) -> list[str]:
    link, unit, archive = paths.enabled_unit(), paths.unit(), paths.program()
    changes = [f"disable {paths.UNIT_NAME}"] if os.path.lexists(link) else []
    changes += [f"remove {path}" for path in (unit, archive) if os.path.lexists(path)]
    if not changes or check_mode:
        return changes
    if paths.systemd_is_running() and os.path.lexists(unit):
        _systemctl("stop", paths.UNIT_NAME)  # it may be waiting to try again
    files.remove(link)
    files.remove(unit)
    files.remove_with_folder(archive)
    if paths.systemd_is_running():
        _systemctl("daemon-reload")
    return changes


def _leads_to(link: Path, target: Path) -> bool:
    try:
        return Path(os.readlink(link)) == target
    except OSError:
        return False


def _source(name: str) -> str:
    spec = importlib.util.find_spec(name)
    # Not by isinstance: a zipimporter, which Ansible's modules come from, is no InspectLoader.
    get_source = getattr(spec and spec.loader, "get_source", None)
    source: str | None = get_source(name) if get_source else None
    if source is None:
        raise PersistenceError(f"the boot program cannot be built: no source of {name}")
    return source


def _systemctl(*arguments: str) -> None:
    result = execute.run(["systemctl", *arguments])
    if result.returncode != 0:
        raise PersistenceError(f"systemctl {' '.join(arguments)} failed: {result.stderr.strip()}")
