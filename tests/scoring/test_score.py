"""Scoring into files: order, memory, progress, and an end in the midst of it."""

import io
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import leadweights as lw
from leadweights.cli import terminal
from leadweights.errors import LeadweightsError
from leadweights.tables import open as opening
from tests.support.commands import invoke

MODEL_FILE, VALID = "outputs/model.json", "data/valid.csv"
MODEL = lw.load(MODEL_FILE)
SCORES = ["lead_score", "log_odds", "probability"]
FEATURES = [
    column for column in pd.read_csv(VALID).columns if column not in ("contact_id", "label")
]


def drawn(rows: int) -> pd.DataFrame:
    """Draw rows of which many have the same features, and some no key."""
    rng = np.random.default_rng(7)
    frame = pd.read_csv(VALID)[FEATURES].iloc[rng.integers(0, 300, rows)]
    keys = np.array([f"id {number}" for number in rng.permutation(rows)], dtype=object)
    keys[::50] = None
    return frame.reset_index(drop=True).assign(contact_id=keys)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Parquet file of 1,000,000 rows."""
    path = tmp_path_factory.mktemp("large") / "leads.parquet"
    with duckdb.connect() as connection:
        connection.execute("SELECT setseed(0.5)")
        numbers = ", ".join(f'random() AS "{name}"' for name in FEATURES)
        connection.execute(
            f"COPY (SELECT 'lead ' || range AS contact_id, {numbers} FROM range(1000000)) "
            f"TO '{path}' (FORMAT parquet)"
        )
    return path


def test_rows_are_ordered_as_pandas_orders_them() -> None:
    frame = drawn(5_000)
    scored = lw.score(MODEL, frame)
    falling = lw.score(MODEL, frame, order_by=["lead_score desc"])
    expected = scored.sort_values(["lead_score", "contact_id"], ascending=[False, True])
    pd.testing.assert_frame_equal(falling, expected.reset_index(drop=True))
    by_key = lw.score(MODEL, frame, order_by=["Contact_ID desc", "probability"])
    expected = scored.sort_values(["contact_id", "probability"], ascending=[False, True])
    pd.testing.assert_frame_equal(by_key, expected.reset_index(drop=True))
    assert by_key.contact_id.isna().tolist() == [False] * 4_900 + [True] * 100


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_is_ordered_as_the_frame_is(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"scored.{ending}"
    arguments = ["--order-by", "lead_score desc", "--order-by", "contact_id", "-o", str(path)]
    found = invoke(["score", MODEL_FILE, VALID, *arguments])
    assert found.exit_code == 0, found.output
    assert found.stderr == f"1,200 rows scored into {path}\n"
    read = pd.read_csv(path) if ending == "csv" else pq.read_table(path).to_pandas()
    expected = lw.score(MODEL, VALID).sort_values("lead_score", ascending=False, kind="stable")
    assert read.contact_id.tolist() == expected.contact_id.tolist()
    assert read[SCORES].to_numpy().tobytes() == expected[SCORES].to_numpy().tobytes()


def test_csv_on_stdout_is_ordered_too() -> None:
    found = invoke(["score", MODEL_FILE, VALID, "--order-by", "PROBABILITY DESC"])
    probability = pd.read_csv(io.StringIO(found.stdout)).probability
    assert len(probability) == 1200
    assert probability.is_monotonic_decreasing


def test_a_column_whose_own_name_ends_in_desc_is_taken_by_its_name() -> None:
    frame = pd.read_csv(VALID).head(3).assign(**{"rank desc": [2, 3, 1], "rank": [1, 2, 3]})
    for name, expected in {"rank desc": [1, 2, 3], "rank desc desc": [3, 2, 1]}.items():
        found = lw.score(MODEL, frame, keys=["rank desc", "rank"], order_by=[name])
        assert found["rank desc"].tolist() == expected


def test_decimal_keys_stay_exact_in_any_order_and_any_case() -> None:
    prices = [Decimal("0.30"), None, Decimal("1.10")]
    table = pa.Table.from_pandas(pd.read_csv(VALID).head(3))
    frame = table.append_column("price", pa.array(prices, pa.decimal128(20, 2))).to_pandas()
    found = lw.score(MODEL, frame, keys=["PRICE"], order_by=["price desc"])
    assert found.PRICE.tolist() == [Decimal("1.10"), Decimal("0.30"), None]


@pytest.mark.parametrize(
    ("order_by", "message"),
    [
        (["age"], "cannot order by 'age'; the result has: contact_id, lead_score, log_odds, prob"),
        (["recency_days desc"], "a column of the table must be a key"),
        (["lead_score down"], "cannot order by 'lead_score down'"),
        (["lead_score", "LEAD_SCORE desc"], "order by 'lead_score' stands twice"),
        ([""], "cannot order by ''"),
    ],
)
def test_an_order_that_cannot_be_is_refused_before_anything_is_read(
    order_by: list[str], message: str, tmp_path: Path
) -> None:
    options = [option for name in order_by for option in ("--order-by", name)]
    target = tmp_path / "new" / "scored.csv"
    for output in ([], ["-o", str(target)]):
        found = invoke(["score", MODEL_FILE, VALID, *options, *output])
        assert found.exit_code == 1
        assert found.stdout == ""
        assert message in found.stderr
        assert len(found.stderr.splitlines()) == 1
    assert not target.parent.exists()
    with pytest.raises(LeadweightsError, match="list of names, not one text"):
        lw.score(MODEL, VALID, order_by="lead_score")


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "leads.csv"
    own.write_bytes(Path(VALID).read_bytes())
    (tmp_path / "link.csv").symlink_to(own)
    (tmp_path / "folder.csv").mkdir()
    for name, message in {
        "folder.csv": "it is a directory",
        "leads.csv/x.csv": "cannot write",
    }.items():
        found = invoke(["score", MODEL_FILE, str(own), "-o", str(tmp_path / name)])
        assert (found.exit_code, found.stdout) == (1, "")
        assert message in found.stderr
        assert len(found.stderr.splitlines()) == 1
    assert own.read_bytes() == Path(VALID).read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"leads.csv", "link.csv", "folder.csv"}


@pytest.mark.sweep
def test_a_sort_larger_than_memory_goes_to_disk_and_leaves_nothing_there(
    large: Path, tmp_path: Path
) -> None:
    spilt: list[int] = []

    def progress(_share: float) -> None:
        spilt.append(len(list(tmp_path.glob(".leadweights-*.spill/*"))))

    target = tmp_path / "scored.parquet"
    rows = lw.score_to_file(
        MODEL,
        large,
        target,
        order_by=["lead_score desc"],
        progress=progress,
        memory=96 * 2**20,
    )
    assert rows == 1_000_000
    assert max(spilt) > 0
    assert list(tmp_path.iterdir()) == [target]
    found = pq.read_table(target)
    scores = found["lead_score"].to_numpy()
    assert (np.diff(scores) <= 0).all()
    # Drawn at random, no two rows are the same: each is there once.
    assert len(found["contact_id"].unique()) == rows


def test_progress_rises_to_one_at_most(large: Path, tmp_path: Path) -> None:
    shares: list[float] = []
    target = tmp_path / "scored.parquet"
    lw.score_to_file(MODEL, large, target, order_by=["probability"], progress=shares.append)
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1


def test_what_progress_raises_ends_the_work_and_leaves_what_was_there(
    large: Path, tmp_path: Path
) -> None:
    target = tmp_path / "scored.csv"
    target.write_text("mine")

    def progress(share: float) -> None:
        if share > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lw.score_to_file(MODEL, large, target, order_by=["probability"], progress=progress)
    assert target.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [target]


def _hear_signals() -> None:
    """Undo what a shell does to what it starts in the background: to ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("number", "code", "left"),
    [(signal.SIGINT, 130, 0), (signal.SIGTERM, 143, 0), (signal.SIGKILL, -9, 1)],
)
@pytest.mark.skipif(os.name != "posix", reason="signals as on Linux and macOS are needed")
def test_a_signal_in_the_midst_leaves_no_half_file(
    number: signal.Signals, code: int, left: int, large: Path, tmp_path: Path
) -> None:
    target = tmp_path / "scored.csv"
    command = [sys.executable, "-m", "leadweights", "score", MODEL_FILE, str(large)]
    command += ["--order-by", "probability", "-o", str(target)]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, preexec_fn=_hear_signals
    ) as process:
        while process.poll() is None and not list(tmp_path.glob(".leadweights-*.csv")):
            time.sleep(0.01)
        began = time.monotonic()
        process.send_signal(number)
        _, said = process.communicate()
    assert time.monotonic() - began < 5
    assert process.returncode == code
    assert said == ("" if left else "Aborted!\n")
    assert not target.exists()
    assert len(list(tmp_path.glob(".leadweights-*.csv"))) == left
    if left:
        # What is left does not get in the way of the next run.
        assert lw.score_to_file(MODEL, VALID, target) == 1200


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_is_drawn_on_a_terminal_only_and_late(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal.bar("scoring") as progress:
        assert progress is None
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with terminal.bar("scoring") as progress:
        assert progress is not None
        progress(0.5)
    assert screen.getvalue() == ""
    with terminal.bar("scoring", after=0.0) as progress:
        assert progress is not None
        progress(0.5)
        assert "50%" in screen.getvalue()
    assert "scoring" in screen.getvalue()
    assert screen.getvalue().rstrip("\x1b[?25h\n").endswith("100%")


def test_the_rows_of_a_text_file_are_looked_at_once_to_find_their_types(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = 30_000  # more than DuckDB takes for a sample
    last = {"whole": (1, 1.5), "day": ("2024-01-02", "soon"), "flag": ("true", "maybe")}
    frame = drawn(rows)
    for name, (usual, value) in last.items():
        frame[name] = np.array([*[usual] * (rows - 1), value], dtype=object)
    path = tmp_path / "leads.csv"
    frame.to_csv(path, index=False)
    read = duckdb.DuckDBPyConnection.read_csv
    sampled: list[int] = []

    def counted(*arguments: object, **options: object) -> object:
        sampled.append(options["sample_size"])  # type: ignore[arg-type]
        return read(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(duckdb.DuckDBPyConnection, "read_csv", counted)
    table = opening.open_table(path, ["contact_id"])
    assert sampled.count(-1) == 1
    assert [table.types[name] for name in last] == ["DOUBLE", "VARCHAR", "VARCHAR"]
    expected = pd.read_csv(path)
    for name in FEATURES:
        doubles = expected[name].astype(float).to_numpy()
        assert table.numbers([name])[name].tobytes() == doubles.tobytes()
    assert table.values("whole") == [1.0] * (rows - 1) + [1.5]
    assert table.place(rows - 1) == f"line {rows + 1}"


def test_a_flag_that_is_none_is_named_with_its_row() -> None:
    frame = pd.DataFrame({"n": [1.0, None, 0.0, 2.0], "t": ["true", "FALSE", "?", None]})
    table = opening.open_table(frame)
    for name, message in {"n": "not 2.0 as on row 4", "t": r"not '\?' as on row 3"}.items():
        with pytest.raises(LeadweightsError, match=message):
            table.require_flag(name)
    opening.open_table(frame.head(3)).require_flag("n")


def test_a_column_with_offsets_is_text_and_does_not_keep_another_from_being_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("at,day\n2024-01-02 10:00:00+02:00,01/02/2024\n")
    assert opening.open_table(path).types == {"at": "VARCHAR", "day": "VARCHAR"}
