#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The first process of a lab host. It runs in fresh mount, network, UTS, IPC
# and PID namespaces, sets up the host's own files and becomes its init.
#
# Arguments: the host's name, an empty directory to mount its files on, and a
# directory that may hold one with its name, with an etc and a var that are laid
# over the machine's. It prints "<name> ready" when the host can be used, "<name> failed"
# after what went wrong.
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
for directory in etc var; do
    mkdir "$directory" "$directory.work"
    lower=/$directory
    if [ -d "$layers/$name/$directory" ]; then
        mkdir "$directory.lower"
        mount --bind "$layers/$name/$directory" "$directory.lower"
        lower=$directory.lower:$lower
    fi
    mount -t overlay "steth-lab-$name" "/$directory" -o \
        "lowerdir=$lower,upperdir=$directory,workdir=$directory.work"
done
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
