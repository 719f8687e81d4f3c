# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""lab-python runs programs as Python does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from lvslab.recipe import IMAGE_FILES

PACKAGES = IMAGE_FILES / "root/usr/lib/python3/dist-packages"
CLIENT = IMAGE_FILES / "root/usr/local/bin/lab-python"
SERVER = """
import socket, sys
packages, home, listener = sys.argv[1:]
sys.path.append(packages)
import lab_bytecode, lab_python
lab_bytecode.HOME = home
lab_python.main(socket.socket(fileno=int(listener)))
"""
IS_FORKED = "import sys; print('lab_python' in sys.modules)"


ENVIRONMENT = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "GREETING": "a\nb=c"}


@dataclass(frozen=True)
class Place:
    """A server, and the command with its socket and a Python of this machine."""

    client: Path
    bytecode: Path


def make_client(directory: Path) -> Path:
    text = CLIENT.read_text()
    for there, here in (
        ("/run/lab-python.socket", str(directory / "socket")),
        ("/usr/bin/python3", sys.executable),
    ):
        assert there in text
        text = text.replace(there, here)
    path = directory / "lab-python"
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("lab")
    bytecode = directory / "bytecode"
    bytecode.mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(directory / "socket"))
        listener.listen()
        number = listener.fileno()
        command = [sys.executable, "-c", SERVER, str(PACKAGES), str(bytecode), str(number)]
        process = subprocess.Popen(command, pass_fds=[number], env=ENVIRONMENT)
    yield Place(make_client(directory), bytecode)
    process.terminate()
    process.wait()


def run(
    command: str | Path,
    program: str,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str, str]:
    done = subprocess.run(
        [command, *arguments],
        input=program,
        env=ENVIRONMENT if environment is None else environment,
        start_new_session=True,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "program",
    [
        "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)",
        "raise SystemExit('why')",
        "import os; os.kill(os.getpid(), 15)",
        "import os; os.kill(os.getpid(), 9)",
        "import atexit; atexit.register(print, 'last'); print(__name__, __file__, list[int])",
        "import sys; print(sys.argv, sys.executable, sys.flags, sys.stdin.read())",
        "import os; print(os.getcwd(), os.umask(0), os.getsid(0) == os.getpid())",
        "import os; print(sorted({**os.environ, '_': ''}.items()))",
        "def f(x: int) -> str: ...\nprint(f.__annotations__)",
        # Forked processes of a program stay behind, and must not hold anything.
        "import os\nif os.fork(): os.wait()\nelse: print(os.listdir('/proc/self/fd'))",
        "import os\nif os.fork() or os.fork(): os.wait()\nelse: print(os.listdir('/proc/self/fd'))",
    ],
)
def test_nobody_sees_a_difference(
    place: Place, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o027)
    try:
        assert run(place.client, program) == run(sys.executable, program)
    finally:
        os.umask(before)


def test_only_what_python_would_do_otherwise_is_its_own(
    place: Place,
) -> None:
    for_python = {**ENVIRONMENT, "PYTHONPATH": "/nowhere"}
    assert run(place.client, IS_FORKED) == (0, "True\n", "")
    assert run(place.client, "", "-c", IS_FORKED) == (0, "False\n", "")
    assert run(place.client, IS_FORKED, environment=for_python) == (0, "False\n", "")


def test_without_a_server_it_is_python(tmp_path: Path) -> None:
    assert run(make_client(tmp_path), IS_FORKED) == (0, "False\n", "")


def test_a_file_as_a_stream_is_left_to_python(place: Place, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(IS_FORKED)
    with program.open() as stdin:
        assert subprocess.check_output(place.client, stdin=stdin, env=ENVIRONMENT) == b"False\n"


def test_a_program_ends_with_its_client(place: Place) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(place.client, stdin=pipe, stdout=pipe, env=ENVIRONMENT) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"import time; print('here', flush=True); time.sleep(600)")
        process.stdin.close()
        assert process.stdout.readline() == b"here\n"
        process.kill()
        assert process.stdout.read() == b""  # it has let go of its output


def test_what_one_program_has_compiled_the_next_finds_in_memory(
    place: Place, tmp_path: Path
) -> None:
    archives = [str(tmp_path / name) for name in ("one", "two", "three")]
    for path, text in zip(archives, ("def f(): ...", "def f(): ...", "def f(): 0"), strict=True):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("brought.py", text)
    found = []
    for path in archives:
        program = f"import sys; sys.path.insert(0, {path!r})\nimport brought\n"
        found.append(run(place.client, program + "print(brought.f.__code__.co_filename)"))
        for file in place.bytecode.iterdir():
            file.unlink()
    assert found == [(0, f"{archives[whose]}/brought.py\n", "") for whose in (0, 0, 2)]


def test_what_is_compiled_is_used_where_the_server_has_ended(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        archive.writestr("brought.py", "print('here')")
    program = f"""
import os, sys
sys.path[:0] = {str(tmp_path / "archive")!r}, {str(PACKAGES)!r}
import lab_bytecode, lab_python
lab_bytecode.HOME = {str(tmp_path)!r}
told, tell = os.pipe()
os.close(told)
lab_python.remember(tell)
import brought
"""
    assert run(sys.executable, program) == (0, "here\n", "")


def test_it_imports_the_standard_library_alone() -> None:
    program = f"""
import sys
sys.path.append({str(PACKAGES)!r})
import lab_python
print([name for name in lab_python.IMPORTS if name.split(".")[0] not in sys.stdlib_module_names])
"""
    assert run(sys.executable, program) == (0, "[]\n", "")
