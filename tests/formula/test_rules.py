"""What follows the score: the same on both sides, and what it is said to be."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import exp, floor, isnan, log, nextafter, ulp
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, seed, settings

from leadweights.errors import TableError, UnsupportedError
from leadweights.formula import rules as deciding
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.evaluate import compute, evaluate
from leadweights.formula.nodes import Column, Named, Stage
from leadweights.formula.stages import LISTS, RANKED, SHAPES, Shape, outputs, row_outputs, stages
from leadweights.formula.terms import odds, share
from leadweights.formula.texts import Texts, texts
from leadweights.model.calibration import Calibration, Platt
from leadweights.model.file import load
from leadweights.model.model import Category, InputColumn, Logit, Number, ScoringModel
from leadweights.model.rules import (
    Adjustment,
    Band,
    Bands,
    Consent,
    Decay,
    Decisions,
    Scale,
    Threshold,
    Wording,
    percent_cuts,
)
from leadweights.model.terms import Curve, Level, Levels, Point, Ranged, Standardized, Term
from leadweights.model.trees import expect, leaves, splits
from leadweights.scoring.score import score
from leadweights.sql.render import render
from leadweights.tables.columns import check_columns
from leadweights.tables.open import open_table
from tests.support import engine
from tests.support.databases import sqlite_columns
from tests.support.deciding import ISOTONIC, PLATT, VARIANTS, deciding_model
from tests.support.engine import same, same_bits, selected_values
from tests.support.release import RELEASE, sweep, try_part
from tests.support.strategies import PROVENANCE, Drawn, deciding_models_with_tables

CAMPAIGN = Path("../shared/data/campaign")
TABLES = [
    ["data/train.csv", "data/valid.csv"],
    pytest.param(
        [CAMPAIGN / "train.csv", CAMPAIGN / "valid.csv"],
        marks=pytest.mark.skipif(
            not CAMPAIGN.is_dir(), reason=f"needs the reference campaign in {CAMPAIGN}"
        ),
    ),
]


@dataclass(frozen=True)
class Scored:
    """A model, a table, and every column of the result with its name."""

    model: ScoringModel
    table: dict[str, Values]
    found: dict[str, Values]

    def numbers(self, name: str) -> list[float]:
        values = self.found[name]
        assert not isinstance(values, Texts)
        return [float(value) for value in values]

    def texts(self, name: str) -> list[str | None]:
        values = self.found[name]
        # A column of nothing but NULL may have no type.
        return values.values() if isinstance(values, Texts) else [None] * len(values)

    def listed(self, suffix: str) -> dict[str, list[float]]:
        """List the contributions or effects by the column of their term; the trees' under ""."""
        found = {t.column: self.numbers(f"{t.column}_{suffix}") for t in self.model.terms}
        if suffix == "contribution" and self.model.trees:
            found[""] = self.numbers("trees_contribution")
        return found

    def basis(self) -> list[float]:
        return self.numbers(deciding.basis(self.model))

    def rows(self) -> range:
        return range(len(self.found["lead_score"]))


def scored(model: ScoringModel, table: dict[str, Values]) -> Scored:
    names = [*outputs(model), *LISTS]
    return Scored(model, table, compute(stages(model, columns=names), table))


def rows_of(files: Sequence[str | Path]) -> tuple[dict[str, Values], dict[str, str]]:
    """Read leads, and add by chance what only a sales team knows of them."""
    model = load("outputs/model.json")
    read = [open_table(file).numbers([c.name for c in model.columns]) for file in files]
    table: dict[str, Values] = {n: np.concatenate([part[n] for part in read]) for n in read[0]}
    rows = len(next(iter(table.values())))
    random = np.random.RandomState(0)
    table["may contact"] = random.choice([1.0, 1.0, 1.0, 0.0, np.nan], rows)
    table["judgement"] = random.choice([np.nan, 0.1, 0.8, 0.9, 1.0, 1.1, 1.15, 7.0], rows)
    table["last seen"] = random.choice([np.nan, *range(20300, 20600, 7)], rows)
    table["rep"] = texts(random.choice(np.array([None, "Ann", "ann", "Bo"], object), rows).tolist())
    table["contact_id"] = texts(f"C{place:06}" for place in random.permutation(rows))
    types = {"may contact": "BOOLEAN", "last seen": "DATE"}
    return table, types | {"rep": "VARCHAR", "contact_id": "VARCHAR"}


@pytest.mark.parametrize("files", TABLES)
def test_every_column_of_every_row_is_the_same_in_duckdb_and_numpy(
    files: list[str | Path],
) -> None:
    table, types = rows_of(files)
    engine.load(table, types, keep_nan=True)
    for variant in VARIANTS:
        model = deciding_model(variant)
        for shape in SHAPES:
            lists = LISTS if shape == "standardized" else ()
            names = [*row_outputs(model, shape), *lists]
            expected = compute(stages(model, shape, names), table)
            found = selected_values(render(model, shape=shape, keys=(), columns=names))
            assert list(expected) == list(found)
            assert [name for name in expected if not same(expected[name], found[name])] == []


