"""A check of a table: counted by hand on small tables, and held against what the SQL does."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

import leadweights as lw
from leadweights.model.model import (
    Category,
    DaysSince,
    Flag,
    Identity,
    InputColumn,
    InText,
    Missing,
    Month,
    Number,
    ScoringModel,
    SegmentFill,
    Segments,
    Weekday,
)
from leadweights.model.terms import Curve, Level, Levels, Point, Standardized, Term
from leadweights.reports.check_input import check_text
from leadweights.scoring.check_input import ColumnCheck, InputCheck
from leadweights.scoring.hits import Hit, Rule, Value
from tests.support.commands import invoke
from tests.support.strategies import PROVENANCE

NAN, INF = float("nan"), float("inf")


def model_of(*parts: tuple[InputColumn, Term]) -> ScoringModel:
    terms = tuple(replace(term, weight=1 / len(parts)) for _, term in parts)
    columns = tuple(column for column, _ in parts)
    return ScoringModel("by hand", (), columns, terms, Identity(), PROVENANCE)


def number(column: Number | Missing | Flag) -> tuple[InputColumn, Term]:
    return column, Standardized(column.name, 0.0, 1.0, 1.0)


def levels(
    column: Category | Weekday | Month, *, other: float = 0.0, missing: float = 0.0, **kept: float
) -> tuple[InputColumn, Term]:
    """Keep levels, with their shares of the training rows; each contributes another number."""
    own = tuple(Level(name, float(i), share) for i, (name, share) in enumerate(kept.items()))
    rest = Level("", -1.0, other), Level("", -2.0, missing)
    return column, Levels(column.name, 1.0, own, *rest)


def one(found: InputCheck) -> ColumnCheck:
    (column,) = found.columns
    return column


def hit(column: ColumnCheck, rule: Rule) -> Hit:
    (found,) = (h for h in column.hits if h.rule == rule)
    return found


def line(model: ScoringModel, data: pd.DataFrame) -> str:
    """Give what the text says of the model's only column."""
    return check_text(lw.check_input(model, data), model).splitlines()[2]


def test_a_number_is_filled_where_it_is_null_nan_infinite_or_out_of_bounds() -> None:
    model = model_of(number(Number("x", 3.0)))
    data = pd.DataFrame({"x": [1.0, None, NAN, INF, -INF, 1e101, 1e99, 3.0]})
    found = lw.check_input(model, data)
    assert (found.rows, found.training_rows, found.scorable) == (8, 100, True)
    column = one(found)
    assert (column.column, column.kind, column.reads) == ("x", "number", ("x",))
    assert column.hits == (Hit("missing", 5, 5 / 8),)
    assert line(model, data) == "  x  5 rows (62.5%) missing, filled with 3"
    assert line(model, data[:1]) == "  x  a value in every row"


def test_caps_and_tokens_of_a_number_are_counted_apart() -> None:
    model = model_of(number(Number("x", 50.0, missing=(-1.0, 0.0, 999.0), low=1.0, high=10.0)))
    data = pd.DataFrame({"x": [-1, -1, 0, 999, None, 1, 10, 0.5, 11, -2, -3]})
    column = one(lw.check_input(model, data))
    assert column.rows("missing") == 5
    tokens = hit(column, "missing token")
    assert tokens.rows == 4
    assert tokens.values == (Value("-1", 2), Value("0", 1), Value("999", 1))
    assert (column.rows("below low"), column.rows("above high")) == (3, 1)
    assert line(model, data) == (
        "  x  5 rows (45.5%) missing (of them '-1' 2, '0' 1, '999' 1), filled with 50; "
        "3 rows (27.3%) below 1, moved there; 1 row (9.1%) above 10, moved there"
    )


def test_a_logarithm_does_not_change_what_is_counted() -> None:
    data = pd.DataFrame({"x": [None, -5.0, 0.0, 100.0]})
    plain = Number("x", 1.0, low=-1.0, high=99.0)
    expected = one(lw.check_input(model_of(number(plain)), data))
    assert one(lw.check_input(model_of(number(replace(plain, log=True))), data)) == expected
    assert [h.rows for h in expected.hits] == [1, 1, 1]


