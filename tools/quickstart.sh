#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# See Steth work, without a cloud: set up what is missing, start three hosts
# with an agent each on this machine, and check how they reach each other.
#
# Usage: tools/quickstart.sh [--down]
#
# Needs root and Debian or Ubuntu. The hosts are network namespaces; nothing
# of them shows in the machine's own network. What is there already is used,
# so that a second run takes seconds. Exits as the check does: 0 when all is
# well, 3 when a fault was found. With --down, the hosts are removed again.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
readonly ROOT
readonly BIN=$ROOT/.venv/bin

say() {
    echo "quickstart: $*" >&2
}

lab() {
    "$BIN/python" -m steth.lab "$@"
}

# Run openstack in the lab's controller host, as its operator would.
openstack() {
    echo "\$ openstack $*"
    lab exec controller openstack "$@"
}

next() {
    local lab=".venv/bin/python -m steth.lab"
    cat <<END

The lab stays up. In $ROOT, break something and see what
Steth says, then mend it:

  $lab fault no-carrier
  $lab exec controller openstack steth check connectivity
  $lab heal

All the faults there are; a shell where openstack runs; the end of the lab:

  $lab fault --list
  $lab exec controller bash
  tools/quickstart.sh --down
END
}

main() {
    local status=0
    if [[ $# -gt 1 || ${1:---down} != --down ]]; then
        echo "usage: tools/quickstart.sh [--down]" >&2
        exit 2
    fi
    if [[ $EUID -ne 0 ]]; then
        say "the lab needs root, to make network namespaces: use sudo"
        exit 1
    fi
    "$ROOT/tools/setup_venv.sh" lab
    if [[ ${1:-} == --down ]]; then
        lab down
        say "the packages and $ROOT/.venv stay"
        return
    fi
    lab up --broker
    echo
    openstack steth agent list
    echo
    openstack steth check connectivity || status=$?
    next
    exit "$status"
}

main "$@"
