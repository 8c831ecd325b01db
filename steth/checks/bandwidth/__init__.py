# SPDX-License-Identifier: Apache-2.0
"""How much passes between hosts, and who or what holds it back.

* ``schedule``: who sends to whom in which round
* ``requirement``: how much has to pass, and who says so
* ``measure``: asks the agents to send
* ``attribution``: the fewest hosts that explain the tests that fell short
* ``causes``: what is told of them
* ``measurements``: the figures of the report
* ``check``: brings it all together

All but ``measure`` and ``check`` are pure: data in, data out.
"""
