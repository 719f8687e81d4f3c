#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: the lvs.topology authors
# Run by mmdebstrap with the new root as $1: what one tree needs to be both the virtual
# machine's root and the containers' root.
set -eu
root=$1

# Units that only cost boot time in a machine without consoles, devices or a calendar.
chroot "$root" systemctl mask --quiet \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    e2scrub_reap.service fstrim.timer systemd-tmpfiles-clean.timer \
    getty.target console-getty.service systemd-logind.service systemd-pstore.service \
    systemd-random-seed.service systemd-update-utmp.service systemd-update-utmp-runlevel.service \
    systemd-journal-flush.service systemd-modules-load.service systemd-network-generator.service \
    systemd-udevd.service systemd-udev-trigger.service systemd-udevd-control.socket \
    systemd-udevd-kernel.socket systemd-networkd.service systemd-networkd-wait-online.service \
    kmod-static-nodes.service modprobe@.service dev-hugepages.mount sys-kernel-debug.mount \
    sys-kernel-tracing.mount dev-mqueue.mount podman.service podman.socket \
    podman-auto-update.service podman-auto-update.timer podman-restart.service

# Whoever wants a director's table to be owned by these enables them.
chroot "$root" systemctl disable --quiet keepalived.service ipvsadm.service nftables.service

chroot "$root" systemctl enable --quiet ssh.service lab-vm-network.service
chroot "$root" systemctl set-default --quiet multi-user.target

# One host key for all: its private half is no secret, the ports are on loopback only.
rm -f "$root"/etc/ssh/ssh_host_rsa_key* "$root"/etc/ssh/ssh_host_ecdsa_key*
chmod 700 "$root/root/.ssh"
chmod 600 "$root/root/.ssh/authorized_keys"

# Byte code compiled once here is not compiled again in every container.
chroot "$root" python3 -m compileall -q /usr/lib/python3 /usr/lib/python3.* || true
rm -f "$root"/etc/machine-id "$root"/var/cache/apt/archives/*.deb
echo uninitialized > "$root/etc/machine-id"
echo lab-vm > "$root/etc/hostname"
