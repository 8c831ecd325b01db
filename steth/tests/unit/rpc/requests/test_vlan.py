# SPDX-License-Identifier: Apache-2.0
"""What the agent's door lets in of a run over VLANs."""

from typing import Any
import unittest

from steth.rpc import contract
from steth.rpc import errors

_SEND = {"interface": "eth3", "run": 1, "index": 0, "vlans": "100-200"}
_LISTEN = {
    "interface": "eth3",
    "run": 1,
    "index": 0,
    "hosts": 2,
    "seconds": 5,
}


class VlanRequestsTestCase(unittest.TestCase):
    def assert_refused(
        self, operation: contract.Operation, argument: str, **given: Any
    ) -> None:
        base = _SEND if operation is contract.PROBE_VLAN_SEND else _LISTEN
        with self.assertRaises(errors.OperationError) as caught:
            contract.decode_request(operation, base | given)
        self.assertEqual(errors.ErrorCode.BAD_ARGUMENT, caught.exception.code)
        self.assertEqual(argument, caught.exception.argument)

    def test_good_ones(self) -> None:
        contract.decode_request(contract.PROBE_VLAN_LISTEN, _LISTEN)
        sent: Any = contract.decode_request(contract.PROBE_VLAN_SEND, _SEND)
        self.assertEqual((0, *range(100, 201)), sent.ids)

    def test_bad_vlans(self) -> None:
        for vlans in ("0", "4095", "200-100", "1-5,5-9", "", "x" * 20_000):
            with self.subTest(vlans=vlans[:10]):
                self.assert_refused(
                    contract.PROBE_VLAN_SEND, "vlans", vlans=vlans
                )

    def test_bounds(self) -> None:
        send, listen = contract.PROBE_VLAN_SEND, contract.PROBE_VLAN_LISTEN
        self.assert_refused(send, "rounds", rounds=11)
        self.assert_refused(send, "rate", rate=20_000)
        self.assert_refused(send, "rate", vlans="1-4094", rate=20)
        self.assert_refused(send, "interface", interface="a/b")
        self.assert_refused(send, "run", run=0)
        self.assert_refused(listen, "index", index=2)
        self.assert_refused(listen, "seconds", seconds=1000)
        self.assert_refused(listen, "hosts", hosts=1)
