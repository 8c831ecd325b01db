#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Stands in for systemctl where systemd is not to be had: starts what the
# unit file says, and stops it.

set -o errexit
set -o nounset

verb=$1
unit=${2:-}
file=/etc/systemd/system/$unit
state=/opt/systemd/$unit
mkdir -p "$(dirname "$state")"

# Print what the unit file has for a key.
value() {
    sed -n "s/^$1 *= *//p" "$file"
}

case $verb in
    daemon-reload) ;;
    enable)
        touch "$state.enabled"
        ;;
    disable)
        rm "$state.enabled"
        ;;
    is-enabled)
        [[ -e $state.enabled ]]
        ;;
    start)
        [[ $(value User) == "$(whoami)" ]]
        read -r -a command <<<"$(value ExecStart)"
        setsid "${command[@]}" >"$state.log" 2>&1 </dev/null &
        echo $! >"$state.pid"
        ;;
    stop)
        pid=$(<"$state.pid")
        kill -TERM "$pid"
        timeout 10 tail --pid "$pid" -f /dev/null
        ;;
    *)
        echo "systemctl.sh: $verb is not known" >&2
        exit 1
        ;;
esac
