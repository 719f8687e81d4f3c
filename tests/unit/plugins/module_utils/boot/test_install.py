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
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import install, program
from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError
from ansible_collections.lvs.topology.plugins.module_utils.state.state_file import VERSION

SOURCES = Path(install.__file__).parents[1]


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
    needed, new = set(), {"boot.program"}
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
    assert systemctl == [("daemon-reload",)]


@pytest.mark.usefixtures("systemctl")
def test_program_tries_every_part_and_tells_each_failure(tmp_path: Path) -> None:
    install.settle(needed=True, check_mode=False)
    paths.state_file("real_server", persist=True).write_text("{")
    empty: dict[str, object] = {
        "links": [],
        "addresses": [],
        "settings": [],
        "arp_suppressed": False,
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
    expected = [
        f"write {paths.program()}",
        f"write {paths.unit()}",
        "enable lvs-topology.service",
    ]
    assert install.settle(needed=True, check_mode=True) == expected
    assert not paths.program().exists()
    assert install.settle(needed=True, check_mode=False) == expected
    assert install.settle(needed=True, check_mode=False) == []
    assert systemctl == [("daemon-reload",)]
    unit = paths.unit().read_text()
    assert f'ExecStart="{sys.executable}" -I "{paths.program()}"\n' in unit
    assert paths.enabled_unit().resolve() == paths.unit()


def test_drift_is_repaired(systemctl: list[tuple[str, ...]]) -> None:
    install.settle(needed=True, check_mode=False)
    paths.program().write_bytes(b"old")
    assert install.settle(needed=True, check_mode=False) == [f"write {paths.program()}"]
    assert systemctl == [("daemon-reload",)]  # systemd does not care about the program
    paths.enabled_unit().unlink()
    assert install.settle(needed=True, check_mode=False) == ["enable lvs-topology.service"]
    paths.unit().write_text("[Unit]\n")
    assert install.settle(needed=True, check_mode=False) == [f"write {paths.unit()}"]
    assert systemctl == [("daemon-reload",)] * 3


def test_uninstall(systemctl: list[tuple[str, ...]]) -> None:
    install.settle(needed=True, check_mode=False)
    systemctl.clear()
    expected = [
        "disable lvs-topology.service",
        f"remove {paths.unit()}",
        f"remove {paths.program()}",
    ]
    assert install.settle(needed=False, check_mode=True) == expected
    assert install.settle(needed=False, check_mode=False) == expected
    assert systemctl == [("stop", "lvs-topology.service"), ("daemon-reload",)]
    assert not paths.program().parent.exists()
    assert paths.unit().parent.exists()
    assert install.settle(needed=False, check_mode=False) == []


def test_systemctl_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "systemctl"
    program.write_text("#!/bin/sh\necho no bus >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(PersistenceError, match="systemctl daemon-reload failed: no bus"):
        install._systemctl("daemon-reload")


def test_unit_of_a_python_with_a_name_that_has_to_be_quoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/opt/my 100%env/python3")
    assert 'ExecStart="/opt/my 100%%env/python3" -I ' in install.unit_text()


def test_the_unit_hides_no_folder_that_a_python_may_be_in() -> None:
    settings = dict(
        line.split("=", 1) for line in install.unit_text().splitlines() if line[:1].isalpha()
    )
    assert settings["ProtectHome"] == "read-only"
    assert "PrivateTmp" not in settings


@pytest.mark.parametrize("path", ["", "/opt/a'b", '/opt/a"b', "/opt/a\\b", "/opt/a\nb"])
def test_a_python_that_systemd_does_not_start_is_told(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(sys, "executable", path)
    with pytest.raises(PersistenceError, match="ansible_python_interpreter"):
        install.unit_text()


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
