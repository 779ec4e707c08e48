"""A second real engine: the same bits from SQLite, as it comes with Python."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

from leadweights.formula.evaluate import computed
from leadweights.formula.stages import SHAPES, Shape, row_outputs, stages
from leadweights.formula.texts import Texts, texts
from leadweights.model.file import load
from leadweights.model.model import Category, InputColumn, InText, Number, ScoringModel
from leadweights.sql.render import render
from leadweights.tables.open import opened
from tests.support.engine import Values, cells, same
from tests.support.strategies import Drawn, models_with_tables

_TYPES = {"DOUBLE": "REAL", "BOOLEAN": "INTEGER", "VARCHAR": "TEXT", "DATE": "TEXT"}


def sqlite_columns(
    model: ScoringModel,
    shape: Shape,
    table: Mapping[str, Values],
    types: Mapping[str, str],
    columns: Sequence[str] = (),
    keys: Sequence[str] = (),
) -> dict[str, Values]:
    """Score a table in SQLite, all that a shape knows or some columns; it keeps a NaN as NULL."""
    names = columns or row_outputs(model, shape)
    kinds = {name: types.get(name, "DOUBLE") for name in table}
    with sqlite3.connect(":memory:") as connection:
        # Whatever a column's own collation, comparison is exact.
        columns = ", ".join(
            f'"{n}" {_TYPES[k]}{" COLLATE NOCASE" if k == "VARCHAR" else ""}'
            for n, k in kinds.items()
        )
        connection.execute(f"CREATE TABLE leads ({columns})")
        marks = ", ".join("?" * len(table))
        rows = zip(*(_cells(table[name], kind) for name, kind in kinds.items()), strict=True)
        connection.executemany(f"INSERT INTO leads VALUES ({marks})", rows)
        sql = render(model, dialect="sqlite", shape=shape, keys=keys, columns=names)
        found = connection.execute(sql).fetchall()
    connection.close()
    return {name: _column([row[i] for row in found]) for i, name in enumerate((*keys, *names))}


def _column(cells: list[Any]) -> Values:
    if any(isinstance(cell, str) for cell in cells):
        return texts(cells)
    return np.array(cells, float)


def _cells(values: Values, kind: str) -> Sequence[object]:
    if isinstance(values, Texts) or kind == "DATE":
        return cells(values, kind)
    if kind == "BOOLEAN":
        return [None if v != v else int(v) for v in values.tolist()]
    return [None if v != v else v for v in values.tolist()]


@pytest.mark.parametrize("shape", SHAPES)
def test_sqlite_gives_the_bits_of_numpy_on_the_campaign(shape: Shape) -> None:
    model = load("outputs/model.json")
    table = opened("data/train.csv").numbers([column.name for column in model.columns])
    found = sqlite_columns(model, shape, table, {})
    expected = computed(stages(model, shape, row_outputs(model, shape)), table)
    assert all(same(expected[name], found[name]) for name in row_outputs(model, shape))


def _constants(part: object) -> list[float]:
    if isinstance(part, float):
        return [part]
    if isinstance(part, tuple):
        return [value for item in part for value in _constants(item)]
    if is_dataclass(part) and not isinstance(part, type):
        return [value for f in fields(part) for value in _constants(getattr(part, f.name))]
    return []


def _unsupported(column: InputColumn) -> bool:
    """SQLite has neither regular expressions nor letters beyond ASCII in LOWER."""
    in_text = isinstance(column, Number) and column.source == InText()
    return in_text or (isinstance(column, Category) and column.casefold)


@settings(max_examples=120)
@given(models_with_tables(most_columns=4, most=40))
def test_sqlite_gives_the_bits_of_numpy_for_random_models(drawn: Drawn) -> None:
    # Constants up to 1e40: SQLite misreads some literals beyond 1e80, however many digits they
    # have. A table of SQLite keeps -0.0 as 0.
    assume(not any(_unsupported(column) for column in drawn.model.columns))
    assume(all(value == 0 or 1e-40 <= abs(value) <= 1e40 for value in _constants(drawn.model)))
    table = {n: c if isinstance(c, Texts) else c + 0.0 for n, c in drawn.table.items()}
    for shape in SHAPES:
        expected = computed(stages(drawn.model, shape, row_outputs(drawn.model, shape)), table)
        found = sqlite_columns(drawn.model, shape, table, drawn.types)
        for name in row_outputs(drawn.model, shape):
            if isinstance(ours := expected[name], Texts) and ours.missing().all():
                continue  # SQLite tells no type of a column of nothing but NULL
            assert same(ours, found[name]), name
