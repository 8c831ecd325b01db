# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks have in common: a lab, and a line for each figure."""

from collections.abc import Iterator
import contextlib
import json
import pathlib
import sys
import tempfile

from steth.lab import lab as lab_module


def tell(name: str, value: float, bar: float) -> bool:
    """Print one figure as a line of JSON; it is well up to its bar."""
    return _tell(name, value, bar, value <= bar)


def tell_at_least(name: str, value: float, bar: float) -> bool:
    """Print one figure that is well from its bar up."""
    return _tell(name, value, bar, value >= bar)


def _tell(name: str, value: float, bar: float, ok: bool) -> bool:
    print(
        json.dumps(
            {"name": name, "value": round(value, 3), "bar": bar, "ok": ok}
        )
    )
    return ok


def say(text: str) -> None:
    """Tell the person who waits what is being done, on stderr."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def lab(hosts: int, *, trunk: bool = False) -> Iterator[lab_module.Lab]:
    """Yield a lab of its own with a broker; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="steth-bench-") as directory:
        one = lab_module.Lab(pathlib.Path(directory) / "lab", say)
        try:
            one.up(hosts=hosts, broker=True, trunk=trunk)
            yield one
        finally:
            one.down()
