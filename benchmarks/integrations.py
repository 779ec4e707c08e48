"""List each tool that leadweights is tested with: its version here, and what the tests say of it.

Tests name their tools by a mark (tests/support/tools.py); their names are the sentences, so that
nothing here is kept by hand. A tool with an environment of its own is found by its variable, as
CONTRIBUTING.md tells. Without ``--run`` nothing is claimed but that there are such tests.

``--run`` runs the one test of each tool that tells most, by its mark ``telling``, or the first
there is; ``--all`` runs all of them, as the gate does, which takes long. The exit code is 0 only
where each tool is here and each test that was run has passed.

Run ``python benchmarks/integrations.py [--run | --all] [TOOL ...]``.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.tools import Tool

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
SHOWN = ("passed", "failed", "skipped")


class Listener:
    """What pytest collects and how it ends: for each tool, each sentence with its outcomes."""

    def __init__(self, wanted: list[str], one_each: bool) -> None:
        self.wanted, self.one_each = wanted, one_each
        self.names: dict[str, tuple[list[str], str]] = {}
        self.tools: dict[str, Tool] = {}
        self.told: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        self.ended = 0

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests of tools, or the telling ones, and note which."""
        # Not before: pytest wants to rewrite what this imports.
        from tests.support.tools import tools_of

        found = {}
        for item in items:
            own = [t for t in tools_of(item) if not self.wanted or t.name in self.wanted]
            if own:
                found[item] = [tool.name for tool in own]
                self.tools |= {tool.name: tool for tool in own}
        items[:] = choose(found) if self.one_each else found
        for item in items:
            self.names[item.nodeid] = found[item], sentence(item)
            for name in found[item]:
                self.told[name][sentence(item)]["tests"] += 1

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test once, as it was called or kept from it, and again where its end fails."""
        if report.when == "call" or not report.passed:
            names, told = self.names[report.nodeid]
            for name in names:
                self.told[name][told][report.outcome] += 1
            self.say(f"{report.outcome}, {report.duration:.0f} s: {report.nodeid}")
            if report.failed:
                self.say(report.longreprtext)

    def pytest_runtest_logfinish(self) -> None:
        """Count what has ended."""
        self.ended += 1

    def say(self, words: str) -> None:
        """Say on standard error how far it is: standard output is what was found."""
        place = f"[{self.ended + 1}/{len(self.names)}]"
        print(place, words, file=sys.__stderr__, flush=True)


def choose(found: dict[pytest.Item, list[str]]) -> list[pytest.Item]:
    """Choose the telling tests, each once for each set of its tools; of a tool without, the first.

    One of many cases, which all runs have or only the sweep, is preferred in this order.
    """
    chosen: dict[object, pytest.Item] = {}
    usual_first = sorted(found, key=lambda item: item.get_closest_marker("sweep") is not None)
    for item in usual_first:
        if item.get_closest_marker("telling"):
            chosen.setdefault((sentence(item), *found[item]), item)
    told = {name for item in chosen.values() for name in found[item]}
    for item in usual_first:
        for name in found[item]:
            if name not in told:
                told |= {*found[item]}
                chosen[name] = item
    kept = {*chosen.values()}
    return [item for item in found if item in kept]


def sentence(item: pytest.Item) -> str:
    """Read what a test asserts from its name."""
    name = getattr(item, "originalname", None) or item.name
    return f"{item.path.relative_to(ROOT)}: {name.removeprefix('test_').replace('_', ' ')}"


def version_of(tool: Tool) -> str:
    """Say which version is here, or how to have one."""
    if not tool.is_here():
        return f"not installed here: {tool.get}"
    try:
        return tool.version()
    except Exception as problem:
        return f"does not start here: {problem}"


def outcomes(counts: Counter[str]) -> str:
    """Say how many tests there are, and how those that ran ended."""
    ended = [f"{counts[word]} {word}" for word in SHOWN if counts[word]]
    tests = counts["tests"]
    return ", ".join(ended) or f"{tests} test{'s' * (tests > 1)}, not run"


def conclude(listener: Listener) -> tuple[int, str]:
    """Say what all that was run came to: 0 only where each tool has passed and nothing failed."""
    counts = {name: sum(told.values(), Counter()) for name, told in listener.told.items()}
    failed = sorted(name for name, own in counts.items() if own["failed"])
    silent = sorted(name for name, own in counts.items() if not own["passed"] | own["failed"])
    passed = len(counts) - len(failed) - len(silent)
    told = [f"{passed} of {len(counts)} tools passed"]
    told += [f"failed: {', '.join(failed)}"] if failed else []
    told += [f"not run: {', '.join(silent)}"] if silent else []
    return int(passed < len(counts)), "; ".join(told)


def main() -> int:
    """Collect, perhaps run, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("tools", nargs="*", metavar="TOOL", help="these only")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--list", action="store_true", help="run no test: the default")
    how.add_argument("--run", action="store_true", help="run the telling test of each tool")
    how.add_argument("--all", action="store_true", help="run every test of what is installed")
    asked = parser.parse_args()
    os.chdir(ROOT)
    os.environ.setdefault("LEADWEIGHTS_TOOLS", "here")
    listener = Listener(asked.tools, one_each=asked.run)
    runs = asked.run or asked.all
    # Engines that the sweep alone tries elsewhere are tools like others here.
    words = ["-m", "sweep or not sweep"] if runs else ["--collect-only"]
    quiet, began = io.StringIO(), perf_counter()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        code = pytest.main(words, plugins=[listener])
    unknown = sorted({*asked.tools} - {*listener.tools})
    if unknown:
        parser.error(f"no test names {', '.join(unknown)}")
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        print(quiet.getvalue(), file=sys.stderr)
        return int(code)
    for name in sorted(listener.told, key=str.lower):
        print(f"{name}: {version_of(listener.tools[name])}")
        for told, counts in sorted(listener.told[name].items()):
            print(f"  {told} ({outcomes(counts)})")
    if not runs:
        return int(code)
    code, told = conclude(listener)
    print(f"{told}, in {perf_counter() - began:.0f} s")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
