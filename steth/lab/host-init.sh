#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The first process of a lab host. It runs in fresh mount, network, UTS, IPC
# and PID namespaces, sets up the host's own files and becomes its init.
#
# Arguments: the host's name, an empty directory to mount its files on, and a
# directory that may hold one with its name: what /var/lib/steth-lab of the
# host has when it starts. It prints "<name> ready" when the host can be used,
# "<name> failed" after what went wrong.
set -eu

name=$1
files=$2
layers=$3

trap 'echo "$name failed"' EXIT

echo "$name" >/proc/sys/kernel/hostname

mount -t proc -o nosuid,nodev,noexec proc /proc
# Devices under /sys/class/net are those of this network namespace.
mount -t sysfs -o nosuid,nodev,noexec sysfs /sys

mount -t tmpfs -o mode=0755 "steth-lab-$name" "$files"
# Relative, since overlay takes a colon or comma in a path for a separator.
cd "$files"
if [ -d "$layers/$name" ]; then
    # Before /var is another one: that is where it may be.
    mkdir kept kept.new kept.work
    mount --bind "$layers/$name" kept
fi
for directory in etc var; do
    mkdir "$directory" "$directory.work"
    mount -t overlay "steth-lab-$name" "/$directory" -o \
        "lowerdir=/$directory,upperdir=$directory,workdir=$directory.work"
done
if [ -d kept ]; then
    mkdir -p /var/lib/steth-lab
    mount -t overlay "steth-lab-$name" /var/lib/steth-lab -o \
        "lowerdir=kept,upperdir=kept.new,workdir=kept.work"
fi
cd /
# The machine's own named namespaces, which this would keep alive.
umount --recursive --lazy /run/netns 2>/dev/null || true
mount -t tmpfs -o mode=0755,nosuid,nodev "steth-lab-$name" /run
mkdir -p /run/lock /run/steth /etc/steth /var/log/steth
mkdir -m 1777 /run/tmp
chmod 0750 /etc/steth
echo "$name" >/etc/hostname

echo "$name ready"
exec tini -g -- sleep infinity </dev/null >/dev/null 2>&1
