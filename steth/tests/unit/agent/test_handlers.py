# SPDX-License-Identifier: Apache-2.0

import threading
import unittest
from unittest import mock

from oslo_config import cfg

from steth.agent import handlers
from steth.agent import operations
from steth.agent import tasks
from steth.agent.inspect import lldp
from steth.conf import load
from steth.model import agent
from steth.model import lldp as lldp_model
from steth.rpc import contract
from steth.rpc import requests


class HandlersTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.conf = cfg.ConfigOpts()
        load.register(self.conf)
        self.conf([], default_config_files=[], default_config_dirs=[])
        self.conf.set_override("host", "h1")
        self.cancelled = threading.Event()
        self.tasks = tasks.Registry()
        self.handlers = handlers.handlers(
            self.conf,
            self.tasks,
            lldp.Neighbours(lambda: ()),
        )

    def test_are_those_of_the_contract(self) -> None:
        operations.Operations(self.handlers, 1, self.cancelled, self.tasks)

    def test_agent(self) -> None:
        info = self.handlers["inspect.agent"](requests.InspectAgent())
        assert isinstance(info, agent.AgentInfo)
        self.assertEqual("h1", info.host)
        self.assertEqual(contract.VERSION, info.contract)
        self.assertEqual(sorted(contract.OPERATIONS), list(info.operations))
        self.assertGreaterEqual(info.uptime, 0)

    def test_lldp(self) -> None:
        self.assertEqual(
            lldp_model.LldpReport(),
            self.handlers["inspect.lldp"](requests.InspectLldp()),
        )

    def test_host(self) -> None:
        request = requests.InspectHost()
        with mock.patch(
            "steth.agent.inspect.host.snapshot", autospec=True
        ) as snapshot:
            self.handlers["inspect.host"](request)
        snapshot.assert_called_once_with(request, "h1")

    def test_probe_has_the_rate_of_now_and_can_be_cancelled(self) -> None:
        self.conf.set_override("max_packet_rate", 77, group="agent")
        request = requests.ProbeIcmp(
            targets=(requests.IcmpTarget(address="192.0.2.1"),)
        )
        with mock.patch(
            "steth.agent.probe.icmp.probe", autospec=True
        ) as probe:
            self.handlers["probe.icmp"](request, self.cancelled)
        probe.assert_called_once_with(request, 77, self.cancelled)

    def test_what_can_be_held_can_be_ended(self) -> None:
        places = {
            "probe.icmp": "icmp.probe",
            "probe.dhcp": "dhcp.probe",
            "probe.multicast": "multicast.probe",
            "probe.neighbours": "neighbours.probe",
            "probe.packet_send": "packet.send",
            "probe.throughput": "throughput.probe",
            "probe.vlan_send": "vlan.send",
        }
        self.assertEqual(
            set(places),
            {one.name for one in contract.OPERATIONS.values() if one.holdable},
        )
        for name, place in places.items():
            with mock.patch(
                f"steth.agent.probe.{place}", autospec=True
            ) as function:
                # Some are taken as they are when the handlers are made.
                found = handlers.handlers(
                    self.conf, self.tasks, lldp.Neighbours(lambda: ())
                )
                found[name](mock.sentinel.request, self.cancelled)
            self.assertIs(self.cancelled, function.call_args.args[-1])
