# SPDX-License-Identifier: Apache-2.0
"""What the scenario needs outside of the cloud.

A server on the Internet that tells who asks, and the way back for IPv6,
which is not translated: the gateway has to know the tenants' networks.
"""

from steth.lab import namespace
from steth.lab import processes
from steth.lab import services
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud import layout
from steth.lab.cloud.scenario import inventory as inventory_module
from steth.lab.cloud.scenario import plan

_TIMEOUT = 10.0
_HOME = "/run/steth/www"
_SCRIPT = """\
#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
address=${REMOTE_ADDR#[}
address=${address%]}
echo "${address#::ffff:}"
"""


def prepare(
    cloud: cloud_module.Cloud, inventory: inventory_module.Inventory
) -> None:
    """Start the server's service, and route IPv6 to the router."""
    server = cloud.inits()[layout.SERVER]
    service = services.Service(
        "address-echo", {processes.LAB_MARK: str(cloud.directory)}
    )
    if plan.ECHO_PORT not in services.listening(server):
        namespace.write(
            server, f"{_HOME}/cgi-bin/address", _SCRIPT, mode=0o755
        )
        service.start(
            server,
            ["busybox", "httpd", "-f", "-p", str(plan.ECHO_PORT), "-h", _HOME],
        )
        services.await_port(
            {layout.SERVER: (service, server)}, plan.ECHO_PORT, _TIMEOUT
        )
    for network in plan.NETWORKS:
        for subnet in network.subnets:
            if network.routed and subnet.version == 6:
                cloud.run(
                    layout.GATEWAY,
                    [
                        *("ip", "-6", "route", "replace", subnet.cidr),
                        *("via", inventory.external6),
                    ],
                )
