# SPDX-License-Identifier: Apache-2.0
"""Where a fault goes: what was asked for, checked and completed."""

from collections.abc import Mapping
from collections.abc import Sequence

import msgspec

from steth.lab import catalogue
from steth.lab import configuration
from steth.lab import errors
from steth.lab import faults
from steth.lab import layout


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A fault's place in a lab; only what the fault needs is given."""

    fault: faults.Fault
    network: layout.Network = layout.TUNNEL
    host: layout.Host
    peer: layout.Host | None = None
    group: tuple[layout.Host, ...] = ()
    value: int | None = None

    @property
    def table(self) -> str:
        """The name of the nft table of this fault here."""
        name = f"{self.fault.name}_{self.host.name}_{self.network.name}"
        return "steth_" + name.replace("-", "_")

    def fields(
        self, pids: Mapping[str, int], host: layout.Host
    ) -> dict[str, object]:
        """Return what a script's fields stand for.

        :param pids: the first process of each host, by name
        :param host: the one that the step is about
        """
        network = self.network
        fields: dict[str, object] = {
            "address": host.address(network),
            "broker_port": configuration.BROKER_PORT,
            # Names of devices, in at most 15 characters.
            "dhcp_range": f"{network.address(100)} {network.address(109)}",
            "delayed": f"{network.nic}~{host.name}",
            "removed": f"{network.nic}.{host.name}",
            "split": f"{network.name}-split",
            "gateway": layout.gateway().address(network),
            "gateway_port": layout.gateway().port(network),
            "host_pid": pids[host.name],
            "leaf": self.host.leaf,
            "mtu": network.mtu,
            "network": network.name,
            "nic": network.nic,
            # All but that of the fault, and frames without a tag.
            "other_vlans": ",".join(
                str(one) for one in range(4095) if one != self.value
            ),
            "port": host.port(network),
            "prefix": network.prefix,
            "router": network.router,
            "subnet": network.subnet,
            "switch_pid": pids[layout.SWITCH],
            "table": self.table,
            "to_peer": "",
            "trunk_port": self.host.trunk_port,
            "uplink": layout.uplink(layout.LEAVES[0]),
            "value": self.value,
        }
        if self.peer:
            fields["peer_address"] = self.peer.address(network)
            fields["to_peer"] = f'oifname "{self.peer.port(network)}"'
        return fields


def choose(
    shape: layout.Shape,
    name: str,
    *,
    hosts: Sequence[str] = (),
    peer: str | None = None,
    network: str | None = None,
    value: int | None = None,
) -> Target:
    """Return where a fault goes, with defaults for what is not given.

    These are: the last host (for a split, the last half of them), the first
    other one as its peer, the tunnel network.

    :raises errors.LabError: naming what is unknown or not of this fault
    """
    fault = catalogue.CATALOGUE.get(name)
    if fault is None:
        raise errors.LabError(
            f"unknown fault {name}; 'fault --list' tells which there are"
        )
    if fault.need and not getattr(shape, fault.need):
        raise errors.LabError(f"{name}: the lab has no {fault.need}")
    _refuse_strangers(fault, hosts, peer, network, value)
    group = _group(fault, shape, hosts)
    found = layout.network(network or layout.TUNNEL.name)
    if found is None:
        known = ", ".join(one.name for one in layout.NETWORKS)
        raise errors.LabError(f"unknown network {network}; there are: {known}")
    return Target(
        fault=fault,
        network=found,
        host=group[0],
        peer=_peer(fault, shape, group[0], peer),
        group=group,
        value=_value(fault, value),
    )


def _refuse_strangers(
    fault: faults.Fault,
    hosts: Sequence[str],
    peer: str | None,
    network: str | None,
    value: int | None,
) -> None:
    on_network = fault.scope in (faults.Scope.NETWORK, faults.Scope.GROUP)
    given = {
        "host": bool(hosts) and fault.scope is faults.Scope.LAB,
        "peer": bool(peer) and fault.peer is faults.Peer.NONE,
        "network": bool(network) and not on_network,
        "value": value is not None and fault.value is None,
    }
    for option, is_stranger in given.items():
        if is_stranger:
            raise errors.LabError(f"{fault.name} takes no --{option}")
    if len(hosts) > 1 and fault.scope is not faults.Scope.GROUP:
        raise errors.LabError(f"{fault.name} takes one --host only")


def _group(
    fault: faults.Fault, shape: layout.Shape, names: Sequence[str]
) -> tuple[layout.Host, ...]:
    if fault.scope is faults.Scope.LAB:
        return (layout.controller(),)
    computes = layout.computes(shape)
    if names:
        group = tuple(_compute(shape, one) for one in dict.fromkeys(names))
    elif fault.scope is faults.Scope.GROUP:
        group = computes[(len(computes) + 1) // 2 :]
    else:
        group = computes[-1:]
    if fault.scope is faults.Scope.GROUP and not 0 < len(group) < len(
        computes
    ):
        raise errors.LabError(
            f"{fault.name} needs some of the hosts, not all or none: the "
            f"lab has {len(computes)}"
        )
    return group


def _compute(shape: layout.Shape, name: str) -> layout.Host:
    computes = layout.computes(shape)
    for one in computes:
        if one.name == name:
            return one
    raise errors.LabError(
        f"unknown host {name}; the lab has {computes[0].name} to "
        f"{computes[-1].name}"
    )


def _peer(
    fault: faults.Fault,
    shape: layout.Shape,
    host: layout.Host,
    name: str | None,
) -> layout.Host | None:
    if name is not None:
        found = _compute(shape, name)
        if found == host:
            raise errors.LabError(
                f"{fault.name}: {name} cannot be its own peer"
            )
        return found
    if fault.peer is not faults.Peer.REQUIRED:
        return None
    others = [one for one in layout.computes(shape) if one != host]
    if not others:
        raise errors.LabError(f"{fault.name} needs a lab with 2 hosts")
    return others[0]


def _value(fault: faults.Fault, value: int | None) -> int | None:
    if fault.value is None or value is None:
        return fault.value.default if fault.value else None
    if not fault.value.least <= value <= fault.value.most:
        raise errors.LabError(
            f"{fault.name}: --value {value} is not between "
            f"{fault.value.least} and {fault.value.most} "
            f"{fault.value.meaning}"
        )
    return value
