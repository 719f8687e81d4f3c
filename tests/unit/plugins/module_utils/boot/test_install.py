# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The boot program: complete, reproducible, and independent of Ansible."""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import health, install, program
from ansible_collections.lvs.topology.plugins.module_utils.boot.units import NO_EXTRAS, Extras
from ansible_collections.lvs.topology.plugins.module_utils.metrics.settings import Settings
from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError
from ansible_collections.lvs.topology.plugins.module_utils.state.names import (
    GUARD_UNIT,
    HEALTH_UNIT,
    METRICS_TIMER,
    METRICS_UNIT,
)
from ansible_collections.lvs.topology.plugins.module_utils.state.state_file import VERSION

SOURCES = Path(install.__file__).parents[1]
RESTART = ("restart", "--no-block", "lvs-topology-guard.service")


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """A host with systemd; gives what systemctl was told."""
    told: list[tuple[str, ...]] = []
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(install, "_systemctl", lambda *words: told.append(words))
    paths.state_directory(persist=True).mkdir(parents=True)
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    return told


def imported_by(name: str) -> set[str]:
    """The names, below module_utils, of the modules that a module imports."""
    tree = ast.parse((SOURCES / f"{name.replace('.', '/')}.py").read_text())
    package = name.split(".")
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            assert "ansible" not in ast.dump(node) or not isinstance(node, ast.ImportFrom), name
            continue
        base = ".".join((*package[: len(package) - node.level], node.module or "")).strip(".")
        if (SOURCES / f"{base.replace('.', '/')}.py").exists():
            found.add(base)
        else:
            found |= {f"{base}.{alias.name}".strip(".") for alias in node.names}
    return found


def test_the_list_of_modules_is_what_the_program_imports() -> None:
    needed, new = set(), {"boot.program", "boot.guard", "boot.health", "boot.metrics"}
    while new:
        needed |= new
        new = {name for module in new for name in imported_by(module)} - needed
    assert sorted(needed) == list(install.MODULES)


def test_program_is_reproducible() -> None:
    first = install.build_program()
    assert install.build_program() == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(archive.namelist())


