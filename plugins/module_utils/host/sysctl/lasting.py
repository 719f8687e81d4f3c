# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A file of sysctl.d for the sysctls that are ours, and what of other files would overrule it.

systemd-sysctl and ``sysctl --system`` of procps apply all files of all folders in the order of
their names. procps applies ``/etc/sysctl.conf`` behind them; systemd reads it only where a link in
``/etc/sysctl.d`` leads to it. sysctl.d(5); PreloadSystem() in src/sysctl.c of procps.
"""

from __future__ import annotations

import re
from typing import Iterable, Iterator, Mapping, NamedTuple

from ..model import DEVICES, Desired, Owned, SysctlRequirement
from .rules import ALL, FORWARDING, device_of, ipv4_conf

CLASSIC = "etc/sysctl.conf"

# One value with two names: ctl_forward_entry and devinet_sysctl in net/ipv4/devinet.c.
_ALIASES = {ipv4_conf(ALL, "forwarding"): FORWARDING["ipv4"]}

# Foreign devices may have names with what these files read as something else.
_PLAIN = re.compile("[A-Za-z0-9_./:@+-]+")

_HEAD = """\
# Written by the Ansible collection lvs.topology, and replaced by its next run: what it needs of
# this host, so that `sysctl --system` and systemd-sysctl keep it.
"""


class Line(NamedTuple):
    """An assignment in a file."""

    place: str  # file and line
    key: str  # with slashes; it may have wildcards
    value: str


def lasting(desired: Desired, owned: Owned) -> Iterator[SysctlRequirement]:
    """Return what is desired, with the value that was written or the only one that will do."""
    devices = {one.name for one in desired.resources if isinstance(one, DEVICES)}
    for setting in desired.settings:
        # Timeouts of IPVS are no sysctls, and have no slash.
        if "/" not in setting.key or not _PLAIN.fullmatch(setting.key):
            continue
        if setting.key in owned.settings:
            yield setting._replace(value=owned.settings[setting.key].written)
        # Where several values will do, the present one is not ours.
        elif device_of(setting.key) in devices or len(setting.accepted) == 1:
            yield setting


def render(settings: Iterable[SysctlRequirement]) -> str:
    """Return the file; "" without settings.

    With slashes, because names of interfaces contain dots; with a minus, because devices and the
    module ip_vs may come later.
    """
    values = {setting.key: setting.value for setting in settings}
    assignments = (f"-{key} = {value}\n" for key, value in values.items())
    return "".join((_HEAD, *assignments)) if values else ""


def lines(path: str, text: str) -> Iterator[Line]:
    """Return the assignments of a file of sysctl.d(5)."""
    for number, line in enumerate(text.splitlines(), 1):
        key, is_assignment, value = line.strip().partition("=")
        if is_assignment and not key.startswith(("#", ";")):
            yield Line(f"{path}:{number}", _with_slashes(key.lstrip("-").strip()), value.strip())


def overruling(
    settings: Iterable[SysctlRequirement], files: Mapping[str, str], ours: str
) -> Iterator[str]:
    """Return a sentence for each setting that a line undoes.

    ``files`` are those that are applied after ours, in their order, each with its text. A key with
    wildcards in it undoes none: it is not for keys that a file names (sysctl.d(5)).
    """
    others = [line for path, text in files.items() for line in lines(path, text)]
    for setting in settings:
        found = [one for one in others if _ALIASES.get(one.key, one.key) == setting.key]
        if found and found[-1].value not in setting.accepted:
            last, key = found[-1], found[-1].key.replace("/", ".")
            yield (
                f"{last.place} sets {key} to {last.value}, and is applied after {ours}: "
                f"`sysctl --system` will undo what this host needs. Remove that line, or set "
                f"{' or '.join(setting.accepted)}"
            )


def _with_slashes(key: str) -> str:
    """Return a key with slashes between its parts: the first separator tells what is one."""
    separators = [one for one in key if one in "./"]
    if separators[:1] == ["."]:
        return key.translate(str.maketrans("./", "/."))
    return key
