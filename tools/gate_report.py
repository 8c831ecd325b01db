# SPDX-License-Identifier: Apache-2.0
"""Tell how a run of the gate went, from what tox and stestr wrote."""

import argparse
import json
import pathlib
import sys
from typing import Any

from stestr.repository import file as stestr_file
import testtools

SLOWEST = 5
#: How many lines of a failure are told, and how much of each.
LAST_WORDS = 12
WIDTH = 200
PASSED = frozenset({"success", "xfail"})
#: The environments that run tests, by the package of these.
ENVIRONMENTS = {
    "unit": "py3",
    "functional.cloud": "functional-cloud",
    "functional.kernel": "functional-kernel",
    "functional.checks": "functional",
    "functional.osc": "functional",
    "functional": "functional-agent",
}


def read_environments(paths: list[pathlib.Path]) -> dict[str, Any]:
    """Return what tox recorded of each environment that it ran."""
    found = {}
    for path in paths:
        if path.exists():
            recorded = json.loads(path.read_text())["testenvs"]
            found.update(
                {
                    name: one
                    for name, one in recorded.items()
                    if one.get("result")
                }
            )
    return found


def read_tests(first_run: int) -> list[dict[str, Any]]:
    """Return the tests of all stestr runs from the given one on."""
    tests: list[dict[str, Any]] = []
    if not pathlib.Path(".stestr").exists():
        return tests
    runs = stestr_file.RepositoryFactory().open(".")
    result = testtools.StreamToDict(lambda test: tests.append({**test}))
    result.startTestRun()
    for number in runs.get_run_ids():
        if int(number) >= first_run:
            runs.get_test_run(number).get_test().run(result)
    result.stopTestRun()
    return [one for one in tests if one["status"] != "exists"]


def seconds(test: dict[str, Any]) -> float:
    """Return how long a test ran, in seconds."""
    begun, ended = test["timestamps"]
    return (ended - begun).total_seconds() if begun and ended else 0.0


def print_environments(names: list[str], ran: dict[str, Any]) -> list[str]:
    """Print a line an environment; return those that did not pass."""
    bad = []
    print(f"{'environment':<18} {'result':<8} {'set-up':>8} {'run':>8}")
    for name in names:
        one = ran.get(name)
        if one is None:
            print(f"{name:<18} {'not run':<8}")
            bad.append(name)
            continue
        passed = one["result"]["success"]
        run = sum(step.get("elapsed") or 0.0 for step in one.get("test", []))
        setup = one["result"]["duration"] - run
        print(
            f"{name:<18} {'passed' if passed else 'FAILED':<8} "
            f"{setup:>6.0f} s {run:>6.0f} s"
        )
        if not passed:
            bad.append(name)
    return bad


def print_tests(
    failed: list[dict[str, Any]],
    skipped: list[dict[str, Any]],
    tests: list[dict[str, Any]],
) -> None:
    """Print the tests worth a word: the slowest, skipped, and failed."""
    for one in sorted(tests, key=seconds, reverse=True)[:SLOWEST]:
        print(f"{seconds(one):>6.1f} s {one['id']}")
    for one in skipped:
        detail = one["details"].get("reason")
        reason = detail.as_text() if detail else "no reason given"
        print(f"skipped: {one['id']}: {reason}")
    for one in failed:
        print(f"failed: {one['id']}")
        for name, detail in one["details"].items():
            if name.startswith("traceback"):
                for line in detail.as_text().splitlines()[-LAST_WORDS:]:
                    print("   ", line[:WIDTH])


def main() -> int:
    """Print the report; 0 when all passed, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environments", required=True)
    parser.add_argument("--setup-time", type=float, required=True)
    parser.add_argument("--first-run", type=int, required=True)
    parser.add_argument("results", nargs="+", type=pathlib.Path)
    args = parser.parse_args()

    tests = read_tests(args.first_run)
    passed = [one for one in tests if one["status"] in PASSED]
    skipped = [one for one in tests if one["status"] == "skip"]
    # Also what never ended: its worker was killed.
    failed = [one for one in tests if one["status"] not in {*PASSED, "skip"}]

    print(f"\nset-up took {args.setup_time:.0f} s")
    bad = print_environments(
        args.environments.split(","), read_environments(args.results)
    )
    print_tests(failed, skipped, tests)

    # An environment that runs tests failed by them, or ran none at all.
    failures = len(failed) + len(
        [name for name in bad if not _told_by_tests(name, failed)]
    )
    print(f"{len(passed)} passed, {failures} failed, {len(skipped)} skipped")
    return 1 if failures else 0


def _told_by_tests(environment: str, failed: list[dict[str, Any]]) -> bool:
    return any(_environment(one["id"]) == environment for one in failed)


def _environment(test: str) -> str:
    """Return the environment that runs a test, by the id of that."""
    for room, environment in ENVIRONMENTS.items():
        if f"steth.tests.{room}." in test:
            return environment
    return ""


if __name__ == "__main__":
    sys.exit(main())
