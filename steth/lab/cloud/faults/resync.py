# SPDX-License-Identifier: Apache-2.0
"""Waiting for an Open vSwitch agent that was started anew.

Traffic goes on while it reads and mends its bridges, and what is done to
these meanwhile it may undo, or do over. In the end it removes the flows with
the cookies of the one before (``cleanup_stale_flows`` in Neutron's
ovs_neutron_agent.py): as long as there are any, it is not at rest.
"""

from steth.lab.cloud import layout

_COOKIES = f"""\
cookies() {{
    for bridge in $(ovs-vsctl list-br | grep -vx {layout.TUNNEL_BRIDGE}); do
        ovs-ofctl -O OpenFlow13 --no-stats dump-flows "$bridge"
    done | grep -o 'cookie=0x[1-9a-f][^,]*,' | sort -u
}}
"""

#: Scripts: the first before it ends, the other after it was started.
KEEP = f'{_COOKIES}cookies >"$KEEP/cookies"\n'
AWAIT = f"""\
{_COOKIES}
test -e "$KEEP/cookies" || exit 0
while cookies | grep -qFxf "$KEEP/cookies"; do
    sleep 0.2
done
"""
