"""Boosting, block by block: as boosted it is scikit-learn's, joint it is better with few trees."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from leadweights.formula.arrays import Floats
from leadweights.learn.boost.bins import cut_columns, encode
from leadweights.learn.boost.boost import Boosting
from leadweights.learn.boost.grow import Shape
from leadweights.learn.boost.refit import predict
from leadweights.learn.prepare.prepared import Prepared
from leadweights.model.model import Number

LARGE = Shape(depth=10, leaves=12, rate=0.1, least_rows=15, l2=1.5, joint=False)


def draw(rows: int = 1_500) -> tuple[Floats, Floats]:
    random = np.random.RandomState(0)
    matrix = random.randint(0, 40, (rows, 4)).astype(float)
    odds = np.where((matrix[:, 0] > 20) != (matrix[:, 1] > 10), 1.5, -1.5) + matrix[:, 2] / 40
    y = (random.uniform(size=rows) < 1 / (1 + np.exp(-odds))).astype(float)
    matrix[random.permutation(rows)[:200], 0] = np.nan
    return matrix, y


def boost(matrix: Floats, y: Floats, shape: Shape, count: int, weights: Floats) -> Floats:
    rows = Prepared({name: matrix[:, place] for place, name in enumerate("abcd")}, {})
    columns = cut_columns([Number(name, 0.0) for name in "abcd"], rows, {})
    boosting = Boosting(columns, encode(columns, rows), weights, y, None, 1.0, shape)
    boosting.grow(count)
    return predict(boosting.solve(), weights, boosting.leaves)


@pytest.mark.parametrize("count", [1, 20])
def test_as_boosted_it_is_that_of_scikit_learn(count: int) -> None:
    matrix, y = draw()
    # Nothing is there to be weighed.
    ours = boost(matrix, y, LARGE, count, np.zeros((len(y), 1)))
    theirs = HistGradientBoostingClassifier(
        learning_rate=0.1,
        max_iter=count,
        max_leaf_nodes=12,
        max_depth=10,
        min_samples_leaf=15,
        l2_regularization=1.5,
        early_stopping=False,
    ).fit(matrix, y)
    # Its gradients are in single precision.
    np.testing.assert_allclose(ours, theirs.decision_function(matrix), rtol=0, atol=1e-4)


def test_joint_values_say_more_with_as_many_trees() -> None:
    matrix, y = draw()

    def loss(joint: bool) -> float:
        shape = replace(LARGE, joint=joint)
        found = boost(matrix, y, shape, 15, matrix[:, 1:2] / 40)
        return float(np.logaddexp(0, np.where(y > 0, -found, found)).mean())

    assert loss(joint=True) < loss(joint=False)


def test_it_grows_on_from_where_it_was() -> None:
    matrix, y = draw()
    rows = Prepared({name: matrix[:, place] for place, name in enumerate("abcd")}, {})
    columns = cut_columns([Number(name, 0.0) for name in "abcd"], rows, {})
    found = []
    for steps in ((40,), (15, 22, 40)):
        boosting = Boosting(columns, encode(columns, rows), matrix[:, 1:], y, None, 1.0, Shape())
        for count in steps:
            boosting.grow(count)
        found.append(boosting.leaves)
    assert (found[0] == found[1]).all()
