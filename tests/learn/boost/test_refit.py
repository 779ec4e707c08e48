"""The joint regression: scikit-learn's on the matrix with the leaves written out."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from leadweights.formula.arrays import Floats
from leadweights.learn.boost.refit import Joint, Leaves


def draw(rows: int = 5_000) -> tuple[Floats, Leaves, Floats]:
    random = np.random.RandomState(0)
    matrix = random.normal(size=(rows, 3))
    leaves = np.stack((random.randint(0, 4, rows), random.randint(4, 7, rows)))
    odds = matrix[:, 0] + (leaves[0] == 1) - 2 * (leaves[1] == 5)
    return matrix, leaves, (random.uniform(size=rows) < 1 / (1 + np.exp(-odds))).astype(float)


@pytest.mark.parametrize("weighted", [False, True])
def test_it_is_scikit_learns_on_scaled_columns_of_leaves(weighted: bool) -> None:
    matrix, leaves, y = draw()
    counts = np.random.RandomState(1).uniform(0, 3, len(y)) if weighted else np.ones(len(y))
    c, c_leaves = 0.7, 0.02
    joint = Joint(matrix, leaves, y, counts, c)
    found = joint.solve(c_leaves)
    scale = (c_leaves / c) ** 0.5
    written = np.zeros((len(y), 7))
    for tree in leaves:
        written[np.arange(len(y)), tree] = scale
    theirs = LogisticRegression(C=c, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    theirs.fit(np.hstack((matrix, written)), y, sample_weight=counts)
    own = np.concatenate((theirs.intercept_, theirs.coef_[0, :3], theirs.coef_[0, 3:] * scale))
    np.testing.assert_allclose(found, own, rtol=0, atol=1e-9)


def test_other_bounds_and_a_start_lead_to_the_same_digits() -> None:
    matrix, leaves, y = draw()
    counts = np.ones(len(y))
    fresh = Joint(matrix, leaves, y, counts, 1.0).solve(0.01)
    some = Joint(matrix, leaves[:1], y, counts, 1.0)
    joint = Joint(matrix, leaves, y, counts, 1.0)
    first = joint.solve(0.1, some.solve(0.1))
    again = joint.solve(0.01, first)
    np.testing.assert_allclose(fresh, again, rtol=0, atol=2e-12)


def test_it_ends_where_rows_are_told_apart_without_a_mistake() -> None:
    matrix = np.linspace(-2, 2, 200)[:, None]
    leaves = (matrix[None, :, 0] > 1).astype(np.int64)
    y = (matrix[:, 0] > 0.5).astype(float)
    c, c_leaves = 1e4, 0.01
    found = Joint(matrix, leaves, y, np.ones(200), c).solve(c_leaves)
    scale = (c_leaves / c) ** 0.5
    written = scale * np.column_stack((leaves[0] == 0, leaves[0] == 1))
    theirs = LogisticRegression(C=c, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    theirs.fit(np.hstack((matrix, written)), y)
    assert found[1] == pytest.approx(theirs.coef_[0, 0], rel=1e-6)
