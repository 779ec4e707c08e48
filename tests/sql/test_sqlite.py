"""A second real engine: the same bits from SQLite, as it comes with Python."""

import pytest
from hypothesis import assume, given, settings

from leadweights.formula.evaluate import compute
from leadweights.formula.stages import SHAPES, Shape, row_outputs, stages
from leadweights.formula.texts import Texts
from leadweights.model.file import load
from leadweights.model.model import Category, InputColumn, InText, Number
from leadweights.tables.open import open_table
from tests.support.databases import sqlite_columns
from tests.support.engine import numbers_in, same
from tests.support.strategies import Drawn, models_with_tables


@pytest.mark.parametrize("shape", SHAPES)
def test_sqlite_gives_the_bits_of_numpy_on_the_campaign(shape: Shape) -> None:
    model = load("outputs/model.json")
    table = open_table("data/train.csv").numbers([column.name for column in model.columns])
    found = sqlite_columns(model, shape, table, {})
    expected = compute(stages(model, shape, row_outputs(model, shape)), table)
    assert all(same(expected[name], found[name]) for name in row_outputs(model, shape))


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
    assume(all(value == 0 or 1e-40 <= abs(value) <= 1e40 for value in numbers_in(drawn.model)))
    table = {n: c if isinstance(c, Texts) else c + 0.0 for n, c in drawn.table.items()}
    for shape in SHAPES:
        expected = compute(stages(drawn.model, shape, row_outputs(drawn.model, shape)), table)
        found = sqlite_columns(drawn.model, shape, table, drawn.types)
        for name in row_outputs(drawn.model, shape):
            if isinstance(ours := expected[name], Texts) and ours.missing().all():
                continue  # SQLite tells no type of a column of nothing but NULL
            assert same(ours, found[name]), name
