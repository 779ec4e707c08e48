"""What terms add, beside hand arithmetic and numpy, and beside DuckDB."""

from dataclasses import replace

import numpy as np
import pytest

import leadweights as lw
from leadweights.errors import ModelError
from leadweights.formula.evaluate import compute
from leadweights.formula.stages import stages
from leadweights.formula.texts import Texts
from leadweights.model.file import from_json, to_json
from leadweights.model.rules import Wording
from leadweights.model.terms import Bins
from tests.support.engine import load, same_bits, selected_values
from tests.support.golden_files import scorecard_model

CUTS, POINTS = (20_000.0, 45_000.0), (-0.5, 0.25, 1.0)


def test_a_bin_begins_at_its_cut_as_in_numpys_digitize_and_in_duckdb() -> None:
    model = scorecard_model()
    near = [end for cut in CUTS for end in (np.nextafter(cut, -np.inf), cut, cut + 1)]
    income = np.array([-1e9, *near, 1e9, np.nan])
    table = {"income": income, "visits": np.full(len(income), 5.0)}
    filled = np.where(np.isnan(income), 30_000.0, income)
    by_hand = np.array(POINTS)[np.digitize(filled, CUTS)] + (5.0 - 20.0) / 20.0 * -0.25
    scored = compute(stages(model, columns=["lead_score"]), table)["lead_score"]
    assert isinstance(scored, np.ndarray)
    assert scored.tolist() == by_hand.tolist()
    load(table)
    found = selected_values(lw.render(model, keys=[], columns=["lead_score"]))["lead_score"]
    assert isinstance(found, np.ndarray)
    assert same_bits(found, scored)


def test_a_reason_and_the_list_of_weights_name_the_bin() -> None:
    model = scorecard_model()
    listed = [(w.level, w.weight) for w in lw.weights(model) if w.feature == "income"]
    names = ("below 2e+04", "2e+04 to 4.5e+04", "4.5e+04 or more")
    assert listed == [(None, 0.75), *zip(names, POINTS, strict=True)]
    table = {"income": np.array([10_000.0, 50_000.0]), "visits": np.array([15.0, 15.0])}
    found = compute(stages(model, columns=["reason_1"]), table)["reason_1"]
    assert found.values() == [f"against: income: {names[0]}", f"income: {names[2]}"]  # type: ignore[union-attr]


def test_words_for_high_and_low_part_bins_at_their_middle_cut() -> None:
    model = scorecard_model()
    words = Wording("income", high="earns well", low="earns little")
    model = replace(model, decisions=replace(model.decisions, wordings=(words,)))
    table = {"income": np.array([10_000.0, 30_000.0, 45_000.0]), "visits": np.full(3, 15.0)}
    found = compute(stages(model, columns=["reason_1"]), table)["reason_1"]
    assert isinstance(found, Texts)
    assert found.values() == ["against: earns little", "earns little", "earns well"]


def test_bins_come_back_from_their_file() -> None:
    model = scorecard_model()
    assert from_json(to_json(model)) == model


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"cuts": ()}, "the cuts of 'income' must be one or more, and rise"),
        ({"cuts": (2.0, 2.0)}, "the cuts of 'income' must be one or more, and rise"),
        ({"contributions": (1.0, 2.0)}, "'income' needs a contribution more than the 2 cuts"),
        ({"weight": -0.75}, "weight of 'income' must not be negative"),
        ({"contributions": (0.0, 0.0, 1e17)}, "a contribution of 'income' is out of all bounds"),
    ],
)
def test_bins_that_are_none_are_refused(changed: dict[str, object], words: str) -> None:
    model = scorecard_model()
    bins = model.terms[0]
    assert isinstance(bins, Bins)
    with pytest.raises(ModelError, match=words):
        replace(model, terms=(replace(bins, **changed), model.terms[1]))  # type: ignore[arg-type]
