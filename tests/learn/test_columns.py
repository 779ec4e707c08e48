"""What becomes of each column: the rules, the dictionary over them, and a dictionary written."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import Result

import leadweights as lw
from leadweights.errors import DictionaryError
from leadweights.learn.prepare.columns import Decision
from leadweights.learn.problem import open_problem
from leadweights.learn.recipe import Limits
from leadweights.learn.train import decide_columns
from leadweights.model.model import (
    Category,
    DaysSince,
    Flag,
    InText,
    Missing,
    Month,
    Number,
    Plain,
    Weekday,
)
from leadweights.model.terms import Ranged
from tests.support.commands import invoke
from tests.support.learning import fit

ROWS = 200
PLACE = np.arange(ROWS)
NOISE = np.random.RandomState(0).normal(size=ROWS)
FIRST = pd.Timestamp("2026-01-01")
DAYS = pd.Series(FIRST + pd.to_timedelta(PLACE, unit="D"))


def table(**columns: Any) -> pd.DataFrame:
    """Put columns beside a label that none of them knows."""
    rows = len(next(iter(columns.values())))
    label = np.random.RandomState(1).permutation(rows) % 2
    return pd.DataFrame({**columns, "label": label})


def decided(values: Any, name: str = "a", words: object = None, **others: Any) -> Decision:
    """Decide on one column; `words` is what the dictionary says of it."""
    said = None if words is None else {name: words}
    found, _ = lw.columns(table(**{name: values}, **others), dictionary=said)
    return next(decision for decision in found if decision.column == name)


def number(values: Any, words: object = None, **others: Any) -> Number:
    found = decided(values, words=words, **others).inputs[0]
    assert isinstance(found, Number)
    return found


def category(values: Any, words: object = None) -> Category:
    (found,) = decided(values, words=words).inputs
    assert isinstance(found, Category)
    return found


def with_gaps(values: Any, every: int = 4) -> "pd.Series[Any]":
    """Take away every fourth value."""
    found = pd.Series(values, dtype=float)
    found[PLACE % every == every - 1] = np.nan
    return found


# The rules.


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (NOISE, "number"),
        (PLACE % 3, "number"),
        (PLACE % 2, "number"),
        ([f"{value:.3f}" for value in NOISE], "number"),
        (PLACE % 3 == 0, "flag"),
        (np.where(PLACE % 3, "Yes", "No"), "flag"),
        (np.where(PLACE % 3, "t", "f"), "flag"),
        (np.where(PLACE % 3, "1", "0"), "flag"),
        (np.resize(["YES", "no ", "y", "N"], ROWS), "flag"),
        (np.resize(["red", "blue"], ROWS), "category"),
        (np.resize(["yes", "no", "maybe"], ROWS), "category"),
        (DAYS, "date"),
        (DAYS.dt.date, "date"),
    ],
)
def test_a_column_is_what_its_values_are(values: Any, kind: str) -> None:
    assert decided(values).kind == kind


def test_words_for_yes_and_no_are_kept_as_they_are_spelled() -> None:
    values = np.resize(["YES", "no ", "y"], ROWS)
    assert decided(values).inputs == (Flag("a", 1.0, ("YES", "y"), ("no ",)),)


def test_numbers_in_text_are_read_and_what_is_usually_missing_is_missing() -> None:
    values = np.where(PLACE % 5 == 0, "NA", [f" {value:.3f}" for value in NOISE])
    found = number(values)
    assert found.source == InText()
    median = pd.to_numeric(pd.Series(values), errors="coerce").median()
    assert found.fill == pytest.approx(median, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("token", [f"u{i}-{i * i}" for i in PLACE], "an id: 100% of its values stand in one row"),
        ("lead_id", PLACE + 7000, "an id: whole numbers, every one another"),
        ("Lead Number", PLACE, "an id: whole numbers, every one another"),
        ("customerNo", np.arange(1000), "an id: whole numbers, every one another"),
        ("size", np.arange(1000) * 3, "an id: whole numbers, every one another"),
        ("note", [f"he said {i} times that no" for i in PLACE], "free text: 100% of its values"),
        ("one", np.full(ROWS, 3.5), "it has one value only"),
        ("word", np.full(ROWS, "x"), "it has one value only"),
        ("yes", np.full(ROWS, True), "it has one value only"),
        ("moment", np.full(ROWS, FIRST), "it has one value only"),
        ("mostly", PLACE == 3, "all but 1 of its values are the same"),
        ("mostly", np.where(PLACE == 3, 1.0, 2.0), "all but 1 of its values are the same"),
        ("mostly", np.where(PLACE == 3, "x", "y"), "all but 1 of its values are the same"),
        ("sparse", np.where(PLACE < 119, NOISE, np.nan), "40% of it is missing"),
        ("sparse", [*np.resize(["x", "y"], 60), *[None] * 140], "70% of it is missing"),
        ("sparse", np.resize(["x", "Select", "y", " select ", "n/a"], ROWS), "60% of it is miss"),
        ("void", np.full(ROWS, np.nan), "it has no value"),
        ("void", np.resize(["", "Select", "?"], ROWS), "it is empty"),
    ],
)
def test_a_column_that_says_nothing_is_left_out_with_the_reason(
    name: str, values: Any, reason: str
) -> None:
    rows = len(values)
    found = decided(values, name, other=np.random.RandomState(2).normal(size=rows))
    assert (found.kind, found.inputs) == ("left out", ())
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("age", PLACE),
        ("lead_id", PLACE // 2),
        ("nonsense", PLACE),
        ("lead_id", PLACE + 0.5),
        ("nearly", np.where(PLACE < 2, 1.0, 2.0)),
        ("sparse", np.where(PLACE < 120, NOISE, np.nan)),
        ("town", [f"town {i // 3}" for i in PLACE]),
    ],
)
def test_a_column_just_within_the_rules_is_kept(name: str, values: Any) -> None:
    assert decided(values, name).used


@pytest.mark.parametrize(
    ("words", "kind"),
    [({"kind": "number"}, "number"), ({"missing_weight": True}, "number")],
)
def test_the_dictionary_keeps_a_column_that_is_mostly_missing(
    words: dict[str, object], kind: str
) -> None:
    values = np.where(PLACE < 60, NOISE, np.nan)
    assert decided(values).kind == "left out"
    assert decided(values, words=words).kind == kind


def test_the_dictionary_keeps_an_id_that_it_calls_a_number_or_a_category() -> None:
    assert decided(PLACE, "lead_id", {"kind": "number"}).kind == "number"
    codes = [f"u{i}" if i < 100 else "common" for i in PLACE]
    assert decided(codes, words={"kind": "category"}).levels == ("common",)


def test_levels_from_one_percent_of_the_rows_on_are_kept_the_others_are_one() -> None:
    values = np.where(PLACE < 2, "two", np.where(PLACE < 3, "one", np.resize(["x", "y"], ROWS)))
    found = decided(values)
    assert found.levels == ("two", "x", "y")
    assert found.reason == "3 levels, 1 rare one as Other"


def test_a_date_gives_its_weekday_and_its_month() -> None:
    assert decided(DAYS).inputs == (Weekday("a weekday", "a"), Month("a month", "a"))
    weekly = FIRST + pd.to_timedelta(7 * (PLACE % 20), unit="D")
    assert decided(weekly).inputs == (Month("a month", "a"),)


def test_a_scale_is_changed_only_where_the_column_by_itself_gains_by_it() -> None:
    random = np.random.RandomState(3)
    amount = np.exp(random.normal(0, 2, size=2000))
    odds = np.log(amount) + random.logistic(size=2000)
    frame = pd.DataFrame({"amount": amount, "noise": np.exp(random.normal(0, 2, size=2000))})
    found, _ = lw.columns(frame.assign(label=odds > 0))
    by_name = {decision.column: decision for decision in found}
    changed = by_name["amount"].inputs[0]
    assert isinstance(changed, Number)
    assert changed.log or changed.low is not None or by_name["amount"].curve
    assert by_name["noise"].reason == "as it is"
    assert "log-loss by itself" in by_name["amount"].reason


def test_a_column_with_one_value_in_the_rows_that_are_drawn_is_left_as_it_is() -> None:
    values = np.where(np.arange(400) == 7, 5.0, 0.0)
    frame = table(a=values, b=np.arange(400) % 7)
    for seed in range(4):
        recipe = lw.Recipe(dictionary={"a": {"kind": "number"}}, seed=seed)
        with open_problem(frame, recipe, limits=Limits(rows_for_losses=100)) as problem:
            found = decide_columns(problem, problem.rows)
        assert found[0].inputs == (Number("a", 0.0),)


def test_a_bow_is_learnt_as_a_curve_and_a_line_is_not() -> None:
    random = np.random.RandomState(4)
    x = random.normal(size=(2, 2000))
    odds = 2 - 2 * x[0] ** 2 + x[1] + random.logistic(size=2000)
    found, _ = lw.columns(pd.DataFrame({"bow": x[0], "line": x[1], "label": odds > 0}))
    assert {decision.column: decision.curve for decision in found} == {"bow": True, "line": False}


# The dictionary.


@pytest.mark.parametrize("missing", [999, [999], "999", ["never", 999.0]])
@pytest.mark.parametrize("stored", ["numbers", "text"])
def test_a_number_that_means_missing_is_missing_however_it_is_written(
    missing: object, stored: str
) -> None:
    days = pd.Series(np.where(PLACE % 3 == 0, 999, PLACE % 50))
    values = days if stored == "numbers" else days.astype(str)
    found = number(values, {"kind": "number", "missing": missing})
    assert found.missing == (999.0,)
    assert found.fill == days[days != 999].median()


def test_a_number_that_means_missing_in_a_category_is_its_missing_level() -> None:
    codes = np.where(PLACE % 3 == 0, 999, PLACE % 2)
    found = decided(codes, words={"kind": "category", "missing": [999]})
    assert found.levels == ("0", "1")
    assert found.inputs == (Category("a", ("999",), whole=True),)


def test_missing_of_all_columns_holds_unless_a_column_has_its_own() -> None:
    values = np.resize(["x", "unknown", "none of it"], ROWS)
    said = {"missing": ["unknown", -1], "own": {"missing": ["none of it"]}}
    frame = table(all=values, own=values, pages=np.where(PLACE % 3, PLACE, -1))
    found, _ = lw.columns(frame, dictionary=said)
    levels = {decision.column: decision.levels for decision in found}
    assert levels == {"all": ("none of it", "x"), "own": ("unknown", "x"), "pages": None}
    pages = found[-1].inputs[0]
    assert isinstance(pages, Number)
    assert pages.missing == (-1.0,)
    assert pages.fill == np.median(PLACE[PLACE % 3 > 0])


@pytest.mark.parametrize(
    ("fill", "expected"),
    [
        (None, with_gaps(NOISE**3).median()),
        ("median", with_gaps(NOISE**3).median()),
        ("mean", with_gaps(NOISE**3).mean()),
        ("zero", 0.0),
        (-7.5, -7.5),
        (3, 3.0),
    ],
)
def test_a_missing_number_is_filled_as_the_dictionary_says(fill: object, expected: float) -> None:
    words: dict[str, object] = {"transform": "none"}
    found = number(with_gaps(NOISE**3), words | ({} if fill is None else {"fill": fill}))
    # Rounded to the tenth digit of the spread, which is 30.
    assert found.fill == pytest.approx(expected, abs=1e-8)


def test_a_missing_number_is_filled_with_the_median_of_its_segment() -> None:
    town = pd.Series(np.where(PLACE < 1, "hamlet", np.resize(["Rome", "Oslo", "Bonn"], ROWS)))
    values = with_gaps(NOISE + town.map(len))
    found = number(values, {"fill": {"median_by": "TOWN"}}, town=town)
    assert found.segments is not None
    assert found.segments.column == "town"
    medians = values.groupby(town).median().drop("hamlet")
    by_level = {segment.level: segment.fill for segment in found.segments.fills}
    assert by_level == pytest.approx(medians.to_dict(), abs=1e-9)
    assert found.fill == pytest.approx(values.median(), abs=1e-9)


def test_the_plain_median_fills_where_every_segment_is_rare() -> None:
    rare = [f"town {place}" for place in PLACE]
    found = decided(with_gaps(PLACE * 1.5), words={"fill": {"median_by": "town"}}, town=rare)
    (column,) = found.inputs
    assert isinstance(column, Number)
    assert column.segments is None
    assert column.fill == np.median((PLACE * 1.5)[PLACE % 4 != 3])
    assert found.reason.startswith(
        f"25.0% missing, filled with the median, {column.fill:g}: no level of 'town' has 1% of"
    )


def test_being_missing_has_a_weight_if_the_dictionary_says_so() -> None:
    kept = decided(with_gaps(NOISE), words={"missing_weight": True})
    assert kept.inputs[1:] == (Missing("a is missing", "a"),)
    assert len(decided(with_gaps(NOISE)).inputs) == 1
    assert len(decided(NOISE, words={"missing_weight": True}).inputs) == 1


SKEWED = np.exp(2 * NOISE)


@pytest.mark.parametrize(
    ("transform", "capped", "log"),
    [("none", False, False), ("cap", True, False), ("log", False, True), ("cap and log", 1, 1)],
)
def test_a_scale_is_the_one_the_dictionary_says(transform: str, capped: bool, log: bool) -> None:
    found = number(with_gaps(SKEWED), {"transform": transform})
    low, high = with_gaps(SKEWED).quantile([0.01, 0.99])
    ends = (found.low, found.high)
    assert ends == (pytest.approx((low, high), abs=1e-6) if capped else (None, None))
    assert found.log == bool(log)


def test_a_curve_is_learnt_where_the_dictionary_says_so() -> None:
    found = decided(NOISE, words={"transform": "curve"})
    assert found.curve
    assert found.inputs[0].name == "a"
    assert "as the dictionary says" in found.reason


def test_levels_are_those_the_dictionary_names() -> None:
    values = np.where(PLACE < 1, "rare", np.resize(["x", "y", "z"], ROWS))
    assert decided(values, words={"levels": ["rare", "x", "never seen"]}).levels == ("rare", "x")


def test_spaces_and_case_make_no_difference_where_the_dictionary_says_so() -> None:
    values = np.resize(["Google", " google", "GOOGLE ", "Bing", "?", " ? "], ROWS)
    assert decided(values).levels == (" google", "Bing", "GOOGLE ", "Google")
    assert decided(values, words={"trim": True}).levels == ("Bing", "GOOGLE", "Google", "google")
    both = {"trim": True, "casefold": True, "missing": ["?"]}
    assert decided(values, words=both).levels == ("bing", "google")
    assert category(values, both) == Category("a", ("?",), trim=True, casefold=True)
    assert decided(values, words={**both, "levels": [" Google "]}).levels == ("google",)


def test_the_age_of_a_date_is_counted_to_a_day_or_to_another_date() -> None:
    later = DAYS + pd.to_timedelta(PLACE % 9, unit="D")
    by_day = decided(DAYS, words={"since": "2027-01-01"}).inputs[0]
    assert isinstance(by_day, Number)
    assert by_day.source == DaysSince("a", until_day="2027-01-01")
    assert by_day.fill == (pd.Timestamp("2027-01-01") - DAYS).dt.days.median()
    by_column = decided(DAYS, words={"since": "LATER"}, later=later).inputs[0]
    assert isinstance(by_column, Number)
    assert by_column.source == DaysSince("a", until_column="later")
    assert by_column.fill == (later - DAYS).dt.days.median()


@pytest.mark.sweep
def test_days_have_the_direction_and_the_range_of_their_date_and_its_words() -> None:
    words = {"since": "2027-01-01", "direction": "lower", "range": [0, 1000], "reason_high": "old"}
    found = fit(table(a=DAYS, x=NOISE), dictionary={"a": words})
    weights = {term.column: term for term in found.equal_weights.terms}
    days = weights["a days"]
    assert isinstance(days, Ranged)
    assert (days.low, days.high) == (0.0, 1000.0)
    assert days.weight < 0
    assert [w.column for w in found.model.decisions.wordings] == ["a days"]
    opposite = {**words, "direction": "higher"}
    told = [found.warnings, fit(table(a=DAYS, x=NOISE), dictionary={"a": opposite}).warnings]
    assert sum("'a days' has weight" in "".join(warnings) for warnings in told) == 1


def test_a_number_that_means_missing_is_an_age_like_any_other() -> None:
    words: dict[str, object] = {"missing": [300], "a": {"since": "2027-01-01"}}
    model = lw.fit_model(table(a=DAYS, x=NOISE), dictionary=words)
    days = next(column for column in model.columns if column.name == "a days")
    assert isinstance(days, Number)
    assert days.missing == ()


def test_a_curve_through_values_that_are_nearly_all_the_same_is_refused() -> None:
    values = np.where(PLACE % 200 == 0, NOISE, 1.0)
    with pytest.raises(DictionaryError, match="98% of its values are the same"):
        decided(values, words={"transform": "curve", "kind": "number"})


def test_a_day_to_count_to_may_be_a_date_of_toml(tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_text("[a]\nsince = 2027-01-01\n[b]\nsince = 2027-01-01T08:30:00\n")
    found, _ = lw.columns(table(a=DAYS, b=DAYS), dictionary=tmp_path / "d.toml")
    sources = [d.inputs[0].source for d in found if isinstance(d.inputs[0], Number)]
    assert sources == [DaysSince(name, until_day="2027-01-01") for name in ("a", "b")]


def test_what_is_no_day_and_no_column_of_dates_is_no_since() -> None:
    for since in ("tomorrow", "x", "2026-02-30"):
        with pytest.raises(DictionaryError, match=f"must be a day or .* dates, not '{since}'"):
            decided(DAYS, words={"since": since}, x=NOISE)


def test_an_excluded_column_is_left_out_with_its_reason() -> None:
    found = decided(NOISE, words={"exclude": "known only afterwards"}, other=NOISE)
    assert (found.kind, found.reason) == ("left out", "the dictionary says: known only afterwards")


def test_the_dictionary_may_spell_columns_in_another_case() -> None:
    found, _ = lw.columns(
        table(Pages=with_gaps(NOISE), TOWN=np.resize(["x", "y"], ROWS)),
        dictionary={"pAGES": {"fill": "zero"}, "town": {"exclude": "no use"}},
    )
    (pages, town) = found
    assert pages.inputs == (Number("Pages", 0.0, Plain()),)
    assert town.reason == "the dictionary says: no use"


def test_columns_that_differ_in_more_than_case_are_two_in_the_dictionary_too() -> None:
    words = {"straße": {"fill": 1}, "strasse": {"fill": 2}}
    frame = table(straße=with_gaps(NOISE), strasse=with_gaps(-NOISE))
    fills = [d.inputs[0] for d in lw.columns(frame, dictionary=words)[0]]
    assert fills == [Number("strasse", 2.0), Number("straße", 1.0)]


@pytest.mark.parametrize(
    ("word", "near"),
    [("mising", "missing"), ("fil", "fill"), ("Kind", "kind"), ("case_fold", "casefold")],
)
def test_an_unknown_field_names_the_nearest(word: str, near: str) -> None:
    with pytest.raises(DictionaryError, match=rf"\[a\] has no field '{word}'; .* '{near}'\?"):
        decided(NOISE, words={word: 1})


@pytest.mark.parametrize(
    ("values", "words", "message"),
    [
        (np.resize(["x", "y"], ROWS), {"fill": 1}, "is a category; fill is for numbers"),
        (np.resize(["x", "y"], ROWS), {"transform": "log"}, "is a category; transform is for num"),
        (np.resize(["x", "y"], ROWS), {"since": "2026-01-01"}, "is a category; since is for dates"),
        (NOISE, {"levels": ["x"]}, "is a number; levels is for categories"),
        (NOISE, {"trim": True}, "is a number; trim is for categories"),
        (NOISE, {"since": "2026-01-01"}, "is a number; since is for dates"),
        (PLACE % 3 == 0, {"fill": "mean"}, "is a flag; fill is for numbers"),
        (DAYS, {"transform": "log"}, "is a date; transform is for numbers"),
        (DAYS, {"casefold": True}, "is a date; casefold is for categories"),
        (NOISE, {"kind": "category"}, "kind is 'category', but the column holds numbers"),
        (PLACE % 3 == 0, {"kind": "category"}, "kind is 'category', but the column holds flags"),
        (np.resize(["x", "y"], ROWS), {"kind": "date"}, "kind is 'date', but the column holds 'x'"),
        (np.resize(["x", "y"], ROWS), {"direction": "lower"}, "is a category; direction is for"),
        (DAYS, {"direction": "lower"}, "is a date without `since`; direction is for the days"),
        (DAYS, {"range": [0, 9]}, "is a date without `since`; range is for the days"),
        (np.resize(["x", "y"], ROWS), {"kind": "flag"}, "kind is 'flag', but the column holds 'x'"),
    ],
)
def test_what_cannot_be_meant_for_a_column_is_refused_not_passed_over(
    values: Any, words: dict[str, object], message: str
) -> None:
    with pytest.raises(DictionaryError) as refused:
        decided(values, words=words)
    assert f"[a] {message}" in str(refused.value)
    assert "\n" not in str(refused.value)


# A dictionary to start from.


def run(*arguments: str) -> Result:
    found = invoke(arguments)
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


NASTY_NAMES = (
    *('a"b', "a'b", "back\\slash", "new\nline", "dots.in.it", "[table]", "# comment", "missing"),
    *("É", "emoji 😀", "tab\t", "del\x7f", "bell\x07", "=", "a\u2028b", "x" * 300, "  spaces  "),
    *("straße", "strasse", "'''", '"""'),
)
NASTY_LEVELS = (
    *('q"uote', "nl\nx", "\x07", "\x7f", "😀", "back\\slash", "'single'", " sp ", "é", "a\u2028b"),
    *("x" * 10_000, "tab\t"),
)


