# SPDX-License-Identifier: Apache-2.0
"""What is prepared once and kept."""

import pathlib
import tempfile
import unittest

from steth.lab.cloud import cache


class CacheTestCase(unittest.TestCase):
    """An entry is whole, or not there."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.cache = cache.Cache(pathlib.Path(directory.name, "kept"))

    def test_all_that_went_into_it_names_it(self) -> None:
        names = {
            self.cache.path("one", parts).name
            for parts in (["ab"], ["a", "b"], ["b", "a"], ["ab", ""], [])
        }
        self.assertEqual(5, len(names))
        self.assertEqual(
            self.cache.path("one", ["a"]), self.cache.path("one", ["a"])
        )

    def test_an_entry_is_there_when_it_is_whole(self) -> None:
        path = self.cache.path("one", ["a"])

        def build(directory: pathlib.Path) -> None:
            self.assertFalse(path.exists())
            (directory / "file").touch()

        with self.cache.changing():
            self.cache.make(path, build)
        self.assertTrue((path / "file").exists())

    def test_what_was_half_made_goes(self) -> None:
        path = self.cache.path("one", ["a"])

        def fail(directory: pathlib.Path) -> None:
            (directory / "file").touch()
            raise OSError

        with self.assertRaises(OSError), self.cache.changing():
            self.cache.make(path, fail)
        self.assertFalse(path.exists())
        ended = []
        with self.cache.changing(lambda: ended.append(True)):
            self.assertEqual(
                ["lock"], [x.name for x in self.cache.directory.iterdir()]
            )
        self.assertEqual([True], ended)
