# SPDX-License-Identifier: Apache-2.0
"""The bridges of Open vSwitch, see ovs-vswitchd.conf.db(5)."""

from collections.abc import Iterable
from typing import Any
from typing import NamedTuple

from steth.agent.inspect import ovsdb
from steth.model import bridge
from steth.model import vlan_range

#: How many interfaces a snapshot holds at most; Neutron's integration bridge
#: has one for each instance's port.
MAX_INTERFACES = 8192

_DATABASE = "Open_vSwitch"
#: ovs-vswitchd holds it, so that there is one of them.
_LOCK = "ovs_vswitchd"
_TABLES = {
    "Open_vSwitch": ("ovs_version", "external_ids"),
    "Bridge": (
        *("name", "ports", "controller", "datapath_type", "datapath_id"),
        *("fail_mode", "protocols", "stp_enable", "rstp_enable"),
        *("external_ids", "other_config"),
    ),
    "Port": (
        *("name", "interfaces", "tag", "trunks", "vlan_mode", "bond_mode"),
        *("lacp", "external_ids", "other_config"),
    ),
    "Interface": (
        *("name", "type", "ofport", "mac_in_use", "mtu", "admin_state"),
        *("link_state", "options", "external_ids", "status", "error"),
    ),
    "Controller": ("target", "is_connected"),
}

_Rows = dict[str, ovsdb.Row]


class Found(NamedTuple):
    """What the database tells; ``truncated`` as in ``BridgeSnapshot``."""

    openvswitch: bridge.OpenVswitch
    bridges: tuple[bridge.Bridge, ...]
    truncated: bool


def read(targets: Iterable[str]) -> Found:
    """Return the bridges in the first database that answers.

    :param targets: where to look, as :class:`ovsdb.Connection` takes it
    :raises ovsdb.OvsdbError: none answers, saying why each does not
    """
    reasons = []
    for target in targets:
        try:
            return _read(target)
        except ovsdb.OvsdbError as error:
            reasons.append(f"{target}: {error}")
    raise ovsdb.OvsdbError("; ".join(reasons))


def _read(target: str) -> Found:
    with ovsdb.Connection(target) as connection:
        tables = connection.select(_DATABASE, _TABLES)
        running = connection.is_locked(_LOCK)
    try:
        return _decode(target, tables, running)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ovsdb.OvsdbError(
            f"the database is not of the known form: {error!r}"
        ) from error


def _decode(
    target: str, tables: dict[str, list[ovsdb.Row]], running: bool
) -> Found:
    own = tables["Open_vSwitch"][0] if tables["Open_vSwitch"] else {}
    interfaces = _by_id(tables["Interface"][:MAX_INTERFACES])
    ports = _by_id(tables["Port"])
    controllers = _by_id(tables["Controller"])
    return Found(
        openvswitch=bridge.OpenVswitch(
            connection=target,
            version=ovsdb.optional(own.get("ovs_version", ["set", []])),
            running=running,
            external_ids=ovsdb.mapping(own.get("external_ids", ["map", []])),
        ),
        bridges=tuple(
            sorted(
                (
                    _bridge(row, ports, interfaces, controllers)
                    for row in tables["Bridge"]
                ),
                key=lambda one: one.name,
            )
        ),
        truncated=len(tables["Interface"]) > MAX_INTERFACES,
    )


def _by_id(rows: Iterable[ovsdb.Row]) -> _Rows:
    return {row["_uuid"][1]: row for row in rows}


def _referred(value: Any, rows: _Rows) -> list[ovsdb.Row]:
    return [rows[one] for one in ovsdb.identifiers(value) if one in rows]


def _bridge(
    row: ovsdb.Row, ports: _Rows, interfaces: _Rows, controllers: _Rows
) -> bridge.Bridge:
    found = (_port(one, interfaces) for one in _referred(row["ports"], ports))
    return bridge.Bridge(
        name=row["name"],
        kind=bridge.BridgeKind.OPEN_VSWITCH,
        ports=tuple(
            sorted(
                (one for one in found if one.interfaces),
                key=lambda one: one.name,
            )
        ),
        stp=bool(row["stp_enable"] or row["rstp_enable"]),
        # The database says nothing for the kernel's.
        datapath=row["datapath_type"] or "system",
        datapath_id=ovsdb.optional(row["datapath_id"]),
        fail_mode=ovsdb.optional(row["fail_mode"]) or "standalone",
        protocols=tuple(ovsdb.atoms(row["protocols"])),
        controllers=tuple(
            bridge.Controller(
                target=one["target"], connected=one["is_connected"]
            )
            for one in _referred(row["controller"], controllers)
        ),
        external_ids=ovsdb.mapping(row["external_ids"]),
        other_config=ovsdb.mapping(row["other_config"]),
    )


def _port(row: ovsdb.Row, interfaces: _Rows) -> bridge.Port:
    tag = ovsdb.optional(row["tag"])
    mode = ovsdb.optional(row["vlan_mode"])
    if mode is None:
        # As the column's documentation has it.
        mode = "trunk" if tag is None else "access"
    return bridge.Port(
        name=row["name"],
        interfaces=tuple(
            _interface(one) for one in _referred(row["interfaces"], interfaces)
        ),
        mode=bridge.VlanMode(mode),
        tag=tag,
        trunks=vlan_range.compact(ovsdb.atoms(row["trunks"])) or None,
        bond_mode=ovsdb.optional(row["bond_mode"]),
        lacp=ovsdb.optional(row["lacp"]),
        external_ids=ovsdb.mapping(row["external_ids"]),
        other_config=ovsdb.mapping(row["other_config"]),
    )


def _interface(row: ovsdb.Row) -> bridge.Interface:
    return bridge.Interface(
        name=row["name"],
        kind=row["type"] or "system",
        ofport=ovsdb.optional(row["ofport"]),
        mac=ovsdb.optional(row["mac_in_use"]),
        mtu=ovsdb.optional(row["mtu"]),
        admin_up=_is_up(row["admin_state"]),
        link_up=_is_up(row["link_state"]),
        options=ovsdb.mapping(row["options"]),
        external_ids=ovsdb.mapping(row["external_ids"]),
        status=ovsdb.mapping(row["status"]),
        error=ovsdb.optional(row["error"]),
    )


def _is_up(value: Any) -> bool | None:
    state = ovsdb.optional(value)
    return None if state is None else state == "up"