def test_numbers_in_text() -> None:
    far = "1" + 30 * "0" + "e99"  # a number, but out of bounds
    model = model_of(number(Number("x", 0.0, InText(), missing=(-1.0,))))
    data = pd.DataFrame({"x": ["1.5", " 2 ", "-1", "1,000", "n/a", "n/a", "inf", "", None, far]})
    column = one(lw.check_input(model, data))
    assert column.rows("missing") == 8
    assert column.rows("missing token") == 1
    assert hit(column, "no number") == Hit(
        *("no number", 5, 0.5),
        values=(Value("n/a", 2), Value("", 1), Value("1,000", 1), Value("inf", 1)),
    )
    assert "(of them '-1' 1; no number: 'n/a' 2, '' 1, '1,000' 1, 'inf' 1)" in line(model, data)


def test_days_since_a_date_need_both_dates() -> None:
    number_of_days = Number("age", 7.0, DaysSince("created", "asked"), low=0.0)
    model = model_of(number(number_of_days))
    created = pd.Series(["2024-01-01", None, "2024-01-01", None, "2024-05-01"])
    asked = pd.Series(["2024-01-09", "2024-01-09", None, None, "2024-01-09"])
    data = pd.DataFrame({"created": pd.to_datetime(created), "asked": pd.to_datetime(asked)})
    column = one(lw.check_input(model, data))
    assert column.reads == ("created", "asked")
    assert (column.rows("missing"), column.rows("below low")) == (3, 1)
    fixed = Number("age", 7.0, DaysSince("created", until_day="2024-02-01"))
    assert one(lw.check_input(model_of(number(fixed)), data)).rows("missing") == 2


def test_fills_by_segment_are_fills() -> None:
    by = Segments("kind", (SegmentFill("a", 5.0),))
    model = model_of(number(Number("x", 3.0, segments=by)))
    data = pd.DataFrame({"x": [None, None, 3.0, 5.0], "kind": ["a", "b", "a", "a"]})
    assert one(lw.check_input(model, data)).rows("missing") == 2
    assert line(model, data).endswith("filled with 3 or by 'kind'")


def test_a_missing_indicator_is_held_against_its_mean_in_training() -> None:
    indicator = Missing("x is missing", "x"), Standardized("x is missing", 0.02, 0.14, 1.0)
    model = model_of(number(Number("x", 3.0, missing=(-1.0,))), indicator)
    data = pd.DataFrame({"x": [None, -1.0, *range(38)]})
    plain, found = lw.check_input(model, data).columns
    assert plain.rows("missing") == 2
    assert found.reads == ("x",)
    assert found.hits == (Hit("missing", 2, 0.05, 0.02, False),)
    half = pd.DataFrame({"x": [None, 1.0] * 20})
    assert hit(lw.check_input(model, half).columns[1], "missing").differs


def test_true_and_false() -> None:
    model = model_of((Flag("f", 1.0), Standardized("f", 0.5, 0.5, 1.0)))
    data = pd.DataFrame({"f": pd.array([True, False, None, None], dtype="boolean")})
    assert one(lw.check_input(model, data)).hits == (
        Hit("missing", 2, 0.5),
        Hit("yes", 3, 0.75, 0.5, False),
    )
    assert line(model, data) == "  f  2 rows (50.0%) missing, filled with yes"


def test_yes_and_no_in_text() -> None:
    model = model_of((Flag("f", 0.0, ("Yes",), ("No",)), Standardized("f", 0.1, 0.3, 1.0)))
    data = pd.DataFrame({"f": ["Yes", "No", "yes", None, "Maybe", "yes"] * 20})
    column = one(lw.check_input(model, data))
    assert (column.rows("missing"), column.rows("yes")) == (80, 20)
    odd = hit(column, "neither yes nor no")
    assert (odd.rows, odd.values) == (60, (Value("yes", 40), Value("Maybe", 20)))
    assert line(model, data) == (
        "  f  80 rows (66.7%) missing (of them neither yes nor no: 'yes' 40, 'Maybe' 20), "
        "filled with no"
    )


