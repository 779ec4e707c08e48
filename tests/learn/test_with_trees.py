"""Trees beside the weights: when they are added, and that they are what was learnt."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import leadweights as lw
from leadweights.errors import UnsupportedError
from leadweights.learn.choose_trees import LARGE, LEAF_WISE, SMALL, choose_trees
from leadweights.learn.compare import LARGE_TREES, WITH_TREES
from leadweights.learn.prepare.prepared import prepare_known
from leadweights.learn.problem import open_problem
from leadweights.learn.recipe import Limits
from leadweights.learn.train import train_on
from leadweights.learn.with_trees import learn_with_trees
from leadweights.model.file import to_json
from leadweights.model.trees import Leaf, LevelSplit, Node, Trees, splits
from leadweights.prove.parity import parity
from leadweights.prove.reference import reference_check
from leadweights.reports.compare import comparison_text
from tests.support.learning import fit, learn


def draw(rows: int = 1_500) -> pd.DataFrame:
    """Draw rows in which columns say nothing but together, some missing and some of few rows."""
    random = np.random.RandomState(0)
    table = pd.DataFrame(
        {
            "a": random.randint(0, 100, rows).astype(float),
            "b": random.randint(0, 100, rows).astype(float),
            "town": np.array(["Rome", "Oslo", "Bern", "Bonn"])[random.randint(0, 4, rows)],
            "seats": random.randint(1, 9, rows).astype(float),
        }
    )
    odds = np.where((table["a"] > 50) != (table["b"] > 50), 1.5, -1.5)
    odds += np.where((table["seats"] > 4) == table["town"].isin(["Rome", "Bonn"]), 0.7, -0.7)
    table["label"] = (random.uniform(size=rows) < 1 / (1 + np.exp(-odds))).astype(int)
    table.loc[random.permutation(rows)[:100], "a"] = np.nan
    return table


@pytest.fixture(scope="module")
def together() -> pd.DataFrame:
    return draw()


@pytest.fixture(scope="module")
def with_trees(together: pd.DataFrame) -> lw.Fit:
    return fit(together, trees="auto")


def auc(found: lw.Fit) -> float:
    value = found.comparison.models["logistic_regression"].metrics["auc_roc"].value
    assert value is not None
    return value


@pytest.mark.sweep
def test_trees_are_added_where_columns_work_together(
    together: pd.DataFrame, with_trees: lw.Fit
) -> None:
    without = fit(together)
    assert without.model.trees is None
    assert auc(with_trees) > auc(without) + 0.15
    assert with_trees.model.trees is not None
    assert "more than two standard errors" in " ".join(with_trees.notes)
    assert "they are added" in " ".join(with_trees.notes)
    assert with_trees.parity.holds
    assert with_trees.parity.reference is not None
    assert with_trees.parity.reference.holds


@pytest.mark.sweep
def test_no_trees_are_added_where_weights_are_enough() -> None:
    found = fit("data/train.csv", valid="data/valid.csv", keys=["contact_id"], trees="auto")
    assert found.model.trees is None
    assert "not more than two standard errors" in " ".join(found.notes)
    assert found.model == fit("data/train.csv", valid="data/valid.csv", keys=["contact_id"]).model


@pytest.mark.sweep
def test_fit_says_what_trees_would_give_where_nobody_asks(together: pd.DataFrame) -> None:
    limits = Limits(resamples=5, boosted_trees=1, rival_values=0)
    assert any("--trees auto" in note for note in fit(together, limits=limits).notes)
    assert not any("--trees auto" in note for note in fit(together).notes)


def test_a_number_of_trees_is_that_many(together: pd.DataFrame) -> None:
    model = learn(together, trees=4)
    assert model.trees is not None
    assert len(model.trees.trees) == 4
    assert "with 4 trees of depth 3 learnt jointly" in model.provenance.method


def follow(node: Node, row: Mapping[Any, Any]) -> tuple[Node, float]:
    """Walk down a tree as its documents say."""
    while not isinstance(node, Leaf):
        value = row[node.column]
        missing = value is None or value != value
        if isinstance(node, LevelSplit):
            among = node.missing_among if missing else value in node.levels
            node = node.among if among else node.others
        else:
            above = node.missing_above if missing else value >= node.at
            node = node.above if above else node.below
    return node, node.contribution


def contributions(trees: Trees, table: pd.DataFrame) -> np.ndarray[Any, Any]:
    rows = table.to_dict("records")
    return np.array([[follow(tree, row)[1] for tree in trees.trees] for row in rows])


def test_values_are_those_of_one_regression_on_all_leaves(together: pd.DataFrame) -> None:
    # One number is learnt from as it is, so that the rest is a column for each leaf.
    table = together[["seats", "label"]].assign(x=together["b"] * 1.0)
    model = learn(table, trees=2, every=True)
    assert model.trees is not None
    bound = float(model.provenance.method.rpartition("leaves' C=")[2])
    columns = []
    for tree in model.trees.trees:
        places = [id(follow(tree, row)[0]) for row in table.to_dict("records")]
        columns.append((np.array(places)[:, None] == np.unique(places)).astype(float))
    leaves = np.hstack(columns) * bound**0.5
    terms = [table[term.column].to_numpy() for term in model.terms]
    assert {type(term).__name__ for term in model.terms} == {"Standardized"}
    numbers = np.column_stack([(own - own.mean()) / own.std() for own in terms])
    theirs = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    matrix = np.hstack((numbers, leaves))
    theirs.fit(matrix, table["label"])
    ours = lw.score(model, table)["log_odds"]
    np.testing.assert_allclose(ours, theirs.decision_function(matrix), rtol=0, atol=1e-8)


def test_what_trees_contribute_is_centred_and_their_weight_is_its_share(
    together: pd.DataFrame,
) -> None:
    model = learn(together, trees=15, every=True)
    trees = model.trees
    assert trees is not None
    added = contributions(trees, together)
    np.testing.assert_allclose(added.mean(axis=0), 0, atol=1e-9)
    assert added.sum(axis=1).std() == pytest.approx(trees.weight, abs=1e-8)
    assert sum(abs(term.weight) for term in model.terms) + trees.weight == pytest.approx(1, abs=0)
    for tree in trees.trees:
        ends = [follow(tree, row)[0] for row in together.to_dict("records")]
        for leaf in set(ends):
            assert isinstance(leaf, Leaf)
            assert leaf.row_share == pytest.approx(ends.count(leaf) / len(ends), abs=1e-9)
    assert {share.column for share in trees.shares} == {split.column for split in splits(trees)}


@pytest.mark.sweep
def test_shuffled_rows_give_the_same_bytes(together: pd.DataFrame) -> None:
    first = to_json(learn(together, trees=20))
    for seed in range(2):
        assert to_json(learn(together.sample(frac=1, random_state=seed), trees=20)) == first


def test_trees_know_what_rows_count(together: pd.DataFrame) -> None:
    # Rows that count for next to nothing say the opposite.
    others = together.assign(label=1 - together["label"], times=1e-6)
    table = pd.concat((together.assign(times=1.0), others))
    model = learn(table, trees=15, weight="times", every=True)
    plain = learn(together, trees=15, every=True)
    ours, theirs = (lw.score(m, together)["log_odds"] for m in (model, plain))
    assert np.corrcoef(ours, theirs)[0, 1] > 0.95
    assert ", rows weighted by 'times'" in model.provenance.method


@pytest.mark.sweep
def test_folds_are_those_of_the_split() -> None:
    # Groups whose rows are alike: what is learnt of them does not hold for others.
    random = np.random.RandomState(1)
    few = pd.DataFrame(random.normal(size=(40, 4)), columns=list("wxyz"))
    table = few.loc[np.repeat(np.arange(40), 10)].reset_index(drop=True)
    outcome = random.uniform(size=40) < 0.5
    table["account"] = np.repeat(np.arange(40), 10)
    table["label"] = np.where(random.uniform(size=400) < 0.9, outcome[table["account"]], 0)
    table["label"] = table["label"].astype(int)
    assert learn(table, trees="auto", split=lw.Groups("account")).trees is None
    assert learn(table, trees="auto", exclude=["account"]).trees is not None


@pytest.mark.sweep
def test_compare_has_a_row_for_trees_and_says_what_they_gain(together: pd.DataFrame) -> None:
    found = lw.compare(together, models=True)
    assert found.models[WITH_TREES].metrics["auc_roc"].value is not None
    assert any("trees of depth 3 move the cross-validated" in said for said in found.warnings)
    assert found.price_of_sql is not None
    assert found.price_of_sql.best != WITH_TREES


@pytest.mark.sweep
def test_compare_tells_how_large_the_select_is_that_fit_writes(together: pd.DataFrame) -> None:
    found = lw.compare(together, models=True, trees=4)
    assert list(found.selects) == ["logistic_regression", WITH_TREES]
    for trees, told in zip(("none", 4), found.selects.values(), strict=True):
        model = fit(together, trees=trees).model
        assert told.bytes == len(lw.render(model).encode())
        assert (told.trees, told.depth) == ((0, 0) if trees == "none" else (4, 3))
    assert f"{told.bytes:,}       4         3" in comparison_text(found)
    assert found.models["logistic_regression"] != found.models[WITH_TREES]


@pytest.mark.sweep
def test_compare_has_small_and_large_trees_where_large_ones_are_asked_for() -> None:
    found = lw.compare(draw(400), models=True, trees="large")
    assert [*found.selects] == ["logistic_regression", WITH_TREES, LARGE_TREES]
    _, small, large = found.selects.values()
    assert (small.depth, small.trees) < (large.depth, large.trees)
    assert small.bytes < large.bytes
    of_small, of_large = found.warnings
    assert "of depth 3" in of_small or "of 16 leaves" in of_small
    assert "of 31 leaves" in of_large
    assert found.price_of_sql is not None
    assert found.price_of_sql.best not in found.selects


@pytest.mark.sweep
def test_a_pocket_behind_many_splits_is_found_leaf_by_leaf() -> None:
    random = np.random.RandomState(3)
    table = pd.DataFrame({name: random.randint(0, 100, 3_000).astype(float) for name in "abcde"})
    inside = (table > 20).all(axis=1)
    p = np.where(inside, 0.8, 0.2)
    table["label"] = (random.uniform(size=len(table)) < p).astype(int)
    with open_problem(table, lw.Recipe()) as problem:
        rows, limits = problem.rows, problem.limits
        given = train_on(problem, rows).given
        known = prepare_known(rows, given.columns)
        plans = (SMALL[:1], LEAF_WISE[:1])
        path = choose_trees(given, known, 1.0, 0, None, limits, plans=plans, bounds=(0.01,))
    assert path is not None
    assert path.earned
    assert path.chosen.size == LEAF_WISE[0]
    truth = -(p * np.log(p) + (1 - p) * np.log(1 - p)).mean()
    assert path.points[0].log_loss > path.chosen.log_loss > truth - 0.02
    assert path.chosen.log_loss < truth + 0.03


@pytest.mark.parametrize("trees", [0, -1, 1.5, True, "many", 301, None])
def test_what_is_no_number_of_trees_is_refused(trees: Any) -> None:
    with pytest.raises(UnsupportedError, match="trees are none, auto, large or a whole number"):
        lw.Recipe(trees=trees)


def test_a_table_too_small_to_be_split_has_no_trees(together: pd.DataFrame) -> None:
    few = together.iloc[:36]
    assert learn(few, trees=5, every=True).trees is None
    assert learn(few, trees="auto", every=True).trees is None


@pytest.mark.sweep
@pytest.mark.parametrize("c", [1e-4, 1e4])
def test_rows_that_are_told_apart_without_a_mistake_end_in_a_model(c: float) -> None:
    x = np.arange(200.0) % 10
    table = pd.DataFrame({"x": x, "town": np.resize(["a", "b", "c"], 200), "label": x > 4})
    found = fit(table.astype({"label": int}), trees=16, c=c)
    assert found.parity.holds
    assert (found.model.trees is not None) == any("are added" in note for note in found.notes)


@pytest.mark.sweep
def test_large_trees_stand_alone_and_are_proven(together: pd.DataFrame) -> None:
    with open_problem(together, lw.Recipe()) as problem:
        trained = train_on(problem, problem.rows)
        known = prepare_known(problem.rows, trained.given.columns)
        size = replace(LARGE[0], trees=12)
        learnt = learn_with_trees(trained.given, known, 1.0, size, trained.context)
        model, rows = learnt.model, problem.rows
        asked = learnt.reference_log_odds(rows)
        reference = reference_check(model, "scikit-learn", rows.values, asked)
        assert parity(model, problem.tables, reference).holds
    assert model.provenance.method == "12 trees of 31 leaves as boosted, without weights"
    assert model.trees is not None
    assert model.trees.weight == 1.0
    assert {term.weight for term in model.terms} == {0.0}
