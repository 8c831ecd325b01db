# SPDX-License-Identifier: Apache-2.0
"""Running the tools that build a lab."""

import unittest
from unittest import mock

from steth.lab import commands
from steth.lab import errors


class CommandsTestCase(unittest.TestCase):
    """What tools say, and what is missing."""

    def test_output(self) -> None:
        self.assertEqual("a", commands.run(["cat"], "a"))

    def test_a_failure_says_what_and_why(self) -> None:
        with self.assertRaisesRegex(
            errors.LabError, r"'sh -c 'echo bad >&2; exit 3'' failed.*3: bad$"
        ):
            commands.run(["sh", "-c", "echo bad >&2; exit 3"])

    def test_marks_are_all_that_is_added(self) -> None:
        with mock.patch.dict("os.environ", {"OS_CLOUD": "prod"}):
            said = commands.run(["env"], marks={"STETH_LAB": "/x"})
        names = {line.partition("=")[0] for line in said.splitlines()}
        self.assertEqual({"PATH", "LC_ALL", "STETH_LAB"}, names)

    def test_missing_tools_are_named_with_their_packages(self) -> None:
        commands.require([])
        with (
            mock.patch("shutil.which", autospec=True, return_value=None),
            self.assertRaisesRegex(
                errors.LabError, "nft, tini; .*apt-get install nftables tini$"
            ),
        ):
            commands.require(["nft", "tini"])
