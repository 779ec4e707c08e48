"""A second real engine: the same bits from SQLite, as it comes with Python."""

import sqlite3

import pytest
from hypothesis import assume, given, settings

import leadweights as lw
from leadweights.formula.evaluate import compute
from leadweights.formula.stages import SHAPES, Shape, row_outputs, stages
from leadweights.formula.texts import Texts
from leadweights.model.file import load
from leadweights.model.model import Category, InputColumn, Logit, Number, ScoringModel
from leadweights.model.rounding import round_digits
from leadweights.model.rules import Band, Bands, Decisions, Scale, percent_cuts
from leadweights.model.terms import Curve, Point
from leadweights.tables.open import open_table
from tests.support.databases import sqlite_columns
from tests.support.engine import numbers_in, same
from tests.support.release import RELEASE, sweep, try_part
from tests.support.strategies import PROVENANCE, Drawn, models_with_tables


@pytest.mark.parametrize("shape", SHAPES)
def test_sqlite_gives_the_bits_of_numpy_on_the_campaign(shape: Shape) -> None:
    model = load("outputs/model.json")
    table = open_table("data/train.csv").numbers([column.name for column in model.columns])
    found = sqlite_columns(model, shape, table, {})
    expected = compute(stages(model, shape, row_outputs(model, shape)), table)
    assert all(same(expected[name], found[name]) for name in row_outputs(model, shape))


def _unsupported(column: InputColumn) -> bool:
    """SQLite has no letters beyond ASCII in LOWER."""
    return isinstance(column, Category) and column.casefold


@pytest.mark.parametrize("part", sweep(range(4), 4))
def test_sqlite_gives_the_bits_of_numpy_for_random_models(part: int) -> None:
    try_part(compare, part)


@settings(max_examples=30 if RELEASE else 15)
@given(models_with_tables(most_columns=4, most=40))
def compare(drawn: Drawn) -> None:
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


def _curves(count: int) -> ScoringModel:
    points = tuple(Point(place / 2, round_digits(0.1 * place**2)) for place in range(-4, 5))
    names = [f"x{place}" for place in range(count)]
    scale = Scale("probability", percent_cuts())
    bands = Bands("probability", (Band("A", 1.0), Band("B", -1.0), Band("C", None)))
    return ScoringModel(
        "curves",
        (),
        tuple(Number(name, 0.0) for name in names),
        tuple(Curve(name, 1 / count, points) for name in names),
        Logit(-0.5, 2.0),
        PROVENANCE,
        Decisions(scale=scale, bands=bands),
    )


def _count_instructions(model: ScoringModel, columns: list[str]) -> int:
    connection = sqlite3.connect(":memory:")
    names = ", ".join(f'"{column.name}"' for column in model.columns)
    connection.execute(f"CREATE TABLE leads ({names})")
    sql = lw.render(model, dialect="sqlite", columns=columns)
    return len(connection.execute(f"EXPLAIN {sql}").fetchall())


def test_what_sqlite_is_to_do_grows_with_the_model_alone() -> None:
    """Folded, a step is written out wherever it is read, and that again a step later."""
    decided = ["lead_score", "log_odds", "probability", "score_100", "band"]
    few, many = (_curves(count) for count in (8, 32))
    assert _count_instructions(many, decided) < 5 * _count_instructions(few, decided)
    assert _count_instructions(many, decided) < 3 * _count_instructions(many, ["lead_score"])
