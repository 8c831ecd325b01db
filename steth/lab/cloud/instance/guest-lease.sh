#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Applies a lease: called by udhcpc with the event as its argument and the
# lease in variables named after the options.
set -eu

: "${interface:?}" "${ip:=}" "${mask:=}"

case $1 in
deconfig)
    ip -4 address flush dev "$interface"
    ip link set "$interface" up
    ;;
bound | renew)
    [ -z "${mtu:-}" ] || ip link set "$interface" mtu "$mtu"
    ip address replace "$ip/$mask" broadcast + dev "$interface"
    # RFC 3442: where there are classless routes, the router is not used.
    if [ -n "${staticroutes:-}" ]; then
        # shellcheck disable=SC2086
        set -- $staticroutes
        while [ $# -ge 2 ]; do
            if [ "$2" = 0.0.0.0 ]; then
                ip route replace "$1" dev "$interface"
            else
                ip route replace "$1" via "$2" dev "$interface"
            fi
            shift 2
        done
    else
        for one in ${router:-}; do
            ip route replace default via "$one" dev "$interface"
        done
    fi
    ;;
*) ;;
esac
