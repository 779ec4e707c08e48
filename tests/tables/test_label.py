"""A label may be some values of a column, or an expression: what it reads is not learnt from."""

import json
import random
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import leadweights as lw
from leadweights.decisions.outcomes import read_outcomes
from leadweights.tables.label import Label, label_table
from leadweights.tables.open import open_table
from tests.support.commands import invoke
from tests.support.hostile import attempt, fuzz
from tests.support.learning import fit


def deals(rows: int = 240) -> pd.DataFrame:
    chance = random.Random(5)
    found = pd.DataFrame({"visits": [chance.randrange(9) for _ in range(rows)]})
    found["source"] = [chance.choice("ABC") for _ in range(rows)]
    won = [chance.random() < 0.1 + 0.08 * visits for visits in found["visits"]]
    found["status"] = ["Won" if one else "Lost" for one in won]
    found["spend"] = [
        1.5 * one * (1 + visits) for one, visits in zip(won, found["visits"], strict=True)
    ]
    found["label"] = [int(one) for one in won]
    return found


DEALS = deals()
FEATURES = DEALS[["visits", "source", "label"]]
PLAIN = lw.fit_model(FEATURES)


def core(model: lw.ScoringModel) -> object:
    return model.columns, model.terms, model.link, model.provenance.rows_sha256


@pytest.mark.parametrize(
    ("label", "reads"),
    [
        ("spend > 0", ["spend"]),
        ("SPEND BETWEEN 0.1 AND 1e9 OR spend IS NULL", ["spend"]),
        ("status = 'Won' AND coalesce(spend, 0) + 1 > 1", ["status", "spend"]),
        ("lower(trim(status)) LIKE 'wo%'", ["status"]),
        ("CASE WHEN status IN ('Won', 'Signed') THEN true ELSE false END", ["status"]),
    ],
)
def test_an_expression_gives_the_model_of_its_values(label: str, reads: list[str]) -> None:
    frame = DEALS.drop(columns=["label", *{"status", "spend"} - set(reads)])
    model = lw.fit_model(frame, label=label)
    assert core(model) == core(PLAIN)
    assert (model.provenance.label, model.provenance.positive) == (label, "True")
    decisions = {d.column: d for d in lw.columns(frame, label=label)[0]}
    for name in reads:
        assert decisions[name].kind == "label"
        assert decisions[name].reason == f"the label {label!r} reads it"
    measured = lw.threshold(model, frame, lw.Capacity(40)).choice
    assert measured == lw.threshold(PLAIN, FEATURES, lw.Capacity(40)).choice


@pytest.mark.sweep
def test_named_values_give_the_model_of_their_rows(tmp_path: Path) -> None:
    frame = DEALS.drop(columns=["label", "spend"])
    others = frame.assign(status=pd.Series(["Open", None, "New", "Open"] * 60))
    mixed = pd.concat([frame, others]).sample(frac=1, random_state=3)
    found = fit(mixed, label="status", positive="Won", negative=["Lost"])
    model = lw.fit_model(mixed, label="status", positive=["Won"], negative="Lost")
    assert core(model) == core(PLAIN)
    origin = model.provenance
    assert (origin.positive, origin.positive_values, origin.negative_values) == (
        *("'Won'", ("Won",)),
        ("Lost",),
    )
    said = (
        "the DataFrame: 240 rows whose 'status' is neither 'Won' nor 'Lost' are left out: "
        "'Open' 120, 'New' 60, no value 60"
    )
    assert said in found.notes
    # The model's file keeps them, so that other tables are read in the same way.
    lw.save(model, tmp_path / "model.json")
    kept = lw.load(tmp_path / "model.json")
    assert kept == model
    choice = lw.threshold(kept, mixed, lw.Capacity(40))
    assert choice.choice == lw.threshold(PLAIN, FEATURES, lw.Capacity(40)).choice
    assert said in choice.warnings
    # With another label, none of the model's values counts.
    known = read_outcomes(kept, mixed, "coalesce(status, '') = 'Won'")
    assert (len(known.rows.y), known.rows.y.sum()) == (480, DEALS["label"].sum())


def test_without_negative_values_all_others_are() -> None:
    frame = DEALS.drop(columns=["label", "spend"])
    frame.loc[frame.index[:100], "status"] = frame["status"][:100].replace("Lost", "Open")
    model = lw.fit_model(frame, label="status", positive="Won")
    assert core(model) == core(PLAIN)
    several = frame.replace({"status": {"Won": "Signed"}})
    several.loc[several.index[:120], "status"] = frame["status"][:120]
    model = lw.fit_model(several, label="status", positive=["Won", "Signed"])
    assert core(model) == core(PLAIN)
    assert model.provenance.positive == "'Won' or 'Signed'"


