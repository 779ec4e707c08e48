"""One door for tables of every library: the same bits in, the same bits out, and the same kind."""

import math
from collections.abc import Callable, Mapping
from datetime import date
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadweights as lw
from tests.support.learning import fit
from tests.support.release import sweep, try_part

pl: Any = pytest.importorskip("polars", reason="pip install 'leadweights[polars]'")

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("visits", pa.int64()),
        ("spend", pa.float64()),
        ("source", pa.string()),
        ("asked", pa.bool_()),
        ("seen", pa.date32()),
        ("won", pa.bool_()),
    ]
)

pytestmark = [pytest.mark.tool("polars"), pytest.mark.tool("pandas"), pytest.mark.tool("pyarrow")]
SCORES = ["lead_score", "log_odds", "probability"]


def _row(i: int) -> dict[str, object]:
    return {
        "id": f"lead {i:03}",
        "visits": i * 7 % 11,
        "spend": i * 3 % 17 / 8,
        "source": ("Web", "Fair", "Référence", None)[i % 4],
        "asked": i % 3 == 0,
        "seen": date(2025, 1 + i % 12, 1 + i % 28),
        "won": i * 7 % 11 + 4 * (i % 4 == 0) > 5 + i % 3,
    }


TRAIN = [_row(i) for i in range(240)]


