# SPDX-License-Identifier: Apache-2.0
"""Faults of DHCP and metadata."""

from steth.lab.cloud.faults import fault

# The agents start again what ended, see external_process.py in Neutron:
# here the program itself is gone, for all that run on the network node.
_KILL = """\
process=$(pgrep -o -f "$pattern")
tr '\\0' '\\n' </proc/$process/cmdline >"$KEEP/command"
mount --bind /bin/false "$(command -v "$program")"
kill -9 "$process"
"""
_START = """\
path=$(command -v "$program")
if mountpoint -q "$path"; then
    umount "$path"
fi
test -s "$KEEP/command" || exit 0
set --
while read -r word; do
    set -- "$@" "$word"
done <"$KEEP/command"
pgrep -f "$pattern" || ip netns exec "$namespace" "$@"
"""
# An agent that is told to forget, and then to serve, makes all of it anew.
_TOGGLE = (
    fault.Call(
        method="PUT",
        path="subnets/$SUBNET",
        body='{"subnet": {"enable_dhcp": false}}',
    ),
    fault.Call(
        method="PUT",
        path="subnets/$SUBNET",
        body='{"subnet": {"enable_dhcp": true}}',
    ),
)
# A process of the agent's may end by itself meanwhile.
_END_NAMESPACE = """\
kill -9 $(ip netns pids "$namespace") || true
ip netns delete "$namespace"
"""


def _killed(pattern: str, program: str, namespace: str) -> fault.Script:
    names = f'pattern="{pattern}" program={program} namespace="{namespace}"\n'
    return fault.Script(
        place=fault.Place.NETWORK, inject=names + _KILL, heal=names + _START
    )


FAULTS = (
    fault.Fault(
        name="dnsmasq-dead",
        summary="the network's dnsmasq is dead and cannot be started",
        finding="dhcp-server-dead",
        host="network1",
        instance="db2",
        steps=(
            _killed("^dnsmasq .*/dhcp/$NETWORK/", "dnsmasq", "qdhcp-$NETWORK"),
        ),
        breaks=("lease/db*",),
    ),
    fault.Fault(
        name="no-dhcp-agent",
        summary="no DHCP agent serves the network",
        finding="dhcp-no-agent",
        host="network1",
        instance="db2",
        steps=(
            fault.Request(
                inject=(
                    fault.Call(
                        method="DELETE",
                        path="agents/$DHCP_AGENT/dhcp-networks/$NETWORK",
                    ),
                ),
                heal=(
                    fault.Call(
                        method="POST",
                        path="agents/$DHCP_AGENT/dhcp-networks",
                        body='{"network_id": "$NETWORK"}',
                    ),
                ),
            ),
        ),
        breaks=("lease/db*",),
    ),
    fault.Fault(
        name="subnet-without-dhcp",
        summary="DHCP is switched off for the subnet",
        finding="dhcp-disabled",
        host="network1",
        instance="db2",
        steps=(fault.Request(inject=_TOGGLE[:1], heal=_TOGGLE[1:]),),
        breaks=("lease/db*",),
    ),
    fault.Fault(
        name="dhcp-namespace-gone",
        summary="the network's DHCP namespace is gone from the network node",
        finding="dhcp-namespace-missing",
        host="network1",
        instance="db2",
        steps=(
            fault.Request(heal=_TOGGLE),
            fault.Script(
                place=fault.Place.NETWORK,
                inject=f'namespace="qdhcp-$NETWORK"\n{_END_NAMESPACE}',
            ),
        ),
        breaks=("lease/db*",),
    ),
    fault.Fault(
        name="metadata-proxy-dead",
        summary="the router's metadata proxy is dead and cannot be started",
        finding="metadata-proxy-dead",
        host="network1",
        steps=(
            _killed("^haproxy .*/$ROUTER.conf", "haproxy", "qrouter-$ROUTER"),
        ),
        breaks=("metadata/web*", "metadata/db*"),
    ),
)
