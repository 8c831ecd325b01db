# SPDX-License-Identifier: Apache-2.0
"""The plugin of OpenStackClient.

Every ``openstack`` command imports this module, whatever it is about, so it
imports nothing but osc-lib.
"""

import argparse

from osc_lib import utils

API_NAME = "steth"
API_VERSION_OPTION = "os_steth_api_version"
API_VERSIONS = ("1",)
DEFAULT_API_VERSION = "1"


def make_client(instance: object) -> None:
    """Return nothing: the agents are reached without a service's client."""


def build_option_parser(
    parser: argparse.ArgumentParser,
) -> argparse.ArgumentParser:
    """Add Steth's global options."""
    parser.add_argument(
        "--os-steth-api-version",
        metavar="<steth-api-version>",
        default=utils.env("OS_STETH_API_VERSION"),
        help=(
            f"Version of Steth's commands, default={DEFAULT_API_VERSION} "
            "(Env: OS_STETH_API_VERSION)"
        ),
    )
    parser.add_argument(
        "--steth-config-file",
        metavar="<file>",
        default=utils.env("STETH_CONFIG_FILE"),
        help=(
            "Steth's configuration file, instead of /etc/steth/steth.conf "
            "(Env: STETH_CONFIG_FILE)"
        ),
    )
    return parser
