#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What an instance's operating system does when it boots: takes an IPv6
# address from router advertisements and an IPv4 address by DHCP, and serves
# its own name over HTTP. Again, it does so from the beginning.
#
# Argument: the directory that holds guest-lease.sh.
set -eu

scripts=$1
name=$(cat /proc/sys/kernel/hostname)

# A router that was away is tried again after a second, not a minute.
for setting in accept_ra=1 autoconf=1 addr_gen_mode=0 disable_ipv6=0 \
    router_probe_interval=1; do
    echo "${setting#*=}" >"/proc/sys/net/ipv6/conf/eth0/${setting%=*}"
done
# A distributed router redirects to the network node until its agent has told
# it not to, and what believes that keeps to it for minutes.
for device in all eth0; do
    echo 0 >"/proc/sys/net/ipv4/conf/$device/accept_redirects"
done
ip link set eth0 up

if [ -e /run/udhcpc.pid ]; then
    kill "$(cat /run/udhcpc.pid)" 2>/dev/null || true
    ip -4 address flush dev eth0
fi

mkdir -p /run/www
echo "$name" >/run/www/index.html
# Port 80 is open in the security group, port 81 is not.
for port in 80 81; do
    busybox httpd -p "$port" -h /run/www 2>/dev/null || true
done

# Waits for a second between attempts: the agents may be at work still.
setsid busybox udhcpc -f -i eth0 -s "$scripts/guest-lease.sh" \
    -t 5 -T 1 -A 1 -x "hostname:$name" -O staticroutes -O mtu \
    -p /run/udhcpc.pid >/run/udhcpc.log 2>&1 </dev/null &
