# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The sysctls that matter here, their accepted values, and the value that counts.

Of ``arp_ignore``, ``arp_announce`` and ``rp_filter`` the larger value of ``conf/all`` and the
packet's device counts (IN_DEV_MAXCONF in include/linux/inetdevice.h). ARP never arrives on ``lo``,
so that ``conf/lo`` has no effect and stays as it is.
"""

from __future__ import annotations

from typing import Iterable, Mapping

from ..model import SysctlRequirement

ALL = "all"
_DEFAULT = "default"  # the initial values of a new device

# arp_ignore() in net/ipv4/arp.c: 1 and 2 answer only for addresses of the receiving device, 8 for
# none. 3 still answers for addresses of global scope, and all other values for every address.
_SILENT_ARP_IGNORE = ("1", "2", "8")
# arp_solicit() in net/ipv4/arp.c knows 1 and 2, and treats all other values as 0.
_SILENT_ARP_ANNOUNCE = ("2",)
_LOOSE_RP_FILTER = ("0", "2")

_FOLDERS = ("net/ipv4", "net/ipv6")

FORWARDING = {"ipv4": "net/ipv4/ip_forward", "ipv6": "net/ipv6/conf/all/forwarding"}
_REDIRECTS = "net/ipv4/conf/all/accept_redirects"


def ipv4_conf(device: str, name: str) -> str:
    """Return the key of a device's sysctl."""
    return f"net/ipv4/conf/{device}/{name}"


def arp_suppression(device: str) -> list[SysctlRequirement]:
    """A device does not answer or announce addresses of other devices."""
    return [
        SysctlRequirement(ipv4_conf(device, "arp_ignore"), "1", _SILENT_ARP_IGNORE, combined=True),
        SysctlRequirement(
            ipv4_conf(device, "arp_announce"), "2", _SILENT_ARP_ANNOUNCE, combined=True
        ),
    ]


def is_arp_suppression(key: str) -> bool:
    """Whether a sysctl is one of those of ``arp_suppression``."""
    return key.startswith(f"{_FOLDERS[0]}/conf/") and key.endswith(("/arp_ignore", "/arp_announce"))


def loose_rp_filter(device: str) -> SysctlRequirement:
    """A device takes packets from sources whose route leads elsewhere."""
    return SysctlRequirement(ipv4_conf(device, "rp_filter"), "2", _LOOSE_RP_FILTER, combined=True)


def accept_local(device: str) -> SysctlRequirement:
    """A device takes packets whose source is an address of this host.

    conf/all or the device has a 1: IN_DEV_ACCEPT_LOCAL in include/linux/inetdevice.h.
    """
    return SysctlRequirement(ipv4_conf(device, "accept_local"), "1", ("1",), combined=True)


def liberal_conntrack() -> SysctlRequirement:
    """Connection tracking takes what it has not seen the half of: tcp_in_window().

    In net/netfilter/nf_conntrack_proto_tcp.c; the sysctl is there once ip_vs is loaded.
    """
    return exactly("net/netfilter/nf_conntrack_tcp_be_liberal", "1")


def exactly(key: str, value: str) -> SysctlRequirement:
    """A sysctl has this value and no other."""
    return SysctlRequirement(key, value, (value,))


def parent_sysctl(key: str) -> str:
    """Return the parent sysctl, which changes this one too, or "".

    Forwarding of all sets forwarding of each device; without it IPv4 accepts redirects
    (inet_forward_change() in net/ipv4/devinet.c, addrconf_forward_change() in net/ipv6/addrconf.c).
    """
    if key == _REDIRECTS:
        return FORWARDING["ipv4"]
    if key.endswith("/forwarding") and device_of(key) not in ("", ALL):
        return FORWARDING["ipv4" if key.startswith(_FOLDERS[0]) else "ipv6"]
    return ""


def side_effects(key: str, value: str, sysctls: Mapping[str, str]) -> dict[str, str]:
    """Return the side effects of a new value on other sysctls."""
    return {
        other: ("0" if value != "0" else "1") if other == _REDIRECTS else value
        for other in sysctls
        if parent_sysctl(other) == key
    }


def sysctls_to_read(
    settings: Iterable[SysctlRequirement], written: Iterable[str], devices: Iterable[str]
) -> set[str]:
    """Return the sysctls that determine whether the settings are met with these devices.

    This includes sysctls that were written before, and all side effects.
    """
    devices, settings = [*devices], [*settings]
    keys = {*written}
    parents = keys | {setting.key for setting in settings}
    candidates = {
        f"{folder}/conf/{name}/forwarding" for folder in _FOLDERS for name in (_DEFAULT, *devices)
    }
    keys |= {one for one in (_REDIRECTS, *candidates) if parent_sysctl(one) in parents}
    for setting in settings:
        keys.add(setting.key)
        if device_of(setting.key) not in ("", ALL):
            keys.add(_beside(setting.key, _DEFAULT))  # the plan may create the device
        if not setting.combined:
            continue
        own = [ALL] if device_of(setting.key) != ALL else [name for name in devices if name != "lo"]
        keys.update(_beside(setting.key, name) for name in own)
    return keys


def is_met(setting: SysctlRequirement, sysctls: Mapping[str, str]) -> bool:
    """Tell whether the value that counts is accepted."""
    return _counting(setting, sysctls[setting.key], sysctls) in setting.accepted


def conflict(setting: SysctlRequirement, sysctls: Mapping[str, str]) -> str:
    """Return the sysctl that overrides ours with a wrong value, or ""."""
    if not setting.combined:
        return ""
    if device_of(setting.key) != ALL:
        met = is_met(setting, sysctls) or (
            _counting(setting, setting.value, sysctls) in setting.accepted
        )
        return "" if met else _beside(setting.key, ALL)
    ours = setting.value
    if sysctls[setting.key] in setting.accepted:
        ours = sysctls[setting.key]
    for key in sorted(sysctls):
        is_device = device_of(key) not in (ALL, _DEFAULT) and _beside(key, ALL) == setting.key
        if is_device and max(ours, sysctls[key], key=int) not in setting.accepted:
            return key
    return ""


def inherited(device: str, sysctls: Mapping[str, str]) -> dict[str, str]:
    """Return the sysctls that a new device will have, as far as they were read."""
    return {
        _beside(key, device): value for key, value in sysctls.items() if device_of(key) == _DEFAULT
    }


def device_of(key: str) -> str:
    """Return the device in a sysctl's key, which may be ``all``; "" for other sysctls."""
    folder, _conf, rest = key.partition("/conf/")
    return rest.partition("/")[0] if folder in _FOLDERS else ""


def _beside(key: str, device: str) -> str:
    """Return the same sysctl of another device."""
    parts = key.split("/")
    return "/".join((*parts[:3], device, *parts[4:]))


def _counting(setting: SysctlRequirement, value: str, sysctls: Mapping[str, str]) -> str:
    """Return the value that counts if the setting's sysctl has this value."""
    if not setting.combined or device_of(setting.key) == ALL:
        return value
    return max(value, sysctls[_beside(setting.key, ALL)], key=int)
