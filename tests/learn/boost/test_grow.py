"""Trees on gradients: scikit-learn's trees find the same splits."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

from leadweights.formula.arrays import Floats
from leadweights.formula.texts import texts
from leadweights.learn.boost.bins import Binned, Codes, cut_columns, encode
from leadweights.learn.boost.grow import UNIT, Grower, GrownTrees, Shape
from leadweights.learn.prepare.prepared import Prepared
from leadweights.model.model import Category, InputColumn, Number
from leadweights.model.trees import Leaf, LevelSplit, NumberSplit

# Without a penalty, and as many rows as scikit-learn asks for.
BARE = Shape(depth=3, least_rows=5, l2=0.0, levels_l2=0.0, smooth=0.0, rate=1.0)


def coded(
    rows: Prepared, kept: dict[str, list[str]] | None = None
) -> tuple[tuple[Binned, ...], Codes]:
    inputs: list[InputColumn] = [Number(name, 0.0) for name in rows.numbers]
    inputs += [Category(name) for name in rows.levels]
    columns = cut_columns(inputs, rows, kept or {})
    return columns, encode(columns, rows)


def draw(seed: int, rows: int = 400) -> tuple[dict[str, Floats], Floats]:
    random = np.random.RandomState(seed)
    values = {name: random.randint(0, 40, rows).astype(float) for name in "abcd"}
    y = values["a"] * (values["b"] > 20) - 3 * values["c"] + random.normal(size=rows)
    return values, np.rint(y * 1000) / 1000


def grow(
    columns: tuple[Binned, ...], codes: Codes, target: Floats, shape: Shape = BARE
) -> tuple[GrownTrees, Floats]:
    gradients = np.rint(-target * UNIT)
    tree, steps = Grower(columns, codes, shape).grow(gradients, np.full(len(target), UNIT))
    return GrownTrees(columns, (tree,)), steps


def test_a_tree_is_that_of_scikit_learn_on_the_same_targets() -> None:
    # With Hessians of 1 the gain is what a regression tree takes off the squared error.
    for seed in range(5):
        values, target = draw(seed)
        trees, steps = grow(*coded(Prepared(values, {})), target)
        ours = steps[trees.find_leaves(coded(Prepared(values, {}))[1])[0]]
        matrix = np.column_stack(list(values.values()))
        theirs = DecisionTreeRegressor(max_depth=3, min_samples_leaf=5).fit(matrix, target)
        np.testing.assert_allclose(ours, theirs.predict(matrix), rtol=0, atol=1e-5)


def test_missing_values_go_where_they_belong() -> None:
    random = np.random.RandomState(0)
    value = random.randint(0, 20, 500).astype(float)
    value[:100] = np.nan
    for up in (True, False):
        target = np.where(np.isnan(value), up, value > 6.5).astype(float)
        columns, codes = coded(Prepared({"x": value}, {}))
        trees, steps = grow(columns, codes, target, Shape(1, 2, least_rows=5))
        tree = trees.trees[0].write(columns, [Leaf(step) for step in steps.tolist()])
        assert isinstance(tree, NumberSplit)
        assert tree.missing_above == up
        assert value[value < tree.at].max() == 6.0 < value[value >= tree.at].min()


def test_without_missing_rows_they_go_where_the_fill_is() -> None:
    value = np.arange(100.0)
    for fill, up in ((20.0, False), (80.0, True)):
        rows = Prepared({"x": value}, {})
        columns = cut_columns([Number("x", fill)], rows, {})
        target = (value > 50).astype(float)
        trees, _ = grow(columns, encode(columns, rows), target, Shape(1, 2, least_rows=5))
        tree = trees.trees[0].write(columns, [Leaf(0.0), Leaf(1.0)])
        assert isinstance(tree, NumberSplit)
        assert tree.missing_above == up


def test_levels_are_gathered_by_their_rates_and_rare_ones_stay_apart() -> None:
    random = np.random.RandomState(1)
    levels = np.array(["a", "b", "c", "d", "rare", None], dtype=object)
    held = levels[random.randint(0, 6, 1_000)]
    target = np.array([float(level in ("b", "d", None)) for level in held])
    rows = Prepared({}, {"c": texts(held)})
    columns, codes = coded(rows, {"c": ["a", "b", "c", "d"]})
    trees, steps = grow(columns, codes, target, Shape(1, 2, least_rows=5))
    tree = trees.trees[0].write(columns, [Leaf(step) for step in steps.tolist()])
    assert isinstance(tree, LevelSplit)
    assert isinstance(tree.among, Leaf)
    assert isinstance(tree.others, Leaf)
    high = (set(tree.levels), tree.missing_among) == ({"b", "d"}, True)
    low = (set(tree.levels), tree.missing_among) == ({"a", "c"}, False)
    # The rare level is with the others, wherever they are.
    assert low or high
    assert (tree.among.contribution > tree.others.contribution) == high


def shuffle(values: dict[str, Floats], order: NDArray[np.int64]) -> Prepared:
    return Prepared({name: own[order] for name, own in values.items()}, {})


def test_no_order_of_rows_changes_a_bit() -> None:
    values, target = draw(3)
    columns, codes = coded(Prepared(values, {}))
    first = grow(columns, codes, target)
    order = np.random.RandomState(9).permutation(len(target))
    columns, codes = coded(shuffle(values, order))
    second = grow(columns, codes, target[order])
    assert first[1].tobytes() == second[1].tobytes()
    leaves = [Leaf(float(place)) for place in range(8)]
    written = [trees.trees[0].write(columns, leaves) for trees, _ in (first, second)]
    assert written[0] == written[1]


def test_a_row_that_counts_twice_is_two_rows() -> None:
    values, target = draw(7)
    twice = np.arange(len(target)) % 2 > 0
    columns, codes = coded(Prepared(values, {}))
    gradients: Floats = np.rint(-target * UNIT)
    counts: Floats = np.where(twice, 2.0, 1.0)
    order = np.concatenate((np.arange(len(target)), np.flatnonzero(twice)))
    shape = replace(BARE, least_rows=1)
    weighted, first = Grower(columns, codes, shape).grow(
        np.rint(counts * gradients), np.rint(counts * UNIT)
    )
    repeated = Grower(columns, codes[:, order], shape)
    plain, second = repeated.grow(gradients[order], np.full(len(order), UNIT))
    assert first.tobytes() == second.tobytes()
    assert (weighted.find_leaves(codes) == plain.find_leaves(codes)).all()


def test_of_two_columns_alike_the_first_by_name_is_split() -> None:
    values, target = draw(4)
    rows = Prepared({"z": values["a"], "b": values["a"]}, {})
    columns, codes = coded(rows)
    trees, _ = grow(columns, codes, target, Shape(1, 2, least_rows=5))
    assert columns[trees.trees[0].parts[0].column].name == "b"


def test_a_leaf_has_the_rows_it_must_have() -> None:
    values, target = draw(5)
    columns, codes = coded(Prepared(values, {}))
    trees, _ = grow(columns, codes, target, Shape(least_rows=30, l2=0.0))
    assert np.bincount(trees.find_leaves(codes)[0]).min() >= 30


def test_what_columns_add_sums_to_what_a_leaf_adds() -> None:
    values, target = draw(6)
    columns, codes = coded(Prepared(values, {}))
    trees, steps = grow(columns, codes, target)
    shares = np.bincount(trees.find_leaves(codes)[0]) / len(target)
    parts = trees.trees[0].attribute(steps, shares)
    mean = float(shares @ steps)
    np.testing.assert_allclose(sum(parts.values()), steps - mean, rtol=0, atol=1e-12)