def test_a_category_as_it_stands() -> None:
    kept = levels(Category("c", ("", "Select")), other=0.1, missing=0.1, a=0.4, b=0.4)
    data = pd.DataFrame({"c": ["a", "a", "A", " a", "b", None, "", "Select", "z", "z"]})
    column = one(lw.check_input(model_of(kept), data))
    assert (column.rows("level", "a"), column.rows("level", "b")) == (2, 1)
    assert (column.rows("missing"), column.rows("missing token")) == (3, 2)
    assert hit(column, "missing token").values == (Value("", 1), Value("Select", 1))
    assert hit(column, "other").values == (Value("z", 2), Value(" a", 1), Value("A", 1))
    assert line(model_of(kept), data) == (
        "  c  3 rows (30.0%) missing [10.0% in training] (of them '' 1, 'Select' 1); 4 rows "
        "(40.0%) in other or unseen levels [10.0% in training]: 'z' 2, ' a' 1, 'A' 1"
    )


def test_a_category_trimmed_and_in_lower_case() -> None:
    kept = levels(Category("c", ("select",), trim=True, casefold=True), a=0.5, b=0.5)
    data = pd.DataFrame({"c": ["a", "A", " a ", "b", " SELECT", "Z", "z ", "", None]})
    column = one(lw.check_input(model_of(kept), data))
    assert column.rows("level", "a") == 3
    assert (column.rows("missing"), column.rows("missing token")) == (2, 1)
    assert hit(column, "other").values == (Value("z", 2), Value("", 1))


def test_where_no_training_row_was_other_a_level_was_never_seen() -> None:
    model = model_of(levels(Category("c"), a=1.0))
    data = pd.DataFrame({"c": ["a"] * 98 + ["x", "a" * 31]})
    assert line(model, data) == (
        f"  c  2 rows (2.0%) in levels never seen in training: {'a' * 29 + '…'!r} 1, 'x' 1"
    )
    assert line(model, data[:98]) == "  c  as in training"


def test_only_the_five_most_frequent_levels_are_named() -> None:
    model = model_of(levels(Category("c"), other=1.0))
    data = pd.DataFrame({"c": [name for i, name in enumerate("gfedcba") for _ in range(i + 1)]})
    found = hit(one(lw.check_input(model, data)), "other")
    assert found.values == tuple(Value(n, r) for n, r in zip("abcde", (7, 6, 5, 4, 3), strict=True))
    assert line(model, data).endswith("'a' 7, 'b' 6, 'c' 5, 'd' 4, 'e' 3, others 3")


def test_whole_numbers_are_levels_too() -> None:
    kept = levels(Category("c"), **{"1": 0.5, "2": 0.5})
    column = one(lw.check_input(model_of(kept), pd.DataFrame({"c": [1, 2, 2, 3]})))
    assert (column.rows("level", "2"), column.rows("other")) == (2, 1)


def test_weekdays_and_months() -> None:
    model = model_of(
        levels(Weekday("weekday", "d"), Monday=0.5, Sunday=0.5),
        levels(Month("month", "d"), February=0.5, December=0.5),
    )
    # 2024-02-26 was a Monday, 2024-12-29 a Sunday, 1969-12-31 a Wednesday.
    days = ["2024-02-26", "2024-12-29", "1969-12-31", "2024-02-27", None]
    data = pd.DataFrame({"d": pd.to_datetime(pd.Series(days))})
    weekday, month = lw.check_input(model, data).columns
    assert (weekday.reads, month.reads) == (("d",), ("d",))
    assert (weekday.rows("level", "Monday"), weekday.rows("level", "Sunday")) == (1, 1)
    assert hit(weekday, "other").values == (Value("Tuesday", 1), Value("Wednesday", 1))
    assert (month.rows("level", "February"), month.rows("level", "December")) == (2, 2)
    assert (weekday.rows("missing"), month.rows("missing"), month.rows("other")) == (1, 1, 0)