@pytest.mark.sweep
@pytest.mark.parametrize("files", TABLES)
def test_every_column_of_every_row_is_the_same_in_sqlite_and_numpy(
    files: list[str | Path],
) -> None:
    table, types = rows_of(files)
    for variant in VARIANTS:
        model = deciding_model(variant)
        for shape in SHAPES:
            names = row_outputs(model, shape)
            expected = compute(stages(model, shape, names), table)
            found = sqlite_columns(model, shape, table, types)
            assert [name for name in names if not same(expected[name], found[name])] == []


@pytest.mark.parametrize("files", TABLES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_rank_is_the_same_in_both_engines_and_numpy(
    variant: str, files: list[str | Path]
) -> None:
    table, types = rows_of(files)
    model = deciding_model(variant)
    ours = evaluate(stages(model, columns=RANKED), table)
    keys = text_cells(table["contact_id"])
    expected = dict(zip(keys, zip(*(ours[name] for name in RANKED), strict=True), strict=True))
    engine.load(table, types, keep_nan=True)
    found = selected_values(render(model, columns=RANKED))
    lite = sqlite_columns(model, "standardized", table, types, RANKED, model.keys)
    for result in (found, lite):
        theirs = zip(*(result[name] for name in RANKED), strict=True)
        by_key = dict(zip(text_cells(result["contact_id"]), theirs, strict=True))
        assert str(by_key) == str({key: expected[key] for key in by_key})
        assert len(by_key) == len(expected)


def text_cells(values: Values) -> list[str | None]:
    assert isinstance(values, Texts)
    return values.values()


MODELS_OF_PART = 40 if RELEASE else 10


@pytest.mark.parametrize("part", sweep(range(5), 5))
def test_every_column_of_random_models_and_rows_with_ties_is_the_same_in_duckdb_and_numpy(
    part: int,
) -> None:
    try_part(check_every_column, part, same=True)


@settings(max_examples=MODELS_OF_PART, database=None)
@given(deciding_models_with_tables())
def check_every_column(drawn: Drawn) -> None:
    engine.load(drawn.table, drawn.types, keep_nan=True)
    for shape in SHAPES:
        names = row_outputs(drawn.model, shape)
        expected = compute(stages(drawn.model, shape, names), drawn.table)
        found = selected_values(render(drawn.model, shape=shape, keys=(), columns=names))
        assert [name for name in names if not alike(expected[name], found[name])] == []
    ranks = evaluate(stages(drawn.model, columns=RANKED), drawn.table)
    ranked = selected_values(render(drawn.model, columns=RANKED))
    places = [text_cells(drawn.table["id"]).index(key) for key in text_cells(ranked["id"])]
    for name in RANKED:
        assert same(ranks[name][places], ranked[name]), name


def alike(expected: Values, found: Values) -> bool:
    """Compare two columns; one of nothing but NULL may have lost its type."""
    if isinstance(expected, Texts) and expected.missing().all():
        return isinstance(found, Texts) and bool(found.missing().all())
    return same(expected, found)


@pytest.fixture(scope="module")
def many() -> list[Scored]:
    """Score random models with ties, of a few terms, and one of many."""
    found: list[Scored] = []

    @seed(11)
    @settings(max_examples=100, database=None)
    @given(deciding_models_with_tables())
    def collect(drawn: Drawn) -> None:
        found.append(scored(drawn.model, drawn.table))

    collect()
    assert len(found) >= 100
    return [*found, wide()]


def wide() -> Scored:
    """Score a model of more terms than a sum has items; one of its rows has no reason."""
    count, random = 70, np.random.RandomState(3)
    names = [f"x{place}" for place in range(count)]
    terms = tuple(Standardized(n, 0.5, 0.25, (-1) ** i / count) for i, n in enumerate(names))
    columns = tuple(Number(name, 0.5) for name in names)
    rules = Decisions(scale=Scale("probability", percent_cuts()), reasons=10)
    model = ScoringModel("wide", ("id",), columns, terms, Logit(-0.5, 40.0), PROVENANCE, rules)
    values = [0.0, 0.3, 1.0, np.nan]
    silent = np.arange(40) == 7
    table: dict[str, Values] = {
        name: np.where(silent, np.nan, random.choice(values, 40)) for name in names
    }
    return scored(model, table | {"id": texts(map(str, range(40)))})


@pytest.mark.sweep
def test_the_random_rows_have_ties_of_every_kind(many: list[Scored]) -> None:
    kinds = {"scores": 0, "effects": 0, "no consent": 0, "no reason": 0}
    for one in many:
        basis = [value for value in one.basis() if not isnan(value)]
        kinds["scores"] += len(set(basis)) < len(basis)
        effects = one.listed("effect").values()
        sizes = [[abs(effect[row]) for effect in effects if effect[row]] for row in one.rows()]
        kinds["effects"] += any(len(set(row)) < len(row) for row in sizes)
        kinds["no consent"] += any(map(isnan, one.basis()))
        kinds["no reason"] += any(not row for row in sizes)
    assert min(kinds.values()) >= 5, kinds


def test_the_score_never_falls_with_the_log_odds_and_counts_the_cuts_reached(
    many: list[Scored],
) -> None:
    for one in many:
        scale = one.model.decisions.scale
        assert scale is not None
        pairs = [
            (value, found)
            for value, found in zip(one.basis(), one.numbers("score_100"), strict=True)
            if not isnan(value)
        ]
        assert [found for _, found in pairs] == [bisect_right(scale.cuts, v) for v, _ in pairs]
        rising = [found for _, found in sorted(pairs)]
        assert rising == sorted(rising)


def test_a_band_begins_at_its_cut(many: list[Scored]) -> None:
    for one in many:
        bands = one.model.decisions.bands
        if bands is None:
            continue
        lowest_first = bands.bands[::-1]
        lows = [band.low for band in lowest_first if band.low is not None]
        actions = one.texts("action") if "action" in one.found else [None] * len(one.rows())
        for value, name, action in zip(one.basis(), one.texts("band"), actions, strict=True):
            if not isnan(value):
                band = lowest_first[bisect_right(lows, value)]
                assert (name, action) == (band.name, band.action or None)


def test_the_decision_is_1_from_the_threshold_on(many: list[Scored]) -> None:
    for one in many:
        threshold = one.model.decisions.threshold
        if threshold is None:
            continue
        for value, found in zip(one.basis(), one.numbers("decision"), strict=True):
            if not isnan(value):
                assert found == (value >= threshold.log_odds)


def has_consent(one: Scored) -> list[bool]:
    """Tell which rows may be contacted, by the table alone."""
    rule = one.model.decisions.consent
    if rule is None:
        return [True] * len(one.rows())
    held = one.table[rule.column]
    if isinstance(held, Texts):
        return [text in rule.yes for text in held.values()]
    return [value == 1 for value in held.tolist()]


def test_a_row_without_consent_has_nothing_but_its_status(many: list[Scored]) -> None:
    seen = 0
    for one in many:
        for row, asked in enumerate(has_consent(one)):
            if one.model.decisions.consent:
                assert one.texts("status")[row] == ("scored" if asked else "no_consent")
            if asked:
                assert not isnan(one.numbers("score_100")[row])
                continue
            seen += 1
            for name, values in one.found.items():
                cell = one.texts(name)[row] if isinstance(values, Texts) else None
                number = None if isinstance(values, Texts) else one.numbers(name)[row]
                assert name == "status" or (cell is None and (number is None or isnan(number)))
    assert seen


def test_ranks_and_deciles_are_those_of_a_sort_by_hand(many: list[Scored]) -> None:
    for one in many:
        keys, basis = text_cells(one.table["id"]), one.basis()
        owned = one.model.decisions.owner
        owners = text_cells(one.table[owned]) if owned else [None] * len(keys)
        order = sorted(
            (row for row in one.rows() if not isnan(basis[row])),
            key=lambda row, basis=basis, keys=keys: (-basis[row], keys[row]),  # type: ignore[misc]
        )
        expected = {name: [np.nan] * len(keys) for name in RANKED}
        for place, row in enumerate(order):
            before = [other for other in order[:place] if owners[other] == owners[row]]
            expected["rank"][row] = len(before) + 1
            expected["decile"][row] = 10 * place // len(order) + 1
        for name in RANKED:
            assert same_bits(np.array(expected[name]), np.array(one.numbers(name))), name


def grade(effect: float) -> int:
    """Say how far an effect moves a row, as finely as reasons tell."""
    size = abs(effect)
    return floor(size / (size + 16.0) * 2.0**38)


def test_reasons_are_the_largest_effects_the_earlier_term_first_of_equal_ones(
    many: list[Scored],
) -> None:
    for one in many:
        effects = one.listed("effect")
        places = [f"reason_{p}" for p in range(1, 11) if f"reason_{p}" in one.found]
        assert len(places) == min(one.model.decisions.reasons, len(effects))
        for row in one.rows():
            sizes = {n: 0 if isnan(e[row]) else grade(e[row]) for n, e in effects.items()}
            moved = [n for n in sorted(sizes, key=lambda n, own=sizes: -own[n]) if sizes[n]]  # type: ignore[misc]
            for place, name in zip(places, moved, strict=False):
                assert told_by(one.model, one.texts(place)[row]) == name
                found = one.numbers(f"{place}_effect")[row]
                assert found.hex() == effects[name][row].hex()
            for place in places[len(moved) :]:
                assert one.texts(place)[row] is None
                assert isnan(one.numbers(f"{place}_effect")[row])


def told_by(model: ScoringModel, text: str | None) -> str:
    """Find the column a reason speaks of."""
    assert text is not None
    text = text.removeprefix("against: ")
    words = {w.column: w for w in model.decisions.wordings}
    for term in model.terms:
        own = words.get(term.column, Wording(term.column))
        if text.startswith(f"{own.description or term.column}: ") or text in (own.high, own.low):
            return term.column
    raise AssertionError(text)


def test_grades_tell_effects_apart_as_finely_as_documented() -> None:
    for size in (1e-10, 1e-9, 0.01, 1.0):
        assert grade(size) < grade(size + 1e-9) or size > 0.5
    assert grade(2.9e-11) == 0 < grade(1e-10)


def test_contributions_add_up_to_the_lead_score_and_effects_are_scaled_contributions(
    many: list[Scored],
) -> None:
    for one in many:
        link = one.model.link
        assert isinstance(link, Logit)
        contributions, effects = one.listed("contribution"), one.listed("effect")
        for row in one.rows():
            parts = [values[row] for values in contributions.values()]
            total = added([added(parts[i : i + 32]) for i in range(0, len(parts), 32)])
            assert one.numbers("lead_score")[row].hex() == total.hex()
            weighted = link.intercept + link.scale * total
            assert one.numbers("log_odds")[row].hex() == weighted.hex()
            in_trees = (
                {split.column for split in splits(one.model.trees)} if one.model.trees else {}
            )
            for name, values in effects.items():
                if name in in_trees:  # these are in test_trees.py
                    continue
                assert values[row].hex() == (link.scale * contributions[name][row]).hex()


def added(parts: Sequence[float]) -> float:
    total, *others = parts
    for part in others:
        total += part
    return total


def gap(one: Scored, row: int) -> tuple[float, float]:
    """Measure how far intercept and effects are from the log-odds, and what rounding explains.

    Each of the roundings is half a unit in the last place at most of what it rounds, and none of
    that is larger than the largest: n - 1 sums of contributions (and of groups of 32), which the
    scale multiplies, that product, the sum with the intercept, and n products that are effects.
    """
    link = one.model.link
    assert isinstance(link, Logit)
    parts = [values[row] for values in one.listed("contribution").values()]
    effects = [values[row] for values in one.listed("effect").values()]
    partial = [added(group) for i in range(0, len(parts), 32) for group in beginnings(parts, i)]
    partial += [added(partial[31::32][:n]) for n in range(1, len(parts) // 32 + 1)]
    log_odds = one.numbers("log_odds")[row]
    sizes = [abs(link.scale * value) for value in partial]
    largest = max(*sizes, *map(abs, effects), abs(log_odds), abs(link.intercept))
    exact = Fraction(link.intercept) + sum(map(Fraction, effects))
    # The sizes here are rounded themselves: a half more.
    roundings = len(parts) - 1 + 2 + len(parts) + 0.5
    if one.model.trees:
        # The effects of a tree are the way from its mean to a leaf: three splits, each rounded in
        # the mean of up to eight leaves and in a sum for each column.
        means = [expect(tree)[0] for tree in one.model.trees.trees]
        exact += Fraction(link.scale) * sum(map(Fraction, means))
        roundings += 50.0 * len(means)
        reach = [max(abs(leaf.contribution) for leaf in leaves(t)) for t in one.model.trees.trees]
        largest = max(largest, link.scale * sum(reach))
    bound = roundings / 2 * ulp(largest) + roundings * ulp(0.0) * max(1.0, link.scale)
    return float(abs(exact - Fraction(log_odds))), bound


def beginnings(parts: Sequence[float], start: int) -> list[Sequence[float]]:
    group = parts[start : start + 32]
    return [group[:n] for n in range(1, len(group) + 1)]


def test_intercept_and_effects_add_up_to_the_log_odds_but_for_rounding(
    many: list[Scored],
) -> None:
    for one in many:
        for row, asked in enumerate(has_consent(one)):
            if asked:
                difference, bound = gap(one, row)
                assert difference <= bound


@pytest.mark.sweep
def test_on_the_committed_data_effects_add_up_within_3_ulp_of_the_largest_part() -> None:
    table, _ = rows_of(["data/valid.csv"])
    one = scored(replace(load("outputs/model.json"), decisions=Decisions(reasons=1)), table)
    found = [gap(one, row) for row in one.rows()]
    # Seven terms: 15.5 roundings, half an ulp each.
    assert max(difference / (bound / 7.75) for difference, bound in found) <= 3


def formulas_of(model: ScoringModel, table: dict[str, Values], columns: Sequence[str]) -> Floats:
    """Compute a few columns in numpy, the first of which is returned, and hold DuckDB to it."""
    found = evaluate(stages(model, columns=columns), table)
    engine.load(table, {"last seen": "DATE", "until": "DATE"}, keep_nan=True)
    in_duckdb = selected_values(render(model, keys=(), columns=columns))
    assert all(same(found[name], in_duckdb[name]) for name in columns)
    return found[columns[0]]


def by_one(rules: Decisions, scale: float = 1.0) -> ScoringModel:
    """Make a model whose log-odds are `scale * x`, to the bit where the scale is a power of 2."""
    term = Standardized("x", 0.0, 1.0, 1.0)
    column = Number("x", 0.0)
    return ScoringModel("one", ("id",), (column,), (term,), Logit(0.0, scale), PROVENANCE, rules)


def adjusted(factors: Floats, rule: Adjustment) -> Floats:
    """Say what factors add to log-odds of 0."""
    table: dict[str, Values] = {"x": np.zeros(len(factors)), rule.column: factors}
    return formulas_of(by_one(Decisions(adjustment=rule)), table, ["adjusted_log_odds"])


@pytest.mark.parametrize(("low", "high"), [(0.5, 2.0), (0.8, 1.2), (0.9, 1.0), (1.0, 1.01)])
def test_the_series_of_the_adjustment_is_the_logarithm_within_4_ulp(
    low: float, high: float
) -> None:
    # f + 1, the quotient, the last sum of the series and the last product round by half an ulp of
    # their result, 2**-53 of it at most; f - 1 and the doubling are exact, and what is rounded
    # before the last sum is a ninth of it or less. Half an ulp can be half as large a share, so
    # that makes 4.4 halves twice over, and half an ulp of math.log's own: found are 3.
    random = np.random.RandomState(1)
    near_one = [1 + sign * 2.0**-k for k in range(4, 53) for sign in (-1, 1)]
    factors = np.r_[random.uniform(low, high, 20_000), np.linspace(low, high, 2_001), near_one]
    factors = factors[(factors >= low) & (factors <= high)]
    found = adjusted(factors, Adjustment("judgement", low, high))
    expected = np.array([log(factor) for factor in factors.tolist()])
    assert (np.abs(found - expected) <= 4 * np.spacing(np.abs(expected))).all()
    assert np.abs(found - expected).max() <= 3e-16


def test_a_factor_is_cut_to_its_bounds_and_1_where_it_is_missing() -> None:
    factors = np.array([0.1, -3.0, 0.0, 0.8, 1.2, 7.0, 1e99, np.nan, 1e101, np.inf, -np.inf, 1.0])
    found = adjusted(factors, Adjustment("judgement"))
    low, high = log(0.8), log(1.2)
    expected = np.array([low] * 4 + [high] * 3 + [0.0] * 5)
    assert (np.abs(found - expected) <= 2 * np.spacing(np.abs(expected))).all()
    assert (found[:4] == found[3]).all()
    assert (found[4:7] == found[4]).all()


def test_a_factor_works_on_the_odds_after_calibration() -> None:
    rules = Decisions(calibration=PLATT, adjustment=Adjustment("judgement", 0.5, 2.0))
    x = np.array([-3.0, 0.0, 0.7, 5.0])
    columns = ["adjusted_log_odds", "calibrated_log_odds", "probability", "adjusted_probability"]
    table: dict[str, Values] = {"x": x, "judgement": np.full(4, 2.0)}
    found = formulas_of(by_one(rules), table, columns)
    calibrated = [-0.125 + 0.9 * value for value in x.tolist()]
    assert np.allclose(found, [value + log(2) for value in calibrated], rtol=0, atol=1e-15)
    one = scored(by_one(rules), table | {"id": texts("abcd")})
    for place, value in enumerate(calibrated):
        p, adjusted_p = (
            one.numbers("probability")[place],
            one.numbers("adjusted_probability")[place],
        )
        assert abs(p - 1 / (1 + exp(-value))) < 1e-15
        # Twice the odds.
        assert abs(adjusted_p / (1 - adjusted_p) / (p / (1 - p)) - 2) < 1e-13


def test_a_factor_that_is_no_number_is_told_in_one_line(tmp_path: Path) -> None:
    model = by_one(Decisions(adjustment=Adjustment("judgement")))
    path = tmp_path / "leads.csv"
    path.write_text("id,x,judgement\na,1,1.1\nb,2,abc\nc,3,0.9\n")
    with pytest.raises(TableError) as refused:
        score(model, path)
    assert "\n" not in str(refused.value)
    assert "column 'judgement' is numeric but for 'abc' on line 3" in str(refused.value)
    path.write_text("id,x,judgement\na,1,much\n")
    with pytest.raises(TableError, match="column 'judgement' must hold numbers, not text"):
        check_columns(open_table(path), model)


def decayed(days: Floats, half_life_days: float, x: float = 0.0) -> Floats:
    """Give the log-odds of rows seen so many days before 2026-02-28, day 20,512."""
    rule = Decay("last seen", half_life_days, until_day="2026-02-28")
    table: dict[str, Values] = {"x": np.full(len(days), x), "last seen": 20512.0 - days}
    return formulas_of(by_one(Decisions(decay=rule)), table, ["adjusted_log_odds"])


@pytest.mark.parametrize("half_life_days", [1.0, 7.0, 30.0, 45.0, 90.0, 365.0])
def test_after_a_half_life_half_the_odds_are_left(half_life_days: float) -> None:
    days = half_life_days * np.array([1.0, 2.0, 10.0])
    lost = -decayed(days, half_life_days)
    # One rounding of the quotient, one of the product.
    assert (np.abs(lost - log(2) * np.array([1, 2, 10])) <= 1.5 * np.spacing(lost)).all()
    one = scored(
        by_one(Decisions(decay=Decay("last seen", half_life_days, until_day="2026-02-28"))),
        {"x": np.array([0.5]), "last seen": 20512 - days[:1], "id": texts("a")},
    )
    before, after = one.numbers("probability")[0], one.numbers("adjusted_probability")[0]
    assert abs(after / (1 - after) / (before / (1 - before)) - 0.5) <= 5e-16


def test_a_date_to_come_or_missing_takes_nothing_away() -> None:
    found = decayed(np.array([-1.0, -4000.0, np.nan, 0.0, 1.0]), 30.0, x=0.75)
    assert found[:4].tolist() == [0.75] * 4
    assert found[4] == 0.75 - log(2) / 30


def test_odds_decay_until_the_date_in_a_column() -> None:
    rule = Decay("last seen", 10.0, until_column="until")
    table: dict[str, Values] = {
        "x": np.zeros(5),
        "last seen": np.array([100.0, 100.0, 100.0, np.nan, np.nan]),
        "until": np.array([130.0, 90.0, np.nan, 130.0, np.nan]),
    }
    found = formulas_of(by_one(Decisions(decay=rule)), table, ["adjusted_log_odds"])
    assert found.tolist() == [-30 * (log(2) / 10), 0, 0, 0, 0]


def mapped(calibration: Calibration, log_odds: Sequence[float]) -> list[float]:
    table: dict[str, Values] = {"x": np.array(log_odds)}
    model = by_one(Decisions(calibration=calibration))
    return [float(v) for v in formulas_of(model, table, ["calibrated_log_odds"])]


def test_platts_line_by_hand() -> None:
    assert mapped(Platt(-0.25, 0.5), [-2.0, 0.0, 0.5, 3.0]) == [-1.25, -0.25, 0.0, 1.25]
    assert mapped(Platt(0.1, 0.3), [0.7, -1e6]) == [0.1 + 0.3 * 0.7, 0.1 + 0.3 * -1e6]


def test_an_isotonic_curve_by_hand_at_its_points_between_and_beyond() -> None:
    by_hand = {
        -1e6: -1.5,
        nextafter(-2.0, -3): -1.5,
        -2.0: -1.5,
        -1.5: -1.375,
        -1.0: -1.25,
        -0.75: -1.25,
        -0.5: -1.25,
        0.25: -0.25,
        0.5: -0.25 + 0.25 * 4 / 3,
        1.0: 0.75,
        1.75: 1.375,
        nextafter(2.5, 2): 2.0,
        2.5: 2.0,
        nextafter(2.5, 3): 2.0,
        1e6: 2.0,
    }
    found = mapped(ISOTONIC, list(by_hand))
    assert np.allclose(found, list(by_hand.values()), rtol=0, atol=4e-16)
    knots = {knot.at: knot.log_odds for knot in ISOTONIC.points}
    assert mapped(ISOTONIC, list(knots)) == list(knots.values())


def test_a_calibrated_model_decides_by_calibrated_log_odds() -> None:
    rules = Decisions(
        calibration=Platt(1.0, 2.0),
        threshold=Threshold(3.0, "by hand"),
        bands=Bands("probability", (Band("hot", 3.0), Band("cold"))),
    )
    x = np.array([nextafter(1.0, 0), 1.0])
    one = scored(by_one(rules), {"x": x, "id": texts("ab")})
    assert one.numbers("log_odds") == x.tolist()
    # The neighbour of 1 below is mapped to that of 3, or to 3.
    assert one.numbers("decision") == [float(1 + 2 * x[0] >= 3), 1.0]
    assert one.texts("band") == ["hot" if 1 + 2 * x[0] >= 3 else "cold", "hot"]


def steps_away(value: float, steps: int) -> float:
    for _ in range(abs(steps)):
        value = nextafter(value, np.inf if steps > 0 else -np.inf)
    return value


def test_the_cuts_of_whole_percents_are_where_the_probability_rounds() -> None:
    shares = [1 / (1 + exp(-cut)) for cut in percent_cuts()]
    for place, found in enumerate(shares, start=1):
        assert abs(100 * found - (place - 0.5)) <= 8e-9


def test_at_every_cut_the_fast_way_to_the_score_agrees_with_counting() -> None:
    # 8e-9 of a percent from a cut, on both sides, the probability alone would be wrong; engines'
    # own exp moves it by two steps besides.
    scale = Scale("probability", percent_cuts())
    near = [0, *(s * 10**k for s in (-1, 1) for k in range(9))]
    values = [steps_away(c, s) for c in scale.cuts for s in (-2, -1, 0, 1, 2)]
    values += [c + ulp(c) * s for c in scale.cuts for s in near]
    values += np.random.RandomState(2).normal(0, 3, 20_000).tolist()
    values += [-800.0, -708.5, -40.0, 40.0, 708.5, 1e300, -1e300]
    expected = [bisect_right(scale.cuts, value) for value in values]
    written = Stage("one", (Named("o", odds(Column("v"))), Named("v", Column("v"))))
    of_odds = Stage("two", (Named("p", share(Column("o"))), Named("v", Column("v"))))
    p = evaluate([written, of_odds], {"v": np.array(values)})["p"]
    percent = Stage("percent", (deciding.percent_and_half(Column("p")), Named("v", Column("v"))))
    told = Stage("score", (Named("s", deciding.score_100(scale, Column("v"))),))
    for steps in (-2, -1, 0, 1, 2):
        moved = np.array([min(max(steps_away(one, steps), 0.0), 1.0) for one in p.tolist()])
        found = evaluate([percent, told], {"v": np.array(values), "p": moved})["s"]
        assert found.tolist() == expected


def reasoning(columns: Sequence[str], wordings: tuple[Wording, ...] = ()) -> ScoringModel:
    """Make a model with terms of several kinds, half of a column's weight each."""
    every: dict[str, tuple[InputColumn, Term]] = {
        "age": (Number("age", 40.0), Standardized("age", 40.0, 10.0, -0.25)),
        "visits": (
            Number("visits", 0.0),
            Curve("visits", 0.25, (Point(0.0, -0.5), Point(2.0, 0.0), Point(12345.0, 1.0))),
        ),
        "source": (
            Category("source", ("?",)),
            Levels(
                "source",
                0.25,
                (Level("ad", 0.75, 0.3), Level("it's", -0.75, 0.3)),
                Level("", 0.125, 0.3),
                Level("", -0.125, 0.1),
            ),
        ),
        "price": (Number("price", 10.0), Ranged("price", 10.0, 20.0, -0.25)),
    }
    share_of_each = 1 / len(columns)
    terms = tuple(
        replace(every[c][1], weight=copied(every[c][1].weight, share_of_each)) for c in columns
    )
    inputs = tuple(every[c][0] for c in columns)
    rules = Decisions(reasons=4, wordings=wordings)
    return ScoringModel("told", ("id",), inputs, terms, Logit(0.0, 2.0), PROVENANCE, rules)


def copied(weight: float, size: float) -> float:
    return -size if weight < 0 else size


def first_reasons(
    column: str, values: Values, wordings: tuple[Wording, ...] = ()
) -> list[str | None]:
    model = reasoning([column], wordings)
    engine.load({column: values}, {column: "VARCHAR"} if isinstance(values, Texts) else {})
    found = selected_values(render(model, keys=(), columns=["reason_1", "reason_1_effect"]))
    assert isinstance(found["reason_1"], Texts)
    said = found["reason_1"].values()
    effects = found["reason_1_effect"]
    assert not isinstance(effects, Texts)
    assert [text is None for text in said] == np.isnan(effects).tolist()
    against = [text is not None and text.startswith("against: ") for text in said]
    assert against == (effects < 0).tolist()
    return [None if text is None else text.removeprefix("against: ") for text in said]


def test_a_reason_that_lowers_the_score_says_so_whatever_its_words() -> None:
    words = (Wording("age", high="an old hand", low="young"),)
    model = reasoning(["age"], words)
    found = compute(stages(model, columns=["reason_1"]), {"age": np.array([30.0, 50.0])})
    assert text_cells(found["reason_1"]) == ["young", "against: an old hand"]


@pytest.mark.parametrize("words", [(), (Wording("year", high="late", low="early"),)])
def test_a_curve_is_for_or_against_as_it_stands_at_the_very_value(
    words: tuple[Wording, ...],
) -> None:
    heights = (0.5, -0.75, -0.25, 1.0)
    points = tuple(map(Point, (0.0, 1.0, 2.0, 4.0), heights))
    rules = Decisions(reasons=1, wordings=words)
    terms = (Curve("year", 1.0, points),)
    model = ScoringModel(
        "year", (), (Number("year", 1.5),), terms, Logit(0.0, 1.0), PROVENANCE, rules
    )
    at = np.concatenate((np.linspace(-1, 5, 601), np.random.RandomState(0).uniform(0, 4, 400)))
    engine.load({"year": at}, {})
    found = selected_values(render(model, keys=(), columns=["reason_1", "reason_1_effect"]))
    said, effects = found["reason_1"], found["reason_1_effect"]
    assert isinstance(said, Texts)
    assert not isinstance(effects, Texts)
    expected = np.interp(at, (0.0, 1.0, 2.0, 4.0), heights)
    assert np.abs(np.nan_to_num(effects) - expected).max() < 1e-12
    texts_said = said.values()
    for value, height, text in zip(at, expected, texts_said, strict=True):
        if abs(height) > 1e-12:
            assert text is not None
            assert text.startswith("against: ") == (height < 0), value
            if words:
                assert text.removeprefix("against: ") == ("late" if value >= 1.5 else "early")


def test_reasons_say_on_which_side_a_value_is() -> None:
    ages = np.array([30.0, 50.0, np.nan, 40.0])
    assert first_reasons("age", ages) == ["age: low", "age: high", None, None]
    words = (Wording("age", "years of age", high="an old hand"),)
    assert first_reasons("age", ages, words) == [*("years of age: low", "an old hand", None, None)]


def test_a_range_of_which_low_is_better_is_low_below_its_worse_end() -> None:
    prices = np.array([10.0, 15.0, 20.0, 25.0])
    assert first_reasons("price", prices) == ["price: low", "price: low", None, "price: high"]


def test_reasons_name_the_level_or_the_range() -> None:
    sources = texts(["ad", "it's", "tv", None, "?"])
    assert first_reasons("source", sources) == [
        *("source: ad", "source: it's", "source: another value"),
        *("source: missing", "source: missing"),
    ]
    visits = np.array([-1.0, 0.0, 1.9, 2.0, 12344.0, 12345.0, np.nan])
    assert first_reasons("visits", visits) == [
        *("visits: below 0", "visits: 0 to 2", "visits: 0 to 2", None),
        *("visits: 2 to 1.234e+04", "visits: 1.234e+04 or more", "visits: 0 to 2"),
    ]


def test_ranges_that_look_alike_in_four_digits_get_more() -> None:
    column = Number("year", 2020.5)
    term = Curve("year", 1.0, (Point(2020.25, -1.0), Point(2020.5, 0.5), Point(2024.0, 1.0)))
    rules = Decisions(reasons=1)
    model = ScoringModel("year", (), (column,), (term,), Logit(0.0, 1.0), PROVENANCE, rules)
    found = compute(stages(model, columns=["reason_1"]), {"year": np.array([2020.3, 2021.0])})
    assert text_cells(found["reason_1"]) == [
        "against: year: 2020.2 to 2020.5",
        "year: 2020.5 to 2024",
    ]


def test_of_two_terms_that_move_a_row_alike_the_earlier_is_told_first() -> None:
    terms = tuple(Standardized(name, 0.0, 1.0, weight) for name, weight in SAME.items())
    columns = tuple(Number(name, 0.0) for name in SAME)
    rules = Decisions(reasons=3)
    model = ScoringModel("alike", (), columns, terms, Logit(0.0, 4.0), PROVENANCE, rules)
    table: dict[str, Values] = {
        "b": np.array([1.0, 1.0, 0.0]),
        "a": np.array([1.0, -1.0, -1.0]),
        "d": np.array([1.0, 1.0, 0.0]),
        "c": np.array([2.0, 0.0, 1.0]),
    }
    found = compute(stages(model, columns=[f"reason_{p}" for p in (1, 2, 3)]), table)
    rows = zip(*(text_cells(found[f"reason_{p}"]) for p in (1, 2, 3)), strict=True)
    assert list(rows) == [
        ("c: high", "b: high", "against: a: high"),
        ("b: high", "a: low", "d: high"),
        ("a: low", "c: high", None),
    ]


SAME = {"b": 0.25, "a": -0.25, "d": 0.25, "c": 0.25}


@pytest.mark.parametrize("shape", SHAPES)
def test_consent_is_a_flag_or_one_of_some_texts(shape: Shape) -> None:
    table: dict[str, Values] = {"x": np.array([1.0, 2.0, 3.0, 4.0])}
    flag = by_one(Decisions(consent=Consent("ok")))
    told_by_text = by_one(Decisions(consent=Consent("ok", ("yes", "Ja "))))
    flags, words = np.array([1.0, 0.0, np.nan, 1.0]), texts(["yes", "Yes", None, "Ja "])
    for model, held in ((flag, flags), (told_by_text, words)):
        columns = ["status", "lead_score", "probability"]
        found = compute(stages(model, shape, columns), table | {"ok": held})
        assert text_cells(found["status"]) == ["scored", "no_consent", "no_consent", "scored"]
        assert str(found["lead_score"]) == "[ 1. nan nan  4.]"


def test_where_nobody_consents_there_are_no_ranks_and_nothing_is_divided_by_zero() -> None:
    model = by_one(Decisions(consent=Consent("ok")))
    table: dict[str, Values] = {"x": np.ones(3), "ok": np.zeros(3), "id": texts("abc")}
    engine.load(table, {"ok": "BOOLEAN", "id": "VARCHAR"})
    sql = render(model, columns=RANKED)
    found = selected_values(sql)
    for name in RANKED:
        values = found[name]
        assert not isinstance(values, Texts)
        assert np.isnan(values).all()
    # PostgreSQL raises on a division by zero; a CASE keeps it from dividing.
    before, after = sql.split(' / CAST("scored_rows"')
    assert before.rstrip().splitlines()[-1].strip().startswith("THEN")
    assert after.lstrip().startswith('AS DOUBLE)\n    END AS "tenths_before"')


def test_a_model_that_would_need_too_many_texts_gives_no_reasons_but_all_else() -> None:
    levels = tuple(Level(f"level {place}", 0.0, 0.0) for place in range(4094))
    term = Levels("source", 1.0, levels, Level("", 0.5, 0.0), Level("", -0.5, 0.0))
    rules = Decisions(reasons=1, scale=Scale("probability", percent_cuts()))
    columns = (Category("source"),)
    most = ScoringModel("most", (), columns, (term,), Logit(0.0, 1.0), PROVENANCE, rules)
    assert outputs(most)[-2:] == ("reason_1", "reason_1_effect")
    table: dict[str, Values] = {"source": texts([None, "x", "level 7"])}
    found = compute(stages(most, columns=["reason_1"]), table)["reason_1"]
    assert text_cells(found) == [
        *("against: source: missing", "source: another value", None),
    ]
    more = replace(term, levels=(*levels, Level("one more", 0.0, 0.0)))
    beyond = replace(most, terms=(more,))
    assert outputs(beyond) == ("lead_score", "log_odds", "probability", "score_100")
    with pytest.raises(UnsupportedError, match="a row is given fewer reasons: plan more"):
        stages(beyond, columns=["reason_1"])


@pytest.mark.sweep
def test_ten_reasons_of_seventy_terms_are_a_select_of_less_than_a_megabyte() -> None:
    # Each comparison writes both of its sides twice, so they are made two by two.
    model = wide().model
    assert len(render(model, columns=[f"reason_{place}" for place in range(1, 11)])) < 800_000
