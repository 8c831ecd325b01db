# SPDX-License-Identifier: Apache-2.0
"""Every option, listed for the sample generator and the documentation."""

from typing import Any

from steth.conf import agent
from steth.conf import controller
from steth.conf import direct
from steth.conf import direct_client
from steth.conf import inventory

OptionList = list[tuple[Any, list[Any]]]


def list_agent_opts() -> OptionList:
    """Return the agent's options by group."""
    return [
        ("DEFAULT", [agent.HOST_OPT]),
        (agent.GROUP, agent.OPTS),
        (direct.GROUP, direct.OPTS),
    ]


def list_controller_opts() -> OptionList:
    """Return the options of ``openstack steth`` by group."""
    return [
        (controller.GROUP, controller.OPTS),
        (direct_client.GROUP, direct_client.OPTS),
        (inventory.GROUP, inventory.OPTS),
        (inventory.network_group("mgmt"), inventory.NETWORK_OPTS),
        (
            inventory.physical_network_group("physnet1"),
            inventory.PHYSICAL_NETWORK_OPTS,
        ),
    ]


def list_opts() -> OptionList:
    """Return all options by group."""
    return list_agent_opts() + list_controller_opts()
