# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""How a probe reaches a real server: a connection, TLS in it, a datagram, or a program.

Connections end with RST. With FIN, 500 probes a second would leave 30,000 sockets in TIME_WAIT, and
IPVS would remember 60,000 connections for two minutes; with RST it is ten seconds. A real server
sees the end of a connection of which it has sent all, or a client that has gone.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import ssl
import struct
from contextlib import suppress
from functools import lru_cache
from random import getrandbits
from select import EPOLLERR, EPOLLHUP
from typing import Any, Callable, Mapping, TypeVar

from ..execute import SYSTEM_PATHS
from ..net.addresses import family_of
from ..net.probe_marks import probe_port
from .kinds import tls
from .kinds.kind import PROCESS, TCP, TLS, UDP, Answer, Asked, Kind
from .model import Probe

Taken = TypeVar("Taken")

_RST = struct.pack("@ii", 1, 0)  # struct linger
_READ_BYTES = 16384
_MAX_BYTES = 65536  # of an answer
_MAX_PIECES = 100  # so that one that comes byte by byte costs little
_DISCARD = 9  # a port: nothing is sent there
_FAMILIES = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}
# What the director itself has not: descriptors, memory, ports, permission, the source, a route.
_OWN = frozenset(
    (
        *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EAGAIN),
        *(errno.EPERM, errno.EACCES, errno.EINVAL, errno.EAFNOSUPPORT),
        *(errno.EADDRNOTAVAIL, errno.EADDRINUSE, errno.ENETUNREACH, errno.ENETDOWN),
        *(errno.ENOENT, errno.ENOTDIR, errno.ENOEXEC),
    )
)
_TAKEN = (errno.EADDRNOTAVAIL, errno.EADDRINUSE)


class UntriedError(Exception):
    """The director itself could not try: that says nothing about a real server."""


def begin(probe: Probe, kind: Kind, options: Mapping[str, Any]) -> Attempt:
    """Begin one probe; raise OSError where it has already failed."""
    try:
        return _TRANSPORTS[kind.transport](probe, kind, options)
    except OSError as error:
        if error.errno in _OWN:
            raise UntriedError(reason(error)) from error
        raise


def reason(error: OSError) -> str:
    """Return what is wrong, in a few words."""
    text = os.strerror(error.errno) if error.errno else str(error)
    return text[:1].lower() + text[1:]


class Attempt:
    """One probe that goes on."""

    descriptor = -1  # what to wait for: input and output, each change of these once

    def __init__(self, probe: Probe, kind: Kind, options: Mapping[str, Any]) -> None:
        self._probe = probe
        self._kind = kind
        self._options = options
        self._asked = Asked(probe.address, probe.port, getrandbits(16))

    def proceed(self, events: int) -> str | None:
        """Do what is possible now; return the result, or None while it goes on."""
        raise NotImplementedError

    def at_timeout(self) -> str:
        """Return the result where there has been none in time."""
        return f"no answer within {self._probe.check.timeout:g} s"

    def close(self) -> None:
        """End it, whatever its state."""
        raise NotImplementedError

    def _judge(self, data: bytes, *, is_closed: bool) -> str | None:
        return self._kind.judge(self._options, self._asked, Answer(data, is_closed))


class _Connection(Attempt):
    """Over TCP."""

    def __init__(self, probe: Probe, kind: Kind, options: Mapping[str, Any]) -> None:
        super().__init__(probe, kind, options)
        self._unsent = kind.request(options, self._asked)
        self._data = b""
        self._pieces = 0
        self._is_connected = self._is_ready = False
        self._prepare()
        self._socket = _connect(probe, socket.SOCK_STREAM)
        self.descriptor = self._socket.fileno()

    def proceed(self, events: int) -> str | None:
        try:
            if not self._is_connected:
                if events & (EPOLLERR | EPOLLHUP):
                    error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    return reason(OSError(error, "")) if error else "connection closed"
                self._is_connected = True
            if not self._is_ready:
                self._greet()
                self._is_ready = True
                result = None if self._unsent else self._judge(b"", is_closed=False)
                if result is not None:
                    return result
            return self._talk()
        except BlockingIOError:
            return None
        except ssl.SSLError as error:
            return f"TLS: {tls.words(error.reason, getattr(error, 'verify_message', ''))}"
        except OSError as error:
            return reason(error)

    def at_timeout(self) -> str:
        if self._is_connected:
            return f"connected, but no whole answer within {self._probe.check.timeout:g} s"
        return super().at_timeout()

    def close(self) -> None:
        self._socket.close()

    def _prepare(self) -> None:
        """Do what can fail before there is a socket."""

    def _greet(self) -> None:
        """Begin what is inside the connection."""

    def _talk(self) -> str | None:
        while self._unsent:
            self._unsent = self._unsent[self._send(self._unsent) :]
        while True:
            piece = self._receive()
            self._data += piece
            is_closed = not piece or len(self._data) >= _MAX_BYTES or self._pieces >= _MAX_PIECES
            result = self._judge(self._data, is_closed=is_closed)
            if result is not None or is_closed:
                return "no answer" if result is None else result

    def _send(self, data: bytes) -> int:
        return self._socket.send(data)

    def _receive(self) -> bytes:
        self._pieces += 1
        return self._socket.recv(_READ_BYTES)


