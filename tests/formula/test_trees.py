"""Trees against a walk from node to node, written here by itself."""

import math

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Values
from leadweights.formula.evaluate import compute
from leadweights.formula.stages import LISTS, outputs, stages
from leadweights.formula.texts import Texts, texts
from leadweights.model.dates import MONTHS, WEEKDAYS
from leadweights.model.model import (
    Category,
    Choice,
    Identity,
    Number,
    ScoringModel,
    Weekday,
)
from leadweights.model.terms import Standardized
from leadweights.model.trees import Leaf, LevelSplit, Node, NumberSplit, Trees, part_of
from leadweights.sql.render import render
from leadweights.sql.select import select
from tests.support import engine
from tests.support.golden_files import trees_model
from tests.support.strategies import PROVENANCE, Drawn, models_with_tables

Row = dict[str, float | str | None]


def leaf_of(node: Node, row: Row) -> Leaf:
    """Walk down a tree; None is missing."""
    while not isinstance(node, Leaf):
        value = row[node.column]
        match node:
            case NumberSplit(at=at):
                assert not isinstance(value, str)
                up = node.missing_above if value is None else value >= at
                node = node.above if up else node.below
            case LevelSplit():
                among = node.missing_among if value is None else value in node.levels
                node = node.among if among else node.others
    return node


def read_row(model: ScoringModel, inputs: dict[str, Values], row: int) -> Row:
    """Give what a tree reads of a row: from the steps before it, but for levels, by name."""
    found: Row = {}
    for column in model.columns:
        known = inputs.get(f"{column.name}_known", inputs.get(f"{column.name}_input"))
        if known is None:
            continue
        if isinstance(known, Texts):
            text = known.values()[row]
            if not isinstance(column, Category):
                continue
            if column.whole and text is not None:
                text = plain_code(text)
            found[column.name] = None if text in (None, *column.missing) else text
            continue
        value = float(known[row])
        if math.isnan(value):
            found[column.name] = None
        elif isinstance(column, Choice):
            words, first = (WEEKDAYS, 0) if isinstance(column, Weekday) else (MONTHS, 1)
            found[column.name] = words[int(value) - first]
        else:
            found[column.name] = value
    return found


def plain_code(text: str) -> str:
    """Give a code of digits for each way to write it in a double."""
    known = {"7.0": "7", "7001.0": "7001", "7.001E3": "7001", "9.021E4": "90210"}
    return known.get(text, text)


@pytest.mark.sweep
@seed(3)
@settings(max_examples=300, deadline=None, database=None)
@given(models_with_tables(most_columns=4, rows=6, most=40))
def test_trees_add_the_leaf_that_a_walk_comes_to_from_left_to_right(drawn: Drawn) -> None:
    model, table = drawn.model, drawn.table
    if model.trees is None or model.decisions.consent is not None:
        return
    if any(
        isinstance(column, Category) and column.whole and column.casefold
        for column in model.columns
    ):
        return
    steps = stages(model, columns=["trees_contribution"])
    found = compute(steps, table)["trees_contribution"]
    inputs = compute(steps[:1], table)
    for row, total in enumerate(np.asarray(found)):
        read = read_row(model, inputs, row)
        if not {split.column for split in splits_of(model)} <= read.keys():
            return  # lists and flags for missing ones are no input of their own
        expected = 0.0
        for place, tree in enumerate(model.trees.trees):
            leaf = leaf_of(tree, read).contribution
            expected = leaf if place == 0 else expected + leaf
        assert total.hex() == expected.hex()


def splits_of(model: ScoringModel) -> list[NumberSplit | LevelSplit]:
    assert model.trees is not None
    waiting, found = list(model.trees.trees), []
    while waiting:
        node = waiting.pop()
        match node:
            case NumberSplit(below=one, above=two) | LevelSplit(among=one, others=two):
                found.append(node)
                waiting += [one, two]
    return found


def test_what_columns_add_by_hand_is_the_change_of_the_mean_on_the_way_to_a_leaf() -> None:
    # Means: 0.25 * 1 + 0.25 * 3 + 0.5 * -1 = 0.5 at the root, (1 + 3) / 2 = 2 above it.
    above = LevelSplit("c", ("a",), Leaf(1.0, 0.25), Leaf(3.0, 0.25))
    tree = NumberSplit("x", 5.0, Leaf(-1.0, 0.5), above)
    x, c = part_of("x", tree), part_of("c", tree)
    assert x is not None
    assert c is not None
    assert leaf_of(x, {"x": 4.0, "c": "a"}).contribution == -1.5
    assert [leaf_of(x, {"x": 5.0, "c": level}).contribution for level in "ab"] == [1.5, 1.5]
    assert [leaf_of(c, {"x": 5.0, "c": level}).contribution for level in "ab"] == [-1.0, 1.0]
    assert leaf_of(c, {"x": 4.0, "c": "a"}).contribution == 0.0
    assert part_of("y", tree) is None


