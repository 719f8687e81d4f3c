# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The sysctls that decide here, the values that will do, and which value counts.

``arp_ignore``, ``arp_announce`` and ``rp_filter`` count as the larger of ``conf/all`` and the
device that a packet arrives on or leaves by (IN_DEV_MAXCONF in include/linux/inetdevice.h).
ARP never arrives on ``lo``: ``conf/lo`` is without effect and stays as it is.
"""

from __future__ import annotations

from typing import Iterable, Mapping

from ..model import Setting

ALL = "all"
_DEFAULT = "default"  # what a new device starts with

# arp_ignore() in net/ipv4/arp.c: 1 and 2 answer for the receiving device's own addresses only, 8
# for none. 3 still answers for addresses of global scope, and every other value for all.
_SILENT_ARP_IGNORE = ("1", "2", "8")
# arp_solicit() in net/ipv4/arp.c knows 1 and 2, and takes every other value for 0.
_SILENT_ARP_ANNOUNCE = ("2",)
_LOOSE_RP_FILTER = ("0", "2")

_FOLDERS = ("net/ipv4", "net/ipv6")

FORWARDING = {"ipv4": "net/ipv4/ip_forward", "ipv6": "net/ipv6/conf/all/forwarding"}
_REDIRECTS = "net/ipv4/conf/all/accept_redirects"


def ipv4_conf(device: str, name: str) -> str:
    """A device's sysctl."""
    return f"net/ipv4/conf/{device}/{name}"


def arp_suppression(device: str) -> list[Setting]:
    """A device does not answer or announce addresses of other devices."""
    return [
        Setting(ipv4_conf(device, "arp_ignore"), "1", _SILENT_ARP_IGNORE, combined=True),
        Setting(ipv4_conf(device, "arp_announce"), "2", _SILENT_ARP_ANNOUNCE, combined=True),
    ]


def loose_rp_filter(device: str) -> Setting:
    """A device takes packets from sources whose route leads elsewhere."""
    return Setting(ipv4_conf(device, "rp_filter"), "2", _LOOSE_RP_FILTER, combined=True)


def exactly(key: str, value: str) -> Setting:
    """A sysctl has this value and no other."""
    return Setting(key, value, (value,))


def leader_of(key: str) -> str:
    """The sysctl along with which the kernel sets this one; "" when there is none.

    Forwarding of all is forwarding of each device, and without it IPv4 accepts redirects
    (inet_forward_change() in net/ipv4/devinet.c, addrconf_forward_change() in net/ipv6/addrconf.c).
    """
    if key == _REDIRECTS:
        return FORWARDING["ipv4"]
    if key.endswith("/forwarding") and device_of(key) not in ("", ALL):
        return FORWARDING["ipv4" if key.startswith(_FOLDERS[0]) else "ipv6"]
    return ""


def along(key: str, value: str, sysctls: Mapping[str, str]) -> dict[str, str]:
    """What the kernel makes of other sysctls when this one gets another value."""
    return {
        other: ("0" if value != "0" else "1") if other == _REDIRECTS else value
        for other in sysctls
        if leader_of(other) == key
    }


def sysctls_to_read(
    settings: Iterable[Setting], written: Iterable[str], devices: Iterable[str]
) -> set[str]:
    """The sysctls that decide whether the settings are met on a host with these devices.

    Those that were written once, and what the kernel sets along with any, too.
    """
    devices, settings = [*devices], [*settings]
    keys = {*written}
    leaders = keys | {setting.key for setting in settings}
    candidates = {
        f"{folder}/conf/{name}/forwarding" for folder in _FOLDERS for name in (_DEFAULT, *devices)
    }
    keys |= {one for one in (_REDIRECTS, *candidates) if leader_of(one) in leaders}
    for setting in settings:
        keys.add(setting.key)
        if device_of(setting.key) not in ("", ALL):
            keys.add(_beside(setting.key, _DEFAULT))  # the device may be about to be made (anew)
        if not setting.combined:
            continue
        own = [ALL] if device_of(setting.key) != ALL else [name for name in devices if name != "lo"]
        keys.update(_beside(setting.key, name) for name in own)
    return keys


def is_met(setting: Setting, sysctls: Mapping[str, str]) -> bool:
    """Whether the value that counts will do."""
    return _counting(setting, sysctls[setting.key], sysctls) in setting.accepted


def hindrance(setting: Setting, sysctls: Mapping[str, str]) -> str:
    """The sysctl that would overrule ours with a value that will not do; "" when there is none."""
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
    """The sysctls that a new device will have, as far as it was looked what they are."""
    return {
        _beside(key, device): value for key, value in sysctls.items() if device_of(key) == _DEFAULT
    }


def device_of(key: str) -> str:
    """The device in the key of a device's sysctl, ``all`` too; "" for other sysctls."""
    folder, _conf, rest = key.partition("/conf/")
    return rest.partition("/")[0] if folder in _FOLDERS else ""


def _beside(key: str, device: str) -> str:
    """The same sysctl of another device."""
    parts = key.split("/")
    return "/".join((*parts[:3], device, *parts[4:]))


def _counting(setting: Setting, value: str, sysctls: Mapping[str, str]) -> str:
    """The value that counts when the setting's sysctl has a value."""
    if not setting.combined or device_of(setting.key) == ALL:
        return value
    return max(value, sysctls[_beside(setting.key, ALL)], key=int)
