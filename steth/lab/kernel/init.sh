#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
#
# The first program of the machine, in its RAM disk: it puts the root file
# system together and goes over to it. The first disk holds that, unwritable;
# the second is an archive with the project's tree and what is to be run.

/bin/busybox --install -s /bin
export PATH=/bin

fail() {
    echo "steth: $*" >/dev/console
    reboot -f
}

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do
    insmod "/modules/$module" || fail "cannot load $module"
done </modules/order

mount -t ext4 -o ro,noatime /dev/vda /lower || fail "no root file system"
mount -t tmpfs -o mode=0755 tmpfs /upper
mkdir /upper/files /upper/work
mount -t overlay -o \
    lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work \
    overlay /root || fail "no overlay"
tar -x -f /dev/vdb -C /root || fail "no project tree"
for one in proc sys dev; do
    mount --move "/$one" "/root/$one"
done
exec switch_root /root /usr/bin/tini -- /bin/sh /steth/start
