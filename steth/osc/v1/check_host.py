# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check host``"""

from steth.osc import check_command


class CheckHost(check_command.CheckCommand):
    """Check each host by itself and against the others.

    Interfaces and addresses, speed and duplex against the hosts on the same
    network, counters of errors and drops that grow during the run, members
    of bonds and their LACP, clocks against each other, names, machine ids and
    addresses that two hosts have, what the hosts' names and addresses resolve
    to, kernel tables that are nearly full or too small, and settings that
    break what Neutron's agents have made: routers that do not forward,
    security groups that do not hold, programs that are missing; bridges that
    Open vSwitch could not make, as without its kernel module.

    Nothing is sent between the hosts. It takes a few seconds, because
    counters are read twice.

    The exit code is 0 when no fault was found, 3 when one was, 4 when none
    was found but something could not be checked, 1 when the command itself
    failed, 2 for wrong usage.
    """

    check = "host"
