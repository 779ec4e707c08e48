"""What a report says of columns that trees read together, by hand."""

from dataclasses import replace

import numpy as np

from leadweights.model.model import Logit, Number, ScoringModel
from leadweights.model.terms import Standardized
from leadweights.model.trees import Leaf, NumberSplit, Trees
from leadweights.reports.html.charts import pair_chart
from leadweights.reports.html.pairs import find_pairs
from tests.support.strategies import PROVENANCE


def model_of(*trees: NumberSplit) -> ScoringModel:
    names = ("a", "b", "c")
    return ScoringModel(
        "m",
        (),
        tuple(Number(name, 0.0) for name in names),
        tuple(Standardized(name, 0.0, 1.0, 0.0) for name in names),
        Logit(0.0, 2.0),
        PROVENANCE,
        trees=Trees(1.0, trees),
    )


def test_a_pair_shows_what_both_values_add_and_averages_over_other_columns() -> None:
    corner = NumberSplit("b", 5.0, Leaf(0.0, 0.25), Leaf(1.0, 0.25))
    tree = NumberSplit("a", 1.0, Leaf(0.0, 0.5), corner)
    # Of c, a third of the rows goes up: 3 * 1 / 3 in the mean, whatever a and b are.
    other = NumberSplit(
        "c", 0.0, Leaf(0.0, 2 / 3), NumberSplit("a", 9.0, Leaf(3.0, 1 / 3), Leaf(3.0))
    )
    (pair,) = [p for p in find_pairs(model_of(tree, other)) if p.columns == ("a", "b")]
    assert pair.groups[0] == ("below 1", "1 to 9", "9 or more", "missing")
    assert pair.groups[1] == ("below 5", "5 or more", "missing")
    # The mean of the first tree is 0.25; the scale is 2. Missing values go below.
    low, high = 2 * (0.0 - 0.25), 2 * (1.0 - 0.25)
    expected = [[low, low, low], [low, high, low], [low, high, low], [low, low, low]]
    assert np.allclose(pair.log_odds, expected, atol=1e-12)
    drawn = pair_chart(pair, 1)
    assert drawn.svg.count("<title") == 1
    assert "a and b, together" in drawn.title


def test_columns_that_only_add_up_are_no_pair() -> None:
    single = NumberSplit("a", 1.0, Leaf(0.0, 0.5), Leaf(1.0, 0.5))
    assert find_pairs(model_of(single)) == ()
    assert find_pairs(replace(model_of(single), trees=None, terms=alone())) == ()


def alone() -> tuple[Standardized, ...]:
    return tuple(
        Standardized(name, 0.0, 1.0, w) for name, w in zip("abc", (0.5, 0.25, 0.25), strict=True)
    )
