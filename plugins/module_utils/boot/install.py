# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Puts the boot program, its units and what they need on this host, or takes them away.

The program is a zip archive of the very sources that are running now, wherever they were loaded
from: a controller's upgrade reaches the boot program with the next run of any module.
"""

from __future__ import annotations

import importlib.util
import io
import os
import zipfile
from pathlib import Path
from types import MappingProxyType
from typing import Collection, Mapping

from .. import execute
from ..state import files, paths
from ..state.errors import PersistenceError
from ..state.names import BOOT_UNIT, GUARD_UNIT, HEALTH_UNIT, METRICS_TIMER, METRICS_UNIT
from . import guard, health, metrics, program
from .units import (
    GUARD_ARGUMENT,
    HEALTH_ARGUMENT,
    METRICS_ARGUMENT,
    NO_EXTRAS,
    Extras,
    metrics_directory,
    texts as unit_texts,
)

PACKAGE = "ansible_collections.lvs.topology.plugins.module_utils"

# What program.py imports, directly or not: a test compares. Listed, because finding it out by
# parsing costs every run of every module more than all the rest of this file.
MODULES = (
    "boot.guard",
    "boot.health",
    "boot.metrics",
    "boot.program",
    "boot.put_back",
    "boot.registry",
    "boot.systemd",
    "converge.director",
    "converge.director_plan",
    "converge.drain_plan",
    "converge.host",
    "converge.metrics",
    "converge.outcome",
    "converge.pair",
    "converge.pair_plan",
    "converge.settings",
    "converge.steps",
    "converge.table",
    "converge.table_state",
    "converge.watches",
    "converge.weights",
    "errors",
    "execute",
    "fields",
    "health.board",
    "health.decisions",
    "health.entries",
    "health.kinds.dns",
    "health.kinds.http",
    "health.kinds.https",
    "health.kinds.kind",
    "health.kinds.script",
    "health.kinds.table",
    "health.kinds.tcp",
    "health.kinds.tls",
    "health.kinds.udp",
    "health.mark_services",
    "health.model",
    "health.plan",
    "health.pool",
    "health.prober",
    "health.runtime",
    "health.schema",
    "health.transports",
    "health.verdict",
    "health.verdicts",
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
    "host.nft.switch_table",
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
    "ipvs.sync_daemon",
    "ipvs.transition",
    "ipvs.wait",
    "json_types",
    "listing",
    "metrics.exposition",
    "metrics.families",
    "metrics.report",
    "metrics.settings",
    "net.addresses",
    "net.ask",
    "net.devices",
    "net.frames",
    "net.ports",
    "net.probe_marks",
    "net.send",
    "netlink.connection",
    "netlink.generic",
    "netlink.listener",
    "netlink.losses",
    "netlink.message",
    "state.content",
    "state.errors",
    "state.files",
    "state.lock",
    "state.names",
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
    "vrrp.model",
    "vrrp.plan",
    "vrrp.render",
    "vrrp.schema",
    "vrrp.service",
)

# program is imported above for more than its name: Ansible sends a node only the modules that are
# imported somewhere, and this file needs the sources of all that the program consists of.
_MAIN = f"""\
import sys

if sys.argv[1:] == [{GUARD_ARGUMENT!r}]:
    from {guard.__name__} import main
elif sys.argv[1:] == [{HEALTH_ARGUMENT!r}]:
    from {health.__name__} import main
elif sys.argv[1:] == [{METRICS_ARGUMENT!r}]:
    from {metrics.__name__} import main
else:
    from {program.__name__} import main