@pytest.fixture
def nasty(tmp_path: Path) -> Path:
    random = np.random.RandomState(5)
    columns: dict[str, Any] = {name: random.normal(size=400) for name in NASTY_NAMES}
    columns["levels"] = random.choice(np.array(NASTY_LEVELS, dtype=object), 400)
    columns["note\n"] = [f"no one said {i} words\nof it" for i in range(400)]
    columns["day"] = FIRST + pd.to_timedelta(np.arange(400) % 90, unit="D")
    columns["flag"] = np.resize(["Yes", "No", "No"], 400)
    columns["pages"] = np.resize(["1", "2.5", "NA"], 400)
    columns["void"] = np.full(400, np.nan)
    columns["bow"] = random.normal(size=400)
    path = tmp_path / "leads.parquet"
    label = columns["bow"] ** 2 + random.normal(size=400) > 1
    pd.DataFrame({**columns, "label": label}).to_parquet(path)
    return path


@pytest.mark.sweep
def test_a_written_dictionary_says_what_was_decided_and_decides_it_again(
    nasty: Path, tmp_path: Path
) -> None:
    written = tmp_path / "features.toml"
    found = run("columns", str(nasty), "--write", str(written), "--json")
    assert found.exit_code == 0, found.output
    words = tomllib.loads(written.read_text())
    told = json.loads(found.stdout)["columns"]
    assert list(words) == [decision["column"] for decision in told]
    for decision in told:
        entry = words[decision["column"]]
        if decision["kind"] == "left out":
            assert entry["exclude"] == decision["reason"]
        else:
            assert entry["kind"] == decision["kind"]
    assert sorted(words["levels"]["levels"]) == sorted(NASTY_LEVELS)
    assert words["bow"]["transform"] == "curve"
    first, again = (lw.columns(nasty, dictionary=path)[0] for path in (None, written))
    for one, other in zip(first, again, strict=True):
        assert (other.column, other.inputs) == (one.column, one.inputs)
        assert (other.levels, other.curve) == (one.levels, one.curve)


