# SPDX-License-Identifier: Apache-2.0

import pathlib
import tempfile
import unittest
from unittest import mock

from amqp import exceptions as amqp_exceptions
from oslo_config import cfg

from steth.rpc import bus


class OptionsTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.conf = cfg.ConfigOpts()
        bus.register(self.conf)
        where = tempfile.TemporaryDirectory()
        self.addCleanup(where.cleanup)
        self.file = pathlib.Path(where.name) / "steth.conf"

    def read(self, text: str) -> None:
        self.file.write_text(text)
        self.conf([f"--config-file={self.file}"])

    def test_our_defaults(self) -> None:
        self.read("")
        self.assertEqual("steth", self.conf.control_exchange)
        self.assertTrue(self.conf.oslo_messaging_rabbit.amqp_auto_delete)

    def test_the_operator_decides(self) -> None:
        self.read(
            "[DEFAULT]\ncontrol_exchange = mine\n"
            "[oslo_messaging_rabbit]\namqp_auto_delete = false\n"
        )
        self.assertEqual("mine", self.conf.control_exchange)
        self.assertFalse(self.conf.oslo_messaging_rabbit.amqp_auto_delete)

    def test_the_sample_shows_our_defaults(self) -> None:
        shown = {
            option.name: option.default
            for _, options in bus.list_opts()
            for option in options
        }
        self.assertEqual("steth", shown["control_exchange"])
        self.assertTrue(shown["amqp_auto_delete"])
        # What is shown is not what is registered.
        plain = {
            option.name: option.default
            for _, options in bus.options()
            for option in options
        }
        self.assertFalse(plain["amqp_auto_delete"])

    def test_is_configured(self) -> None:
        self.read("")
        self.assertFalse(bus.is_configured(self.conf))
        self.read("[DEFAULT]\ntransport_url = rabbit://u:p@192.0.2.1/\n")
        self.assertTrue(bus.is_configured(self.conf))


class LookTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.conf = cfg.ConfigOpts()
        bus.register(self.conf)
        self.conf([], default_config_files=[], default_config_dirs=[])
        patch = mock.patch("amqp.Connection", autospec=True)
        self.connect = patch.start()
        self.addCleanup(patch.stop)
        channel = self.connect.return_value.channel.return_value
        self.declare = channel.__enter__.return_value.queue_declare
        self.declare.return_value = ("steth-agent", 0, 3)

    def look(self, url: str = "rabbit://u:s3cret@192.0.2.1/") -> bus.BusState:
        self.conf.set_override("transport_url", url)
        state = bus.look(self.conf, 1.0)
        self.assertNotIn("s3cret", str(state))
        return state

    def test_agents(self) -> None:
        self.assertEqual(
            bus.BusState(agents=3, broker="192.0.2.1:5672"), self.look()
        )

    def test_no_agent_yet(self) -> None:
        self.declare.side_effect = amqp_exceptions.NotFound
        self.assertEqual(0, self.look().agents)

    def test_problems(self) -> None:
        for error, refused, text in (
            (ConnectionRefusedError(111, "Connection refused"), False,
             "192.0.2.1:5672: Connection refused"),
            (TimeoutError("timed out"), False, "no answer"),
            (amqp_exceptions.AccessRefused("no"), True,
             "refuses user u: wrong name or password"),
            (amqp_exceptions.NotAllowed("no"), True, "virtual host '/'"),
            (amqp_exceptions.ConnectionForced("gone"), False, "gone"),
        ):  # fmt: skip
            with self.subTest(error=error):
                self.connect.return_value.connect.side_effect = error
                state = self.look()
                self.assertIn(text, str(state.problem))
                self.assertEqual(refused, state.refused)
                self.assertIsNone(state.broker)

    def test_one_of_several(self) -> None:
        self.connect.return_value.connect.side_effect = [OSError(1, "x"), None]
        state = self.look("rabbit://u:s3cret@192.0.2.1,u:s3cret@[::1]:7/")
        self.assertIsNone(state.problem)
        self.assertEqual("[::1]:7", state.broker)

    def test_none_of_several(self) -> None:
        self.connect.return_value.connect.side_effect = OSError(1, "gone")
        state = self.look("rabbit://u:s3cret@192.0.2.1,u:s3cret@192.0.2.2/")
        self.assertEqual(
            "192.0.2.1:5672: gone; 192.0.2.2:5672: gone", state.problem
        )

    def test_what_is_no_url(self) -> None:
        for url in ("s3cret", "rabbit://u:s3cret@h:port/", "://"):
            with self.subTest(url=url):
                self.assertIn("transport_url", str(self.look(url).problem))

    def test_other_transports_are_not_looked_at(self) -> None:
        self.assertEqual(bus.BusState(), self.look("kombu+memory:///"))
        self.connect.assert_not_called()
