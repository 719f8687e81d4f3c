# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""KVM or emulation, by a test boot: /dev/kvm may open and still not run a stock kernel."""

from __future__ import annotations

import os
import selectors
import subprocess
import time

from . import tools
from .image import Image
from .machine import PROGRAM
from .progress import step
from .settings import Settings

_LIMIT = 10.0
# The kernel's last line before user space: everything that needs KVM has worked.
_ALIVE = b"Run /init as init process"


def choose(settings: Settings, image: Image) -> str:
    """Return the requested accelerator, or the best one that works."""
    if settings.accelerator:
        return settings.accelerator
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    answer = image.directory / "accelerator"
    if not answer.exists():
        tools.need(PROGRAM)
        with step(f"trying KVM (at most {_LIMIT:.0f} s)"):
            works = _boots_with_kvm(image)
        answer.write_text("kvm" if works else "tcg")
    return answer.read_text()


def _boots_with_kvm(image: Image) -> bool:
    command = [PROGRAM, "-M", "q35", "-accel", "kvm", "-cpu", "max", "-m", "512"]
    command += ["-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio"]
    command += ["-kernel", str(image.kernel), "-initrd", str(image.initrd)]
    command += ["-append", "console=ttyS0"]
    output, console = os.pipe()
    try:
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=console, stderr=console
        ) as qemu:
            os.close(console)
            try:
                return _appears(output, _ALIVE)
            finally:
                qemu.kill()
    finally:
        os.close(output)


def _appears(output: int, wanted: bytes) -> bool:
    end, seen = time.monotonic() + _LIMIT, b""
    with selectors.DefaultSelector() as ready:
        ready.register(output, selectors.EVENT_READ)
        while (left := end - time.monotonic()) > 0:
            if ready.select(left):
                chunk = os.read(output, 65536)
                if not chunk:
                    return False
                seen += chunk
                if wanted in seen:
                    return True
    return False
