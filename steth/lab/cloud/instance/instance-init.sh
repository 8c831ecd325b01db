#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The first process of an instance. It runs in fresh mount, network, UTS, IPC
# and PID namespaces inside a compute, and becomes what ps(1) on the compute
# shows as the instance's hypervisor process: a shell that only reaps.
#
# Arguments: the instance's name and UUID.
set -eu

name=$1
uuid=$2

echo "$name" >/proc/sys/kernel/hostname
mount -t proc -o nosuid,nodev,noexec proc /proc
mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
mount -t tmpfs -o mode=0755,nosuid,nodev "steth-instance-$name" /run
ip link set lo up

# The name of the file is what the kernel calls the process.
ln -s "$(readlink -f /bin/sh)" /run/qemu-system-x86_64
exec /run/qemu-system-x86_64 -s -- \
    -name "guest=$name,debug-threads=on" -uuid "$uuid" >/dev/null 2>&1 <<'END'
while :; do
    sleep infinity &
    wait
done
END