@pytest.mark.sweep
def test_fit_works_with_a_written_dictionary(nasty: Path, tmp_path: Path) -> None:
    written, out = tmp_path / "features.toml", tmp_path / "out"
    assert run("columns", str(nasty), "--write", str(written)).exit_code == 0
    found = run("fit", str(nasty), "--dictionary", str(written), "--output", str(out))
    assert found.exit_code == 0, found.output
    read = {column.name for column in lw.load(out / "model.json").columns}
    assert read == {*NASTY_NAMES, "levels", "day weekday", "day month", "flag", "pages", "bow"}
    assert "warning: dictionary" not in found.stderr


def test_a_dictionary_is_written_from_the_rules_alone(nasty: Path, tmp_path: Path) -> None:
    (tmp_path / "first.toml").write_text('["day"]\nsince = "2027-01-01"\n')
    given = ["columns", str(nasty), "--dictionary", str(tmp_path / "first.toml")]
    found = run(*given, "--write", str(tmp_path / "second.toml"))
    assert found.exit_code == 2
    assert "edit the one given with --dictionary" in found.stderr
    assert not (tmp_path / "second.toml").exists()


@pytest.mark.sweep
def test_a_dictionary_that_is_there_already_is_not_written_over(
    nasty: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.toml").write_text("# mine")
    found = run("columns", str(nasty), "--write", str(tmp_path / "mine.toml"))
    assert found.exit_code == 1
    assert found.stdout == ""
    assert "mine.toml is there already; move it, or write to another file" in found.stderr
    assert (tmp_path / "mine.toml").read_text() == "# mine"


def test_columns_in_words_have_a_line_each(nasty: Path) -> None:
    lines = run("columns", str(nasty)).stdout.splitlines()
    assert len(lines[: lines.index("")] if "" in lines else lines) == len(NASTY_NAMES) + 7


def names(found: Sequence[Decision]) -> list[str]:
    return [decision.column for decision in found]


def test_keys_and_excluded_columns_are_told_as_such() -> None:
    frame = table(k=PLACE, x=NOISE, y=NOISE)
    found, _ = lw.columns(frame, keys=["K"], exclude=["y"])
    assert names(found) == ["k", "x", "y"]
    assert [decision.kind for decision in found] == ["key", "number", "excluded column"]


@pytest.mark.parametrize("held", [("01067", "10115"), ("007", "0815", None), ("049 ", "30")])
def test_digits_with_leading_zeros_are_codes_unless_the_dictionary_says_numbers(
    held: Sequence[str | None],
) -> None:
    values = np.resize(np.array(held, dtype=object), ROWS)
    found = decided(values)
    assert found.kind == "category"
    assert found.reason.endswith("codes: digits with leading zeros")
    assert decided(values, words={"kind": "number"}).kind == "number"
    assert "codes" not in decided(values, words={"kind": "category"}).reason


@pytest.mark.parametrize("held", [("0", "10", "7"), ("0.5", "01.5"), ("-07", "12")])
def test_numbers_in_text_that_are_not_digits_with_leading_zeros_stay_numbers(
    held: Sequence[str],
) -> None:
    assert decided(np.resize(np.array(held, dtype=object), ROWS)).kind == "number"
