"""Rows that Python holds, however it holds them, are the same table."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import leadweights as lw
from leadweights.tables.open import open_table
from tests.support.release import sweep

ROWS: list[dict[str, object]] = [
    {
        "id": i,
        "visits": i % 7,
        "spend": i / 8,
        "source": "Web" if i % 3 else None,
        "won": i % 2 == 0,
    }
    for i in range(60)
]
COLUMNS: dict[str, list[object]] = {name: [row[name] for row in ROWS] for name in ROWS[0]}
EXPECTED = [tuple(row.values()) for row in ROWS]
ARROW = pa.Table.from_pylist(ROWS)


class Stream:
    """What gives its columns by Arrow's C interface and has nothing else."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        found: object = ARROW.__arrow_c_stream__(requested_schema)
        return found


@pytest.mark.parametrize(
    "source",
    [ROWS, tuple(ROWS), COLUMNS, pd.DataFrame(COLUMNS), ARROW, Stream(), ARROW.to_batches()[0]],
    ids=lambda source: type(source).__name__,
)
def test_rows_are_the_same_however_they_are_held(source: object) -> None:
    table = open_table(source)  # type: ignore[arg-type]
    assert [tuple(row) for row in table.all_values()] == EXPECTED
    assert table.is_flag("won")
    assert table.is_text("source")
    assert list(table.types) == list(COLUMNS)
    # As often as it is asked, also of what can be read once only.
    assert table.values("visits") == COLUMNS["visits"]


def test_a_stream_of_batches_is_read_as_often_as_is_needed() -> None:
    table = open_table(pa.RecordBatchReader.from_batches(ARROW.schema, ARROW.to_batches()))
    assert table.values("id") == table.values("id") == COLUMNS["id"]


@pytest.mark.sweep
@pytest.mark.parametrize("made", sweep(["frame", "frame.lazy()"], 2))
def test_polars_is_read_without_pyarrow(made: str) -> None:
    pytest.importorskip("polars", reason="pip install 'leadweights[polars]'")
    code = (
        "import sys\n"
        "class Without:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.split('.')[0] == 'pyarrow': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Without())\n"
        "import polars as pl, leadweights as lw\n"
        "frame = pl.DataFrame({'visits': [i % 7 for i in range(100)],"
        " 'won': [i % 3 == 0 for i in range(100)]})\n"
        f"found = lw.fit_model({made}, label='won', split=lw.Random('80/20'))\n"
        f"print(found.provenance.rows, len(lw.score(found, {made})))\n"
        f"print([d.kind for d in lw.columns({made}, label='won')[0]])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "100 100\n['number']\n", done.stderr


def test_the_same_rows_give_the_same_model() -> None:
    sources = [pd.DataFrame(COLUMNS), ROWS, COLUMNS, ARROW]
    models = [lw.fit_model(source, label="won", keys=["id"]) for source in sources]
    assert models.count(models[0]) == len(models)
    scored = [np.asarray(lw.score(models[0], s)["log_odds"]).tolist() for s in sources]
    assert scored.count(scored[0]) == len(scored)


def test_one_lead_is_a_dict() -> None:
    model = lw.fit_model(ROWS, label="won", keys=["id"])
    whole = lw.score(model, ROWS)
    for place in (0, 1, 59):
        lead = ROWS[place]
        assert lw.score(model, lead)["log_odds"].tolist() == [whole["log_odds"][place]]
    with pytest.raises(lw.TableError, match="the dict has no column 'spend'"):
        lw.score(model, {"id": 1})


def test_values_of_python_and_numpy_are_read() -> None:
    found = open_table(
        [
            {"a": np.int64(3), "b": Decimal("1.5"), "c": np.float64("nan"), "d": pd.NaT},
            {"a": None, "b": None, "c": 2.5, "d": datetime(2026, 3, 1, 12, tzinfo=UTC)},
            {"d": datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=2))), "e": pd.NA},
            {"d": date(2026, 3, 1), "e": np.str_("x")},
        ]
    )
    days = [None, datetime(2026, 3, 1, 12), datetime(2026, 2, 28, 23), datetime(2026, 3, 1)]
    assert found.values("a") == [3, None, None, None]
    assert found.values("b") == [Decimal("1.5"), None, None, None]
    assert found.values("c") == [None, 2.5, None, None]
    assert found.values("d") == days
    assert found.values("e") == [None, None, None, "x"]


class Odd:
    """Nothing that a table can hold."""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Odd(), r"a list of dicts is needed, not tests\.tables\.test_python_rows\.Odd$"),
        (np.zeros(3), r"not numpy\.ndarray$"),
        (pd.Series([1]), r"not pandas\..*Series$"),
        (3, r"not int$"),
        ([{"a": 1}, 2], r"item 1 is int$"),
        ([("a", 1)], r"item 0 is tuple$"),
        ([], r"the list has no columns$"),
        ({}, r"the dict has no columns$"),
        ([{}], r"the list has no columns$"),
        ({"a": [1, 2], "b": [1]}, r"column 'b' has 1 values, 'a' has 2$"),
        ({"a": []}, r"has column names but no rows$"),
        ([{1: 2}], r"column name 1 is not text; rename it$"),
        ([{"a": Odd()}], r"column 'a' holds .*\.Odd, which cannot be read; convert or drop it$"),
        ({"x": [1, 2], "a": [True, 1]}, r"column 'a' holds bool and int, which cannot be read tog"),
        ([{"a": 1, "A": 2}], r"columns 'a' and 'A' differ in case only"),
        (pa.table([[1], [2]], names=["a", "a"]), r"column 'a' stands twice; rename one$"),
    ],
)
def test_what_is_no_table_is_named(source: Sequence[Mapping[str, object]], message: str) -> None:
    with pytest.raises(lw.TableError, match=message):
        open_table(source)
