"""A row computed alone has the bits of arrays, and those of the SELECT in DuckDB."""

from collections.abc import Iterable, Mapping

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Values
from leadweights.formula.evaluate import compute
from leadweights.formula.nodes import (
    Abs,
    AsInteger,
    AtLeast,
    Between,
    Case,
    Column,
    Constant,
    DatePart,
    DayInText,
    Exp,
    Floor,
    Formula,
    Integer,
    Ln,
    MonthColumn,
    Named,
    Null,
    NumberColumn,
    NumberInText,
    OneOf,
    Quotient,
    Sign,
    Stage,
    Steps,
    Text,
    TextColumn,
    TextHash,
    Trimmed,
    Words,
    read_by,
)
from leadweights.formula.scalar import compile_stages
from leadweights.formula.stages import RANKED, part_outputs, row_outputs, stages
from leadweights.formula.texts import Texts, texts
from leadweights.model.calibration import Isotonic, Knot
from leadweights.model.form import Form
from leadweights.model.model import Category, Logit, Number, ScoringModel, SegmentFill, Segments
from leadweights.model.rules import Decisions
from leadweights.model.terms import Level, Levels, Standardized
from leadweights.model.trees import Leaf, NumberSplit, Trees
from leadweights.prove.parity import failure, parity
from leadweights.sql.render import render
from tests.support import engine
from tests.support.engine import same, selected_values
from tests.support.golden_files import crm_model, deciding_model, trees_model
from tests.support.release import RELEASE
from tests.support.rows import compute_rows
from tests.support.strategies import (
    PROVENANCE,
    Drawn,
    deciding_models_with_tables,
    formulas,
    models_with_tables,
    texts_made,
)

A = TextColumn("t")
SOURCE = Stage(
    "source",
    (
        Named("a", NumberColumn("a")),
        Named("b", NumberColumn("b")),
        Named("c", NumberColumn("c")),
        Named("d", NumberColumn("d")),
        Named("m", MonthColumn("d")),
        Named("n", NumberInText("t")),
        Named("f", NumberInText("t", Form(",", "."))),
        Named("h", TextHash("t")),
        Named("t", A),
        Named("w", DayInText("w", "%d/%m/%y")),
        Named("y", DatePart(Trimmed(TextColumn("w")), "%b %d, %Y %H:%M%z", "minutes")),
    ),
)
NUMBERS = [0.0, -0.0, 1.0, -1.5, 0.5, 1e-300, -1e16, 2.5, 1e100, np.nan]
DAYS = [0.0, -1.0, 20454.0, -719162.0, 2932896.0, 59.0, 11016.0, -25567.0, 19782.0, np.nan]
TABLE: dict[str, Values] = {
    "a": np.array(NUMBERS),
    "b": np.array(NUMBERS[::-1]),
    "c": np.array([1.0, 0.0, np.nan, 1.0, 0.0] * 2),
    "d": np.array(DAYS),
    "t": texts(["a", "A ", None, "1.640,57", "12", "\u0130\u03a3", "", "x;y", " -.5e1 ", "7."]),
    "w": texts(
        (
            *("29/02/24", "29/02/23", "1/2/69", None, "", "2024-02-29 23:30:00-02", "31/12/68"),
            *("x", "Mar 5, 2026 0:30+01:00", "mar 5, 2026 12:00Z"),
        )
    ),
}


def alike(expected: Values, found: Values) -> bool:
    """Compare two columns; one of nothing but missing values may have lost its type."""
    missing = [
        side.missing().all() if isinstance(side, Texts) else np.isnan(side).all()
        for side in (expected, found)
    ]
    return all(missing) or same(expected, found)


def in_stages(formula: Formula | Text) -> tuple[Stage, Stage]:
    read = {part.name for part in read_by(formula)}
    source = [column for column in SOURCE.columns if column.name in read] or SOURCE.columns[:1]
    return Stage("source", tuple(source)), Stage("result", (Named("value", formula),))


