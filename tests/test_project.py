"""What is committed is what the code makes, and the house stays as it was planned."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support.release import MORE, sweep, sweep_further_cases
from tests.support.tools import Tool, check_tools

pytestmark = pytest.mark.every_case

PROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))


def test_the_data_is_what_its_generator_makes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("generate", "data/generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    sys.modules["generate"] = generate
    spec.loader.exec_module(generate)
    generate.write(tmp_path)
    for name in ("train.csv", "valid.csv"):
        assert (tmp_path / name).read_bytes() == Path("data", name).read_bytes()


def test_the_gate_runs_the_readmes_test_command() -> None:
    gate = Path(".ci/run").read_text()
    assert "grep --max-count=1 '&& pytest' README.md" in gate
    assert Path("README.md").read_text(encoding="utf-8").count("&& pytest") == 1


def test_the_gate_runs_the_tests_that_the_command_skips() -> None:
    last = Path(".ci/run").read_text().splitlines()[-1]
    assert last == 'LEADWEIGHTS_TOOLS=all pytest -n auto --dist worksteal -m "foreign or sweep"'


def outcome(asked: str, *, here: bool, foreign: bool) -> str:
    """Tell what becomes of a test of such a tool: its reason where it is not run."""
    tool = Tool("a", "install a", lambda: here, str, foreign)
    try:
        check_tools([tool], asked)
    except (pytest.skip.Exception, pytest.fail.Exception) as stopped:
        return f"{type(stopped).__name__}: {stopped.msg}"
    return "run"


def test_a_test_whose_tool_is_missing_says_how_to_have_it() -> None:
    assert outcome("", here=True, foreign=False) == "run"
    assert outcome("here", here=True, foreign=True) == "run"
    assert outcome("all", here=True, foreign=True) == "run"
    for asked in ("", "here"):
        for foreign in (True, False):
            found = outcome(asked, here=False, foreign=foreign)
            assert found.startswith("Skipped: needs a: install a")
    assert outcome("", here=True, foreign=True).endswith("LEADWEIGHTS_TOOLS=here runs its tests")
    assert outcome("all", here=False, foreign=True) == "Failed: needs a: install a"


# Whatever else a test needs is a tool, and asked for by its mark: else no stage might run it.
NO_TOOL = r"RELEASE|DATA\b|CAMPAIGN|SBOM|sys\.platform|os\.name|sqlalchemy|which\(\"bash\"\)"


@pytest.mark.parametrize("path", sorted(Path("tests").rglob("test_*.py")), ids=str)
def test_a_tool_is_asked_for_by_its_mark(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for found in re.finditer(r"mark\.skipif\((.{,160})", text, flags=re.DOTALL):
        assert re.search(NO_TOOL, found[1]), found[1]


@pytest.mark.tool("h2")
def test_the_mark_of_a_foreign_tool_is_seen(request: pytest.FixtureRequest) -> None:
    assert os.environ["LEADWEIGHTS_TOOLS"]
    assert request.node.get_closest_marker("foreign")


def test_one_of_so_many_cases_is_for_all_runs_and_the_others_are_swept() -> None:
    named = pytest.param("d", "e", id="named", marks=pytest.mark.tool("h2"))
    first, second, third, fourth = sweep(["a", ("b", "c"), "f", named], 2)
    assert (first, third) == ("a", "f")
    assert [(one.values, one.id) for one in (second, fourth)] == [
        (("b", "c"), None),
        (("d", "e"), "named"),
    ]
    assert [[mark.name for mark in one.marks] for one in (second, fourth)] == [
        ["sweep"],
        ["tool", "sweep"],
    ]
    assert sweep("abcd", 3, 4)[1] == "b"


@pytest.mark.sweep
def test_the_sweep_is_run_where_it_is_asked_for(request: pytest.FixtureRequest) -> None:
    option = request.config.option
    asked = "sweep" in option.markexpr or option.keyword or any(map(os.environ.get, MORE))
    assert asked or any("::" in word for word in request.config.args)


class Case:
    """As much of a test as it takes to choose among cases."""

    def __init__(self, nodeid: str, *marks: str) -> None:
        self.nodeid, self.marks = nodeid, [*marks]

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.marks else None

    def add_marker(self, name: str) -> None:
        self.marks.append(name)


def test_of_five_cases_the_command_runs_two_unless_every_one_counts() -> None:
    further = [Case(f"test_x.py::test_a[{place}]") for place in range(5)]
    counted = [Case(f"test_x.py::test_b[{place}]", "every_case") for place in range(5)]
    foreign = [Case(f"test_x.py::test_c[{place}]", "foreign") for place in range(5)]
    pair = [Case(f"test_x.py::test_d[{place}]") for place in range(2)]
    cases: list[Any] = [*further, *counted, *foreign, *pair]
    sweep_further_cases(cases)
    swept = [case.nodeid for case in cases if "sweep" in case.marks]
    assert swept == [f"test_x.py::test_a[{place}]" for place in (1, 3, 4)]


def test_the_change_log_has_an_entry_for_the_version() -> None:
    assert f"## {PROJECT['project']['version']}" in Path("CHANGELOG.md").read_text()


# Where a machine keeps what is its own. The slash apart, so that this file holds no such path.
MACHINE_PATH = re.compile(
    r"(?<![\w.:$}>-])/(?:home|root|work|Users|tmp|private|var/folders)/[\w.]"
    r"|\b[A-Z]:[\\/]{1,2}Users[\\/]"
)


def machine_paths(text: str) -> list[str]:
    return [match[0] for match in MACHINE_PATH.finditer(text)]


def test_no_tracked_file_holds_a_path_of_a_machine() -> None:
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = [name for name in listed.stdout.split("\0") if name and Path(name).is_file()]
    assert "README.md" in names
    found = {
        name: paths
        for name in names
        if (paths := machine_paths(Path(name).read_bytes().decode("utf-8", "replace")))
    }
    assert found == {}


@pytest.mark.parametrize("end", ["home/ann/leads.csv", "root/x", "Users/ann/x", "tmp/ab12/x"])
def test_a_path_of_a_machine_is_seen(end: str) -> None:
    assert machine_paths(f"read from '/{end}'")
    assert not machine_paths(f"https://example.org/{end}")
    assert not machine_paths(f"see docs/{end}")


def test_a_path_of_windows_is_seen() -> None:
    assert machine_paths("C:\\" + "Users\\ann\\leads.csv")


def run_the_import_linter(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the import linter on the package in a folder, and on no other."""
    script = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", script, "--no-cache"],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        check=False,
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copy("pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree("leadweights", tmp_path / "leadweights", ignore=ignored)
    return tmp_path


def test_imports_keep_to_the_contract(copied: Path) -> None:
    done = run_the_import_linter(copied)
    assert done.returncode == 0, done.stdout
    assert re.search(r"Contracts: \d+ kept, 0 broken", done.stdout)


MISPLACED = {
    "model/upwards.py": "import leadweights.sql.render",
    "tables/sideways.py": "import leadweights.sql.dialects",
    "formula/writer.py": "import sqlglot",
    "learn/reader.py": "import duckdb",
    "scoring/frames.py": "import pandas",
    "prove/one.py": "import leadweights.prove.other",
    "prove/other.py": "import leadweights.prove.one",
}


def test_a_module_in_the_wrong_package_breaks_the_contract(copied: Path) -> None:
    for module, text in MISPLACED.items():
        (copied / "leadweights" / module).write_text(f"{text}\n")
    done = run_the_import_linter(copied)
    assert done.returncode == 1, done.stdout
    broken = re.findall(r"^(.+) BROKEN", done.stdout, flags=re.MULTILINE)
    assert [title.split(";")[0].split(":")[0] for title in broken] == [
        "Imports go down this list",
        "No circle inside any package",
        "sqlglot lives in sql",
        "DuckDB, SQLAlchemy and the engines' drivers live in tables",
        "pandas is never imported",
    ]
    for line in (
        "leadweights.model.upwards -> leadweights.sql.render",
        "leadweights.tables.sideways -> leadweights.sql.dialects",
        "leadweights.formula.writer -> sqlglot",
        "leadweights.learn.reader -> duckdb",
        "leadweights.scoring.frames -> pandas",
    ):
        assert line in done.stdout


def test_a_module_that_the_layers_do_not_list_breaks_the_contract(copied: Path) -> None:
    (copied / "leadweights/utils.py").touch()
    done = run_the_import_linter(copied)
    assert done.returncode == 1, done.stdout
    assert "utils" in done.stdout


def test_a_newcomer_sees_the_whole_house_at_once() -> None:
    rooms = [path.name for path in Path("leadweights").iterdir() if path.name != "__pycache__"]
    assert sum("." not in name for name in rooms) <= 15, sorted(rooms)
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {name.strip() for layer in layers for name in layer.split("|")}
    package = {Path(name).stem for name in rooms} - {"__init__", "py"}
    assert package == named


def test_contributing_lists_the_packages_in_the_order_of_the_contract() -> None:
    text = Path("CONTRIBUTING.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| ", text, flags=re.MULTILINE)
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    assert ["__main__", *listed] == [name.strip() for one in layers for name in one.split("|")]
