#!/bin/sh
# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
# mmdebstrap runs this with the new root as $1. One tree serves as the root of the virtual machine
# and of the containers.
set -eu
root=$1

# These units only cost boot time in a machine without consoles, devices, logins or a calendar,
# whose users all exist already.
chroot "$root" systemctl mask --quiet \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    e2scrub_reap.service fstrim.timer systemd-tmpfiles-clean.timer \
    getty.target console-getty.service systemd-logind.service systemd-pstore.service \
    systemd-random-seed.service systemd-sysusers.service systemd-journal-flush.service \
    systemd-update-utmp.service systemd-update-utmp-runlevel.service \
    systemd-udevd.service systemd-udev-trigger.service \
    systemd-udevd-control.socket systemd-udevd-kernel.socket \
    kmod-static-nodes.service dev-hugepages.mount dev-mqueue.mount \
    sys-kernel-debug.mount sys-kernel-tracing.mount \
    podman.service podman.socket podman-restart.service \
    podman-auto-update.service podman-auto-update.timer

# A test that needs one of these as a table writer enables it.
chroot "$root" systemctl disable --quiet keepalived.service ipvsadm.service nftables.service

chroot "$root" systemctl enable --quiet ssh.service lab-vm-network.service lab-python.socket
chroot "$root" systemctl set-default --quiet multi-user.target

# One host key for all nodes: no client checks it, and the ports are on loopback only.
rm -f "$root"/etc/ssh/ssh_host_rsa_key* "$root"/etc/ssh/ssh_host_ecdsa_key*
chmod 700 "$root/root/.ssh"
chmod 600 "$root/root/.ssh/authorized_keys"

mkdir -p "$root/var/cache/lab-bytecode"
echo uninitialized > "$root/etc/machine-id"
echo lab-vm > "$root/etc/hostname"
echo "nameserver 10.0.2.3" > "$root/etc/resolv.conf" # QEMU's
rm -f "$root"/var/cache/apt/archives/*.deb
