# SPDX-License-Identifier: Apache-2.0
"""How large a packet passes between the hosts, and is that enough?

The survey of all pairs sends packets of the size that is needed, and names
the causes where they do not pass. The modules on top of it:

* ``ladder``: the sizes to try next, and what they told
* ``needs``: what Neutron's networks need of it
* ``measurements``: the figures of the report
* ``check``: asks, and brings it together
"""
