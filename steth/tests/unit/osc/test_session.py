# SPDX-License-Identifier: Apache-2.0

import logging
import pathlib
import tempfile
from typing import Any
import unittest
from unittest import mock

from osc_lib import exceptions as osc_exceptions

from steth.controller import errors as controller_errors
from steth.controller import fleet as fleet_module
from steth.osc import cloud_access
from steth.osc import session
from steth.tests.unit.osc import fakes


class ConfigurationTestCase(unittest.TestCase):
    """A mistake in the configuration is one line that names it."""

    def load(self, text: str) -> Any:
        app: Any = fakes.App()
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory) / "steth.conf"
            file.write_text(text)
            app.options.steth_config_file = str(file)
            return session.configuration(app)

    def test_good(self) -> None:
        conf = self.load("[controller]\ntimeout = 7\n")
        self.addCleanup(conf.reset)
        self.assertEqual(7, conf.controller.timeout)

    def test_bad(self) -> None:
        for text, said in (
            ("[controller]\ntmeout = 7\n", "did you mean 'timeout'"),
            ("[controller]\ntimeout = soon\n", "timeout"),
            ("[DEFAULT]\ntransport_ulr = x\n", "transport_url"),
            ("nonsense", "steth.conf"),
        ):
            with self.subTest(text=text):
                with self.assertRaisesRegex(
                    osc_exceptions.CommandError, said
                ) as caught:
                    self.load(text)
                self.assertNotIn("\n", str(caught.exception))

    def test_no_such_file(self) -> None:
        app: Any = fakes.App()
        app.options.steth_config_file = "/no/such.conf"
        with self.assertRaisesRegex(
            osc_exceptions.CommandError, "/no/such.conf"
        ):
            session.configuration(app)


class FleetTestCase(unittest.TestCase):
    """The fleet of a command is opened with the command's options."""

    def setUp(self) -> None:
        self.app: Any = fakes.App()
        self.conf = mock.Mock()
        self.conf.controller.timeout = 5.0
        self.notes: list[str] = []

    def open(self, opened: Any, **options: Any) -> None:
        with (
            mock.patch.object(fleet_module, "open", opened),
            session.fleet(self.app, self.conf, notes=self.notes, **options),
        ):
            pass

    def test_options(self) -> None:
        opened = mock.MagicMock()
        with mock.patch.object(
            cloud_access, "source", autospec=True
        ) as source:
            self.open(opened, hosts=["a"], transport="bus", timeout=2.0)
        self.assertEqual(2.0, source.call_args.args[1])
        options = opened.call_args.kwargs
        self.assertIs(source.return_value, options["cloud"])
        self.assertEqual(["a"], options["hosts"])
        self.assertEqual("bus", options["transport"])
        options["note"]("something")
        self.assertEqual(["something"], self.notes)

    def test_cloud_switched_off(self) -> None:
        self.conf.controller.use_cloud = False
        with mock.patch.object(
            cloud_access, "source", autospec=True
        ) as source:
            self.open(mock.MagicMock())
        source.assert_not_called()

    def test_nobody_to_ask(self) -> None:
        with self.assertRaisesRegex(
            osc_exceptions.CommandError, "no agent is known"
        ):
            self.open(
                mock.Mock(side_effect=controller_errors.NoAgentError(None))
            )


class MuteLibrariesTestCase(unittest.TestCase):
    """Libraries are heard only when debugging; the command always is."""

    def setUp(self) -> None:
        self.names = ("oslo.messaging._drivers.pool", "amqp", "openstack")
        for name in ("oslo.messaging", "amqp"):
            logger = logging.getLogger(name)
            self.addCleanup(logger.setLevel, logger.level)
            logger.setLevel(logging.NOTSET)

    def heard(self) -> list[bool]:
        return [
            logging.getLogger(name).isEnabledFor(logging.ERROR)
            for name in self.names
        ]

    def test_debugging(self) -> None:
        app: Any = fakes.App()
        app.options.debug = True
        session.mute_libraries(app)
        self.assertEqual([True, True, True], self.heard())

    def test_muted(self) -> None:
        app: Any = fakes.App()
        session.mute_libraries(app)
        self.assertEqual([False, False, True], self.heard())
