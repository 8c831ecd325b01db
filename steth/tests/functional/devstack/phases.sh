#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Run phases of Steth's DevStack plugin with DevStack's own functions, as
# stack.sh, unstack.sh and clean.sh source and call them. Only what reaches
# for the network or for systemd is replaced, by what says so.
#
# Usage: phases.sh <"mode phase">...
#
# From the environment: DEVSTACK_DIR, STETH_DIR, and DEVSTACK_VENV, where
# Steth is installed. Expects the machine's /etc and /opt to be its own.

# shellcheck disable=SC1091,SC2034 # DevStack's files and their variables.

set -o errexit

STUBS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP_DIR=$DEVSTACK_DIR
FILES=$TOP_DIR/files
# Else DevStack would install lsb-release to find out.
os_PACKAGE=deb
os_VENDOR=Debian
os_RELEASE=12
os_CODENAME=bookworm
DISTRO=bookworm

source "$TOP_DIR/functions"
source "$TOP_DIR/stackrc"
DATA_DIR=$DEST/data
# There are no constraints to take Steth out of.
REQUIREMENTS_DIR=
STACK_USER=$(whoami)
GITDIR["steth"]=$STETH_DIR
DEVSTACK_PLUGINS=steth
SYSTEMCTL=$STUBS/systemctl.sh
mkdir -p "$DATA_DIR"
SSL_BUNDLE_FILE=$DATA_DIR/ca-bundle.pem
TLS_IP=$HOST_IP
source "$TOP_DIR/lib/rpc_backend"
source "$TOP_DIR/lib/tls"

function install_package {
    echo "package: $*"
}

function pip_install {
    echo "pip: $*"
}

run_phase override_defaults
run_phase source
if is_service_enabled tls-proxy && [[ ! -e $INT_CA_DIR ]]; then
    configure_CA
    make_root_CA "$ROOT_CA_DIR"
    make_int_CA "$INT_CA_DIR" "$ROOT_CA_DIR"
    cat "$ROOT_CA_DIR/cacert.pem" "$INT_CA_DIR/cacert.pem" \
        >"$INT_CA_DIR/ca-chain.pem"
    init_cert
fi

for phase in "$@"; do
    echo "phase: $phase"
    # shellcheck disable=SC2086 # Mode and phase are two words.
    run_phase $phase
done