class _TlsConnection(_Connection):
    """TLS in a connection, by hand: the bytes between the two go through memory."""

    def _prepare(self) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._encrypted = b""  # not sent yet
        self._tls = _context(verifies=bool(self._options["verify_certificate"])).wrap_bio(
            self._incoming,
            self._outgoing,
            server_hostname=tls.name_of(self._options, self._asked),
        )

    def _greet(self) -> None:
        self._pump(self._tls.do_handshake)

    def _send(self, data: bytes) -> int:
        return self._pump(lambda: self._tls.write(data))

    def _receive(self) -> bytes:
        try:
            return self._pump(lambda: self._tls.read(_READ_BYTES))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def _pump(self, act: Callable[[], Taken]) -> Taken:
        """Do something in TLS with what comes; raise BlockingIOError while more is needed."""
        while True:
            with suppress(ssl.SSLWantReadError):
                done = act()
                with suppress(BlockingIOError):  # the rest goes with what is next
                    self._flush()
                return done
            self._flush()
            piece = super()._receive()
            if piece:
                self._incoming.write(piece)
            else:
                self._incoming.write_eof()

    def _flush(self) -> None:
        self._encrypted += self._outgoing.read()
        while self._encrypted:
            self._encrypted = self._encrypted[super()._send(self._encrypted) :]


class _Datagram(Attempt):
    """Over UDP."""

    def __init__(self, probe: Probe, kind: Kind, options: Mapping[str, Any]) -> None:
        super().__init__(probe, kind, options)
        self._pieces = 0
        self._socket = _connect(probe, socket.SOCK_DGRAM)
        self.descriptor = self._socket.fileno()
        try:
            self._socket.send(kind.request(options, self._asked))
        except OSError:
            self._socket.close()
            raise

    def proceed(self, events: int) -> str | None:
        del events
        try:
            while self._pieces < _MAX_PIECES:
                self._pieces += 1
                result = self._judge(self._socket.recv(_READ_BYTES), is_closed=False)
                if result is not None:
                    return result
        except BlockingIOError:
            return None
        except OSError as error:
            return reason(error)
        return f"{_MAX_PIECES} datagrams, and no answer in them"

    def at_timeout(self) -> str:
        return "" if self._kind.takes_silence(self._options) else super().at_timeout()

    def close(self) -> None:
        self._socket.close()


class Program(Attempt):
    """A program of the director, in a process group of its own."""

    def __init__(self, probe: Probe, kind: Kind, options: Mapping[str, Any]) -> None:
        super().__init__(probe, kind, options)
        path = kind.request(options, self._asked)
        nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
        self._status: int | None = None
        # ansible-test wants AnsibleModule.run_command. The daemon has no Ansible.
        self._process = os.posix_spawn(  # pylint: disable=ansible-bad-function
            path,
            [path],
            {"PATH": os.pathsep.join(SYSTEM_PATHS), **dict(probe.environment)},
            file_actions=nowhere,
            setpgroup=0,
            setsigmask=(),
            setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),  # Python ignores both
        )

    def proceed(self, events: int) -> str | None:
        """Return the result of a process that has ended."""
        del events
        return self._judge(str(self._status).encode(), is_closed=True)

    def has_ended(self) -> bool:
        """Tell whether the process is gone; what it has left behind goes with it."""
        if self._status is None:
            if not os.waitid(os.P_PID, self._process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return False
            self.close()
            status = os.waitpid(self._process, 0)[1]
            self._status = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else status >> 8
        return True

    def close(self) -> None:
        """Kill the whole group."""
        if self._status is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process, signal.SIGKILL)


def _connect(probe: Probe, kind: int) -> socket.socket:
    """Return a socket that is connected, or will be."""
    if not probe.mark:
        return _connect_from(probe, kind, probe.source, 0)
    source = probe.source or _source_towards(probe)
    if kind == socket.SOCK_STREAM:
        with suppress(_PortTakenError):
            return _connect_from(probe, kind, source, probe_port(probe.mark))
    return _connect_from(probe, kind, source, 0)


class _PortTakenError(Exception):
    """Another socket has the port of a mark: another port will do nearly as well."""


def _connect_from(probe: Probe, kind: int, source: str, port: int) -> socket.socket:
    one = socket.socket(_FAMILIES[family_of(probe.address)], kind | socket.SOCK_NONBLOCK)
    try:
        if kind == socket.SOCK_STREAM:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
        if probe.mark:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, probe.mark)
        if port:
            # Several probes have this mark, each to another port of a VIP.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if source:
            one.bind((source, port))
        error = one.connect_ex((probe.address, probe.port))
    except OSError as refused:
        # Below 0 it is of getaddrinfo(3): the source has another family.
        error = max(refused.errno or 0, 0) or errno.EINVAL
    if error in (0, errno.EINPROGRESS):
        return one
    one.close()
    if port and error in _TAKEN:
        raise _PortTakenError
    raise OSError(error, os.strerror(error))


def _source_towards(probe: Probe) -> str:
    """Return the address from which the kernel would ask the real server.

    To the VIP itself, an address of the director, it would ask from the VIP. The real server has
    that as well, and drops the packet.
    """
    family = family_of(probe.address)
    to = probe.rip if probe.rip and family_of(probe.rip) == family else probe.address
    with socket.socket(_FAMILIES[family], socket.SOCK_DGRAM) as one:
        one.connect((to, _DISCARD))
        found = str(one.getsockname()[0])
    if found == probe.address:
        raise UntriedError(f"the kernel would ask from {found} itself: a source is needed")
    return found


@lru_cache(maxsize=None)
def _context(*, verifies: bool) -> ssl.SSLContext:
    """Return the settings of TLS; with a check of certificates this reads those of the system."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if verifies:
        context.load_default_certs()
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


_TRANSPORTS = {TCP: _Connection, TLS: _TlsConnection, UDP: _Datagram, PROCESS: Program}