@settings(max_examples=2000 if RELEASE else 150)
@given(st.one_of(formulas, texts_made))
def test_a_random_formula_has_the_bits_of_arrays(formula: Formula | Text) -> None:
    chain = in_stages(formula)
    expected, found = compute(chain, TABLE)["value"], compute_rows(chain, TABLE)["value"]
    assert alike(expected, found)


@pytest.mark.parametrize("column", SOURCE.columns, ids=lambda column: column.name)
def test_what_is_read_of_a_row_is_what_is_read_of_a_table(column: Named) -> None:
    chain = [Stage("source", (column,))]
    assert alike(compute(chain, TABLE)[column.name], compute_rows(chain, TABLE)[column.name])


@pytest.mark.parametrize("kind", [Abs, Exp, Floor, Ln, Sign], ids=lambda kind: kind.__name__)
def test_a_function_of_one_number_has_the_bits_of_arrays(kind: type[Abs | Exp]) -> None:
    odd = [0.0, -0.0, 5e-324, -5e-324, 0.3, -0.3, 1.0, -1.0, 2.0**53 + 2, -1e300, 709.0, np.nan]
    table: dict[str, Values] = {"x": np.array([*odd, 4503599627370497.5, 0.9999999999999999])}
    chain = [Stage("one", (Named("value", kind(NumberColumn("x"))),))]
    assert same(compute(chain, table)["value"], compute_rows(chain, table)["value"])


def names_of(model: ScoringModel) -> tuple[str, ...]:
    return (*row_outputs(model, "standardized"), *part_outputs(model))


def assert_duckdb_agrees(drawn: Drawn) -> None:
    names = names_of(drawn.model)
    engine.load(drawn.table, drawn.types, keep_nan=True)
    expected = selected_values(render(drawn.model, keys=(), columns=names))
    found = compute_rows(stages(drawn.model, columns=names), drawn.table)
    assert [name for name in names if not alike(expected[name], found[name])] == []


@seed(5)
@settings(max_examples=400 if RELEASE else 20, database=None)
@given(models_with_tables())
def test_a_row_of_a_random_model_has_the_bits_of_the_select(drawn: Drawn) -> None:
    assert_duckdb_agrees(drawn)


@pytest.mark.sweep
@seed(6)
@settings(max_examples=400 if RELEASE else 20, database=None)
@given(deciding_models_with_tables())
def test_a_row_of_a_random_model_that_decides_has_the_bits_of_the_select(drawn: Drawn) -> None:
    assert_duckdb_agrees(drawn)


def by_rows_but_ranks(chain: Iterable[Stage], source: Mapping[str, Values]) -> dict[str, Values]:
    steps = tuple(chain)
    by_arrays = compute(steps, source)
    if {*by_arrays} & {*RANKED}:
        return by_arrays
    found = compute_rows(steps, source)
    # A column of nothing but missing values has lost its type.
    lost = [name for name, values in by_arrays.items() if alike(values, found[name])]
    return found | {name: by_arrays[name] for name in lost if isinstance(by_arrays[name], Texts)}


@pytest.mark.parametrize(
    "model", [crm_model("duckdb"), deciding_model(), trees_model()], ids=lambda model: model.name
)
def test_hostile_rows_and_rows_at_cuts_are_the_same_in_duckdb(model: ScoringModel) -> None:
    found = parity(model, {}, every_type=False, compute=by_rows_but_ranks)
    assert found.holds, failure(found)
    assert len(found.checks) > 3


def test_whole_numbers_are_whole_and_missing_values_are_none() -> None:
    x = NumberColumn("x")
    bands = Steps(x, (1.0,), (Integer(0), Integer(1)))
    cut = Case(((Between(x, 0.0, 9.0), AsInteger(x)),), Null())
    chain = [Stage("one", (Named("bands", bands), Named("cut", cut), Named("as it is", x)))]
    score = compile_stages(chain)
    assert score({"x": 2}) == {"bands": 1, "cut": 2, "as it is": 2.0}
    assert [type(value) for value in score({"x": 2}).values()] == [int, int, float]
    for nothing in ({}, {"x": None}, {"x": np.nan}):
        assert score(nothing) == {"bands": None, "cut": None, "as it is": None}


