# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest

from cliff import columns

from steth.model import host
from steth.model import interface
from steth.osc import interface_details


def _interface(**fields: Any) -> interface.Interface:
    return interface.Interface(name="eth0", index=2, **fields)


def _plain(rows: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.machine_readable()
        if isinstance(value, columns.FormattableColumn)
        else value
        for name, value in rows.items()
    }


class InterfaceDetailsTestCase(unittest.TestCase):
    """What there is has a row, and nothing else."""

    def test_nothing(self) -> None:
        one = _interface()
        self.assertEqual({}, interface_details.names(one))
        self.assertEqual({}, interface_details.state(one))
        self.assertEqual({}, interface_details.relations(one, ()))
        self.assertEqual({}, interface_details.driver(one.ethtool))
        self.assertEqual(
            {}, interface_details.statistics(one.ethtool, every=True)
        )

    def test_names_and_state(self) -> None:
        one = _interface(
            alias="leaf2", flags=("UP",), queue_length=1000, promiscuity=0
        )
        self.assertEqual(
            {"alias": "leaf2"}, _plain(interface_details.names(one))
        )
        self.assertEqual(
            {"flags": ["UP"], "queue_length": 1000},
            _plain(interface_details.state(one)),
        )

    def addresses(self, *found: host.Address) -> str:
        return interface_details.addresses(
            host.Namespace(addresses=found), "eth0"
        ).human_readable()

    def test_addresses(self) -> None:
        for_ever = host.Address(
            address="192.0.2.1", prefix_length=24, family=4, device="eth0"
        )
        other = host.Address(
            address="192.0.2.2", prefix_length=24, family=4, device="eth1"
        )
        self.assertEqual(
            "address       scope   flags\n192.0.2.1/24  global  -",
            self.addresses(for_ever, other),
        )
        leased = host.Address(
            address="2001:db8::1",
            prefix_length=64,
            family=6,
            device="eth0",
            flags=("dynamic",),
            valid=600,
            preferred=0,
        )
        self.assertEqual(
            [
                "address         scope   flags    valid_lft  preferred_lft",
                "192.0.2.1/24    global  -        -          -",
                "2001:db8::1/64  global  dynamic  600        0",
            ],
            self.addresses(for_ever, leased).splitlines(),
        )

    def relations(
        self, *namespaces: host.Namespace, **fields: Any
    ) -> dict[str, Any]:
        return _plain(
            interface_details.relations(_interface(**fields), namespaces)
        )

    def test_in_the_same_namespace(self) -> None:
        veth = interface.Relative(index=7, name="veth7")
        self.assertEqual({"peer": "veth7"}, self.relations(peer=veth))
        # The snapshot has told of it.
        self.assertEqual({}, self.relations(parent=veth))

    def test_in_another_namespace(self) -> None:
        blue = host.Namespace(
            name="blue",
            links=(host.Link(name="eth7", index=7, mtu=1500, admin_up=True),),
        )
        one = interface.Relative(index=7, netns="blue")
        self.assertEqual(
            {"parent": "eth7", "parent_namespace": "blue"},
            self.relations(blue, parent=one),
        )
        self.assertEqual(
            {"peer": "if7", "peer_namespace": "blue"},
            self.relations(peer=one),
        )
        nowhere = interface.Relative(index=7)
        self.assertEqual(
            {"peer": "if7", "peer_namespace": None},
            self.relations(host.Namespace(), peer=nowhere),
        )

    def test_details(self) -> None:
        function = interface.VirtualFunction(number=0, vlan_id=7)
        told = self.relations(
            details={"id": 7},
            port={"isolated": False},
            virtual_functions=(function,),
        )
        self.assertEqual(
            ({"id": 7}, {"isolated": False}),
            (told["details"], told["port_details"]),
        )
        self.assertEqual(7, told["virtual_functions"][0]["vlan_id"])

    def test_driver(self) -> None:
        told = _plain(
            interface_details.driver(
                interface.Ethtool(
                    driver=interface.Driver(name="ice", firmware="4.2"),
                    settings=interface.LinkSettings(
                        autonegotiation=False,
                        port="FIBRE",
                        supported=("25000baseCR/Full",),
                    ),
                    pause=interface.Pause(
                        autonegotiation=True, receive=False, send=False
                    ),
                    rings=(interface.Size(name="rx", current=1, maximum=2),),
                    features=(interface.Feature(name="rx-gro", active=True),),
                )
            )
        )
        self.assertEqual(
            {
                "driver": {
                    "name": "ice",
                    "version": None,
                    "firmware": "4.2",
                    "bus": None,
                },
                "autonegotiation": False,
                "media": "FIBRE",
                "supported_modes": ["25000baseCR/Full"],
                "pause": {
                    "autonegotiation": True,
                    "receive": False,
                    "send": False,
                },
                "rings": [{"name": "rx", "current": 1, "maximum": 2}],
                "offloads": [
                    {"name": "rx-gro", "active": True, "fixed": False}
                ],
            },
            told,
        )

    def test_statistics(self) -> None:
        told = interface.Ethtool(
            statistics={
                "rx_packets": 9,
                "rx_out_of_buffer": 1,
                "port.rx_CRC": 2,
                "tx_timeouts": 3,
            }
        )
        wrong = _plain(interface_details.statistics(told, every=False))
        self.assertEqual(
            {"rx_out_of_buffer", "port.rx_CRC", "tx_timeouts"},
            wrong["driver_statistics"].keys(),
        )
        every = _plain(interface_details.statistics(told, every=True))
        self.assertEqual(4, len(every["driver_statistics"]))
