# SPDX-License-Identifier: Apache-2.0

import os
import pathlib
import tempfile
from typing import Any
import unittest

from oslo_config import cfg

from steth.conf import direct_client as conf_direct_client
from steth.controller import direct_tls
from steth.controller import errors


class ReadTestCase(unittest.TestCase):
    """A file that cannot be used is named, with its option."""

    def setUp(self) -> None:
        self.conf = cfg.ConfigOpts()
        conf_direct_client.register(self.conf)
        self.addCleanup(self.conf.reset)
        self.conf([], default_config_files=[], default_config_dirs=[])
        handle, name = tempfile.mkstemp()
        os.close(handle)
        self.path = pathlib.Path(name)
        self.addCleanup(self.path.unlink)

    def read(self, **options: Any) -> direct_tls.Files:
        for name, value in options.items():
            self.conf.set_override(name, value, group="direct_client")
        return direct_tls.read(self.conf.direct_client)

    def assert_refused(self, said: str, **options: Any) -> None:
        with self.assertRaisesRegex(errors.ConfigurationError, said):
            self.read(**options)

    def test_none(self) -> None:
        self.assertEqual(direct_tls.Files(), self.read())

    def test_missing(self) -> None:
        for option in ("ca_file", "certificate_file", "key_file"):
            with self.subTest(option=option):
                self.assert_refused(
                    rf"^\[direct_client\] {option}: cannot read /no/such: No",
                    **{option: "/no/such"},
                )
                self.conf.clear_override(option, group="direct_client")

    def test_no_certificate_in_it(self) -> None:
        self.path.write_text("nothing\n")
        self.assert_refused(
            r"ca_file: .* holds no certificate", ca_file=str(self.path)
        )

    def test_no_key_in_it(self) -> None:
        self.assert_refused(
            r"certificate_file: .*the key in it are not",
            certificate_file=str(self.path),
        )

    def test_key_without_certificate(self) -> None:
        self.assert_refused(
            "certificate_file is missing", key_file=str(self.path)
        )
