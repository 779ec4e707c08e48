"""What went wrong once must not again: hostile tables, places and streams."""

import gzip
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.cli.main import main
from leadweights.decisions.plan import Reasons, read_plan
from leadweights.errors import (
    DictionaryError,
    OutputError,
    PlanError,
    TableError,
    UnsupportedError,
)
from leadweights.files.write import replace_file, write_text
from leadweights.learn.prepare.dictionary import read_dictionary
from tests.support.commands import invoke
from tests.support.learning import fit

MODEL, VALID = "outputs/model.json", "data/valid.csv"


@pytest.fixture
def frame() -> pd.DataFrame:
    random = np.random.RandomState(0)
    x = random.normal(size=(2000, 2))
    label = (x.sum(axis=1) + random.normal(size=2000) > 0).astype(int)
    return pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "label": label})


def one_line(error: pytest.ExceptionInfo[BaseException]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_a_folder_named_like_a_column_adds_nothing(
    ending: str, frame: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "a=5" / "year=2024" / f"leads.{ending}"
    path.parent.mkdir(parents=True)
    if ending == "parquet":
        frame.to_parquet(path)
    elif ending == "csv":
        frame.to_csv(path, index=False)
    else:
        # As many digits as JSON is given: other numbers would be other rows, in another order.
        for file in (path, tmp_path / "plain.jsonl"):
            frame.to_json(file, orient="records", lines=True, double_precision=15)
    plain = lw.fit_model(tmp_path / f"plain.{ending}" if ending == "jsonl" else frame)
    assert lw.fit_model(path).terms == plain.terms


@pytest.mark.parametrize(
    ("common", "odd", "expected"),
    [(7, 1.5, 1.5), (Decimal("1.5"), Decimal("1.23456789"), 1.23456789), (7, 2**70, 2.0**70)],
)
def test_one_odd_object_far_down_a_column_is_read_as_it_is(
    common: object, odd: object, expected: float, frame: pd.DataFrame
) -> None:
    values = [common] * 2000
    values[1501] = odd
    model = lw.fit_model(frame)
    scored = lw.score(model, frame.assign(a=pd.Series(values, dtype=object)))
    direct = lw.score(model, frame.assign(a=expected))
    assert scored["lead_score"][1501] == direct["lead_score"][1501]


def test_objects_of_several_kinds_in_a_column_get_one_line(frame: pd.DataFrame) -> None:
    for odd in ("bad", True, [1]):
        values: list[object] = [float(i) for i in range(2000)]
        values[1501] = odd
        with pytest.raises(TableError) as refused:
            lw.verify(lw.fit_model(frame), frame.assign(a=pd.Series(values, dtype=object)))
        one_line(refused)


def test_decimal_keys_keep_their_digits_everywhere(tmp_path: Path, frame: pd.DataFrame) -> None:
    path = tmp_path / "leads.parquet"
    connection = duckdb.connect()
    connection.register("frame", frame.head(3))
    connection.execute(
        f"COPY (SELECT *, CAST('12345678901234567891.1234567891' AS DECIMAL(38,10)) AS id "
        f"FROM frame) TO '{path}'"
    )
    model = lw.fit_model(frame)
    (tmp_path / "model.json").write_text("")
    lw.save(model, tmp_path / "model.json")
    key = Decimal("12345678901234567891.1234567891")
    assert lw.score(model, path, keys=["id"])["id"].tolist() == [key] * 3
    arguments = ["score", str(tmp_path / "model.json"), str(path), "--key", "id"]
    printed = invoke(arguments).stdout
    assert printed.splitlines()[1].startswith(f"{key},")
    invoke([*arguments, "-o", str(tmp_path / "scored.csv")])
    assert (tmp_path / "scored.csv").read_text() == printed


def test_a_key_may_be_a_column_of_the_model_in_a_text_file() -> None:
    found = lw.score(lw.load(MODEL), VALID, keys=["recency_days"])
    assert found["recency_days"].tolist() == pd.read_csv(VALID)["recency_days"].tolist()


def test_a_validation_table_without_a_column_is_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(TableError, match="the DataFrame has no column 'b'; it has: a, "):
        fit(frame, valid=frame.rename(columns={"b": "x"}))


def test_a_validation_table_may_spell_names_in_another_case(frame: pd.DataFrame) -> None:
    other = frame.rename(columns={"b": "B", "label": "LABEL"})
    assert fit(frame, valid=other).parity.holds


@pytest.mark.parametrize(("value", "why"), [([1], "it has one value only"), ({"x": 1}, "it holds")])
def test_nested_columns_are_left_out_and_no_label(
    value: object, why: str, frame: pd.DataFrame
) -> None:
    nested = frame.head(300).assign(n=pd.Series([value] * 300, dtype=object))
    assert f"column 'n' is left out: {why}" in fit(nested).notes[0]
    with pytest.raises(TableError, match=r"label 'n' h(olds|as one value)"):
        fit(nested, label="n")


def test_moments_with_a_time_zone_are_days_in_utc(frame: pd.DataFrame) -> None:
    moments = pd.date_range("2026-01-01 23:30", periods=300, freq="D", tz="America/New_York")
    found = lw.fit_model(frame.head(300).assign(t=moments))
    days = lw.fit_model(frame.head(300).assign(t=moments.tz_convert("UTC").date))
    assert {column.name for column in found.columns} >= {"t weekday", "t month"}
    assert found.terms == days.terms


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n\na,label\n" + b"1,0\n2,1\n3,x\n", "label 'label' has the values"),
        (b"a,label\n" + b"1,0\n" * 300_000 + b"\xe9,1\n", "cannot read"),
        (b"*,label\n1,0\n", "column 1 has the name *; give it one"),
        (b'a,label\n"1"x,0\n2,1\n', "cannot read"),
        (b"a,label\n 1_000,0\n5,0\n" + b"6,1\n" * 9, "'a' is numeric but for ' 1_000' on line 2"),
        (b"a,label\n1.0000001,0\n2,1\n2,1.0000001\n", "it needs two: 0 and 1"),
    ],
)
def test_an_odd_text_file_gets_one_line(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    with pytest.raises(TableError) as refused:
        fit(path)
    assert message in one_line(refused)


def test_half_a_gzip_file_gets_one_line(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv.gz"
    whole = gzip.compress(frame.to_csv(index=False).encode())
    for broken in (whole[: len(whole) // 2], whole + b"garbage", whole[:10]):
        path.write_bytes(broken)
        with pytest.raises(TableError, match="cannot read"):
            fit(path)


def test_what_is_not_a_file_of_rows_gets_one_line(tmp_path: Path, frame: pd.DataFrame) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "array.json").write_text('[{"a": 1, "label": 0}]')
    (tmp_path / "twice.jsonl").write_text('{"a": 1, "a": 2, "label": 0}\n')
    frame.to_parquet(tmp_path / "bad.parquet")
    data = bytearray((tmp_path / "bad.parquet").read_bytes())
    data[4:40] = bytes(36)
    (tmp_path / "bad.parquet").write_bytes(data)
    for name in ("pipe.csv", "array.json", "twice.jsonl", "bad.parquet", "nul\0.csv"):
        with pytest.raises(TableError) as refused:
            fit(str(tmp_path / name))
        one_line(refused)
    for wrong in (None, np.zeros(3), object(), iter([{"a": 1}])):
        with pytest.raises(TableError, match=r"a file name.* is needed"):
            lw.fit(wrong)  # type: ignore[arg-type]
    with pytest.raises(TableError, match=r"a list of dicts is needed, .* item 0 is int"):
        lw.fit([1])  # type: ignore[list-item]


def test_a_reversed_frame_is_read(frame: pd.DataFrame) -> None:
    model = lw.fit_model(frame)
    assert lw.fit_model(frame.iloc[::-1]) == model
    scored = lw.score(model, frame.iloc[::-1])["lead_score"].tolist()
    assert scored == lw.score(model, frame)["lead_score"].tolist()[::-1]


def test_large_numbers_close_together_have_a_baseline_too(frame: pd.DataFrame) -> None:
    ids = frame.assign(a=10**13 + np.arange(2000))
    fitted = fit(ids, dictionary={"b": {"range": [-1e-9, 4]}})
    assert fitted.parity.holds
    assert lw.verify(fitted.equal_weights, ids).holds


def test_the_largest_values_and_those_beyond(frame: pd.DataFrame) -> None:
    assert fit(frame.assign(a=frame["a"] * 1e29)).parity.holds
    with pytest.raises(TableError, match="too large to learn from"):
        fit(frame.assign(a=frame["a"] * 1e31))


@pytest.mark.parametrize(
    "wrong",
    [
        *({"keys": "id"}, {"keys": None}, {"keys": [1]}, {"keys": [""]}, {"keys": ["a", "A"]}),
        *({"exclude": "a"}, {"exclude": 3}, {"exclude": [None]}, {"label": None}, {"label": 5}),
        *({"seed": -1}, {"seed": 1.5}, {"seed": True}, {"c": "1"}, {"c": np.array([1.0])}),
        *({"split": 80}, {"split": "80/20"}, {"dictionary": 3}),
        *({"dictionary": {3: {}}}, {"dictionary": {"a": {3: 1}}}),
        {"dictionary": {"a": {"fill": np.array([1, 2])}}},
        {"dictionary": {"a": {"direction": np.array([1, 2])}}},
    ],
)
def test_a_wrong_argument_gets_one_line(wrong: dict[str, object], frame: pd.DataFrame) -> None:
    with pytest.raises((UnsupportedError, DictionaryError)) as refused:
        fit(frame, **wrong)  # type: ignore[arg-type]
    one_line(refused)


@pytest.mark.parametrize(
    "split",
    [
        *(lambda: lw.Forward(3), lambda: lw.Groups(3)),  # type: ignore[arg-type]
        *(lambda: lw.Random(80), lambda: lw.Random("1_0/2")),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_split_gets_one_line(split: Callable[[], object]) -> None:
    with pytest.raises(UnsupportedError) as refused:
        split()
    one_line(refused)


@pytest.mark.parametrize("count", [1, 2.5, "3", None])
def test_a_wrong_count_of_folds_gets_one_line(count: object, frame: pd.DataFrame) -> None:
    with pytest.raises(UnsupportedError):
        lw.cross_validate(frame, count=count)  # type: ignore[arg-type]


def test_a_generator_of_names_is_read_once(frame: pd.DataFrame) -> None:
    frame = frame.assign(id=range(2000))

    def once(name: str) -> Any:
        return (n for n in [name])

    fitted = fit(frame, keys=once("id"), exclude=once("b"))
    assert fitted.model.keys == ("id",)
    assert [term.column for term in fitted.model.terms] == ["a"]
    scored = lw.score(fitted.model, frame, keys=once("id"))
    assert list(scored)[:2] == ["id", "lead_score"]
    sql = lw.render(fitted.model, keys=once("id"), columns=once("lead_score"))
    assert sql == lw.render(fitted.model, keys=["id"], columns=["lead_score"])


@pytest.mark.sweep
def test_numbers_of_numpy_are_numbers(frame: pd.DataFrame) -> None:
    c: Any = np.float32(0.5)
    seed: Any = np.int64(7)
    given = fit(
        frame,
        c=c,
        seed=seed,
        dictionary={"a": {"range": (np.int64(-5), np.float32(5)), "fill": np.int64(2)}},
    )
    plain = fit(frame, c=0.5, seed=7, dictionary={"a": {"range": (-5, 5), "fill": 2}})
    assert given.model == plain.model
    assert given.equal_weights == plain.equal_weights


@pytest.mark.parametrize("key", ["lead_score", "Band", "reason_3_effect", "decision", "odds"])
def test_a_key_with_the_name_of_a_result_is_refused_before_learning(
    key: str, frame: pd.DataFrame
) -> None:
    with pytest.raises(UnsupportedError, match=f"key '{key}' has the name of a column of the"):
        lw.columns(frame, keys=[key])


def test_scores_do_not_overwrite_the_rows_they_come_from(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(Path(VALID).read_bytes())
    with pytest.raises(UnsupportedError, match="holds the rows to score; write to another file"):
        lw.score_to_file(lw.load(MODEL), path, path)
    assert path.read_bytes() == Path(VALID).read_bytes()


def test_files_are_all_as_they_were_when_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {tmp_path / name: f"old {name}" for name in ("a", "b", "c")}
    for path, text in old.items():
        path.write_text(text)
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if target == tmp_path / "c" and self.read_text() == "new":
            raise OSError(1, "Operation not permitted")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OutputError, match=r"cannot write .*: Operation not permitted"):
        write_text(dict.fromkeys([*old, tmp_path / "d"], "new"))
    assert {path: path.read_text() for path in tmp_path.iterdir()} == old


def test_a_link_to_an_output_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.json").symlink_to(tmp_path / "real" / "model.json")
    lw.save(lw.load(MODEL), tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real" / "model.json").read_text() == Path(MODEL).read_text()


def test_a_name_too_long_gets_one_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="File name too long"):
        lw.score_to_file(lw.load(MODEL), VALID, tmp_path / ("x" * 300 + ".csv"))
    long = tmp_path / ("x" * 245 + ".csv")
    assert lw.score_to_file(lw.load(MODEL), VALID, long) == 1200


def leadweights(*arguments: str, **options: object) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "leadweights", *arguments]
    return subprocess.run(command, check=False, **{"capture_output": True, **options})  # type: ignore[call-overload, no-any-return]


# Without a buffer the first letter is refused, with one what the end of the process would write.
@pytest.mark.sweep
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", [["sql", MODEL], ["score", MODEL, VALID], ["weights", MODEL]])
def test_a_full_disk_behind_standard_output_is_said(command: list[str], unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        to: dict[str, object] = {"stdout": full, "stderr": subprocess.PIPE, "capture_output": False}
        done = leadweights(*command, env={**os.environ, "PYTHONUNBUFFERED": unbuffered}, **to)
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"cannot write to standard output" in done.stderr


def test_the_bars_of_weights_print_whatever_the_terminal_speaks() -> None:
    done = leadweights("weights", MODEL, env={**os.environ, "PYTHONIOENCODING": "cp1252"})
    assert done.returncode == 0
    assert "█" in done.stdout.decode("utf-8")


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    rows = tmp_path / "rows.parquet"
    duckdb.connect().execute(
        f"COPY (SELECT 0.5::DOUBLE AS a, 1.5::DOUBLE AS b FROM range(20000000)) TO '{rows}'"
    )
    frame = pd.DataFrame({"a": [0.0, 1, 2, 3] * 9, "b": [1.0, 0, 4, 1] * 9, "label": [0, 1] * 18})
    lw.save(lw.fit_model(frame), tmp_path / "model.json")
    command = ["score", str(tmp_path / "model.json"), str(rows), "-o", str(tmp_path / "s.csv")]
    # What runs pytest may ignore interrupts, and a child inherits that.
    running = subprocess.Popen(
        [sys.executable, "-m", "leadweights", *command],
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not list(tmp_path.glob(".leadweights-*")):
        time.sleep(0.05)
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode != 0
    assert b"Traceback" not in told
    assert {path.name for path in tmp_path.iterdir()} == {"rows.parquet", "model.json"}


def test_a_stream_that_has_no_encoding_is_printed_to() -> None:
    with redirect_stdout(io.StringIO()) as printed:
        main(["weights", MODEL], standalone_mode=False)
    assert "█" in printed.getvalue()


def test_links_in_a_circle_get_one_line(tmp_path: Path) -> None:
    loop = tmp_path / "loop.csv"
    loop.symlink_to(tmp_path / "loop2.csv")
    (tmp_path / "loop2.csv").symlink_to(loop)
    with pytest.raises(OutputError, match=r"cannot write .*loop\.csv: "):
        lw.score_to_file(lw.load(MODEL), VALID, loop)
    with pytest.raises(OutputError, match=r"cannot write .*loop\.csv: "):
        write_text({loop: "x"})
    with pytest.raises(TableError, match="cannot read"):
        lw.score_to_file(lw.load(MODEL), loop, tmp_path / "scored.csv")
    assert {path.name for path in tmp_path.iterdir()} == {"loop.csv", "loop2.csv"}


def test_a_place_to_write_that_cannot_be_looked_at_is_named(tmp_path: Path) -> None:
    far = tmp_path / ("x" * 300)
    found = invoke(["columns", "data/train.csv", "--write", str(far)])
    assert found.exit_code == 1
    assert found.stderr.startswith(f"Error: cannot write {tmp_path}/xxx")
    assert found.stderr.endswith("xxx: File name too long\n")


def test_folders_made_for_what_was_not_written_are_removed(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError):
        write_text({tmp_path / "a" / "b" / "c.txt": "x", tmp_path / "taken": "y"})
    with pytest.raises(ZeroDivisionError), replace_file(tmp_path / "a" / "b" / "c.txt"):
        _ = 1 / 0
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
    write_text({tmp_path / "a" / "b" / "c.txt": "x"})
    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "x"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a = " + "[" * 5000, "nested too deep"),
        ("a = " + "1" * 5000, "is not TOML: Exceeds the limit"),
        ("a = ", "is not TOML: Invalid value"),
        (b"\xff\xfe", "is not TOML: not UTF-8 text"),
    ],
)
def test_an_odd_toml_file_gets_one_line(content: str | bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DictionaryError) as refused:
        read_dictionary(path)
    assert message in one_line(refused)
    with pytest.raises(PlanError) as planned:
        read_plan(path)
    assert message in one_line(planned)


def test_a_byte_order_mark_is_no_part_of_a_document(tmp_path: Path) -> None:
    path = tmp_path / "edited.toml"
    path.write_bytes(b"\xef\xbb\xbf[reasons]\ncount = 2\n")
    assert read_plan(path).reasons == Reasons(2)
    path.write_bytes(b"\xef\xbb\xbf[a]\ntrim = true\n")
    assert read_dictionary(path).entry("a").trim
    path.write_bytes(b"\xef\xbb\xbf" + Path(MODEL).read_bytes())
    assert lw.load(path) == lw.load(MODEL)


@pytest.mark.parametrize("command", [["--help"], ["fit", "--help"], ["--version"]])
def test_help_that_cannot_be_written_gets_one_line(command: list[str], tmp_path: Path) -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); "
        f"from leadweights.cli.main import main; main({command!r})"
    )
    with (tmp_path / "out.txt").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 1
    assert done.stderr == "Error: cannot write to standard output: [Errno 27] File too large\n"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["fit", ""], "an empty name is no file"),
        (["fit", "data/train.csv", "--output", ""], "an empty name is no file"),
        (["sql", MODEL, "--expression", "--table", "x"], "without --table"),
        (["sql", MODEL, "--expression", "--key", "x"], "without --key"),
    ],
)
def test_an_option_that_cannot_be_meant_is_a_usage_error(command: list[str], message: str) -> None:
    found = invoke(command)
    assert found.exit_code == 2
    assert message in found.stderr


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["sql", MODEL, "--key", ""], "a key must be the name of a column, not ''"),
        (["fit", "data/train.csv", "--key", "x", "--key", "X"], "key 'X' is named twice"),
        (["fit", "data/train.csv", "--exclude", "label"], "cannot be an excluded column too"),
        (["fit", "data/train.csv", "--split", "1_0/2"], "two or three shares such as"),
    ],
)
def test_an_odd_name_or_number_gets_one_line(command: list[str], message: str) -> None:
    found = invoke(command)
    assert found.exit_code == 1
    assert message in found.stderr