sys.exit(main())
"""

_BASE = (BOOT_UNIT, GUARD_UNIT)
_COLLECTOR = (METRICS_UNIT, METRICS_TIMER)
_NAMES = (*_BASE, HEALTH_UNIT, *_COLLECTOR)
# These go on while the system does, and are started again with another program.
_DAEMONS = (GUARD_UNIT, HEALTH_UNIT, METRICS_TIMER)
_STARTED_BY_OTHERS = (METRICS_UNIT,)


def settle(
    *,
    needed: bool,
    extras: Extras | None = NO_EXTRAS,
    check_mode: bool,
    configuration: Mapping[Path, bytes] = MappingProxyType({}),
) -> list[str]:
    """Make program, units and configuration current, or remove them; a sentence for each change.

    A file of the configuration that is empty must not be there. Where nobody can tell which extras
    are needed (None), those stay that are there.
    """
    if not needed:
        return _uninstall([*_NAMES], (paths.program(), *configuration), check_mode=check_mode)
    if extras is None:
        is_watched = os.path.lexists(paths.unit(HEALTH_UNIT))
        names, gone = [*_BASE, *([HEALTH_UNIT] if is_watched else [])], []
    else:
        is_wanted = {
            **dict.fromkeys(_NAMES, True),
            HEALTH_UNIT: extras.watched,
            **dict.fromkeys(_COLLECTOR, extras.metrics is not None),
        }
        names = [name for name in _NAMES if is_wanted[name]]
        gone = [name for name in _NAMES if not is_wanted[name]]
    changes = _uninstall(gone, (), check_mode=check_mode)
    texts = unit_texts(extras or NO_EXTRAS)
    units = {paths.unit(name): texts[name].encode() for name in names}
    return [*changes, *_install(names, {**units, **configuration}, check_mode=check_mode)]


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


def _install(
    names: Collection[str], configuration: Mapping[Path, bytes], *, check_mode: bool
) -> list[str]:
    wanted = {paths.program(): build_program(), **configuration}
    stale = {path: content for path, content in wanted.items() if _differs(path, content)}
    enabled = [name for name in names if name not in _STARTED_BY_OTHERS]
    disabled = [name for name in enabled if not _is_enabled(name)]
    changes = [f"{'write' if content else 'remove'} {path}" for path, content in stale.items()]
    changes += [f"enable {name}" for name in disabled]
    if check_mode or not changes:
        return changes
    _put(stale)
    # A daemon's link comes last: where a run dies before, the next one starts the daemon.
    for name in disabled:
        if name not in _DAEMONS:
            files.link(paths.enabled_unit(name), paths.unit(name))
    if disabled or stale.keys() & set(map(paths.unit, names)):
        _tell_systemd("daemon-reload")
    for name in names:
        is_new = name in disabled
        if name in _DAEMONS and (is_new or {paths.program(), paths.unit(name)} & stale.keys()):
            # Whether it can start is no matter of this run's: `systemctl status` shows that.
            _tell_systemd("restart", "--no-block", name)
        if name in _DAEMONS and is_new:
            files.link(paths.enabled_unit(name), paths.unit(name))
    return changes


def _put(contents: Mapping[Path, bytes]) -> None:
    collector = paths.unit(METRICS_UNIT)
    forsaken = _forsaken(contents[collector]) if collector in contents else ""
    if forsaken:
        # One that is at work would write there once more. The timer first: it would start another.
        _tell_systemd("stop", METRICS_TIMER, METRICS_UNIT)
        metrics.leave_nothing(forsaken)
    for path, content in contents.items():
        if content:
            files.write(path, content)
        else:
            _remove(path)


def _forsaken(unit: bytes = b"") -> str:
    """Where the collector writes whose unit is there, if that other one would not."""
    there = (files.read(paths.unit(METRICS_UNIT)) or b"").decode("utf-8", "replace")
    directory = metrics_directory(there)
    return "" if directory == metrics_directory(unit.decode()) else directory


def _uninstall(names: Collection[str], others: Collection[Path], *, check_mode: bool) -> list[str]:
    enabled = [name for name in names if os.path.lexists(paths.enabled_unit(name))]
    there = [path for path in (*map(paths.unit, names), *others) if os.path.lexists(path)]
    changes = [*(f"disable {name}" for name in enabled), *(f"remove {path}" for path in there)]
    if not changes or check_mode:
        return changes
    known = [name for name in names if paths.unit(name) in there]
    if known:
        # The timer first: it would start the collector again.
        _tell_systemd("stop", *sorted(known, key=lambda name: name != METRICS_TIMER))
    if HEALTH_UNIT in known:
        health.leave_nothing()
    forsaken = _forsaken() if METRICS_UNIT in known else ""
    if forsaken:
        metrics.leave_nothing(forsaken)
    for path in (*map(paths.enabled_unit, enabled), *there):
        _remove(path)
    _tell_systemd("daemon-reload")
    return changes


def _differs(path: Path, content: bytes) -> bool:
    """Whether a file is not so; without content it must not be there."""
    return files.read(path) != content if content else os.path.lexists(path)


def _remove(path: Path) -> None:
    if path in (paths.program(), paths.networkd_file()):  # nobody else needs their folders
        files.remove_with_folder(path)
    else:
        files.remove(path)


def _is_enabled(name: str) -> bool:
    try:
        return Path(os.readlink(paths.enabled_unit(name))) == paths.unit(name)
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


def _tell_systemd(*arguments: str) -> None:
    if paths.systemd_is_running():
        _systemctl(*arguments)


def _systemctl(*arguments: str) -> None:
    result = execute.run(["systemctl", *arguments])
    if result.returncode != 0:
        raise PersistenceError(f"systemctl {' '.join(arguments)} failed: {result.stderr.strip()}")
