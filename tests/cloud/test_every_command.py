"""Every command, at every place where it names a file: in the cloud it does what it does here."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import leadweights as lw
from tests.support.cloud_commands import ELSEWHERE, LINES, Line, covered, make_home, places
from tests.support.clouds import CUT, DROP, Asked, Bucket, Fault
from tests.support.commands import invoke

moto = pytest.mark.tool("moto")
OUT = "out/"
# Short, as long names are cut in a page.
HERE = "this-machine"
ONCE = (503, CUT, DROP)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def there(bucket: Bucket, home: Path) -> Bucket:
    """Keep all that the lines read in a bucket."""
    for path in home.rglob("*"):
        if path.is_file() and path.suffix != ".duckdb":
            bucket.put(path.relative_to(home).as_posix(), path)
    return bucket


def each_line() -> list[object]:
    """List the lines as parameters, each with the mark of its tool."""
    return [
        pytest.param(
            line,
            marks=[pytest.mark.tool(line.tool)] if line.tool else [],
            id=re.sub(r"[^a-z-]+", " ", line.words)[:60].strip().replace(" ", "-"),
        )
        for line in LINES
    ]


def run(line: Line, base: str, home: Path, folder: Path) -> tuple[int, str, str]:
    """Run a line with a fresh store in a folder; give its code and what it says, without copies."""
    store = folder / "store.duckdb"
    shutil.copy(home / store.name, store)
    done = invoke(line.at(base, store))
    problem = done.exception
    assert problem is None or isinstance(problem, SystemExit), (line.words, problem)
    told = [one for one in done.stderr.splitlines() if "is copied into" not in one]
    return done.exit_code, plain(done.stdout, base), plain("\n".join(told), base)


def plain(text: str, base: str) -> str:
    """Leave out where files are, and when it was."""
    return _MOMENT.sub("NOW", text.replace(base, "BASE"))


def written(files: dict[str, bytes], base: str) -> dict[str, bytes]:
    """Give what was written; of a manifest, whose hashes are of texts with the place, the names."""
    found = {}
    for name, content in files.items():
        known = content.replace(base.encode(), b"BASE")
        if name.endswith("manifest.json"):
            known = re.sub(rb"[0-9a-f]{64}", b"HASH", known)
        found[name] = known
    return found


def read_files(folder: Path) -> dict[str, bytes]:
    files = [path for path in (folder / OUT).rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def read_objects(bucket: Bucket) -> dict[str, bytes]:
    return {key: content for key, content in bucket.all().items() if key.startswith(OUT)}


def go_wrong_once() -> Fault:
    """Throttle, cut or drop the first request for each object, each in its turn."""
    seen: dict[tuple[str, str], int] = {}

    def fault(asked: Asked, _: int) -> int | None:
        key = (asked.method, asked.key)
        if asked.method == "HEAD" or key in seen:
            return None
        seen[key] = len(seen)
        answer = ONCE[seen[key] % len(ONCE)]
        # Only a body that is read can be cut; a list of names is asked for again by nobody.
        return None if answer == CUT and not asked.range else answer

    return fault


def refuse(name: str, *methods: str) -> Fault:
    """Refuse an object, and what is below it."""

    def fault(asked: Asked, _: int) -> int | None:
        below = asked.key == name or asked.key.startswith(name.rstrip("/") + "/")
        return 403 if below and (not methods or asked.method in methods) else None

    return fault


def test_each_place_where_a_command_names_a_file_has_a_line() -> None:
    every = {(c, own) for c, own in places() if c.split()[0] not in ELSEWHERE}
    assert set(covered()) == every


@moto
@pytest.mark.parametrize("line", each_line())
def test_in_the_cloud_it_does_the_same_also_when_each_request_goes_wrong_once(
    line: Line, there: Bucket, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(home, HERE)
    expected = run(line, HERE, home, tmp_path)
    assert expected[0] == line.code, expected
    files = written(read_files(Path(HERE)), HERE)
    there.asked.clear()
    there.fault = go_wrong_once()
    assert run(line, there.url, home, tmp_path) == expected
    there.fault = None
    assert written(read_objects(there), there.url) == files
    assert bool(files) == line.writes


@moto
@pytest.mark.parametrize("line", each_line())
def test_what_is_refused_is_told_in_one_line_and_nothing_is_written(
    line: Line, there: Bucket, home: Path, tmp_path: Path
) -> None:
    faults = {name: refuse(name) for name in line.read}
    if line.writes:
        faults[OUT] = refuse(OUT, "PUT", "POST")
    before = there.list_keys()
    for name, fault in faults.items():
        there.fault = fault
        code, out, told = run(line, there.url, home, tmp_path)
        there.fault = None
        assert code == 1, (name, out, told)
        # A proof on each engine is told as soon as it is there, and written with the last.
        assert out == "" or (name == OUT and line.words.startswith("verify")), name
        *_, last = told.splitlines()
        verb = "write" if name == OUT else "read"
        assert re.match(rf"Error: (the champion cannot be measured: )?cannot {verb} BASE/", last)
        assert f"BASE/{name}" in last
        assert last.endswith("the store refuses access (403)")
        left = there.list_keys() - before
        # What retrain has done by then stays, and is done once; of its verdict there is nothing.
        is_kept = line.words.startswith("retrain") and not any("challenge." in key for key in left)
        assert not left or is_kept, (name, left)


@moto
@pytest.mark.parametrize("target", ["airflow", "azureml", "dbt", "dvc", "github", "javascript"])
def test_in_python_a_url_is_an_output_too(target: str, bucket: Bucket, home: Path) -> None:
    model, baseline = lw.load(home / "model"), lw.load_baseline(home / "model")
    asked: dict[str, dict[str, Any]] = {
        "airflow": {"table": "leads", "baseline": baseline},
        "dbt": {"relation": "leads"},
        "dvc": {"data": "train.csv", "dictionary": "features.toml"},
        "github": {"data": "train.csv", "dictionary": "features.toml"},
    }
    export = getattr(lw, f"export_{target}")
    files = export(model, **asked.get(target, {}), output=f"{bucket.url}/out")
    assert bucket.list_keys() == {f"out/{path}" for path in files}
