"""A model against the pipeline it was learnt by: rounding must explain every difference."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from leadweights.formula.arrays import Floats, Values
from leadweights.formula.columns import measures
from leadweights.formula.dates import read_dates_once
from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import stages
from leadweights.formula.terms import view
from leadweights.model.model import Logit, ScoringModel, limits
from leadweights.model.trees import farthest_of_trees


@dataclass(frozen=True, slots=True)
class ReferenceCheck:
    """The model against the pipeline it was learnt by, in log-odds.

    `bound` is what rounding the model's constants can explain, on the row that comes nearest to
    it; `difference` is what was found there.
    """

    name: str
    rows: int
    largest_difference: float
    difference: float
    bound: float

    @property
    def holds(self) -> bool:
        """Tell whether rounding explains every difference."""
        return self.difference <= self.bound


def reference_check(
    model: ScoringModel, name: str, values: Mapping[str, Values], log_odds: Floats
) -> ReferenceCheck:
    """Hold a model against the log-odds of the pipeline it was learnt by; values as read.

    Rounding moves a mean by half a unit of the tenth digit of its standard deviation, a standard
    deviation and the scale by half a unit of their own tenth digit, the intercept by half a unit
    of the ninth decimal, a weight by one in the tenth decimal, and so the contribution of a level
    or of a tree's leaf.
    First-order propagation through `(x - mean) * (weight / std)` gives the bound, with rounding
    errors of both computations on top: a few units in the last place of what is added up.
    """
    assert isinstance(model.link, Logit)
    ours = evaluate(stages(model, columns=["log_odds"]), values)["log_odds"]
    measured = evaluate(read_dates_once(measures(model.columns, limits(model))), values)
    step = 5e-10
    moved = np.zeros(len(ours))
    for term in model.terms:
        seen, weight = view(term), abs(term.weight)
        if seen.parts:
            # A contribution is rounded to ten decimals; its share of the scale as it is.
            moved += 2e-10 + 2 * step * max(abs(part.contribution) for part in seen.parts)
            continue
        assert seen.moments is not None, f"{term} was not learnt by a pipeline"
        mean, std = seen.moments
        z = np.abs((measured[term.column] - mean) / std)
        moved += weight * step * (1 + 2 * z) + 1e-10 * z
        moved += 16 * np.finfo(float).eps * weight * (z + abs(mean) / std)
    if model.trees:
        moved += 1e-10 * len(model.trees.trees) + 2 * step * farthest_of_trees(model.trees)
    bound = model.link.scale * moved + step
    difference = np.abs(ours - log_odds)
    worst = int(np.argmax(difference / bound))
    return ReferenceCheck(
        name,
        len(ours),
        float(difference.max()),
        float(difference[worst]),
        float(bound[worst]),
    )
