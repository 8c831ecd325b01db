# SPDX-License-Identifier: Apache-2.0
"""``openstack steth bridge``"""

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from osc_lib import exceptions as osc_exceptions
from osc_lib.command import command

from steth.model import bridge
from steth.model import report
from steth.osc import arguments
from steth.osc import columns
from steth.osc import lister
from steth.osc import one_host
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests


class ListBridge(lister.Lister):
    """List the bridges of a host.

    Those of Open vSwitch and those of the kernel, in the host's own network
    namespace.
    """

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        one_host.add_host(parser)
        parser.add_argument(
            "--long",
            action="store_true",
            help="List also the names of the ports",
        )
        arguments.add_transport(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """Ask the host's agent; return a row for each bridge."""
        snapshot = _snapshot(self, parsed_args)
        if snapshot.openvswitch is None:
            self.log.warning("%s", _absence(snapshot))
        titles = ["Name", "Kind", "Datapath", "Fail Mode", "Controllers"]
        titles += ["VLAN Aware", "STP", "Ports"]
        rows = []
        for one in snapshot.bridges:
            row = [
                one.name,
                str(one.kind),
                columns.Text(one.datapath),
                columns.Text(one.fail_mode),
                columns.Lines(map(_controller, one.controllers)),
                columns.Answer(one.vlan_aware),
                columns.Answer(one.stp),
                len(one.ports),
            ]
            if parsed_args.long:
                row.append(columns.Lines(port.name for port in one.ports))
            rows.append(row)
        if parsed_args.long:
            titles.append("Port Names")
        return titles, rows


class ShowBridge(command.ShowOne):
    """Show a bridge of a host and its ports, or one port of it.

    With --port, the exit code says whether the port is on the bridge: 0 when
    it is, 3 when it is not, with the bridge that it is on instead. It is 1
    when the command itself failed, 2 for wrong usage.
    """

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        one_host.add_host(parser)
        parser.add_argument(
            "bridge",
            metavar="<bridge>",
            type=arguments.name,
            help="Name of the bridge",
        )
        parser.add_argument(
            "--port",
            metavar="<port>",
            type=arguments.name,
            help="Show this port of the bridge, with all that is known of it",
        )
        arguments.add_transport(parser)
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Return whether the port is on the bridge, as an exit code."""
        try:
            done: int = super().run(parsed_args)
        except _NotThereError as error:
            self.log.error("%s", error)
            return int(report.ExitCode.FAULT_FOUND)
        return done

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Sequence[Any]]:
        """Ask the host's agent; return all that is known."""
        snapshot = _snapshot(self, parsed_args)
        found = snapshot.bridge(parsed_args.bridge)
        if found is None:
            instead = errors.instead_of(
                parsed_args.bridge, (one.name for one in snapshot.bridges)
            )
            said = (
                f"{snapshot.host} has no bridge {parsed_args.bridge!r}"
                f"{instead}"
            )
            if snapshot.openvswitch is None:
                said += f" ({_absence(snapshot)})"
            raise osc_exceptions.CommandError(said)
        if parsed_args.port is None:
            shown = _bridge(found)
        else:
            shown = _port(found, _find(snapshot, found, parsed_args.port))
        return tuple(shown), tuple(shown.values())


class _NotThereError(Exception):
    """The port is not on the bridge."""


def _snapshot(
    shown: command.Command, parsed_args: argparse.Namespace
) -> bridge.BridgeSnapshot:
    """Ask the agent, and warn of what makes its answer doubtful."""
    snapshot: bridge.BridgeSnapshot = one_host.ask(
        shown,
        parsed_args,
        contract.INSPECT_BRIDGES,
        requests.InspectBridges(),
        seconds=5.0,
    )
    own = snapshot.openvswitch
    if own is not None and not own.running:
        shown.log.warning(
            "ovs-vswitchd does not run on %s: its database tells what should "
            "be, and nothing follows it",
            snapshot.host,
        )
    for kind in snapshot.truncated:
        shown.log.warning(
            "%s has more bridges and ports (%s) than are shown",
            snapshot.host,
            kind,
        )
    return snapshot


def _absence(snapshot: bridge.BridgeSnapshot) -> str:
    return (
        f"no database of Open vSwitch can be read on {snapshot.host}: "
        f"{snapshot.reason}"
    )


def _find(
    snapshot: bridge.BridgeSnapshot, wanted: bridge.Bridge, name: str
) -> bridge.Port:
    """Return a port of the bridge.

    :raises _NotThereError: saying where it is instead
    """
    found = wanted.port(name)
    if found is not None:
        return found
    said = f"{snapshot.host}: {name} is not on {wanted.name}"
    others = [one.name for one in snapshot.bridges if one.port(name)]
    if others:
        raise _NotThereError(f"{said}; it is on {', '.join(others)}")
    raise _NotThereError(
        f"{said} nor on another bridge"
        + errors.instead_of(
            name, (one.name for one in wanted.ports), f"{wanted.name} has"
        )
    )


def _bridge(one: bridge.Bridge) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": str(one.kind),
        "datapath": columns.Text(one.datapath),
        "datapath_id": columns.Text(one.datapath_id),
        "fail_mode": columns.Text(one.fail_mode),
        "protocols": columns.Names(one.protocols),
        "controllers": columns.Lines(map(_controller, one.controllers)),
        "vlan_aware": columns.Answer(one.vlan_aware),
        "stp": columns.Answer(one.stp),
        "external_ids": columns.Pairs(one.external_ids),
        "other_config": columns.Pairs(one.other_config),
        "ports": columns.Rows(
            {
                "port": port.name,
                "vlans": _vlans(port),
                "interface": interface.name,
                "kind": interface.kind,
                "ofport": interface.ofport,
                "link": _link(interface),
                "detail": _detail(port, interface),
            }
            for port in one.ports
            for interface in port.interfaces
        ),
    }


