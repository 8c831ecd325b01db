# SPDX-License-Identifier: Apache-2.0
"""``check host``: each host by itself, and against its peers.

The modules; all but ``check`` are pure, data in, data out:

* ``uplinks``: the devices that lead to other hosts
* ``counters``: what grew between two snapshots
* ``clocks``: the hosts' clocks, over the round trip
* ``identity``: names, machine ids and MAC addresses that two hosts have
* ``names``: what the hosts' names resolve to on each of them
* ``speeds``: speed and duplex against the peers of a network
* ``bonds``: members of bonds that do not carry their part
* ``limits``: kernel tables that are nearly full, and needed settings
* ``measurements``: the row of a host
* ``check``: asks, and brings it all together

That interfaces and addresses are as they should be is the business of
``steth.checks.mesh.static``, here as in the checks that send packets.
"""
