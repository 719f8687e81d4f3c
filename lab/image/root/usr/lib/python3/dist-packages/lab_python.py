# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs programs for the command lab-python, in forks of a process that has done the imports.

Under emulation, starting Python and importing the standard library is half of a task of Ansible's.
This process imports what such tasks use of the standard library, and nothing else: each program
still brings the code of Ansible and of the collection along. What one fork had to load of that,
later ones find compiled in memory, by the hash of its source.

A client connects and waits. Its program, streams, directory, mask and environment are read from
/proc. It gets the line "started", and in the end the status of its program, as wait(2) gives it.
"""

from __future__ import annotations

import _imp
import contextlib
import importlib
import os
import selectors
import signal
import socket
import stat
import struct
import sys
import zipimport
from types import CodeType, ModuleType

import lab_bytecode

IMPORTS = (
    *("argparse", "ast", "atexit", "base64", "bz2", "collections.abc", "contextlib", "ctypes"),
    *("dataclasses", "datetime", "decimal", "encodings.cp437", "encodings.idna", "fcntl"),
    *("gettext", "grp", "hashlib", "importlib.util", "inspect", "ipaddress", "json", "linecache"),
    *("locale", "logging", "lzma", "pathlib", "pkgutil", "platform", "pwd", "random", "runpy"),
    *("select", "shlex", "shutil", "string", "stringprep", "subprocess", "syslog", "tempfile"),
    *("textwrap", "traceback", "typing", "unicodedata", "urllib.parse", "warnings", "zipfile"),
)

_CREDENTIALS = struct.Struct("@iII")  # struct ucred: process, user, group
_DIGEST = struct.Struct("8s")  # of _imp.source_hash
_LISTENER = 3  # sd_listen_fds(3)

_codes: dict[bytes, CodeType] = {}


class Server:
    """The process that forks."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.told, self.tell = os.pipe()
        self.selector = selectors.PollSelector()
        self.selector.register(listener, selectors.EVENT_READ)
        self.selector.register(self.told, selectors.EVENT_READ)
        self.clients: dict[int, socket.socket] = {}

    def serve(self) -> socket.socket:
        """Fork for each client; return in the fork, with the client's connection."""
        while True:
            for key, _events in self.selector.select():
                if key.fileobj is self.listener:
                    connection = self.listener.accept()[0]
                    process = os.fork()
                    if process == 0:
                        self._leave()
                        return connection
                    self._watch(process, connection)
                elif key.fileobj == self.told:
                    learn(os.read(self.told, 512 * _DIGEST.size))
                elif isinstance(key.fileobj, int):
                    self._end(key.data, key.fileobj)
                elif key.data in self.clients:
                    os.kill(key.data, signal.SIGKILL)  # its client has gone, as if that were it
                    self.selector.unregister(key.fileobj)

    def _leave(self) -> None:
        """Close in a fork what belongs to this process alone."""
        for key in self.selector.get_map().values():
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
            else:
                os.close(key.fd)
        for connection in self.clients.values():
            connection.close()

    def _watch(self, process: int, connection: socket.socket) -> None:
        self.clients[process] = connection
        self.selector.register(connection, selectors.EVENT_READ, process)
        self.selector.register(os.pidfd_open(process), selectors.EVENT_READ, process)

    def _end(self, process: int, ending: int) -> None:
        """Tell the client how its program has ended."""
        self.selector.unregister(ending)
        os.close(ending)
        status = os.waitpid(process, 0)[1]
        with self.clients.pop(process) as connection:
            if connection in self.selector.get_map():
                self.selector.unregister(connection)
            with contextlib.suppress(OSError):
                connection.sendall(b"%d\n" % status)


def learn(digests: bytes) -> None:
    """Load what a fork had to load, for later forks."""
    for (digest,) in _DIGEST.iter_unpack(digests):
        code = lab_bytecode.load(digest)
        if code is not None:
            _codes[digest] = code


def remember(tell: int) -> None:
    """Take code from memory, and tell the server what was not there."""
    news = open(tell, "wb", buffering=0)  # noqa: SIM115  (for the rest of the process)
    # What the program leaves behind in the background does not hold the server's pipe.
    os.register_at_fork(after_in_child=news.close)

    def compile_source(path: str, source: bytes) -> CodeType:
        digest = _imp.source_hash(0, source)
        code = _codes.get(digest)
        if code is None:
            code = lab_bytecode.compile_once(path, source)
            if not news.closed:
                with contextlib.suppress(OSError):  # the server has ended
                    news.write(digest)
        return code

    vars(zipimport)[lab_bytecode.NAME] = compile_source


def take_over(client: int) -> None:
    """Become like the client: streams, directory, mask, environment, and a session of its own."""
    home = f"/proc/{client}"
    modes = (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)
    streams = [os.open(f"{home}/fd/{number}", mode) for number, mode in enumerate(modes)]
    if any(stat.S_ISREG(os.fstat(stream).st_mode) for stream in streams):
        raise ValueError("a file has a position, which cannot be taken over")
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(f"{home}/cwd")
    with open(f"{home}/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    os.umask(int(fields["Umask"], 8))
    with open(f"{home}/environ", "rb") as environment:
        variables = environment.read().split(b"\0")
    os.environb.clear()
    for name, equals, value in (variable.partition(b"=") for variable in variables):
        if equals:
            os.environb[name] = value
    os.setsid()


def run() -> None:
    """Run the program on the standard input, as `python3` without arguments does."""
    program = ModuleType("__main__")
    program.__file__ = "<stdin>"
    sys.modules["__main__"] = program
    sys.path[0] = ""
    sys.argv = [""]
    sys.orig_argv = [sys.executable]
    code = compile(sys.stdin.buffer.read(), program.__file__, "exec", dont_inherit=True)
    exec(code, vars(program))  # noqa: S102  (that is what it is for)


def main(listener: socket.socket) -> None:
    """Serve; in a fork, run the client's program."""
    for name in IMPORTS:
        importlib.import_module(name)
    server = Server(listener)
    with server.serve() as connection:
        credentials = connection.getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size
        )
        take_over(_CREDENTIALS.unpack(credentials)[0])
        connection.sendall(b"started\n")
    remember(server.tell)
    run()


if __name__ == "__main__":
    main(socket.socket(fileno=_LISTENER))
