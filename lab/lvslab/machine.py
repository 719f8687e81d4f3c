# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual machine: its command line, its start and its end."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import tools
from .errors import LabError
from .image import Image
from .process import OwnProcess
from .qmp import Qmp
from .settings import Settings

PROGRAM = "qemu-system-x86_64"
MANAGEMENT_ADDRESS = "10.0.2.15"
_MAC = "52:54:00:12:34:56"  # also in the image, where the management bridge has it
_START_SECONDS = 120.0
_PORT_ATTEMPTS = 3
_KERNEL = (
    "root=/dev/vda rw console=ttyS0 net.ifnames=0 mitigations=off apparmor=0 "
    "systemd.show_status=no tsc=reliable clocksource=tsc"
)


@dataclass(frozen=True)
class Hardware:
    """Everything that a snapshot of the machine depends on, except its disk."""

    accelerator: str
    cpus: int
    memory_mib: int

    def arguments(self) -> list[str]:
        """Return the part of the command line that describes the hardware."""
        emulated = self.accelerator == "tcg"
        accelerator = "tcg,thread=multi" if emulated else self.accelerator
        # The fewer features are emulated, the faster: 6 % on Python and on starting processes.
        processor = "qemu64" if emulated else "max"
        return [
            "-M", "q35", "-accel", accelerator, "-cpu", processor, "-smp", str(self.cpus),
            "-m", str(self.memory_mib), "-nodefaults", "-display", "none", "-no-user-config",
            "-device", f"virtio-net-pci,netdev=net,mac={_MAC}",
            # The guest returns free memory: less is used here and in snapshots.
            "-device", "virtio-balloon-pci,free-page-reporting=on",
        ]  # fmt: skip

    def digest(self) -> str:
        """Return the digest of machines that can load each other's snapshots."""
        version = tools.run([PROGRAM, "--version"]).decode().splitlines()[0]
        parts = [version, *self.arguments(), _KERNEL]
        if self.accelerator == "kvm":
            # The guest sees the host's processor.
            cpu_info = Path("/proc/cpuinfo").read_text().splitlines()
            parts += [line for line in cpu_info if line.startswith(("model name", "flags"))][:2]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def free_ports(count: int) -> list[int]:
    """Find free loopback ports."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for item in sockets:
            item.bind(("127.0.0.1", 0))
        return [item.getsockname()[1] for item in sockets]
    finally:
        for item in sockets:
            item.close()


@dataclass(frozen=True)
class Machine:
    """One virtual machine of one lab."""

    settings: Settings
    image: Image
    hardware: Hardware

    @property
    def disk(self) -> Path:
        """The overlay of this run."""
        return self.settings.run_dir / "disk.qcow2"

    @property
    def console(self) -> Path:
        """The output of the kernel and systemd."""
        return self.settings.run_dir / "console.log"

    @property
    def process(self) -> OwnProcess:
        """The running QEMU."""
        return OwnProcess(self.settings.run_dir / "qemu.pid")

    @property
    def control(self) -> Qmp:
        """The running QEMU's control socket."""
        return Qmp(self.settings.socket_dir / "qmp.sock")

    def start(self, guests: Mapping[str, str], snapshot: str | None) -> dict[str, tuple[str, int]]:
        """Start with a loopback port for SSH to each guest address, and return the ports."""
        attempts = _PORT_ATTEMPTS
        while True:
            attempts -= 1
            ports = dict(zip(guests, free_ports(len(guests)), strict=True))
            forwards = [f"hostfwd=tcp:127.0.0.1:{ports[name]}-{guests[name]}:22" for name in guests]
            try:
                self._start(forwards, snapshot)
            except LabError as error:
                # Another program took a port before QEMU did.
                if "host forwarding" not in str(error) or not attempts:
                    raise
            else:
                return {name: ("127.0.0.1", port) for name, port in ports.items()}

    def _start(self, forwards: list[str], snapshot: str | None) -> None:
        log = self.settings.run_dir / "qemu.log"
        socket_path = self.settings.make_socket_dir() / "qmp.sock"
        socket_path.unlink(missing_ok=True)
        command = [
            PROGRAM, *self.hardware.arguments(),
            "-name", f"lab-{self.settings.lab_id}", "-pidfile", str(self.process.pid_file),
            "-netdev", ",".join(["user,id=net,ipv6=off", *forwards]),
            "-drive", f"if=virtio,file={self.disk},format=qcow2,cache=unsafe,discard=unmap",
            "-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd),
            "-append", _KERNEL,
            "-serial", f"file:{self.console}", "-qmp", f"unix:{socket_path},server=on,wait=off",
            *(["-loadvm", snapshot] if snapshot else []),
        ]  # fmt: skip
        with log.open("wb") as output:
            qemu = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            self._wait_for_control(qemu, log)
        except BaseException:
            qemu.kill()
            qemu.wait()
            raise

    def _wait_for_control(self, qemu: subprocess.Popen[bytes], log: Path) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if qemu.poll() is not None:
                raise LabError(f"QEMU did not start: {log.read_text(errors='replace').strip()}")
            try:
                with self.control:
                    return
            except (FileNotFoundError, ConnectionRefusedError, ConnectionResetError):
                time.sleep(0.05)
        raise LabError(
            f"QEMU did not open its control socket within {_START_SECONDS:.0f} s, see {log}"
        )