def test_only_the_branch_that_is_taken_is_computed() -> None:
    x = NumberColumn("x")
    by_steps = Steps(Quotient(Constant(1.0), x), (0.5,), (Constant(1.0), Constant(2.0)))
    guarded = Case(((AtLeast(Constant(0.0), x), Constant(-1.0)),), by_steps)
    score = compile_stages([Stage("one", (Named("value", guarded),))])
    assert [score({"x": value})["value"] for value in (0.0, 1.0, 3.0)] == [-1.0, 2.0, 1.0]


def test_of_two_branches_that_hold_the_first_counts() -> None:
    read = Stage("read", (Named("t", A),))
    branches = (
        (OneOf(Column("t"), ("a", "b")), Constant(1.0)),
        (OneOf(Column("t"), ("b", "c")), Constant(2.0)),
        (OneOf(Column("t"), ("d",)), NumberColumn("x")),
        (OneOf(Column("t"), ("d", "e")), Constant(3.0)),
    )
    chosen = Case(branches[:2], Constant(0.0))
    score = compile_stages([read, Stage("one", (Named("value", chosen),))])
    found = [score({"t": text})["value"] for text in ("a", "b", "c", "d", None)]
    assert found == [1.0, 1.0, 2.0, 0.0, 0.0]


def test_names_and_texts_of_strangers_are_data_in_the_compiled_function() -> None:
    evil = "'] + __import__('os').abort() + ['\n"
    read = Stage("read", (Named(evil, TextColumn(evil)),))
    chosen = Case(((OneOf(Column(evil), (evil,)), Constant(1.0)),), Constant(0.0))
    told = Named("evil\\' result", chosen)
    score = compile_stages([read, Stage("one", (told, Named("words", Words(evil))))])
    assert score({evil: evil}) == {"evil\\' result": 1.0, "words": evil}


def test_ranks_are_refused() -> None:
    model = deciding_model()
    with pytest.raises(UnsupportedError, match="other rows"):
        compile_stages(stages(model, columns=["rank"]))


@pytest.mark.sweep
def test_models_far_larger_than_usual_are_compiled() -> None:
    """Levels and fills by the thousand, hundreds of trees, a calibration of many steps."""
    levels = tuple(Level(f"level {place}", place / 1000, 0.001) for place in range(1500))
    rest = Level("", 0.5, 0.0), Level("", -0.5, 0.0)
    terms = Levels("city", 0.25, levels, *rest), Standardized("size", 1.0, 2.0, 0.25)
    fills = tuple(SegmentFill(f"level {place}", place / 10) for place in range(3000))
    size = Number("size", 1.0, segments=Segments("city", fills))
    columns = Category("city", ("none",), trim=True), size

    def grow(depth: int, seed: int) -> NumberSplit | Leaf:
        if depth == 5:
            return Leaf(seed % 7 / 10, 0.1)
        below, above = grow(depth + 1, seed * 2), grow(depth + 1, seed * 2 + 1)
        return NumberSplit("size", float(seed % 11), below, above, bool(seed % 2))

    trees = Trees(0.5, tuple(grow(0, seed) for seed in range(150)))
    knots = tuple(Knot(place / 10 - 10, place / 11 - 9) for place in range(200))
    rules = Decisions(calibration=Isotonic(knots))
    model = ScoringModel(
        "large", (), columns, terms, Logit(-1.0, 3.0), PROVENANCE, rules, trees=trees
    )
    table: dict[str, Values] = {
        "city": texts(["level 7", " level 1499 ", "none", None, "elsewhere"]),
        "size": np.array([np.nan, np.nan, np.nan, -2.0, 10.0]),
    }
    names = names_of(model)
    expected = compute(stages(model, columns=names), table)
    found = compute_rows(stages(model, columns=names), table)
    assert [name for name in names if not alike(expected[name], found[name])] == []
