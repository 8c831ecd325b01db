# SPDX-License-Identifier: Apache-2.0
"""Tests of reading kernel settings."""

import pathlib
import tempfile
import unittest

from steth.agent.inspect import sysctls


class SysctlsTestCase(unittest.TestCase):
    def test_what_is_absent_is_left_out(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for path, value in (
                ("net/ipv4/ip_forward", "1\n"),
                ("net/bridge/bridge-nf-call-iptables", "0\n"),
                ("net/ipv6/icmp/echo_ignore_all", "0\n"),
                ("net/ipv4/tcp_syncookies", "1\n"),
            ):
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(value)
            self.assertEqual(
                {
                    "net.ipv4.ip_forward": "1",
                    "net.bridge.bridge-nf-call-iptables": "0",
                    "net.ipv6.icmp.echo_ignore_all": "0",
                },
                sysctls.read(root),
            )
