# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC1090,SC1091 # DevStack says where the tree is.
#
# DevStack plugin of Steth: what to do in each phase

# Save trace setting
_XTRACE_STETH_PLUGIN=$(set +o | grep xtrace)
set +o xtrace

source "$STETH_DIR/devstack/lib/steth"

case "$1/${2:-}" in
    stack/pre-install)
        echo_summary "Installing what Steth needs"
        install_steth_packages
        ;;
    stack/install)
        echo_summary "Installing Steth"
        install_steth
        ;;
    stack/post-config)
        echo_summary "Configuring Steth"
        configure_steth
        ;;
    stack/extra)
        if is_service_enabled steth-agent; then
            echo_summary "Starting the Steth agent"
            start_steth
        fi
        ;;
    stack/test-config)
        if is_service_enabled steth-agent; then
            echo_summary "Asking the Steth agent"
            check_steth
        fi
        ;;
    unstack/)
        stop_steth
        ;;
    clean/)
        cleanup_steth
        ;;
esac

# Restore xtrace
$_XTRACE_STETH_PLUGIN
