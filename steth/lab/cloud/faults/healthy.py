# SPDX-License-Identifier: Apache-2.0
"""Healthy twins: what looks like a fault, and is none."""

from steth.lab.cloud.faults import fault

FAULTS = (
    fault.Fault(
        name="fresh",
        summary="nothing was done to the cloud",
        finding=None,
        steps=(),
    ),
    fault.Fault(
        name="ovs-agent-restarted",
        summary="neutron-openvswitch-agent was restarted on the host",
        finding=None,
        steps=(
            fault.Service(
                place=fault.Place.HOST,
                name="neutron-openvswitch-agent",
                restart=True,
            ),
        ),
    ),
    fault.Fault(
        name="router-moved",
        summary="the router was taken from its L3 agent and given back",
        finding=None,
        host="network1",
        steps=(
            fault.Request(
                inject=(
                    fault.Call(
                        method="DELETE",
                        path="agents/$L3_AGENT/l3-routers/$ROUTER",
                    ),
                ),
            ),
            # Until the agent has heard it, all goes on working.
            fault.Script(
                place=fault.Place.NETWORK,
                inject="""\
while test -e "/run/netns/qrouter-$ROUTER"; do
    sleep 0.2
done
""",
            ),
            fault.Request(
                inject=(
                    fault.Call(
                        method="POST",
                        path="agents/$L3_AGENT/l3-routers",
                        body='{"router_id": "$ROUTER"}',
                    ),
                ),
            ),
        ),
        # An instance that missed the first advertisements of the router's
        # radvd waits for the next, as long as Neutron configures that.
        patience=120.0,
    ),
    fault.Fault(
        name="idle-instances",
        summary="nobody talked for so long that all that was learned is gone",
        finding=None,
        steps=(
            fault.Script(
                place=fault.Place.NODES,
                inject="""\
for bridge in $(ovs-vsctl list-br); do
    ovs-appctl fdb/flush "$bridge" >/dev/null
done
ovs-appctl dpctl/flush-conntrack
ovs-appctl revalidator/purge
for namespace in $(ip netns list | cut -d ' ' -f 1); do
    ip -n "$namespace" neigh flush all
done
""",
            ),
        ),
    ),
    fault.Fault(
        name="instance-powered-off",
        summary="the instance was switched off on purpose",
        finding=None,
        instance="db2",
        steps=(fault.Power(),),
    ),
)
