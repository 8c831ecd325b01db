# SPDX-License-Identifier: Apache-2.0

import contextlib
import io
import pathlib
import tempfile
import unittest
from unittest import mock

from oslo_config import cfg

from steth.agent import run


class RunTestCase(unittest.TestCase):
    def setUp(self) -> None:
        where = tempfile.TemporaryDirectory()
        self.addCleanup(where.cleanup)
        self.file = pathlib.Path(where.name) / "steth.conf"
        self.file.write_text("")
        self.started = mock.Mock()
        for name in (
            "log.setup",
            "privileged.start",
            "service.AgentService",
            "oslo_service.launch",
        ):
            patch = mock.patch(f"steth.agent.run.{name}", autospec=True)
            setattr(self.started, name.replace(".", "_"), patch.start())
            self.addCleanup(patch.stop)
        self.addCleanup(cfg.CONF.reset)

    def run_agent(self) -> tuple[int, str]:
        cfg.CONF.reset()
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            code = run.run([f"--config-file={self.file}"])
        return code, said.getvalue()

    def test_launches(self) -> None:
        self.assertEqual((0, ""), self.run_agent())
        launch = self.started.oslo_service_launch
        self.assertTrue(launch.call_args.kwargs["no_fork"])
        self.started.privileged_start.assert_called_once_with()

    def test_bad_configuration(self) -> None:
        self.file.write_text("[agent]\nmax_operation = 3\n")
        code, said = self.run_agent()
        self.assertEqual(1, code)
        self.assertEqual(1, said.count("\n"))
        self.assertIn("did you mean 'max_operations'", said)
        self.started.privileged_start.assert_not_called()
        self.started.oslo_service_launch.assert_not_called()

    def test_what_can_not_start(self) -> None:
        self.started.oslo_service_launch.side_effect = ValueError("why")
        self.assertEqual((1, "steth-agent: why\n"), self.run_agent())

    def test_sections_of_the_privileged_processes(self) -> None:
        self.file.write_text("[steth_probe]\nhelper_comand = x\n")
        code, said = self.run_agent()
        self.assertEqual(1, code)
        self.assertIn("did you mean 'helper_command'", said)
        self.file.write_text("[steth_probe]\nhelper_command = x\n")
        self.assertEqual((0, ""), self.run_agent())

    def test_configuration_is_tried_apart_from_the_one_in_force(self) -> None:
        self.file.write_text("[agent]\nmax_packet_rate = 500\n")
        self.run_agent()
        try_it = self.started.service_AgentService.call_args.args[1]
        self.file.write_text("[agent]\nmax_packet_rate = 3\n")
        with self.assertRaisesRegex(ValueError, "max_packet_rate"):
            try_it()
        self.file.write_text("[agent]\nmax_packet_rate = 700\n")
        try_it()
        self.assertEqual(500, cfg.CONF.agent.max_packet_rate)
