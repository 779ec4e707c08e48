"""Several values in a cell: what is a list and what is not, and what a list is worth."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_predict
from sklearn.preprocessing import StandardScaler

import leadweights as lw
from leadweights.errors import DictionaryError
from leadweights.formula.texts import texts
from leadweights.learn.prepare.lists import find_layout
from leadweights.model.model import Listed
from leadweights.scoring.check_input import check_input

VALUES = ("BI", "CRM", "E-mail & phone", "Hosting", "it's", "5% off", "_x", "Training")
ROWS = 400
Write = Callable[[list[str]], str | None]
WAYS: Mapping[str, Write] = {
    "semicolons": lambda values: ";".join(values) or None,
    "semicolons and spaces": lambda values: "; ".join(values) or None,
    "commas": lambda values: ", ".join(values) or None,
    "bars": lambda values: " | ".join(values) or None,
    "lines": lambda values: "\r\n".join(values) or None,
    "tabs": lambda values: "\t".join(values) or None,
    "slashes": lambda values: " / ".join(values) or None,
    "plus signs": lambda values: " + ".join(values) or None,
    "bullets": lambda values: " • ".join(values) or None,
    "ideographic commas": lambda values: "、".join(values) or None,
    "JSON": lambda values: "[" + ", ".join(f'"{value}"' for value in values) + "]",
    "Python": repr,
    "PostgreSQL": lambda values: "{" + ",".join(f'"{value}"' for value in values) + "}",
}


def with_wants(frame: pd.DataFrame, cells: Sequence[object]) -> pd.DataFrame:
    return frame.assign(wants=pd.Series(list(cells), dtype=object))


def drawn(seed: int, values: tuple[str, ...] = VALUES) -> tuple[list[list[str]], pd.DataFrame]:
    """Draw lists of values, the first two of which raise and lower the chances; and the label."""
    chance = np.random.default_rng(seed)
    rows = [[v for v in values if chance.random() < 0.35] for _ in range(ROWS)]
    effect = np.array([1.5 * (values[0] in row) - 1.5 * (values[1] in row) for row in rows])
    x = chance.normal(size=ROWS)
    won = (chance.random(ROWS) < 1 / (1 + np.exp(-effect - x))).astype(int)
    return rows, pd.DataFrame({"x": x, "won": won})


@pytest.mark.sweep
@settings(max_examples=10)
@given(st.integers(0, 2**20), st.sampled_from(sorted(WAYS)))
def test_a_list_scores_the_bits_of_its_values_split_by_pandas(seed: int, way: str) -> None:
    rows, frame = drawn(seed)
    joined = with_wants(frame, [WAYS[way](row) for row in rows])
    flags = pd.Series(["\t".join(row) or None for row in rows]).str.get_dummies("\t")
    split = frame.join(flags.rename(columns=lambda name: f"wants: {name}"))
    one, other = lw.fit_model(joined, label="won"), lw.fit_model(split, label="won")
    assert [c.name for c in one.columns] == [c.name for c in other.columns]
    assert one.terms == other.terms
    scores = lw.score(one, joined)["lead_score"]
    assert np.array_equal(scores, lw.score(other, split)["lead_score"])


def test_lists_of_duckdb_are_read_where_they_are(tmp_path: Path) -> None:
    rows, frame = drawn(1)
    lists = with_wants(frame, rows)
    as_text = with_wants(frame, list(map(repr, rows)))
    lists.to_parquet(tmp_path / "leads.parquet")
    lists.to_json(tmp_path / "leads.jsonl", orient="records", lines=True)
    plain = lw.fit_model(as_text, label="won")
    for table in (lists, tmp_path / "leads.parquet"):
        assert lw.fit_model(table, label="won").terms == plain.terms
    model = lw.fit_model(tmp_path / "leads.parquet", label="won")
    scores = lw.score(model, as_text)["lead_score"]
    assert np.array_equal(lw.score(model, tmp_path / "leads.parquet")["lead_score"], scores)
    # The SELECT alone, where a list is a list; x of JSON has fewer digits.
    for reader in ("read_parquet", "read_json"):
        file = tmp_path / f"leads.{'parquet' if reader == 'read_parquet' else 'jsonl'}"
        with duckdb.connect() as connection:
            connection.execute(f"CREATE VIEW leads AS FROM {reader}('{file}')")
            found = connection.sql(lw.render(model, dialect="duckdb")).df()["lead_score"]
        assert np.allclose(found, scores, rtol=0, atol=1e-8)


def chosen(*cells: str) -> Callable[[random.Random], str]:
    return lambda chance: chance.choice(cells)


NAMES = ("Smith", "Miller", "James", "Scott", "Kim", "Fox"), ("Ann", "Bob", "James", "Scott", "Eve")
WORDS = ("they", "want", "a", "call,", "soon;", "or", "mail,", "not", "now", "please")
NO_LISTS: Mapping[str, Callable[[random.Random], str]] = {
    "names": lambda r: ", ".join(map(r.choice, NAMES)),
    "addresses": lambda r: f"{r.randint(1, 99)} Main St, {r.choice(['Bonn', 'Ulm'])}, Germany",
    "cities": chosen("Austin, TX", "Dallas, TX", "Miami, FL", "Reno, NV", "Fresno, CA"),
    "answers": chosen("Yes, by phone", "Yes, by mail", "No", "No, later"),
    "pairs": lambda r: f"{r.choice(['red', 'blue', 'black'])}; {r.choice(['S', 'M', 'L'])}",
    "decimal commas": lambda r: f"{r.randint(0, 99)},{r.randint(0, 99):02d}",
    "thousands": lambda r: f"{r.randint(1, 9)},{r.randint(0, 999):03d}",
    "prices": lambda r: f"{r.randint(0, 9)},{r.randint(0, 99):02d} \u20ac",
    "dates": lambda r: f"Jan {r.randint(1, 28)}, {r.choice([2023, 2024])}",
    "free text": lambda r: " ".join(r.choices(WORDS, k=9)),
    "addresses of mail": lambda r: f"{r.choice(NAMES[0])}@a.com; {r.choice(NAMES[1])}@b.com",
    "paths": chosen("a|b", "a|c", "d|e", "f"),
    "folders": lambda r: f"/{r.choice('abc')}/{r.choice('def')}/{r.choice('gh')}.html",
    "parts of a name": chosen("R&D", "Sales & Marketing", "Sales", "C/C++", "HR", "n/a"),
    "fractions": lambda r: f"{r.randint(1, 9)}/{r.choice([2, 4, 8])}",
    "sums": lambda r: f"{r.randint(1, 4)}+{r.randint(1, 4)}",
    "weekends": chosen("24/7", "Mon/Fri", "Sat/Sun", "9/5"),
}


@pytest.mark.parametrize("kind", NO_LISTS)
def test_what_has_delimiters_and_is_no_list_stays_what_it_is(kind: str) -> None:
    chance = random.Random(5)
    assert find_layout(texts(NO_LISTS[kind](chance) for _ in range(1000))) is None


def measured(matrix: np.ndarray, won: pd.Series) -> float:
    """Measure flags out of fold as scikit-learn does."""
    scaled = StandardScaler().fit_transform(matrix)
    p = cross_val_predict(LogisticRegression(), scaled, won, cv=5, method="predict_proba")
    return float(log_loss(won, p[:, 1]))


LABELS = (
    *("Web", "Mail", "Fax", "Web, Mail", "Mail, Fax", "Fax, Web", "Web, Mail, Fax"),
    *("Fair", "Fair, Web", "Mail, Fair"),
)


@pytest.mark.parametrize("planted", ["list", "labels"])
def test_of_few_cells_it_is_what_tells_more_out_of_fold(planted: str) -> None:
    chance = np.random.default_rng(8)
    cells = chance.choice(np.array([*LABELS, None], object), 3000).tolist()
    if planted == "list":
        rows = [[v for v in VALUES[:4] if chance.random() < 0.45] for _ in cells]
        cells = [", ".join(row) or None for row in rows]
        effect = np.array([1.5 * (VALUES[0] in row) - 1.5 * (VALUES[1] in row) for row in rows])
    else:
        own = dict(zip([*LABELS, None], chance.permutation(np.linspace(-2, 2, 11)), strict=True))
        effect = np.array([own[cell] for cell in cells])
    won = (chance.random(3000) < 1 / (1 + np.exp(-effect))).astype(int)
    frame = with_wants(pd.DataFrame({"x": chance.normal(size=3000), "won": won}), cells)
    texts_there = frame["wants"].astype("str").where(frame["wants"].notna())
    by_list = measured(texts_there.str.get_dummies(", ").to_numpy(), frame["won"])
    by_level = measured(pd.get_dummies(texts_there, dummy_na=True).to_numpy(float), frame["won"])
    (found, *_), _ = lw.columns(frame, label="won")
    assert found.kind == ("list" if planted == "list" else "category")
    said = re.search(r"log-loss by itself (0\.\d{4}), (?:not )?(0\.\d{4}) as a", found.reason)
    assert said is not None, found.reason
    best, other = sorted((by_list, by_level))
    # Other folds.
    assert (float(said[1]), float(said[2])) == pytest.approx((best, other), abs=0.003)
    for kind in ("list", "category"):
        (asked, *_), _ = lw.columns(frame, label="won", dictionary={"wants": {"kind": kind}})
        assert asked.kind == kind
        assert "log-loss" not in asked.reason


@pytest.mark.parametrize("way", WAYS)
def test_a_list_is_recognised_however_it_is_written(way: str) -> None:
    rows, _ = drawn(7)
    layout = find_layout(texts(WAYS[way](row) for row in rows))
    assert layout is not None
    assert layout.bracketed == (way in ("JSON", "Python", "PostgreSQL"))
    held = {value for row in rows for value in layout.split(WAYS[way](row) or "")}
    assert held == set(VALUES)


def test_rare_values_and_those_of_nearly_all_rows_have_no_flag() -> None:
    rows, frame = drawn(2)
    wants = [
        "; ".join([*row, "all", *(["rare"] if place < 3 else [])]) for place, row in enumerate(rows)
    ]
    (decision, *_), _ = lw.columns(frame.assign(wants=wants), label="won")
    assert (decision.kind, decision.levels) == ("list", tuple(sorted(VALUES)))
    assert decision.reason == "8 values between semicolons, 2 other ones left out"


def test_the_dictionary_names_delimiter_values_and_case() -> None:
    rows, frame = drawn(3)
    frame["wants"] = [
        "/".join(v.upper() if i % 2 else v for v in row) for i, row in enumerate(rows)
    ]
    entry = {"delimiter": " / ", "levels": ["crm", "Hosting ", "Fax"], "casefold": True}
    (decision, *_), _ = lw.columns(frame, label="won", dictionary={"wants": entry})
    assert decision.levels == ("crm", "hosting")
    model = lw.fit_model(frame, label="won", dictionary={"wants": entry})
    own = [column for column in model.columns if isinstance(column, Listed)]
    assert own[0] == Listed("wants: crm", "wants", "crm", "/", casefold=True)
    means = [term.mean for term in model.terms if term.column.startswith("wants")]  # type: ignore[union-attr]
    assert means == [np.mean([value in row for row in rows]) for value in ("CRM", "Hosting")]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"kind": "list"}, "what parts its values is not clear"),
        ({"delimiter": ""}, "delimiter must be what parts values"),
        ({"delimiter": ";", "kind": "category"}, "delimiter is for lists"),
        ({"delimiter": ";", "missing_weight": True}, "missing_weight is for numbers"),
        ({"delimiter": ";", "direction": "higher"}, "direction is for numbers and flags"),
        ({"kind": "lists"}, "did you mean 'list'?"),
    ],
)
def test_what_cannot_be_meant_is_refused(entry: dict[str, object], said: str) -> None:
    frame = pd.DataFrame({"wants": ["a b", "b", "c"] * 20, "won": [0, 1] * 30})
    with pytest.raises(DictionaryError, match=said.replace("?", r"\?")):
        lw.columns(frame, label="won", dictionary={"wants": entry})


def test_values_that_the_model_does_not_know_are_counted() -> None:
    rows, frame = drawn(4)
    model = lw.fit_model(with_wants(frame, ["; ".join(row) or None for row in rows]), label="won")
    held = ["; ".join(row) or None for row in rows]
    held[:10] = ["Fax; Telex"] * 10
    first, *_ = check_input(model, with_wants(frame, held)).columns
    assert first.rows("no list") == held.count(None)
    assert first.rows("no known value") == 10
    (hit,) = [hit for hit in first.hits if hit.rule == "no known value"]
    assert [value.value for value in hit.values] == ["Fax; Telex"]
    # Another delimiter than in training: nothing is known any more.
    other = [" + ".join(row) or None for row in rows]
    first, *_ = check_input(model, with_wants(frame, other)).columns
    assert any(hit.unread for hit in first.hits)


def test_names_of_flags_are_one_line_each_another_and_nothing_for_template_engines() -> None:
    values = ("a", "A", "{{ x }}", "two\nlines", "b" * 90)
    rows, frame = drawn(6, values)
    model = lw.fit_model(with_wants(frame, [";".join(row) or None for row in rows]), label="won")
    names = [column.name for column in model.columns if column.name != "x"]
    assert names == [
        *("wants: A", "wants: a_", f"wants: {'b' * 59}\u2026", "wants: two lines"),
        "wants: { { x }}",
    ]
    assert "{{" not in lw.render(model, dialect="postgres", columns=["contributions", "reason_1"])


def test_a_value_of_a_list_that_only_won_rows_have_is_suspected() -> None:
    rows, frame = drawn(3)
    cells = [";".join(row) or None for row in rows]
    (wants,), honest = lw.columns(with_wants(frame[["won"]], cells), label="won")
    assert wants.kind == "list"
    assert not honest
    paid = [
        f"{cell};paid" if cell and won and place % 2 else cell
        for place, (cell, won) in enumerate(zip(cells, frame["won"], strict=True))
    ]
    _, (suspect,) = lw.columns(with_wants(frame[["won"]], paid), label="won")
    count = sum("paid" in (cell or "") for cell in paid)
    assert suspect.column == "wants"
    assert suspect.by_values
    assert "'wants: paid'" in suspect.question
    assert f"{count:,} rows" in suspect.question
    assert suspect.advice.endswith("--exclude wants")
