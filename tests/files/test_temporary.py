"""The place for temporary files: where it is, for whom, and what is said when it is not."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import leadweights as lw
from leadweights.errors import OutputError
from leadweights.files.temporary import make_temporary_folder
from leadweights.files.write import write_text
from leadweights.scoring.score import score_as_csv
from tests.support.tools import each

MODEL, VALID = "outputs/model.json", "data/valid.csv"
NAMED = r"in TMPDIR a folder that is there, can be written and has space$"


def score_to_nowhere() -> None:
    list(score_as_csv(lw.load(MODEL), VALID))


def write_to_a_device() -> None:
    write_text({Path("/dev/null"): "x"})


def learn_on_disk() -> None:
    lw.fit_model("data/train.csv", place=lw.OnDisk())


@pytest.mark.parametrize("work", [score_to_nowhere, write_to_a_device, learn_on_disk])
@pytest.mark.parametrize("kind", ["file", "missing"])
def test_a_place_that_is_no_folder_gets_one_line(
    work: Callable[[], None], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    if kind == "file":
        place.write_text("")
    monkeypatch.setenv("TMPDIR", str(place))
    with pytest.raises(OutputError, match=NAMED) as refused:
        work()
    assert str(place) in str(refused.value)
    assert place.is_file() == (kind == "file")


@pytest.mark.parametrize("name", each(["clickhouse", "databend", "hyper", "mariadb", "oceanbase"]))
def test_no_engine_works_elsewhere(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"import leadweights as lw; lw.verify(lw.load({MODEL!r}), {VALID!r}, engine={name!r})"
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert "OutputError: cannot hold temporary files in " in done.stderr.splitlines()[-1]


FULL = f"""
mount -t tmpfs -o size=64k none PLACE || exit 77
head -c 70000 /dev/zero > PLACE/full 2>/dev/null
TMPDIR=PLACE exec {sys.executable} -m leadweights COMMAND
"""


@pytest.mark.sweep
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting needs root")
@pytest.mark.parametrize(
    "command",
    [
        f"score {MODEL} {VALID}",
        "fit data/train.csv --engine duckdb --output OUT",
        pytest.param(
            f"verify {MODEL} {VALID} --engine databend --output OUT",
            marks=pytest.mark.tool("databend"),
        ),
    ],
)
def test_a_full_place_gets_one_line(command: str, tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("install util-linux: a mount of its own is made with unshare")
    place = tmp_path / "place"
    place.mkdir()
    script = FULL.replace("COMMAND", command).replace("PLACE", str(place))
    script = script.replace("OUT", str(tmp_path / "out"))
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    if done.returncode in (77, 32) or "unshare" in done.stderr:
        pytest.skip(f"no mount can be made here: {done.stderr.strip()}")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert line.endswith("in TMPDIR a folder that is there, can be written and has space")


def test_what_others_planted_there_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder for all, links under every name that can be guessed lead to a file of ours."""
    precious = tmp_path / "precious"
    precious.write_text("ours")
    place = tmp_path / "shared"
    place.mkdir()
    place.chmod(0o1777)
    for name in (".tmp", "leadweights-", "leadweights", "scores.csv", "spill", "rows.parquet"):
        (place / name).symlink_to(precious)
    before = {path.name for path in place.iterdir()}
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.chdir(place)
    root = Path(__file__).parents[2]
    model = lw.load(root / MODEL)
    assert len(b"".join(score_as_csv(model, root / VALID)).splitlines()) == 1201
    lw.fit_model(root / "data/train.csv", place=lw.OnDisk())
    write_text({Path("/dev/null"): "x"})
    assert {path.name for path in place.iterdir()} == before
    assert precious.read_text() == "ours"


def test_a_folder_is_for_its_owner_alone_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    umask = os.umask(0)
    try:
        with make_temporary_folder() as folder, make_temporary_folder() as other:
            assert folder.parent == other.parent == tmp_path
            assert folder != other
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        os.umask(umask)
    assert not list(tmp_path.iterdir())


def test_what_memory_cannot_hold_is_not_put_where_the_process_is(tmp_path: Path) -> None:
    script = (
        "import duckdb, leadweights as lw\n"
        "from leadweights.tables.open import open_table\n"
        "import sys\n"
        "table = open_table(sys.argv[1])\n"
        "table.select(\"SET memory_limit = '40MiB'\")\n"
        "table.select('SELECT range, hash(range) AS h FROM range(6000000) ORDER BY h')"
    )
    path = Path(VALID).absolute()
    environment = {**os.environ, "PYTHONPATH": str(Path(lw.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environment,
    )
    assert "EngineError: DuckDB says: too little memory; " in done.stderr.splitlines()[-1]
    assert not list(tmp_path.iterdir())