class Stream:
    """What gives its columns by Arrow's C interface and has nothing else."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def _halves(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table.slice(0, 1), table.slice(1)])


KINDS: Mapping[str, tuple[Callable[[pa.Table], Any], type]] = {
    "pandas": (lambda t: t.to_pandas(), pd.DataFrame),
    "pandas of Arrow": (lambda t: t.to_pandas(types_mapper=pd.ArrowDtype), pd.DataFrame),
    "polars": (pl.from_arrow, pl.DataFrame),
    "lazy polars": (lambda t: pl.from_arrow(t).lazy(), pl.DataFrame),
    "Table": (_halves, pa.Table),
    "RecordBatch": (lambda t: t.combine_chunks().to_batches()[0], pa.Table),
    "RecordBatchReader": (lambda t: t.to_reader(), pa.Table),
    "stream": (Stream, pd.DataFrame),
    "DuckDB": (lambda t: duckdb.connect().from_arrow(t), pd.DataFrame),
    "dict": (lambda t: t.to_pydict(), pd.DataFrame),
    "list": (lambda t: t.to_pylist(), pd.DataFrame),
}


@pytest.fixture(scope="module")
def model() -> lw.ScoringModel:
    learnt = lw.fit_model(TRAIN, label="won", keys=["id"])
    assert {column.name for column in learnt.columns} >= {"visits", "spend", "source", "asked"}
    return lw.decide(learnt, bands="dynamics-365", plan={"consent": {"column": "asked"}})


values = {
    "visits": st.none() | st.integers(-(2**53), 2**53),
    "spend": st.none() | st.floats(allow_subnormal=True),
    "source": st.none() | st.sampled_from(["Web", "Fair", "web", "Web ", "Référence", ""]),
    "asked": st.none() | st.booleans(),
    "seen": st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)),
}


def _as_arrow(found: Any) -> pa.Table:
    if isinstance(found, pd.DataFrame):
        return pa.Table.from_pandas(found, preserve_index=False)
    return found.to_arrow() if isinstance(found, pl.DataFrame) else found


def _bits(found: Any) -> list[tuple[object, ...]]:
    """Write rows as what tells every bit."""
    rows = _as_arrow(found).to_pylist()
    return [
        tuple(
            None
            if value is None or (isinstance(value, float) and math.isnan(value))
            else value.hex()
            if isinstance(value, float) and name in SCORES
            else value
            for name, value in row.items()
        )
        for row in rows
    ]


@pytest.mark.sweep
@pytest.mark.parametrize("part", sweep(range(3), 3))
@pytest.mark.telling
def test_every_kind_gives_the_same_bits_and_gets_its_own_kind_back(
    model: lw.ScoringModel, part: int
) -> None:
    @settings(max_examples=5, deadline=None)
    @given(drawn=st.lists(st.fixed_dictionaries(values), min_size=1, max_size=8))
    def check(drawn: list[dict[str, object]]) -> None:
        check_kinds(model, drawn)

    try_part(check, part)


def check_kinds(model: lw.ScoringModel, drawn: list[dict[str, object]]) -> None:
    rows = [{"id": f"n {i}", "won": True, **row} for i, row in enumerate(drawn)]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    found = {}
    for name, (make, kind) in KINDS.items():
        # In Python's own values a column of None alone has no type, and True no neighbour 1.
        columns = [*SCORES, "band", "status", "reason_1"]
        scored = lw.score(model, make(table), columns=columns)
        assert isinstance(scored, kind), name
        assert _as_arrow(scored).column_names == ["id", *columns]
        found[name] = _bits(scored)
    assert [row[0] for row in found["Table"]] == [row["id"] for row in rows]
    for name, bits in found.items():
        assert bits == found["Table"], name


def test_the_arithmetic_is_that_of_plain_floats() -> None:
    """By a pencil: the sum of the contributions, read from a table of polars."""
    frame = pl.DataFrame(TRAIN)
    plain = lw.fit_model(frame, label="won", keys=["id"])
    scored = lw.score(plain, frame, columns=["contributions", *SCORES])
    sums = [reduce(add, row[1:-3]) for row in scored.iter_rows()]
    assert sums == scored["lead_score"].to_list()
    expected = [math.exp(value) / (1 + math.exp(value)) for value in scored["log_odds"]]
    assert expected == scored["probability"].to_list()


@pytest.mark.parametrize("name", ["polars", "lazy polars", "Table", "stream"])
def test_order_and_keys_are_as_in_pandas(name: str, model: lw.ScoringModel) -> None:
    make, _ = KINDS[name]
    table = pa.Table.from_pylist(TRAIN, schema=SCHEMA)
    options: dict[str, Any] = {"keys": ["visits", "id"], "order_by": ["lead_score desc", "id"]}
    expected = lw.score(model, table.to_pandas(), **options)
    assert _bits(lw.score(model, make(table), **options)) == _bits(expected)


def _results(
    model: lw.ScoringModel, make: Callable[[pa.Table], Any], folder: Path
) -> dict[str, object]:
    """Give the TRAIN of one kind to every function, and collect what comes of it."""

    def rows() -> Any:
        return make(pa.Table.from_pylist(TRAIN, schema=SCHEMA))

    asked: dict[str, Any] = {"label": "won", "keys": ["id"]}
    kinds = (lw.Capacity(20), lw.Precision(0.6))
    learnt = fit(rows(), valid=rows(), **asked)
    assert learnt.parity.holds
    assert lw.verify(model, rows()).holds
    found: dict[str, object] = {
        "fit_model": lw.fit_model(rows(), **asked),
        "fit": (learnt.model, learnt.comparison),
        "columns": lw.columns(rows(), **asked),
        "check_input": lw.check_input(model, rows()),
        "decide": lw.decide(model, bands="grades", data=rows()),
        "golden_sql": lw.golden_sql(model, dialect="duckdb", data=rows()),
        "threshold": [lw.threshold(model, rows(), kind).model for kind in kinds],
        "calibrate": lw.calibrate(model, rows()).model,
    }
    target, moved = folder / "scores.csv", folder / "moved.csv"
    assert lw.score_to_file(model, rows(), target) == len(TRAIN)
    found["score_to_file"] = target.read_bytes()
    lw.score_for_crm(model, rows(), target, "hubspot")
    found["score_for_crm"] = target.read_bytes()
    earlier = make(pa.csv.read_csv(target))
    again = lw.score_for_crm(model, rows(), moved, "hubspot", changed_since=earlier)
    assert again.written == 0
    return found


@pytest.fixture(scope="module")
def of_pandas(
    model: lw.ScoringModel, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, object]:
    return _results(model, lambda table: table.to_pandas(), tmp_path_factory.mktemp("pandas"))


@pytest.mark.sweep
@pytest.mark.parametrize("name", sweep(["lazy polars", "Table", "stream"], 3))
def test_every_function_takes_every_kind(
    name: str, model: lw.ScoringModel, of_pandas: dict[str, object], tmp_path: Path
) -> None:
    found = _results(model, KINDS[name][0], tmp_path)
    for function, result in found.items():
        assert result == of_pandas[function], function


def test_a_column_is_no_table() -> None:
    for column in (pl.Series("a", [1]), pa.chunked_array([[1]])):
        with pytest.raises(lw.TableError, match=r"a list of dicts is needed|no column|holds"):
            lw.columns(column, label="won")
