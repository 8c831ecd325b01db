# SPDX-License-Identifier: Apache-2.0
"""What an instance's NIC is plugged with."""

import unittest

from steth.lab.cloud.instance import plug

NIC = plug.Nic(
    port="f741b2c9-f6aa-4f2c-9d3e-0123456789ab",
    mac="fa:16:3e:11:22:33",
    mtu=1450,
    instance="0c7a8a4e-0000-4000-8000-000000000001",
)


class NicTestCase(unittest.TestCase):
    """Names and external ids are those of os-vif."""

    def test_device_names(self) -> None:
        self.assertEqual("tapf741b2c9-f6", NIC.device("tap"))
        self.assertEqual("tapf741b2c9-f6", NIC.in_bridge)

    def test_a_hybrid_has_another_device_in_the_bridge(self) -> None:
        hybrid = plug.Nic(
            port=NIC.port,
            mac=NIC.mac,
            mtu=NIC.mtu,
            instance=NIC.instance,
            hybrid=True,
        )
        self.assertEqual("qvof741b2c9-f6", hybrid.in_bridge)
        self.assertIn("add-port br-int qvof741b2c9-f6", plug.attach(hybrid))

    def test_external_ids(self) -> None:
        command = plug.attach(NIC)
        for one in (
            f'external_ids:iface-id="{NIC.port}"',
            'external_ids:iface-status="active"',
            'external_ids:attached-mac="fa:16:3e:11:22:33"',
            f'external_ids:vm-uuid="{NIC.instance}"',
        ):
            self.assertIn(one, command)
