# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check multicast``"""

from steth.osc import check_command


class CheckMulticast(check_command.CheckCommand):
    """Check that multicast passes between the hosts of each network.

    Each host joins a group as a program does, so that IGMP and MLD snooping
    take part, sends five messages to it and tells whom it heard. The group is
    one of 239.255.0.0/16 or ff15::/16, for each run another; the messages go
    to UDP port 9699 and are not routed on. Found are hosts that hear nobody
    or that nobody hears, networks in parts or without any multicast, and
    hosts that drop it themselves. What ping does not pass either is left to
    check connectivity.

    Snooping without a querier works for some minutes after a group was
    joined: that one is missing is not seen in so short a time.

    A table of the networks is shown, and a block for each fault with its
    cause and what to do. With -f json or yaml it is one object with all
    measurements, findings and agents.

    The exit code is 0 when no fault was found, 3 when one was, 4 when none
    was found but something could not be checked, 1 when the command itself
    failed, 2 for wrong usage.
    """

    check = "multicast"
