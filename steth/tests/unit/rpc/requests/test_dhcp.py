# SPDX-License-Identifier: Apache-2.0
"""What the agent's door lets in of asking for DHCP servers."""

from typing import Any
import unittest

from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

_PLACE = {"interface": "eth1"}


class DhcpRequestsTestCase(unittest.TestCase):
    def decode(self, *places: Any, **given: Any) -> requests.ProbeDhcp:
        found = contract.decode_request(
            contract.PROBE_DHCP, {"places": places, "run": 1} | given
        )
        assert isinstance(found, requests.ProbeDhcp)
        return found

    def assert_refused(self, said: str, *places: Any, **given: Any) -> None:
        with self.assertRaisesRegex(errors.OperationError, said) as caught:
            self.decode(*places, **given)
        self.assertEqual(errors.ErrorCode.BAD_ARGUMENT, caught.exception.code)

    def test_good_ones(self) -> None:
        tagged = _PLACE | {"vlans": "100-101", "untagged": False}
        self.assertEqual(4, self.decode(tagged).discovers)
        self.assertEqual((0,), self.decode(_PLACE).places[0].ids)

    def test_bad_ones(self) -> None:
        self.assert_refused("VLAN 4095", _PLACE | {"vlans": "4095"})
        self.assert_refused("none are given", _PLACE | {"untagged": False})
        self.assert_refused("there twice", _PLACE, _PLACE)
        self.assert_refused("2002 messages", _PLACE | {"vlans": "1-1000"})
        self.assert_refused("attempts", _PLACE, attempts=4)
        self.assert_refused("timeout", _PLACE, timeout=60)
        self.assert_refused("places")
        self.assert_refused("interface", {"interface": "a/b"})
