# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest
from unittest import mock

from keystoneauth1 import exceptions as ksa_exceptions

from steth.osc import cloud_access
from steth.tests.unit.osc import fakes

URL = "http://keystone"


class SourceTestCase(unittest.TestCase):
    """The cloud is asked where credentials are given, and only there."""

    def source(self, get_one: mock.Mock | None = None, **config: Any) -> Any:
        self.app: Any = fakes.App()
        if get_one is not None:
            self.app.cloud_config.get_one = get_one
        self.app.cloud.config = {"auth_type": "password", **config}
        self.notes: list[str] = []
        return cloud_access.source(self.app, 5.0, self.notes.append)

    def test_without_credentials(self) -> None:
        for config in (
            {},
            {"auth": None},
            {"auth": {"username": "admin", "password": "x"}},
            {"auth": {"auth_url": URL}},
            {"auth_type": "none"},
        ):
            with self.subTest(config=config):
                self.assertIsNone(self.source(**config))
                self.app.cloud_config.get_one.assert_not_called()
                self.assertEqual([], self.notes)

    def test_with_credentials(self) -> None:
        for config in (
            # From clouds.yaml, and from the environment.
            {"auth": {"auth_url": URL, "password": "x"}},
            {"auth_url": URL, "password": "x", "auth": {}},
            {"auth_type": "v3token", "auth_url": URL},
            {"auth_type": "none", "endpoint": "http://neutron"},
        ):
            with self.subTest(config=config):
                self.assertIsNotNone(self.source(**config))
                options = self.app.cloud_config.get_one.call_args.kwargs
                self.assertTrue(options["validate"])

    def test_bad_credentials(self) -> None:
        get_one = mock.Mock(
            side_effect=ksa_exceptions.MissingRequiredOptions([])
        )
        self.assertIsNone(self.source(get_one, auth_url=URL, password="x"))
        self.assertRegex(self.notes[0], "^the cloud is not asked")
