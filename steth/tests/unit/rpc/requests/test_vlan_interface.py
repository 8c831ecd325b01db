# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest

from steth.rpc import contract
from steth.rpc import errors


class VlanInterfaceTestCase(unittest.TestCase):
    def decode(self, **changed: Any) -> None:
        contract.decode_request(
            contract.PROBE_VLAN_INTERFACE,
            {"interface": "eth0", "vlan": 100, **changed},
        )

    def test_good(self) -> None:
        for cidr in ("192.0.2.1/24", "192.0.2.0/31", "2001:db8::1/64", None):
            self.decode(cidr=cidr)

    def test_bad(self) -> None:
        for changed, said in (
            ({"vlan": 0}, "vlan"),
            ({"vlan": 4095}, "vlan"),
            ({"interface": "a/b"}, "interface"),
            ({"lifetime": 3601}, "lifetime"),
            ({"cidr": "192.0.2.1"}, "lacks its prefix length"),
            ({"cidr": "192.0.2.1/33"}, "not an address with a prefix"),
            ({"cidr": "224.0.0.1/24"}, "not of one host"),
            ({"cidr": "0.0.0.0/24"}, "not of one host"),
        ):
            with (
                self.subTest(changed=changed),
                self.assertRaisesRegex(errors.OperationError, said),
            ):
                self.decode(**changed)