def test_rows_beyond_the_ends_of_a_curve() -> None:
    curve = Curve("x", 1.0, (Point(0.0, 0.0), Point(10.0, 1.0)))
    model = model_of((Number("x", 20.0), curve))
    data = pd.DataFrame({"x": [-1.0, 0.0, 5.0, 10.0, 11.0, 12.0, None]})
    column = one(lw.check_input(model, data))
    assert column.rows("below the curve") == 1
    assert column.rows("above the curve") == 3  # a filled row, too
    assert line(model, data).endswith(
        "1 row (14.3%) below 0, where its curve begins; "
        "3 rows (42.9%) above 10, where its curve ends"
    )


@pytest.mark.parametrize(
    ("rows", "of", "differs"),
    [
        (46, 100, False),  # 6 points, but 0.8 standard errors
        (65, 100, False),  # 25 points, 3.5 standard errors
        (70, 100, True),  # 30 points, 4.2 standard errors
        (10, 100, True),
        (46_000, 100_000, False),  # 1.2: the training rows are no more than 100
    ],
)
def test_a_share_differs_by_points_and_by_standard_errors(
    rows: int, of: int, differs: bool
) -> None:
    model = model_of(levels(Category("c"), a=0.4, other=0.6))
    data = pd.DataFrame({"c": ["a"] * rows + ["b"] * (of - rows)})
    column = one(lw.check_input(model, data))
    assert hit(column, "level").differs == differs
    assert column.differs == differs


def test_with_many_training_rows_five_points_decide() -> None:
    few = model_of(levels(Category("c"), a=0.4, other=0.6))
    model = replace(few, provenance=replace(PROVENANCE, rows=1_000_000))
    for rows, differs in ((44_900, False), (45_100, True), (34_900, True)):
        data = pd.DataFrame({"c": ["a"] * rows + ["b"] * (100_000 - rows)})
        assert hit(one(lw.check_input(model, data)), "level").differs == differs
    assert line(model, data).startswith("! c  65,100 rows (65.1%) in other or unseen levels")
    assert line(model, data).endswith("34,900 rows (34.9%) 'a' [40.0% in training]")


EVERYTHING = model_of(
    number(Number("n", 3.25, missing=(-1.0,), low=0.0, high=9.0)),
    number(Number("log", 3.25, log=True, segments=Segments("c", (SegmentFill("a", 1.5),)))),
    number(Number("t", 3.25, InText())),
    number(Number("age", 3.25, DaysSince("d", until_day="2024-03-01"))),
    number(Missing("n is missing", "n")),
    number(Flag("f", 0.25)),
    number(Flag("w", 0.25, ("y",), ("n",))),
    levels(Category("c", ("na", ""), trim=True, casefold=True), a=0.5, b=0.5),
    levels(Weekday("weekday", "d"), Monday=0.5, Friday=0.5),
    levels(Month("month", "d"), May=1.0),
)
DAYS = ["2024-05-06", None, "2024-05-10", "1969-05-05", "1969-12-31", "2023-02-28", None, None]
ROWS = pd.DataFrame(
    {
        "n": [None, -1.0, -2.0, 10.0, 9.0, INF, 1e120, 4.0],
        "log": [None, None, 5.0, -5.0, NAN, 1e99, -1e101, 0.0],
        "t": ["1", "", None, "x", "1e5", "nan", " 7 ", "1_000"],
        "f": pd.array([True, False, None, None, True, True, False, None], dtype="boolean"),
        "w": ["y", "n", "Y", None, "", "y", "n", "n"],
        "c": ["a", " A", "b", None, "NA ", "zz", "", "ä"],
        "d": pd.to_datetime(pd.Series(DAYS)),
    }
)


def rows_moved(change: Callable[[ScoringModel], ScoringModel]) -> int:
    """Count the rows that DuckDB scores otherwise when a model is changed."""
    before, after = (
        lw.score(model, ROWS)["lead_score"] for model in (EVERYTHING, change(EVERYTHING))
    )
    return int((before != after).sum())