def model_of(tree: Node, share: float = 1.0, link: Identity | None = None) -> ScoringModel:
    term = Standardized("x", 0.0, 1.0, 1 - share)
    parts = (Number("x", 0.0),), (term,), link or Identity(), PROVENANCE
    return ScoringModel("m", (), *parts, trees=Trees(share, (tree,)))


@given(st.floats(-1e90, 1e90), st.booleans())
def test_a_split_parts_at_the_very_double_and_sends_missing_values_its_own_way(
    at: float, above: bool
) -> None:
    model = model_of(NumberSplit("x", at, Leaf(0.25), Leaf(0.75), above))
    near = np.array([at, np.nextafter(at, -np.inf), np.nan, np.inf, -np.inf])
    missing = 0.75 if above else 0.25
    expected = [0.75, 0.25, missing, missing, missing]
    steps = stages(model, columns=["lead_score", "trees_contribution"])
    assert compute(steps, {"x": near})["lead_score"].tolist() == expected  # type: ignore[union-attr]
    engine.load({"x": near}, {}, keep_nan=True)
    found = engine.selected_values(select(steps, "duckdb", "leads"))
    assert found["lead_score"].tolist() == expected  # type: ignore[union-attr]


def test_a_term_without_weight_beside_trees_is_not_computed() -> None:
    model = model_of(NumberSplit("x", 0.0, Leaf(0.25), Leaf(0.75)))
    assert "x_input" not in select(stages(model), "duckdb", "leads")
    assert outputs(model)[:2] == ("lead_score", "probability")


def test_a_forest_divides_its_sum_by_the_number_of_its_parts() -> None:
    tree = NumberSplit("x", 0.0, Leaf(0.1), Leaf(0.7))
    model = ScoringModel(
        "m",
        (),
        (Number("x", 0.0),),
        (Standardized("x", 0.0, 1.0, 0.0),),
        Identity(3),
        PROVENANCE,
        trees=Trees(1.0, (tree, tree, tree)),
    )
    found = compute(stages(model, columns=["probability"]), {"x": np.array([-1.0, 1.0])})
    assert found["probability"].tolist() == [(0.1 + 0.1 + 0.1) / 3, (0.7 + 0.7 + 0.7) / 3]  # type: ignore[union-attr]


def test_every_result_of_a_model_with_trees_is_the_same_in_duckdb_and_numpy() -> None:
    model = trees_model()
    table: dict[str, Values] = {
        "created": np.array([20000.0, 20300.0, np.nan, 20400.0]),
        "opted in": np.array([1.0, 0.0, np.nan, 1.0]),
        "visits": np.array([2.4999, 2.5, 999.0, np.inf]),
        "source": texts(["fair", None, "Select", "web"]),
    }
    names = [*outputs(model)[:-2], *LISTS]
    steps = stages(model, columns=names)
    types = {"created": "DATE", "opted in": "BOOLEAN", "source": "VARCHAR"}
    engine.load(table, types, keep_nan=True)
    found = engine.selected_values(select(steps, "duckdb", "leads"))
    expected = compute(steps, table)
    assert [name for name in expected if not engine.same(expected[name], found[name])] == []


def deep(depth: int) -> Node:
    tree: Node = Leaf(0.0)
    for at in range(depth):
        tree = NumberSplit("x", float(at), Leaf(float(at)), tree)
    return tree


def test_what_an_engine_could_not_read_is_refused_by_its_name() -> None:
    for dialect in ("tsql", "fabric"):
        assert "CASE" in render(model_of(deep(10)), dialect=dialect)
        with pytest.raises(UnsupportedError, match=f"{dialect} takes CASE in CASE 10 deep"):
            render(model_of(deep(11)), dialect=dialect)
    many = ScoringModel(
        "m",
        (),
        (Number("x", 0.0),),
        (Standardized("x", 0.0, 1.0, 0.0),),
        Identity(),
        PROVENANCE,
        trees=Trees(1.0, tuple(deep(30) for _ in range(60))),
    )
    with pytest.raises(UnsupportedError, match="athena reads statements of 262,144 bytes at most"):
        render(many, dialect="athena")
    assert render(many, dialect="duckdb")
