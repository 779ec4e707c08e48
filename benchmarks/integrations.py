"""List each tool that leadweights is tested with: its version here, and what the tests say of it.

Tests name their tools by a mark (tests/support/tools.py); their names are the sentences, so that
nothing here is kept by hand. A tool with an environment of its own is found by its variable, as
CONTRIBUTING.md tells. Without ``--run`` nothing is claimed but that there are such tests.

Run ``python benchmarks/integrations.py [--run] [TOOL ...]``.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.tools import Tool, tools_of  # noqa: E402


class Listener:
    """What pytest collects and how it ends: for each tool, each sentence with its outcomes."""

    def __init__(self, wanted: list[str]) -> None:
        self.wanted = wanted
        self.names: dict[str, tuple[list[str], str]] = {}
        self.tools: dict[str, Tool] = {}
        self.told: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests of tools, and note which."""
        kept = []
        for item in items:
            own = [t for t in tools_of(item) if not self.wanted or t.name in self.wanted]
            if own:
                kept.append(item)
                self.tools |= {tool.name: tool for tool in own}
                names = [tool.name for tool in own]
                self.names[item.nodeid] = names, sentence(item)
                for name in names:
                    self.told[name][sentence(item)]["tests"] += 1
        items[:] = kept

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test once: as it was called, or as it was kept from it."""
        if report.when == "call" or (report.when == "setup" and not report.passed):
            names, told = self.names[report.nodeid]
            for name in names:
                self.told[name][told][report.outcome] += 1


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
    ended = [f"{counts[word]} {word}" for word in ("passed", "failed", "skipped") if counts[word]]
    tests = counts["tests"]
    return ", ".join(ended) or f"{tests} test{'s' * (tests > 1)}, not run"


def main() -> int:
    """Collect, perhaps run, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("tools", nargs="*", metavar="TOOL", help="these only")
    parser.add_argument("--list", action="store_true", help="run no test: the default")
    parser.add_argument("--run", action="store_true", help="run the tests of what is installed")
    asked = parser.parse_args()
    os.chdir(ROOT)
    os.environ.setdefault("LEADWEIGHTS_TOOLS", "here")
    listener = Listener(asked.tools)
    words = [] if asked.run else ["--collect-only"]
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        code = pytest.main(words, plugins=[listener])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        print(quiet.getvalue(), file=sys.stderr)
        return int(code)
    for name in sorted(listener.told, key=str.lower):
        print(f"{name}: {version_of(listener.tools[name])}")
        for told, counts in sorted(listener.told[name].items()):
            print(f"  {told} ({outcomes(counts)})")
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main())
