# SPDX-License-Identifier: Apache-2.0

import signal
import threading
import unittest
from unittest import mock

from oslo_config import cfg

from steth.agent import service
from steth.agent.probe import vlan_interface


class ServiceTestCase(unittest.TestCase):
    def setUp(self) -> None:
        parts = mock.Mock()
        self.parts = parts
        for name, replacement in (
            ("bus.BusMember", parts.bus),
            ("listener.Listener", parts.listener),
            ("handlers.handlers", parts.handlers),
            ("lldp.Neighbours", parts.neighbours),
            ("operations.Operations", parts.operations),
        ):
            patch = mock.patch(
                f"steth.agent.service.{name}",
                return_value=replacement,
                autospec=True,
            )
            patch.start()
            self.addCleanup(patch.stop)
        patch = mock.patch.object(
            vlan_interface,
            "remove_leftovers",
            side_effect=parts.remove_leftovers,
            autospec=True,
        )
        patch.start()
        self.addCleanup(patch.stop)
        self.conf = mock.Mock()
        self.try_configuration = mock.Mock()
        self.service = service.AgentService(self.conf, self.try_configuration)
        self.addCleanup(
            signal.signal, signal.SIGHUP, signal.getsignal(signal.SIGHUP)
        )

    def test_joins_the_bus_only_once_it_listens(self) -> None:
        self.service.start()
        self.assertEqual(
            [
                mock.call.remove_leftovers(),
                mock.call.bus.prepare(),
                mock.call.listener.start(),
                mock.call.bus.start(),
                mock.call.neighbours.watch(self.service._cancelled),
            ],
            self.parts.mock_calls,
        )

    def test_does_not_listen_with_a_bad_url(self) -> None:
        self.parts.bus.prepare.side_effect = ValueError
        with self.assertRaises(ValueError):
            self.service.start()
        self.parts.listener.start.assert_not_called()

    def test_reload(self) -> None:
        self.service.start()
        signal.raise_signal(signal.SIGHUP)
        self.try_configuration.assert_called_once_with()
        self.conf.mutate_config_files.assert_called_once_with()
        self.parts.listener.reload.assert_called_once_with()

    def test_bad_configuration_is_not_taken_over(self) -> None:
        for error in (ValueError("why"), cfg.Error("why"), OSError("why")):
            self.try_configuration.side_effect = error
            with self.assertLogs("steth.agent.service", "ERROR") as logs:
                self.service.reset()
            self.assertIn("why", logs.output[0])
        self.conf.mutate_config_files.assert_not_called()
        # The certificates are another matter.
        self.assertEqual(3, self.parts.listener.reload.call_count)

    def test_stop_cancels_first(self) -> None:
        cancelled: list[bool] = []
        self.parts.bus.stop.side_effect = lambda: cancelled.append(
            self.service._cancelled.is_set()
        )
        self.service.stop()
        self.assertEqual([True], cancelled)
        self.parts.bus.stop.assert_called_once_with()
        self.parts.listener.stop.assert_called_once_with()

    def test_stop_does_not_wait_for_what_hangs(self) -> None:
        hanging = threading.Event()
        self.addCleanup(hanging.set)
        self.parts.bus.stop.side_effect = hanging.wait
        with mock.patch.object(service, "_STOP_TIMEOUT", 0.01):
            self.service.stop()
        self.parts.listener.stop.assert_called_once_with()
