"""A stranger's table is read as what stands in it, or refused in one line."""

import csv
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import leadweights as lw
from leadweights.tables.open import open_table
from tests.support.hostile import PARTS, attempt, fuzz, fuzz_part, harmed
from tests.support.hostile_files import PARQUET, check_csv, check_parquet, csv_files


@pytest.mark.parametrize("part", PARTS)
def test_a_csv_is_read_as_csv_reads_it_or_refused(tmp_path_factory: Any, part: int) -> None:
    @fuzz(40)
    @given(data=harmed(csv_files()))
    def check(data: bytes) -> None:
        check_csv(tmp_path_factory.mktemp("csv"), data)

    fuzz_part(check, part)


@pytest.mark.parametrize("part", PARTS)
def test_the_texts_of_a_csv_are_those_that_csv_reads(tmp_path_factory: Any, part: int) -> None:
    @fuzz(20)
    @given(
        names=st.lists(st.sampled_from("abcde"), min_size=2, max_size=4, unique=True),
        data=st.data(),
    )
    def check(names: list[str], data: st.DataObject) -> None:
        plain = st.text("ab1 .,;\"'-\u00e4#\n", min_size=1, max_size=6)
        rows = data.draw(st.lists(st.tuples(*(plain for _ in names)), min_size=1, max_size=5))
        path: Path = tmp_path_factory.mktemp("csv") / "leads.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([names, *rows])
        table = attempt(lambda: open_table(path, names))
        if table is not None:
            assert [tuple(row) for row in table.all_values()] == rows

    fuzz_part(check, part)


@pytest.mark.parametrize("part", PARTS)
def test_a_harmed_parquet_file_is_read_or_refused(tmp_path_factory: Any, part: int) -> None:
    @fuzz(40)
    @given(data=harmed(st.just(PARQUET.getvalue())))
    def check(data: bytes) -> None:
        check_parquet(tmp_path_factory.mktemp("parquet"), data)

    fuzz_part(check, part)


def cut_pages(path: Path) -> None:
    """Write a Parquet file whose footer tells of pages that are no longer there.

    DuckDB opens such a file, and fails when it reads beyond its end.
    """
    pd.read_csv("data/valid.csv").to_parquet(path)
    data = path.read_bytes()
    footer = data[-8 - int.from_bytes(data[-8:-4], "little") :]
    path.write_bytes(data[: len(data) // 2] + footer)


def test_a_file_that_fails_while_it_is_scored_gets_one_line(tmp_path: Path) -> None:
    cut_pages(tmp_path / "leads.parquet")
    table = open_table(tmp_path / "leads.parquet")
    assert table.rows == 1200
    with pytest.raises(lw.EngineError, match=r"^DuckDB says: "):
        table.select("SELECT * FROM leads")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_cannot_be_read_is_not_said_of_the_file_to_write(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    cut_pages(path)
    with pytest.raises(lw.EngineError, match=r"^DuckDB says: .*leads\.parquet"):
        lw.score_to_file(lw.load("outputs/model.json"), path, tmp_path / f"s.{ending}")
    assert list(tmp_path.iterdir()) == [path]
    shutil.copy("data/valid.csv", tmp_path / "gone.csv")
    table = open_table(tmp_path / "gone.csv")
    (tmp_path / "gone.csv").unlink()
    with pytest.raises(lw.TableError, match=r"^cannot read .*gone\.csv: "):
        table.write_select(
            "SELECT * FROM leads", tmp_path / f"s.{ending}", parquet=ending == "parquet"
        )
    table = open_table("data/valid.csv")
    with pytest.raises(OSError, match=r"none/s\."):
        table.write_select(
            "SELECT * FROM leads", tmp_path / f"none/s.{ending}", parquet=ending == "parquet"
        )


@pytest.mark.sweep
def test_two_thousand_columns_are_scored(tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    wide = pd.DataFrame(random.normal(size=(100, 2000)), columns=[f"x{i}" for i in range(2000)])
    rows = pd.concat([pd.read_csv("data/valid.csv", nrows=100), wide], axis=1)
    rows.to_csv(tmp_path / "wide.csv", index=False)
    model = lw.load("outputs/model.json")
    narrow = lw.score(model, "data/valid.csv").head(100)
    pd.testing.assert_frame_equal(lw.score(model, tmp_path / "wide.csv"), narrow, check_exact=True)


@pytest.mark.parametrize(
    ("ending", "letter"), [("csv", "x"), ("parquet", "x"), ("parquet", "\u00e4")]
)
def test_cells_of_a_million_characters_are_kept(ending: str, letter: str, tmp_path: Path) -> None:
    texts = [letter * 10**6, "short"]
    frame = pd.DataFrame({"text": texts})
    path = tmp_path / f"leads.{ending}"
    frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path)
    assert open_table(path, ["text"]).all_values() == [(text,) for text in texts]


@pytest.mark.parametrize("before", [0, 3000])
def test_a_line_that_is_too_long_is_named(before: int, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    texts = ["short"] * before + ["\u00e4" * 10**6, "short"]
    pd.DataFrame({"text": texts}).to_csv(path, index=False)
    with pytest.raises(lw.TableError, match=r"leads\.csv: a line has more than 2,000,000 bytes; "):
        open_table(path, ["text"])