@pytest.mark.parametrize("name", ["n", "log", "t", "age", "f", "w"])
def test_the_rows_counted_as_filled_are_those_the_sql_fills(name: str) -> None:
    def refilled(model: ScoringModel) -> ScoringModel:
        columns: list[InputColumn] = []
        for column in model.columns:
            if isinstance(column, Number | Flag) and column.name == name:
                column = replace(column, fill=0.75)
            if isinstance(column, Number) and column.name == name and column.segments:
                column = replace(column, segments=None)
            columns.append(column)
        return replace(model, columns=tuple(columns))

    found = {column.column: column for column in lw.check_input(EVERYTHING, ROWS).columns}
    assert 0 < found[name].rows("missing") == rows_moved(refilled)


@pytest.mark.parametrize("bound", ["low", "high"])
def test_the_rows_counted_at_a_cap_are_those_the_sql_moves(bound: str) -> None:
    def opened(model: ScoringModel) -> ScoringModel:
        first = model.columns[0]
        assert isinstance(first, Number)
        wider = replace(first, low=None) if bound == "low" else replace(first, high=None)
        return replace(model, columns=(wider, *model.columns[1:]))

    column = lw.check_input(EVERYTHING, ROWS).columns[0]
    rule: Rule = "below low" if bound == "low" else "above high"
    assert column.rows(rule) == rows_moved(opened) == 1


@pytest.mark.parametrize("name", ["c", "weekday", "month"])
@pytest.mark.parametrize("group", ["missing", "other", 0, -1])
def test_the_rows_counted_in_a_level_are_those_the_sql_scores_so(
    name: str, group: str | int
) -> None:
    def raised(model: ScoringModel) -> ScoringModel:
        terms: list[Term] = []
        for term in model.terms:
            if isinstance(term, Levels) and term.column == name:
                up = {"missing": term.missing, "other": term.other}.get(str(group))
                if up is None:
                    own = list(term.levels)
                    own[int(group)] = replace(own[int(group)], contribution=100.0)
                    term = replace(term, levels=tuple(own))
                elif group == "missing":
                    term = replace(term, missing=replace(up, contribution=100.0))
                else:
                    term = replace(term, other=replace(up, contribution=100.0))
            terms.append(term)
        return replace(model, terms=tuple(terms))

    column = next(c for c in lw.check_input(EVERYTHING, ROWS).columns if c.column == name)
    if isinstance(group, int):
        counted = [h.rows for h in column.hits if h.rule == "level"][group]
    else:
        counted = column.rows("missing" if group == "missing" else "other")
    assert 0 < counted == rows_moved(raised)


def test_a_check_of_every_kind_of_column_counts_every_row_of_a_category_once() -> None:
    found = lw.check_input(EVERYTHING, ROWS)
    assert found.scorable
    for column in found.columns[-3:]:
        assert sum(h.rows for h in column.hits if h.rule in ("missing", "other", "level")) == 8


def test_every_problem_is_told_in_the_words_of_scoring() -> None:
    data = ROWS.drop(columns=["n", "w"]).assign(d="soon", f=[0, 1, 2, 0, 1, 1, 0, 0], log="x")
    found = lw.check_input(EVERYTHING, data)
    assert not found.scorable
    assert [p.split(";")[0] for p in found.problems] == [
        "the DataFrame has no column 'n'",
        "the DataFrame: column 'log' must hold numbers, not text",
        "the DataFrame: column 'd' must hold dates, not text",
        "the DataFrame: column 'f' must hold true and false, not 2 as on row 3",
        "the DataFrame has no column 'w'",
    ]
    broken = {column.column for column in found.columns if column.problems}
    assert broken == {"n", "log", "age", "n is missing", "f", "w", "weekday", "month"}
    assert all(not column.hits for column in found.columns if column.problems)
    # The other columns are counted all the same.
    whole = {column.column: column for column in lw.check_input(EVERYTHING, ROWS).columns}
    assert [c for c in found.columns if not c.problems] == [whole["t"], whole["c"]]
    with pytest.raises(lw.LeadweightsError) as refused:
        lw.score(EVERYTHING, data)
    assert str(refused.value) == "the DataFrame has no column 'n', nor 'w'; all are needed"