@pytest.mark.parametrize(
    ("values", "positive", "negative"),
    [([2, 5], 2, 5), ([2.0, 5.5], "2", "5.5"), ([True, False], False, "true")],
)
def test_values_may_be_numbers_and_flags(
    values: list[object], positive: object, negative: object
) -> None:
    chosen = pd.Series([values[0] if one else values[1] for one in DEALS["label"]])
    frame = FEATURES.assign(label=chosen)
    if values[0] is True:
        positive, negative = negative, positive
    model = lw.fit_model(frame, positive=positive, negative=negative)  # type: ignore[arg-type]
    assert core(model) == core(PLAIN)


def test_a_row_that_is_kept_keeps_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("v,s\n1,Open\n2,Won\n3,Lost\n\n4,a{b}\n5,Won\n")
    label = Label("s", ("Won",), ("Lost", "a{b}"))
    found = label_table(open_table(tmp_path / "a.csv"), label)
    assert [found.table.place(row) for row in range(4)] == ["line 3", "line 4", "line 6", "line 7"]
    assert found.table.all_values() == [(2, True), (3, False), (4, False), (5, True)]


def test_a_column_wins_over_an_expression() -> None:
    frame = FEATURES.rename(columns={"label": "spend > 0"}).assign(spend=1.0)
    assert core(lw.fit_model(frame, label="spend > 0")) == core(PLAIN)


def test_rows_that_stay_on_disk_have_the_same_label(tmp_path: Path) -> None:
    DEALS.drop(columns=["label", "status"]).to_parquet(tmp_path / "deals.parquet")
    on_disk = lw.fit_model(tmp_path / "deals.parquet", label="spend > 0", place=lw.OnDisk())
    FEATURES.to_parquet(tmp_path / "plain.parquet")
    plain = lw.fit_model(tmp_path / "plain.parquet", place=lw.OnDisk())
    assert on_disk.terms == plain.terms
    DEALS.drop(columns=["label", "spend"]).to_parquet(tmp_path / "status.parquet")
    status, values = tmp_path / "status.parquet", {"positive": "Won", "negative": "Lost"}
    named = lw.fit_model(status, label="status", place=lw.OnDisk(), **values)  # type: ignore[arg-type]
    assert named.terms == plain.terms
    assert named.provenance.positive == "'Won'"
    with pytest.raises(lw.UnsupportedError, match="a label that is a column of its table"):
        lw.learning_queries(tmp_path / "deals.parquet", label="spend > 0", dialect="postgres")


REFUSED = [
    ("read_text('/etc/passwd') = status", r"is an expression with read_text\(\)"),
    ("getenv('HOME') = status", r"with getenv\(\)"),
    ("status IN (SELECT 'Won')", "with a subquery"),
    ("EXISTS (FROM read_csv('x.csv'))", "with a subquery"),
    ("status > 'A' FROM leads", "with from table"),
    ("count(spend) > 1", r"with count\(\)"),
    ("row_number() OVER () > 3", "with a window"),
    ("random() < spend", r"with random\(\)"),
    ("COLUMNS('spend') > 0", "with a star"),
    ("spend > $1", "with a parameter"),
    ("spend > 0; DROP TABLE leads", "nor is it one expression"),
    ("spend >", r"has no column 'spend >'.*nor is it one expression"),
    ("spend > current_date", "has no column 'current_date'"),
    ("1 = 1", "reads no column of the table"),
    ("spend + 1", "must be true or false: compare it"),
    ("status > 3", r"label 'status > 3': .*Binder Error"),
    ("status::INTEGER > 3", r"label .*Could not convert string"),
    ("nothing > 3", "has no column 'nothing'"),
    ("statsu", r"has no column 'statsu'; did you mean 'status'"),
    ("nullif(spend, 0) > 0", r"is missing in \d+ rows, first on row \d+; say what becomes"),
]


@pytest.mark.parametrize(("label", "message"), REFUSED)
def test_what_is_no_label_is_refused(label: str, message: str) -> None:
    with pytest.raises(lw.TableError, match=message) as refused:
        lw.fit_model(DEALS.drop(columns="label"), label=label)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.sweep
