#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Set up what Steth's own scripts run in: the Python environment .venv/ at
# the root of the tree, with Steth and its tools, and the system packages
# that bindep.txt lists. It can be run at any time; where nothing is missing
# it returns in about a second.
#
# Usage: tools/setup_venv.sh [profile]...
#
# The profiles are those of bindep.txt: "lab" for the hosts on one machine,
# "cloud" for the OpenStack services on them, "kernel" for the machine with a
# kernel of its own, "test" for the test suites and their runners. System
# packages are only installed by root; anyone else is told which are missing.

set -o errexit
set -o nounset
set -o pipefail

readonly BINDEP="bindep==2.14.0"
readonly -a TESTING=(tox==4.67.13 stestr==4.2.1)
SERVERS='^(epmd|haproxy|iperf3|mariadb|openvswitch|ov[ns]|rabbitmq|radvd)'
readonly SERVERS
readonly POLICY=/usr/sbin/policy-rc.d

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
readonly ROOT
readonly VENV=$ROOT/.venv

say() {
    echo "setup: $*" >&2
}

die() {
    say "$*"
    exit 1
}

# Whether a Python can make our environment: new enough, with venv and pip.
usable() {
    "$1" -c '
import ensurepip, sys, venv
sys.exit(sys.version_info < (3, 11))
' >/dev/null 2>&1 </dev/null
}

# Print the first usable Python, the user's own choice first.
find_python() {
    local candidate
    for candidate in python3 /usr/bin/python3 \
        python3.13 python3.12 python3.11 python3.14; do
        if usable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

# Install Debian packages without starting what they bring, nor leaving a
# broker or a switch enabled: the lab runs its own in namespaces, and on the
# machine itself nobody asked for one. Runs in a subshell, so that its trap
# ends with it.
apt_install() (
    local before after unit log
    enabled_units() {
        systemctl --root=/ list-unit-files --state=enabled --no-legend \
            2>/dev/null | awk '{print $1}' | grep -E "$SERVERS" | sort || true
    }
    # shellcheck disable=SC2329 # The trap below calls it.
    restore() {
        rm -f "$log"
        if [[ -e $POLICY.steth ]]; then
            mv -f "$POLICY.steth" "$POLICY"
        else
            rm -f "$POLICY"
        fi
    }
    export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
    local -a apt=(apt-get --quiet --quiet --yes -o DPkg::Lock::Timeout=300
        -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold)
    run_apt() {
        if ! "${apt[@]}" "$@" >"$log" 2>&1 </dev/null; then
            cat "$log" >&2
            die "failed: apt-get $*"
        fi
    }

    say "installing packages: $*"
    before=$(enabled_units)
    log=$(mktemp)
    # What an interrupted run left behind is ours, not the machine's.
    if [[ -e $POLICY ]] && ! grep -q "made by Steth" "$POLICY"; then
        mv "$POLICY" "$POLICY.steth"
    fi
    trap restore EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    printf '#!/bin/sh\n# made by Steth while it installs\nexit 101\n' \
        > "$POLICY"
    chmod 0755 "$POLICY"
    run_apt update
    run_apt install --no-install-recommends "$@"
    after=$(enabled_units)
    for unit in $(comm -13 <(echo "$before") <(echo "$after")); do
        say "leaving $unit disabled"
        systemctl --root=/ --quiet disable "$unit" >&2
    done
)

# Install the given Debian packages, or say what root has to do.
need_packages() {
    if ! command -v apt-get >/dev/null; then
        die "these packages are missing, install them: $*"
    elif [[ $EUID -ne 0 ]]; then
        die "these packages are missing; as root: apt-get install $*"
    fi
    apt_install "$@"
}

# A moved tree leaves scripts behind that name another interpreter.
venv_is_whole() {
    usable "$VENV/bin/python" &&
        [[ $(head -n 1 "$VENV/bin/pip" 2>/dev/null) == "#!$VENV/bin/"* ]]
}

make_venv() {
    local python
    if ! python=$(find_python); then
        need_packages python3-venv
        python=$(find_python) ||
            die "no Python 3.11 or newer with venv: install one, e.g." \
                "the packages python3.11 and python3.11-venv"
    fi
    say "creating $VENV with $("$python" --version)"
    if [[ ! -d $VENV ]]; then
        # tox leaves a file there that names one of its own environments.
        rm -f "$VENV"
    fi
    "$python" -m venv --clear "$VENV"
}

# Install Python packages into .venv, unless that has been done with the same
# requirements. First argument: a name for the set; the others are pip's.
pip_install() {
    local name=$1 stamp=$VENV/.steth-$1 state
    shift
    state=$(
        cd "$ROOT"
        echo "$*" "${TOX_CONSTRAINTS_FILE:-}"
        cat pyproject.toml requirements.txt setup.cfg
    )
    [[ -r $stamp && $(<"$stamp") == "$state" ]] && return
    say "installing into .venv: $name"
    rm -f "$stamp"
    # Quiet twice: errors only. Unbounded where no constraints are given.
    "$VENV/bin/python" -m pip install --quiet --quiet --no-input \
        --disable-pip-version-check \
        --constraint "${TOX_CONSTRAINTS_FILE:-/dev/null}" \
        "$@" >&2 </dev/null ||
        die "pip could not install: $*"
    echo "$state" > "$stamp"
}

# What bindep.txt asks for and the machine lacks.
missing_packages() {
    local missing status=0
    missing=$("$VENV/bin/bindep" --brief --file "$ROOT/bindep.txt" "$@") ||
        status=$?
    # 1: some are missing. Anything else is bindep's own failure.
    if [[ $status -gt 1 ]]; then
        die "bindep failed: $missing"
    fi
    echo "$missing"
}

main() {
    local profile missing
    local -a packages
    exec 9<"$ROOT"
    flock 9 # Two scripts at once would build .venv twice.

    venv_is_whole || make_venv
    pip_install bindep "$BINDEP"
    missing=$(missing_packages "$@")
    if [[ -n $missing ]]; then
        # One package a line.
        mapfile -t packages <<<"$missing"
        need_packages "${packages[@]}"
    fi
    # pbr takes the version from git, which may be absent here or may refuse
    # a tree that another user owns.
    if ! git -C "$ROOT" rev-parse HEAD >/dev/null 2>&1 &&
        [[ ! -e $ROOT/PKG-INFO ]]; then
        export PBR_VERSION=${PBR_VERSION:-0.0.0}
    fi
    pip_install steth --editable "${ROOT}[agent,osc]"
    for profile in "$@"; do
        if [[ $profile == test ]]; then
            pip_install testing "${TESTING[@]}"
        fi
    done
}

main "$@"
