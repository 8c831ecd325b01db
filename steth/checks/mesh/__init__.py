# SPDX-License-Identifier: Apache-2.0
"""What checks between all pairs of hosts have in common.

They assert, for every ordered pair of hosts on a network, that a packet
passes each point from the sender's socket to the target's answer and back.
The modules, in the order in which they work:

* ``segments``: which hosts should be on which network, with what address
* ``static``: what must hold on a host before any packet is sent
* ``plan``: the requests to the agents, one a host
* ``matrix``: what became of the packets of each pair
* ``passage``: where on their way packets were counted
* ``attribution``: the fewest causes that explain the ways that do not pass
* ``wire``, ``live``: causes out of what was counted
* ``latency``: round trips that take too long
* ``silence``: agents that do not answer
* ``cause``: a cause, and the finding it becomes
* ``judgement``: what the causes make of a network
* ``survey``: asks, and brings it all together

All but ``survey`` are pure: data in, data out.
"""
