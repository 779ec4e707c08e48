"""The contract of bits, over random models and random tables."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, seed, settings

from leadweights.decisions import Decisions
from leadweights.evaluate import computed, evaluated
from leadweights.model import Logit
from leadweights.results import SHAPES, Shape, default_outputs, row_outputs, stages
from leadweights.statement import render
from tests.engine import load, same, selected_values
from tests.strategies import Drawn, models_with_tables

MODELS_PER_CHUNK = 1250


@pytest.mark.parametrize("chunk", range(8))
def test_sql_gives_the_bits_of_numpy_for_random_models_and_tables(chunk: int) -> None:
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
        for shape in SHAPES:
            some = scores if shape == "standardized" else scores[:-1]
            assert_same(drawn, shape, some if seen % 10 else row_outputs(drawn.model, shape))

    compare()
    assert seen >= MODELS_PER_CHUNK


@settings(max_examples=6)
@given(models_with_tables(most_columns=150, rows=4))
def test_sql_gives_the_bits_of_numpy_for_models_wider_than_a_group_of_32(drawn: Drawn) -> None:
    load(drawn.table, drawn.types, keep_nan=True)
    for shape in SHAPES:
        assert_same(drawn, shape, row_outputs(drawn.model, shape))


@settings(max_examples=300)
@given(models_with_tables())
def test_every_row_has_a_finite_score_and_a_probability(drawn: Drawn) -> None:
    assume(drawn.model.decisions.consent is None)
    for shape in SHAPES:
        names = [*default_outputs(drawn.model, "raw"), "probability"]
        found = evaluated(stages(drawn.model, shape, names), drawn.table)
        assert all(np.isfinite(values).all() for values in found.values())
        assert ((found["probability"] >= 0) & (found["probability"] <= 1)).all()


@settings(max_examples=300)
@given(models_with_tables())
def test_the_probability_is_the_logistic_function_of_the_log_odds(drawn: Drawn) -> None:
    assume(isinstance(drawn.model.link, Logit) and drawn.model.decisions == Decisions())
    found = evaluated(stages(drawn.model), drawn.table)
    with np.errstate(over="ignore"):
        plain = 1 / (1 + np.exp(-found["log_odds"].astype(np.longdouble)))
    np.testing.assert_allclose(found["probability"], plain.astype(float), rtol=4e-16, atol=1e-307)


def assert_same(drawn: Drawn, shape: Shape, names: Sequence[str]) -> None:
    """Compare on the table that was loaded."""
    found = selected_values(render(drawn.model, shape=shape, columns=names))
    expected = computed(stages(drawn.model, shape, names), drawn.table)
    for name in names:
        assert same(expected[name], found[name]), name