@pytest.mark.parametrize("name", sorted(ROWS.columns))
def test_a_table_can_be_scored_if_the_check_says_so(name: str) -> None:
    for other in (ROWS.drop(columns=[name]), ROWS.assign(**{name: pd.Timedelta("1h")})):
        (problem,) = lw.check_input(EVERYTHING, other).problems
        with pytest.raises(lw.LeadweightsError) as refused:
            lw.score(EVERYTHING, other)
        assert str(refused.value) == problem


def test_names_may_differ_in_case() -> None:
    found = lw.check_input(EVERYTHING, ROWS.rename(columns=str.upper))
    assert found == lw.check_input(EVERYTHING, ROWS)


def test_text_columns_of_a_file_are_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("code,price\n007,1.5\n7,2.5\n,\n")
    model = model_of(
        levels(Category("code"), **{"007": 0.5, "7": 0.5}), number(Number("price", 0.0, InText()))
    )
    code, price = lw.check_input(model, path).columns
    assert (code.rows("level", "007"), code.rows("level", "7"), code.rows("missing")) == (1, 1, 1)
    assert price.rows("missing") == 1


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(lw.LeadweightsError, match="no rows"):
        lw.check_input(EVERYTHING, ROWS[:0])


def run(*arguments: str) -> Result:
    found = invoke(["check-input", *arguments])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


@pytest.fixture
def small(tmp_path: Path) -> tuple[str, Path]:
    model = model_of(
        number(Number("visits", 3.0, high=20.0)), levels(Category("source"), other=0.2, web=0.8)
    )
    path = tmp_path / "model.json"
    lw.save(model, path)
    return str(path), tmp_path / "leads.csv"


def test_the_command_prints_a_line_a_column_and_exits_0(small: tuple[str, Path]) -> None:
    model, leads = small
    leads.write_text("source,visits\n" + "web,1\n" * 3 + "fair,\n" * 30 + "fair,21\n")
    found = run(model, str(leads))
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout == (
        f"{leads}: 34 rows; the model was learnt from 100.\n"
        "\n"
        "  visits  30 rows (88.2%) missing, filled with 3; 1 row (2.9%) above 20, moved there\n"
        "! source  31 rows (91.2%) in other or unseen levels [20.0% in training]: 'fair' 31; "
        "3 rows (8.8%) 'web' [80.0% in training]\n"
        "\n"
        "Can be scored: all 2 columns are there and of a usable kind. "
        "Clearly not as in training (!): source.\n"
    )


def test_the_command_prints_every_problem_and_exits_1(small: tuple[str, Path]) -> None:
    model, leads = small
    leads.write_text("sourse,visits\nweb,true\nweb,soon\n")
    found = run(model, str(leads))
    assert found.exit_code == 1
    assert found.stdout.splitlines()[2:] == [
        "X visits  column 'visits' must hold numbers, not text",
        "X source  has no column 'source'; did you mean 'sourse'?",
        "",
        "Cannot be scored: 2 of 2 columns cannot be read (X).",
    ]
    assert found.stderr == (
        f"Error: {leads}: column 'visits' must hold numbers, not text "
        "(and 1 more, all listed above)\n"
    )


def test_the_commands_json_is_one_document(small: tuple[str, Path]) -> None:
    model, leads = small
    leads.write_text("source,visits\nweb,1\nfair,2\nweb,\n")
    found = run(model, str(leads), "--json")
    told = json.loads(found.stdout)
    assert (found.exit_code, told["scorable"], told["problems"], told["rows"]) == (0, True, [], 3)
    visits, source = told["columns"]
    assert visits["hits"][0] == {
        "rule": "missing",
        "rows": 1,
        "row_share": 0.333333,
        "training_share": None,
        "differs": False,
        "level": None,
        "values": [],
    }
    assert [(h["rule"], h["rows"]) for h in source["hits"]] == [
        ("missing", 0),
        ("other", 1),
        ("level", 2),
    ]
    assert source["hits"][1]["values"] == [{"value": "fair", "rows": 1}]
    leads.write_text("source\nweb\n")
    broken = run(model, str(leads), "--json")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["scorable"] is False
    assert len(broken.stderr.splitlines()) == 1
