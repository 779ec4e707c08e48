"""The contract of bits, and the laws of a score, over random models and random tables."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, seed, settings

from leadweights.formula.arrays import Values
from leadweights.formula.evaluate import compute
from leadweights.formula.stages import SHAPES, Shape, default_outputs, row_outputs, stages
from leadweights.formula.texts import Texts
from leadweights.model.model import Logit, ScoringModel
from leadweights.model.rules import Decisions
from leadweights.sql.select import select
from tests.support.engine import load, same, selected_values
from tests.support.release import RELEASE, sweep
from tests.support.strategies import Drawn, models_with_tables

MODELS_PER_CHUNK = 625 if RELEASE else 125
"""Ten thousand models before a release, see test_engines.py, and two thousand a commit: the gate
sweeps most of them."""


@pytest.mark.parametrize("chunk", sweep(range(16), 16))
def test_sql_gives_the_bits_of_numpy_and_scores_keep_their_laws(chunk: int) -> None:
    seen = 0

    @seed(chunk)
    @settings(max_examples=MODELS_PER_CHUNK, database=None)
    @given(models_with_tables(most_columns=2, rows=6))
    def compare(drawn: Drawn) -> None:
        nonlocal seen
        seen += 1
        load(drawn.table, drawn.types, keep_nan=True)
        scores = (*default_outputs(drawn.model, "raw"), "probability")
        # Besides the scores, all there is in a tenth of them: decisions have tests of their own,
        # and a flat SELECT repeats the whole sum six times for its probability.
        # On a commit a model is rendered in one of the two shapes, by turns.
        for shape in SHAPES if RELEASE else (SHAPES[(seen + seen // 10) % 2],):
            some = scores if shape == "standardized" else scores[:-1]
            assert_same(drawn, shape, some if seen % 10 else row_outputs(drawn.model, shape))

    compare()
    assert seen >= MODELS_PER_CHUNK


@pytest.mark.sweep
@settings(max_examples=6 if RELEASE else 3)
@given(models_with_tables(most_columns=150, rows=4))
def test_sql_gives_the_bits_of_numpy_for_models_wider_than_a_group_of_32(drawn: Drawn) -> None:
    load(drawn.table, drawn.types, keep_nan=True)
    for shape in SHAPES:
        assert_same(drawn, shape, row_outputs(drawn.model, shape))


def assert_same(drawn: Drawn, shape: Shape, names: Sequence[str]) -> None:
    """Compare on the table that was loaded, and what numpy gives with what it has to be."""
    steps = stages(drawn.model, shape, names)
    found = selected_values(select(steps, "duckdb", "leads"))
    expected = compute(steps, drawn.table)
    for name in names:
        assert same(expected[name], found[name]), name
    assert_laws(drawn.model, expected)


def assert_laws(model: ScoringModel, found: Mapping[str, Values]) -> None:
    """Hold a row to having all its scores or none, none only without consent; and the logistic."""
    names = {*default_outputs(model, "raw"), "probability"} & found.keys()
    scores = {name: found[name] for name in names}
    numbers = {name: v for name, v in scores.items() if not isinstance(v, Texts)}
    known = np.isfinite(numbers["lead_score"])
    assert known.all() or model.decisions.consent is not None
    for name, values in numbers.items():
        assert np.array_equal(np.isfinite(values), known), name
    if "probability" not in numbers:
        return
    probability = numbers["probability"][known]
    assert ((probability >= 0) & (probability <= 1)).all()
    if isinstance(model.link, Logit) and model.decisions == Decisions():
        with np.errstate(over="ignore"):
            plain = 1 / (1 + np.exp(-numbers["log_odds"].astype(np.longdouble)))
        assert (abs(probability - plain.astype(float)) <= 1e-307 + 4e-16 * plain).all()