@fuzz(100)
@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "spend",
                    ">",
                    "0",
                    "(",
                    ")",
                    ";",
                    "--",
                    "/*",
                    "'",
                    '"',
                    "SELECT",
                    "FROM",
                    "leads",
                ),
                *(",", "AS x", "IS NULL", "CASE", "WHEN", "THEN", "END", "::INT", "read_csv"),
                *("\n", "{", "}"),
            ]
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_text_is_a_label_or_refused(words: list[str]) -> None:
    table = open_table(DEALS.head(5))
    attempt(lambda: label_table(table, Label(" ".join(words))).table.all_values())


def test_values_that_cannot_be_meant_are_refused() -> None:
    frame = DEALS.drop(columns=["label", "spend"])
    for options, message in (
        ({"positive": "won"}, r"has no value 'won'; it has: '(Won|Lost)' \d+, '(Won|Lost)' \d+"),
        ({"negative": "Lost"}, "name the positive values"),
        ({"positive": "Won", "negative": ["Won"]}, "both positive and negative"),
        ({"positive": [None]}, "is a value of the label, or several, not None"),
    ):
        with pytest.raises(lw.LeadweightsError, match=message):
            lw.fit_model(frame, label="status", **options)


def test_errors_say_how_a_label_is_named() -> None:
    frame = FEATURES.assign(label=["Won", "Lost", "Open"] * 80)
    with pytest.raises(lw.TableError, match="--positive Won --negative Lost"):
        lw.fit_model(frame)
    frame = FEATURES.assign(label=["Closed won", "Closed lost"] * 120)
    with pytest.raises(lw.TableError, match=r"--positive 'Closed won'$"):
        lw.fit_model(frame)
    frame = FEATURES.assign(label=pd.Timestamp("2026-01-01"))
    with pytest.raises(lw.TableError, match=r"""--label '"label" IS NOT NULL'"""):
        lw.fit_model(frame)
    with pytest.raises(lw.TableError, match="--positive and --negative, other rows are left out"):
        lw.fit_model(FEATURES.assign(label=pd.Series(["Won", "Lost", None] * 80)))


def test_words_of_a_label_may_be_in_any_case() -> None:
    words = [[" no", "NO", "No"], ["yes", "Yes ", "YES"]]
    mixed = [words[one][row % 3] for row, one in enumerate(FEATURES["label"])]
    assert core(lw.fit_model(FEATURES.assign(label=mixed))) == core(PLAIN)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["0", "1", "NULL"], "--positive 1 --negative 0"),
        (["FALSE", "TRUE", "open"], "--positive TRUE --negative FALSE"),
        ([3, 4], "--positive 4"),
        ([-1, 1], "--positive 1"),
    ],
)
def test_the_value_that_is_advised_is_the_positive_one(words: list[object], advice: str) -> None:
    odd = pd.Series([words[row % len(words)] for row in range(len(FEATURES))])
    with pytest.raises(lw.TableError, match=f"name those that count: {advice}$"):
        lw.fit_model(FEATURES.assign(label=odd))


def test_what_the_label_reads_has_no_other_role() -> None:
    frame = DEALS.drop(columns=["label", "status"])
    with pytest.raises(lw.TableError, match="'spend' is read by the label; it cannot be a key too"):
        lw.fit_model(frame, label="spend > 0", keys=["spend"])
    assert core(lw.fit_model(frame, label="spend > 0", exclude=["spend"])) == core(PLAIN)


@pytest.mark.sweep
def test_the_command_line_says_the_same(tmp_path: Path) -> None:
    frame = DEALS.drop(columns=["label", "spend"])
    frame.loc[:39, "status"] = "Open"
    frame.to_csv(tmp_path / "deals.csv", index=False)
    out = tmp_path / "out"
    named = ["--label", "status", "--positive", "Won", "--negative", "Lost"]
    done = invoke(["fit", str(tmp_path / "deals.csv"), *named, "--output", str(out)])
    assert done.exit_code == 0, done.output
    assert (
        "40 rows whose 'status' is neither 'Won' nor 'Lost' are left out: 'Open' 40" in done.stderr
    )
    origin = json.loads((out / "model.json").read_text())["provenance"]
    assert (origin["positive_values"], origin["negative_values"]) == (["Won"], ["Lost"])
    asked = [str(out), str(tmp_path / "deals.csv"), "--capacity", "30", "--learnt-rows"]
    done = invoke(["threshold", *asked])
    assert done.exit_code == 0, done.output
    assert "40 rows whose 'status'" in done.stderr
