# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.controller import errors


class NoAgentErrorTestCase(unittest.TestCase):
    """The error tells why nobody is known, and what to do."""

    def test_no_bus(self) -> None:
        self.assertEqual(
            "no agent is known (no bus: it is down), and none is expected: "
            "start steth-agent on the hosts, or name them and their "
            "addresses in [inventory] hosts",
            str(errors.NoAgentError("it is down")),
        )

    def test_no_configuration(self) -> None:
        self.assertRegex(
            str(errors.NoAgentError(None, configured=False)),
            "^no agent is known .none is on the bus.*; no configuration file "
            "was found: .*--steth-config-file",
        )


class UnknownHostErrorTestCase(unittest.TestCase):
    """The error helps to find the host that was meant."""

    def test_close_match(self) -> None:
        error = errors.UnknownHostError(
            "compute7x", ["network1", "compute7"], "no answer"
        )
        self.assertEqual(
            "no agent is known as 'compute7x' (no answer); did you mean "
            "'compute7'?; known hosts: compute7, network1",
            str(error),
        )

    def test_nobody_known(self) -> None:
        error = errors.UnknownHostError("a", [], "no answer")
        self.assertIn("no host is known at all", str(error))

    def test_many_known(self) -> None:
        known = [f"host{number:03}" for number in range(300)]
        error = errors.UnknownHostError("zzz", known, "no answer")
        self.assertTrue(str(error).endswith("host019 and 280 more"))
