#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Sets the machine up, runs the command in /steth/job and ends the machine.
# It talks to the runner through ports of virtio-serial: standard output and
# error of the command, and "ready" and "ended <exit status>" on "status".

set -e
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs /run
# In memory as all that is written, and the project's tree may be in it.
chmod 1777 /tmp
mkdir -p /dev/pts /dev/shm /run/lock /run/netns /run/ports
mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
for port in /sys/class/virtio-ports/*; do
    ln -s "/dev/${port##*/}" "/run/ports/$(cat "$port/name")"
done
exec 8>/run/ports/status

# The others that the kernel asks for by itself are loaded then.
# shellcheck disable=SC2046 # A word each.
modprobe --all $(cat /steth/modules) 2>/run/ports/error
ip link set lo up
echo kernel >/proc/sys/kernel/hostname
# shellcheck disable=SC3045 # Every shell of Debian's has it.
ulimit -n 65536

set +e
echo ready >&8
/bin/sh /steth/job 8>&- </dev/null >/run/ports/output 2>/run/ports/error
echo "ended $?" >&8
exec 8>&-
echo b >/proc/sysrq-trigger
