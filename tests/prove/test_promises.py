"""Guards that cannot be needed are not written, and the bits are the same without them."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import Result
from hypothesis import given, settings

import leadweights as lw
from leadweights.formula.evaluate import compute
from leadweights.formula.promises import Promise
from leadweights.formula.stages import SHAPES, stages
from leadweights.sql.dialects import DIALECTS
from leadweights.sql.render import render
from leadweights.sql.types import Declared, find_promises, read_declared
from tests.support.commands import invoke
from tests.support.engine import load, same, selected_values
from tests.support.release import RELEASE
from tests.support.strategies import Drawn, models_with_tables

MODEL = "outputs/model.json"
COLUMNS = [column.name for column in lw.load(MODEL).columns]


@pytest.mark.sweep
@settings(max_examples=500 if RELEASE else 60)
@given(models_with_tables(most_columns=3, rows=6))
def test_without_guards_random_models_give_the_bits_of_numpy(drawn: Drawn) -> None:
    table = dict(drawn.table)
    types = {name: drawn.types.get(name, "BIGINT") for name in table}
    for name, kind in types.items():
        values = table[name]
        if kind == "BIGINT" and isinstance(values, np.ndarray):
            table[name] = np.where(np.abs(values) < 2**53, np.round(values) + 0.0, np.nan)
    load(table, types)
    declared = {n: Declared(kind) for n, kind in types.items() if kind in ("BIGINT", "BOOLEAN")}
    promised = {
        name: replace(own, required=not np.isnan(np.asarray(table[name])).any())
        for name, own in find_promises(declared, "duckdb").items()
    }
    for shape in SHAPES:
        text = render(drawn.model, shape=shape, keys=(), promised=promised)
        expected = compute(stages(drawn.model, shape), table)
        for name, values in selected_values(text).items():
            assert same(expected[name], values), name


def test_a_guard_is_left_out_where_the_type_excludes_what_it_is_for() -> None:
    model = lw.load(MODEL)
    first, second, third, *others = COLUMNS
    promised = {first: Promise(9.0), second: Promise(9.0, required=True), third: Promise(1e101)}
    text = lw.render(model, promised=promised)
    fill = re.escape(f"{model.columns[0].fill:.16e}")  # type: ignore[union-attr]
    assert re.search(rf'COALESCE\(CAST\("{first}" AS DOUBLE\), {fill}\)', text)
    assert f'    CAST("{second}" AS DOUBLE) AS "{second}_input"' in text
    for name in (third, *others):
        assert f'WHEN CAST("{name}" AS DOUBLE) BETWEEN' in text
    said = {line.split()[0]: line for line in text.split("*/")[0].splitlines()[1:]}
    assert said[first].endswith("a number; by its type, never NaN or an infinity")
    assert said[second].endswith("a number; by its type, never NULL, NaN or an infinity")
    assert said[third].endswith("  a number")
    assert lw.render(model, promised={}) == lw.render(model)


@pytest.mark.parametrize(
    ("dialect", "kind", "largest"),
    [
        ("duckdb", "INTEGER", 2.0**256),
        ("duckdb", "DOUBLE", None),
        ("duckdb", "DECIMAL(18,3)", 1e18),
        ("snowflake", "NUMBER(38,0)", 1e38),
        ("oracle", "NUMBER", None),  # up to 1e126
        ("oracle", "NUMBER(*,0)", None),
        ("oracle", "NUMBER(5,-2)", None),  # up to 9999900
        ("duckdb", "DECIMAL(9999)", None),
        ("duckdb", f"DECIMAL({5000 * '9'})", None),
        ("mysql", "DECIMAL(65,30)", 1e65),
        ("bigquery", "NUMERIC", None),
        ("postgres", "NUMERIC(10,2)", None),  # NaN is one
        ("postgres", "BOOLEAN", 2.0**256),
        ("clickhouse", "Nullable(Int64)", 2.0**256),
        ("bigquery", "FLOAT64", None),
        ("postgres", "no type ((", None),
        ("sqlite", "INTEGER", None),  # it holds texts, too
    ],
)
def test_what_a_type_promises(dialect: str, kind: str, largest: float | None) -> None:
    found = find_promises({"x": Declared(kind, required=True)}, dialect)
    assert found == ({} if largest is None else {"x": Promise(largest, required=True)})


def test_presence_is_promised_where_it_is_declared_and_kept() -> None:
    ddl = "CREATE TABLE t (a INT NOT NULL, b INT NULL, c INT PRIMARY KEY, d INT)"
    csv = "column_name,data_type,is_nullable\na,INT,NO\nb,INT,YES\nc,INT,NO\nd,INT,YES"
    for text in (ddl, csv):
        for dialect, kept in (("postgres", True), ("spark", False)):
            found = find_promises(read_declared(text, dialect), dialect)
            required = {name for name, own in found.items() if own.required}
            assert required == ({"a", "c"} if kept else set())
    types = json.dumps({"a": "Int64", "b": "Nullable(Int64)"})
    found = find_promises(read_declared(types, "clickhouse"), "clickhouse")
    assert {name for name, own in found.items() if own.required} == {"a"}
    assert set(DIALECTS) >= {"spark", "postgres", "clickhouse"}


def test_check_input_says_what_breaks_what_the_select_relies_on(tmp_path: Path) -> None:
    kinds = dict.fromkeys(COLUMNS, "INTEGER NOT NULL")
    (tmp_path / "types.sql").write_text(
        "CREATE TABLE leads (contact_id TEXT, "
        + ", ".join(f"{name} {kind}" for name, kind in kinds.items())
        + ")"
    )
    whole = pd.DataFrame({name: [1, 2, 3] for name in COLUMNS})
    whole.to_parquet(tmp_path / "whole.parquet")
    odd = whole.astype({COLUMNS[0]: "Int64", COLUMNS[1]: float})
    odd.loc[1, COLUMNS[0]], odd.loc[2, COLUMNS[1]] = pd.NA, np.inf
    odd.rename(columns={COLUMNS[1]: COLUMNS[1].upper()}).to_parquet(tmp_path / "odd.parquet")

    def run(name: str, *words: str) -> Result:
        return invoke(["check-input", MODEL, str(tmp_path / name), *words])

    types = ("--types", str(tmp_path / "types.sql"))
    assert run("whole.parquet", *types).exit_code == run("odd.parquet").exit_code == 0
    found = run("odd.parquet", *types)
    assert found.exit_code == 1
    assert f"column '{COLUMNS[0]}' is NULL in 1 of 3 rows" in found.output
    assert f"column '{COLUMNS[1].upper()}' is NaN, infinite or too large in 1 of 3" in found.output
    printed = invoke(["sql", MODEL, *types])
    assert printed.output.count("by its type, never NULL, NaN or an infinity") == len(COLUMNS)
