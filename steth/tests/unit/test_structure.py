# SPDX-License-Identifier: Apache-2.0
"""The tree itself: tests mirror it, and rooms call downwards only."""

import ast
from collections.abc import Iterator
import pathlib
import unittest

_SOURCE = pathlib.Path(__file__).parents[2]
_TESTS = _SOURCE / "tests" / "unit"

#: What each room may import of Steth, besides itself.
_MAY_IMPORT = {
    "model": set(),
    "conf": {"model"},
    "rpc": {"model", "conf"},
    "agent": {"model", "conf", "rpc", "version"},
    "controller": {"model", "conf", "rpc"},
    "cloud": {"model"},
    "checks": {"model", "conf", "rpc", "controller", "cloud", "path"},
    "report": {"model"},
    "osc": {
        "model",
        "conf",
        "rpc",
        "controller",
        "cloud",
        "checks",
        "report",
    },
}
#: What an operator's machine need not have installed.
_AGENT_ONLY = {
    "bcrypt",
    "cheroot",
    "oslo_middleware",
    "oslo_privsep",
    "oslo_service",
    "scapy",
}
_OPERATOR_ROOMS = {
    "model",
    "conf",
    "rpc",
    "controller",
    "cloud",
    "checks",
    "report",
    "osc",
}


def _imports(path: pathlib.Path) -> Iterator[str]:
    """Yield the full names of the modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{one.name}" for one in node.names)


class StructureTestCase(unittest.TestCase):
    """Rules that no reviewer should have to think of."""

    def test_unit_tests_mirror_the_source(self) -> None:
        astray = []
        for path in _TESTS.rglob("test_*.py"):
            if path == pathlib.Path(__file__):
                continue
            place = path.parent.relative_to(_TESTS)
            name = path.stem.removeprefix("test_")
            source = _SOURCE / place / name
            if not (
                source.with_suffix(".py").exists()
                or source.is_dir()
                or name == place.name
            ):
                astray.append(str(path.relative_to(_TESTS)))
        self.assertEqual([], astray)

    def test_rooms_call_downwards_only(self) -> None:
        wrong = []
        for room, allowed in _MAY_IMPORT.items():
            for path in (_SOURCE / room).rglob("*.py"):
                wrong += [
                    f"{path.relative_to(_SOURCE)} imports {name}"
                    for name in _imports(path)
                    if name.startswith("steth.")
                    and name.split(".")[1] not in {room, *allowed}
                ]
        self.assertEqual([], wrong)

    def test_an_operators_machine_needs_none_of_the_agents_libraries(
        self,
    ) -> None:
        wrong = [
            f"{path.relative_to(_SOURCE)} imports {name}"
            for room in _OPERATOR_ROOMS
            for path in (_SOURCE / room).rglob("*.py")
            for name in _imports(path)
            if name.split(".")[0] in _AGENT_ONLY
        ]
        self.assertEqual([], wrong)

    def test_every_file_has_its_licence(self) -> None:
        without = [
            str(path.relative_to(_SOURCE))
            for path in _SOURCE.rglob("*.py")
            if "SPDX-License-Identifier: Apache-2.0"
            not in path.read_text().partition("\n\n")[0]
        ]
        self.assertEqual([], without)