def run_program(path: Path, root: Path) -> subprocess.CompletedProcess[str]:
    """Run the installed program as the unit does, with another root."""
    moved = path.with_name("moved.pyz")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(moved, "w") as target:
        for name in source.namelist():
            text = source.read(name).decode()
            target.writestr(name, text.replace('ROOT = Path("/")', f'ROOT = Path("{root}")'))
    return subprocess.run(
        [sys.executable, "-I", "-S", str(moved)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )


def test_program_runs_without_ansible(tmp_path: Path, systemctl: list[tuple[str, ...]]) -> None:
    install.settle(needed=True, check_mode=False)
    result = run_program(paths.program(), tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert systemctl == [("daemon-reload",), RESTART]


@pytest.mark.usefixtures("systemctl")
def test_program_tries_every_part_and_tells_each_failure(tmp_path: Path) -> None:
    install.settle(needed=True, check_mode=False)
    paths.state_file("real_server", persist=True).write_text("{")
    empty: dict[str, object] = {
        "links": [],
        "addresses": [],
        "settings": [],
        "arp_suppressed": False,
        "helpers": [],
    }
    desired = {**empty, "up": ["no-such-link"]}
    state = {"version": VERSION, "desired": desired, "owned": {}}
    paths.state_file("router", persist=True).write_text(json.dumps(state))
    result = run_program(paths.program(), tmp_path)
    assert result.returncode == 1
    first, second = result.stderr.splitlines()
    assert first.startswith("real_server: ")
    assert "real_server.json is damaged" in first
    assert second == "router: this host has no interface no-such-link"


def test_install_once(systemctl: list[tuple[str, ...]]) -> None:
    guard = paths.unit(GUARD_UNIT)
    expected = [
        f"write {paths.program()}",
        f"write {paths.unit()}",
        f"write {guard}",
        "enable lvs-topology.service",
        "enable lvs-topology-guard.service",
    ]
    assert install.settle(needed=True, check_mode=True) == expected
    assert not paths.program().exists()
    assert install.settle(needed=True, check_mode=False) == expected
    assert install.settle(needed=True, check_mode=False) == []
    assert systemctl == [("daemon-reload",), RESTART]
    unit = paths.unit().read_text()
    assert f'ExecStart="{sys.executable}" -I "{paths.program()}"\n' in unit
    assert f'ExecStart="{sys.executable}" -I "{paths.program()}" guard\n' in guard.read_text()
    assert paths.enabled_unit().resolve() == paths.unit()
    assert paths.enabled_unit(GUARD_UNIT).resolve() == guard


def test_drift_is_repaired(systemctl: list[tuple[str, ...]]) -> None:
    install.settle(needed=True, check_mode=False)
    systemctl.clear()
    paths.program().write_bytes(b"old")
    assert install.settle(needed=True, check_mode=False) == [f"write {paths.program()}"]
    assert systemctl == [RESTART]  # systemd does not care about the program, but the guard runs it
    systemctl.clear()
    paths.enabled_unit().unlink()
    assert install.settle(needed=True, check_mode=False) == ["enable lvs-topology.service"]
    assert systemctl == [("daemon-reload",)]
    paths.unit().write_text("[Unit]\n")
    assert install.settle(needed=True, check_mode=False) == [f"write {paths.unit()}"]


def test_a_guard_that_no_run_has_started_is_started_by_the_next(
    systemctl: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*words: str) -> None:
        if words == RESTART:
            raise PersistenceError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(install, "_systemctl", die)
        with pytest.raises(PersistenceError):
            install.settle(needed=True, check_mode=False)
    assert install.settle(needed=True, check_mode=False) == ["enable lvs-topology-guard.service"]
    assert RESTART in systemctl


def test_a_configuration_comes_changes_and_goes(systemctl: list[tuple[str, ...]]) -> None:
    install.settle(needed=True, check_mode=False)
    systemctl.clear()
    sysctl, networkd = paths.sysctl_file(), paths.networkd_file()
    for content, expected in (
        ({sysctl: b"1", networkd: b"2"}, [f"write {sysctl}", f"write {networkd}"]),
        ({sysctl: b"1", networkd: b""}, [f"remove {networkd}"]),
        ({sysctl: b"1"}, []),
        ({}, []),
        ({sysctl: b"3", networkd: b""}, [f"write {sysctl}"]),
    ):
        settle = partial(install.settle, needed=True, configuration=content)
        assert settle(check_mode=True) == expected
        assert settle(check_mode=False) == expected
        assert settle(check_mode=False) == []
    assert sysctl.read_bytes() == b"3"
    assert not networkd.parent.exists()
    assert systemctl == []
    gone = install.settle(needed=False, configuration={sysctl: b""}, check_mode=False)
    assert gone[-1] == f"remove {sysctl}"
    assert sysctl.parent.exists()


def test_uninstall(systemctl: list[tuple[str, ...]]) -> None:
    install.settle(needed=True, check_mode=False)
    systemctl.clear()
    expected = [
        "disable lvs-topology.service",
        "disable lvs-topology-guard.service",
        f"remove {paths.unit()}",
        f"remove {paths.unit(GUARD_UNIT)}",
        f"remove {paths.program()}",
    ]
    assert install.settle(needed=False, check_mode=True) == expected
    assert install.settle(needed=False, check_mode=False) == expected
    stop = ("stop", "lvs-topology.service", "lvs-topology-guard.service")
    assert systemctl == [stop, ("daemon-reload",)]
    assert not paths.program().parent.exists()
    assert paths.unit().parent.exists()
    assert install.settle(needed=False, check_mode=False) == []


def test_the_health_daemon_is_there_while_something_is_watched(
    systemctl: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[str] = []
    monkeypatch.setattr(health, "leave_nothing", lambda: left.append("nothing"))
    unit = paths.unit(HEALTH_UNIT)
    settle = partial(install.settle, needed=True, check_mode=False)
    settle()
    systemctl.clear()
    restart = ("restart", "--no-block", "lvs-topology-health.service")
    for extras, expected, told in (
        (
            Extras(watched=True),
            [f"write {unit}", "enable lvs-topology-health.service"],
            [("daemon-reload",), restart],
        ),
        (Extras(watched=True), [], []),
        (None, [], []),  # what is watched cannot be read
        (
            NO_EXTRAS,
            ["disable lvs-topology-health.service", f"remove {unit}"],
            [("stop", "lvs-topology-health.service"), ("daemon-reload",)],
        ),
        (None, [], []),
    ):
        assert install.settle(needed=True, extras=extras, check_mode=True) == expected
        assert settle(extras=extras) == expected
        assert systemctl == told
        systemctl.clear()
    assert left == ["nothing"]
    settle(extras=Extras(watched=True))
    paths.program().write_bytes(b"old")
    systemctl.clear()
    settle(extras=Extras(watched=True))
    assert systemctl == [RESTART, restart]
    gone = install.settle(needed=False, extras=NO_EXTRAS, check_mode=False)
    assert f"remove {unit}" in gone
    assert left == ["nothing"] * 2


def test_the_collector_stays_where_nobody_can_tell(systemctl: list[tuple[str, ...]]) -> None:
    settle = partial(install.settle, needed=True, check_mode=False)
    settle(extras=Extras(metrics=Settings("/srv/metrics")))
    assert ("restart", "--no-block", METRICS_TIMER) in systemctl
    assert paths.enabled_unit(METRICS_TIMER).resolve() == paths.unit(METRICS_TIMER)
    assert not paths.enabled_unit(METRICS_UNIT).exists()  # the timer starts it
    assert settle(extras=None) == []
    gone = settle(extras=NO_EXTRAS)
    assert gone == [
        f"disable {METRICS_TIMER}",
        f"remove {paths.unit(METRICS_UNIT)}",
        f"remove {paths.unit(METRICS_TIMER)}",
    ]


def test_systemctl_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "systemctl"
    program.write_text("#!/bin/sh\necho no bus >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(PersistenceError, match="systemctl daemon-reload failed: no bus"):
        install._systemctl("daemon-reload")


@pytest.mark.usefixtures("systemctl")
def test_links_that_lead_nowhere_go_too() -> None:
    install.settle(needed=True, check_mode=False)
    paths.program().unlink()
    paths.program().symlink_to("apply.pyz")
    assert f"remove {paths.program()}" in install.settle(needed=False, check_mode=False)
    assert not paths.program().parent.exists()


@pytest.mark.usefixtures("systemctl")
def test_what_an_attempt_has_left_may_be_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    paths.state_file("router", persist=True).write_text("{")
    (tmp_path / "applied").write_bytes(b"\xff real_server")
    assert program.main() == 1
    assert "router.json is damaged" in capsys.readouterr().err
    (tmp_path / "applied").unlink()
    (tmp_path / "applied").mkdir()
    assert program.main() == 1
    assert "router.json is damaged" in capsys.readouterr().err
