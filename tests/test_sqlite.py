"""A second real engine: the same bits from SQLite, as it comes with Python."""

import sqlite3

import numpy as np
import pytest
from hypothesis import given, settings

from leadweights.evaluate import evaluated
from leadweights.formulate import SHAPES, outputs, stages
from leadweights.model import Flag, ScoringModel
from leadweights.model_file import load
from leadweights.opening import opened
from leadweights.statement import render
from tests.engine import Floats, same_bits
from tests.strategies import Drawn, models_with_tables


def sqlite_columns(model: ScoringModel, shape: str, table: dict[str, Floats]) -> dict[str, Floats]:
    """Score a table in SQLite; it keeps a NaN as NULL."""
    names = outputs(model)
    flags = {column.name for column in model.columns if isinstance(column, Flag)}
    with sqlite3.connect(":memory:") as connection:
        columns = ", ".join(f'"{name}" {"INTEGER" if name in flags else "REAL"}' for name in table)
        connection.execute(f"CREATE TABLE leads ({columns})")
        marks = ", ".join("?" * len(table))
        rows = [
            [int(v) if n in flags and v == v else v for n, v in zip(table, row, strict=True)]
            for row in zip(*(column.tolist() for column in table.values()), strict=True)
        ]
        connection.executemany(
            f"INSERT INTO leads VALUES ({marks})",
            [[None if v != v else v for v in r] for r in rows],
        )
        sql = render(model, dialect="sqlite", shape=shape, keys=(), columns=names)  # type: ignore[arg-type]
        found = connection.execute(sql).fetchall()
    connection.close()
    return {name: np.array([row[i] for row in found], float) for i, name in enumerate(names)}


@pytest.mark.parametrize("shape", SHAPES)
def test_sqlite_gives_the_bits_of_numpy_on_the_campaign(shape: str) -> None:
    model = load("outputs/model.json")
    table = opened("data/train.csv").numbers([column.name for column in model.columns])
    found = sqlite_columns(model, shape, table)
    expected = evaluated(stages(model, shape, outputs(model)), table)  # type: ignore[arg-type]
    assert all(same_bits(expected[name], found[name]) for name in outputs(model))


@settings(max_examples=300)
@given(models_with_tables(most_columns=4, most=40))
def test_sqlite_gives_the_bits_of_numpy_for_random_models(drawn: Drawn) -> None:
    # Constants up to 1e40: SQLite misreads some literals beyond 1e80, however many digits they
    # have. A table of SQLite keeps -0.0 as 0.
    table = {name: column + 0.0 for name, column in drawn.table.items()}
    for shape in SHAPES:
        expected = evaluated(stages(drawn.model, shape, outputs(drawn.model)), table)
        found = sqlite_columns(drawn.model, shape, table)
        for name in outputs(drawn.model):
            assert same_bits(expected[name], found[name]), name
