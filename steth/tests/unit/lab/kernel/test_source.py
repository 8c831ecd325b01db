# SPDX-License-Identifier: Apache-2.0
"""The archive with the tree and the command."""

import importlib.machinery
import io
import os
import pathlib
import tarfile
import tempfile
import unittest
from unittest import mock

from steth.lab import errors
from steth.lab.kernel import root
from steth.lab.kernel import source


class SourceTestCase(unittest.TestCase):
    """A tree of a few files."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.tree = pathlib.Path(directory.name)
        for name in (
            *("pyproject.toml", "steth/good.py", "steth/bad.py"),
            *("steth/tests/unit/test_x.py", ".tox/x", "build/y"),
            *("venv/pyvenv.cfg", "steth/__pycache__/good.pyc"),
        ):
            file = self.tree / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("half a (" if "bad" in name else "ANSWER = 42\n")
        for patch in (
            mock.patch.object(source, "TREE", self.tree),
            mock.patch.object(
                source, "_NOT_COMPILED", self.tree / "steth/tests/unit"
            ),
            mock.patch.object(
                root, "project_files", autospec=True, return_value=set()
            ),
        ):
            patch.start()
            self.addCleanup(patch.stop)

    def archive(self, *argv: str) -> dict[str, bytes]:
        """Return the files of an archive, those of the tree by their path."""
        descriptor = source.job(argv, ["tun", "8021q"])
        self.addCleanup(os.close, descriptor)
        size = os.fstat(descriptor).st_size
        content = io.BytesIO(os.pread(descriptor, size, 0))
        top = str(self.tree).lstrip("/") + "/"
        with tarfile.open(fileobj=content) as archive:
            return {
                one.name.removeprefix(top): file.read()
                for one in archive
                if (file := archive.extractfile(one))
            }

    def test_the_tree(self) -> None:
        files = self.archive("true")
        mine = {
            one for one in files if not one.startswith("steth/__pycache__")
        }
        self.assertEqual(
            {
                *("pyproject.toml", "steth/good.py", "steth/bad.py"),
                *("steth/tests/unit/test_x.py",),
                *("steth/start", "steth/modules", "steth/job"),
            },
            mine,
        )
        self.assertEqual(b"tun\n8021q", files["steth/modules"])

    def test_compiled(self) -> None:
        (compiled,) = (
            name for name in self.archive("true") if name.endswith(".pyc")
        )
        name, content = source._compiled(self.tree / "steth/good.py")
        self.assertTrue(name.endswith(compiled))
        file = self.tree / "good.pyc"
        file.write_bytes(content)
        loader = importlib.machinery.SourcelessFileLoader("good", str(file))
        namespace: dict[str, object] = {}
        code = loader.get_code("good")
        assert code is not None
        exec(code, namespace)  # noqa: S102
        self.assertEqual(42, namespace["ANSWER"])

    def test_the_command(self) -> None:
        with mock.patch.dict(
            os.environ,
            {"PYTHONWARNINGS": "it's", "SECRET": "no"},
            clear=True,
        ):
            job = self.archive("echo", "a b", "$HOME")["steth/job"].decode()
        self.assertIn("export PYTHONWARNINGS='it'\"'\"'s'\n", job)
        self.assertNotIn("SECRET", job)
        self.assertIn(f"cd {self.tree} || exit\n", job)
        self.assertTrue(job.endswith("\nexec echo 'a b' '$HOME'\n"))

    def test_no_tree(self) -> None:
        (self.tree / "pyproject.toml").unlink()
        with self.assertRaisesRegex(errors.LabError, "--editable"):
            source.job(["true"], [])
