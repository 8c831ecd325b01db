# SPDX-License-Identifier: Apache-2.0

import contextlib
import io
import pathlib
import tempfile
import unittest
from unittest import mock

from oslo_config import cfg

from steth.conf import load


class LoadTestCase(unittest.TestCase):
    def setUp(self) -> None:
        where = tempfile.TemporaryDirectory()
        self.addCleanup(where.cleanup)
        self.where = pathlib.Path(where.name)

    def file(self, content: str | bytes, name: str = "steth.conf") -> str:
        path = self.where / name
        if isinstance(content, str):
            content = content.encode()
        path.write_bytes(content)
        return str(path)

    def load(self, *files: str) -> cfg.ConfigOpts:
        return load.load(files, conf=cfg.ConfigOpts())

    def refuse(self, *files: str) -> str:
        with self.assertRaises(load.ConfigError) as caught:
            self.load(*files)
        return str(caught.exception)

    def test_values(self) -> None:
        conf = self.load(
            self.file("[agent]\nmax_operations = 3\n"),
            self.file("[controller]\ntimeout = 2.5\n", "more.conf"),
        )
        self.assertEqual(3, conf.agent.max_operations)
        self.assertEqual(2.5, conf.controller.timeout)
        self.assertEqual(9698, conf.direct.port)

    def test_without_a_file(self) -> None:
        with (
            mock.patch.object(
                cfg, "find_config_files", return_value=[], autospec=True
            ),
            mock.patch.object(
                cfg, "find_config_dirs", return_value=[], autospec=True
            ),
        ):
            conf = load.load(conf=cfg.ConfigOpts())
        self.assertEqual([], conf.inventory.networks)

    def test_default_file_is_read_once(self) -> None:
        file = self.file("[agent]\nmax_operation = 3\n")
        with (
            mock.patch.object(
                cfg,
                "find_config_files",
                return_value=[file, file],
                autospec=True,
            ),
            self.assertRaises(load.ConfigError) as caught,
        ):
            load.load(conf=cfg.ConfigOpts())
        self.assertEqual(1, str(caught.exception).count("no option"))

    def test_directory_of_files(self) -> None:
        self.file("[agent]\nmax_operation = 3\n", "x.conf")
        with self.assertRaisesRegex(load.ConfigError, "x.conf: there is no"):
            load.load(
                conf=cfg.ConfigOpts(),
                arguments=[f"--config-dir={self.where}"],
            )

    def test_bad_values_name_file_section_and_option(self) -> None:
        first = self.file("[agent]\nmax_operations = many\n")
        second = self.file("[direct]\nport = 70000\n", "more.conf")
        said = self.refuse(first, second)
        self.assertIn(f"{first}: [agent] max_operations: ", said)
        self.assertIn("'many'", said)
        self.assertIn(f"{second}: [direct] port: ", said)
        self.assertIn("65535", said)
        self.assertNotIn("LocationInfo", said)

    def test_bad_value_of_an_option_of_the_command_line(self) -> None:
        conf = cfg.ConfigOpts()
        conf.register_cli_opt(cfg.BoolOpt("debug"))
        file = self.file("[DEFAULT]\ndebug = perhaps\n")
        said = io.StringIO()
        with (
            contextlib.redirect_stderr(said),
            self.assertRaisesRegex(load.ConfigError, "debug.*perhaps"),
        ):
            load.load([file], conf=conf)
        self.assertEqual("", said.getvalue())

    def test_wrong_usage_exits_as_usual(self) -> None:
        said = io.StringIO()
        with (
            contextlib.redirect_stderr(said),
            self.assertRaises(SystemExit) as caught,
        ):
            load.load(conf=cfg.ConfigOpts(), arguments=["--bogus"])
        self.assertEqual(2, caught.exception.code)
        self.assertIn("--bogus", said.getvalue())

    def test_networks(self) -> None:
        good = (
            "[inventory]\nnetworks = mgmt\n[network:mgmt]\n"
            "cidr = 192.0.2.0/24\n"
        )
        self.load(self.file(good))
        file = self.file(good + "mtu = 1\n")
        self.assertIn(f"{file}: [network:mgmt] mtu: ", self.refuse(file))
        file = self.file(good.replace("192.0.2.0", "192.0.2.1"))
        self.assertIn("host bits", self.refuse(file))

    def test_unusable_files(self) -> None:
        nowhere = str(self.where / "nowhere")
        self.assertEqual(
            f"{nowhere}: there is no such file", self.refuse(nowhere)
        )
        file = self.file("[agent\n")
        self.assertIn(f"{file}:1", self.refuse(file))
        self.assertIn("can't be read", self.refuse(self.file(b"a=\xff\xfe")))
        self.assertIn("can't be read", self.refuse(str(self.where)))

    def test_dollar_sign(self) -> None:
        file = self.file("[direct_client]\npassword = my$nothing\n")
        said = self.refuse(file)
        self.assertIn(f"{file}: [direct_client] password: ", said)
        self.assertIn("'$$'", said)
        self.assertNotIn("my$", said)
        conf = self.load(self.file("[direct_client]\npassword = my$$x\n"))
        self.assertEqual("my$x", conf.direct_client.password)
