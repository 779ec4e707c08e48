"""Learning as the functions of the package do, within other limits than theirs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from leadweights.learn.fit import Fit, solve
from leadweights.learn.in_engine.source import choose_place
from leadweights.learn.problem import open_problem, split_rows
from leadweights.learn.recipe import Limits, Place, Progress, Recipe
from leadweights.learn.train import add_decisions, train_on
from leadweights.model.model import ScoringModel

QUICK = Limits(resamples=5, boosted_trees=1, rival_values=0, values_for_trees=0)
"""For tests about neither gradient boosting nor the bootstrap."""

SMALL_SAMPLES = Limits(deciding_rows=1500, sampled_rows=2500)
"""Take tables of a few thousand rows for long ones."""


def fit(
    train: Any = None,
    *,
    valid: Any = None,
    place: Place | None = None,
    strict: bool = False,
    progress: Progress = lambda _: None,
    limits: Limits = QUICK,
    **options: Any,
) -> Fit:
    """Do what `lw.fit` does."""
    place = place or choose_place(train)
    with open_problem(
        *(train, Recipe(**options)), valid=valid, place=place, progress=progress, limits=limits
    ) as problem:
        return solve(problem, strict=strict)


def learn(
    train: Any = None,
    *,
    place: Place | None = None,
    every: bool = False,
    limits: Limits = SMALL_SAMPLES,
    **options: Any,
) -> ScoringModel:
    """Learn the model alone, from the rows that `lw.fit` learns from or from every row."""
    place = place or choose_place(train)
    with open_problem(
        *(train, Recipe(**options)), place=place, every=every, limits=limits
    ) as problem:
        rows = problem.rows if every else split_rows(problem)[0].rows
        return add_decisions(problem, train_on(problem, rows).learnt.model, rows)


def in_order(frame: pd.DataFrame, **options: Any) -> pd.DataFrame:
    """Put rows of numbers in the order that parts and folds are cut from; the label comes last."""
    with open_problem(frame, Recipe(**options)) as problem:
        return pd.DataFrame({**problem.rows.values, "label": problem.rows.y})
