# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check gateway``"""

from steth.osc import check_command


class CheckGateway(check_command.CheckCommand):
    """Check that the gateway of each network answers all hosts.

    Each host asks for the hardware address of its gateways, by ARP or by
    IPv6 neighbour solicitation, as its kernel would. A network's gateways
    are those of gateway in its section of the configuration; where
    it has none, those of the hosts' default routes. With a cloud, those of
    Neutron's external networks are asked for too, on the NICs that [inventory]
    physical_networks tells and with the network's tag, from no address, so
    that no table of neighbours changes. Found are gateways that
    answer no host, or not every host, and addresses of gateways that another
    machine has too. A virtual hardware address, as VRRP has it, is healthy.

    A table of the gateways is shown, and a block for each fault with its
    cause and what to do. With -f json or yaml it is one object with all
    measurements, findings and agents.

    The exit code is 0 when no fault was found, 3 when one was, 4 when none
    was found but something could not be checked, 1 when the command itself
    failed, 2 for wrong usage.
    """

    check = "gateway"