def _port(on: bridge.Bridge, one: bridge.Port) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "bridge": on.name,
        "port": one.name,
        "vlans": columns.Text(_vlans(one)),
        "vlan_mode": columns.Text(one.mode and str(one.mode)),
        "tag": columns.Number(one.tag),
        "trunks": columns.Text(one.trunks),
        "stp_state": columns.Text(one.state),
        "bond_mode": columns.Text(one.bond_mode),
        "lacp": columns.Text(one.lacp),
        "external_ids": columns.Pairs(one.external_ids),
        "other_config": columns.Pairs(one.other_config),
    }
    # A bond has several; each one's facts are told apart by its name.
    for interface in one.interfaces:
        prefix = "" if len(one.interfaces) == 1 else f"{interface.name}."
        shown |= {
            f"{prefix}interface": interface.name,
            f"{prefix}kind": interface.kind,
            f"{prefix}ofport": columns.Number(interface.ofport),
            f"{prefix}mac": columns.Text(interface.mac),
            f"{prefix}mtu": columns.Number(interface.mtu),
            f"{prefix}admin_up": columns.Answer(interface.admin_up),
            f"{prefix}link_up": columns.Answer(interface.link_up),
            f"{prefix}options": columns.Pairs(interface.options),
            f"{prefix}interface_external_ids": columns.Pairs(
                interface.external_ids
            ),
            f"{prefix}status": columns.Pairs(interface.status),
            f"{prefix}error": columns.Text(interface.error),
        }
    return shown


def _controller(one: bridge.Controller) -> str:
    return f"{one.target} ({'' if one.connected else 'not '}connected)"


def _vlans(port: bridge.Port) -> str | None:
    """Say what the port does with VLANs."""
    if port.mode is None:
        return None
    tag = "" if port.tag is None else f" {port.tag}"
    if port.mode is bridge.VlanMode.ACCESS:
        return f"access{tag}"
    trunks = "all" if port.trunks is None else port.trunks or "none"
    if port.mode is bridge.VlanMode.TRUNK:
        return f"trunk {trunks}"
    return f"{port.mode}{tag}, trunk {trunks}"


def _link(interface: bridge.Interface) -> str | None:
    if interface.admin_up is False:
        return "down"
    return {True: "up", False: "no carrier", None: None}[interface.link_up]


def _detail(port: bridge.Port, interface: bridge.Interface) -> str | None:
    """Say in a line what tells this port from the others."""
    if interface.error:
        return interface.error
    said = [
        f"{name}={interface.options[name]}"
        for name in ("peer", "local_ip", "remote_ip")
        if name in interface.options
    ]
    said += [
        f"{name}={interface.external_ids[name]}"
        for name in ("iface-id", "attached-mac")
        if name in interface.external_ids
    ]
    if port.state not in {None, "forwarding"}:
        said.append(str(port.state))
    return " ".join(said) or None
