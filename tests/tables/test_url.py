"""A proof by a database's URL, and on a table that is already there."""

from __future__ import annotations

import importlib.util
import sqlite3
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.errors import EngineError, TableError, UnsupportedError
from leadweights.model.file import load
from leadweights.prove.parity import failure
from leadweights.sql.select import sample
from tests.support.commands import invoke
from tests.support.databases import url_of
from tests.support.engines_here import trial_models
from tests.support.tools import each

MODEL, VALID = "outputs/model.json", "data/valid.csv"

pytestmark = [
    pytest.mark.tool("SQLAlchemy"),
    pytest.mark.skipif(
        importlib.util.find_spec("sqlalchemy") is None,
        reason='needs SQLAlchemy: pip install "leadweights[warehouse]"',
    ),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Keep the valid rows in a table called crm_leads."""
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        pd.read_csv(VALID).to_sql("crm_leads", connection, index=False)
    connection.close()
    return f"sqlite:///{tmp_path / 'crm.db'}"


@pytest.mark.telling
def test_a_url_is_proven_like_an_engine(sqlite_url: str) -> None:
    found = lw.verify(load(MODEL), VALID, engine=sqlite_url)
    assert found.holds, failure(found)
    assert found.engine == f"SQLite {sqlite3.sqlite_version}"
    assert len(found.checks) > 10


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        pytest.param("postgres", "", marks=pytest.mark.tool("postgres")),
        pytest.param("mariadb", "mariadb", marks=pytest.mark.tool("mariadb")),
    ],
)
def test_a_server_is_proven_by_its_url_and_in_place(name: str, dialect: str) -> None:
    import sqlalchemy as sa

    from leadweights.prove import in_place

    model = load(MODEL)
    with url_of(name) as url:
        found = lw.verify(model, VALID, engine=url, dialect=dialect)
        assert found.holds, failure(found)
        pd.read_csv(VALID).to_sql("crm", sa.create_engine(url), index=False)
        there = in_place.verify_in_place(model, url, "crm", rows=50, dialect=dialect)
        assert there.holds, failure(there)
        assert [check.rows for check in there.checks] == [50, 100, 100] * 2


@pytest.mark.sweep
def test_a_table_that_is_there_is_proven_by_a_sample_and_its_ends(sqlite_url: str) -> None:
    from leadweights.prove import in_place

    model = load(MODEL)
    found = in_place.verify_in_place(model, sqlite_url, "crm_leads", rows=300)
    assert found.holds, failure(found)
    assert [check.rows for check in found.checks] == [300, 100, 100] * 2
    assert found.checks[0].rows_of == "a sample of crm_leads"
    again = in_place.verify_in_place(model, sqlite_url, "crm_leads", rows=300)
    assert again == found


def test_the_ends_are_the_ends(sqlite_url: str) -> None:
    from leadweights.formula.stages import stages
    from leadweights.tables.engines import url

    model = load(MODEL)
    every = lw.score(model, VALID)["lead_score"].sort_values()
    with url.open_engine(sqlite_url) as database:
        for order, wanted in (("rising", every.head(20)), ("falling", every[::-1].head(20))):
            chain = stages(model, columns=["lead_score"])
            sql = sample(chain, "sqlite", "crm_leads", [], order, 20)  # type: ignore[arg-type]
            _, rows = database.rows(sql)
            assert [score for (score,) in rows] == wanted.tolist()


def test_a_difference_in_place_is_found(sqlite_url: str) -> None:
    import sqlalchemy as sa

    from leadweights.prove import in_place

    def harm(_a: Any, _b: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        return statement.replace("ELSE 3.0", "ELSE 3.1"), parameters

    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute('UPDATE "crm_leads" SET recency_days = NULL')
    asked = (sa.engine.Engine, "before_cursor_execute", harm)
    sa.event.listen(*asked, retval=True)
    try:
        found = in_place.verify_in_place(load(MODEL), sqlite_url, "crm_leads")
    finally:
        sa.event.remove(*asked)
    assert not found.holds
    assert "a sample of crm_leads, shape standardized, row 1: lead_score is" in failure(found)


@pytest.mark.sweep
def test_a_model_of_every_kind_is_proven_in_place(tmp_path: Path) -> None:
    from leadweights.prove import in_place
    from leadweights.tables.columns import sources

    model = trial_models("sqlite")["decided"]
    cells = {"number": [1.5, None, 7], "flag": [1, 0, None], "text": ["google", "it's", None]}
    cells["date"] = ["2026-01-31", None, "2025-12-01 10:00:00"]
    columns = {name: cells[kind] for name, kind in sources(model).items()}
    columns["May contact"] = ["yes", "it's", "no"]
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        pd.DataFrame(columns).to_sql("crm", connection, index=False)
    connection.close()
    found = in_place.verify_in_place(model, f"sqlite:///{tmp_path / 'crm.db'}", "crm")
    assert found.holds, failure(found)


def test_a_table_without_rows_proves_nothing(tmp_path: Path) -> None:
    from leadweights.prove import in_place

    with sqlite3.connect(tmp_path / "crm.db") as connection:
        pd.read_csv(VALID).head(0).to_sql("crm", connection, index=False)
    connection.close()
    with pytest.raises(TableError, match="there is no row"):
        in_place.verify_in_place(load(MODEL), f"sqlite:///{tmp_path / 'crm.db'}", "crm")


def test_no_message_has_a_secret() -> None:
    from leadweights.errors.shown import hide_url

    url = "snowflake://joe:s3cret@acme/crm?token=abc123&role=SCORER"
    said = hide_url("connection to joe:s3cret failed (token abc123, role SCORER) on acme", url)
    assert said == "connection to *** failed (token ***, role ***) on acme"
    refused = "postgresql+psycopg://joe:s3cret@127.0.0.1:1/crm"
    if importlib.util.find_spec("psycopg") is not None:
        found = invoke(["verify", MODEL, VALID, "--engine", refused])
        assert found.exit_code == 1
        assert "refused" in found.stderr
        assert "s3cret" not in found.output


@pytest.mark.parametrize(
    ("url", "problem", "said"),
    [
        ("://x", UnsupportedError, "an engine's URL is written product://host/database"),
        ("dbase://x", UnsupportedError, "no dialect is known for dbase://"),
        ("snowflake://x", EngineError, "no driver for snowflake:// installed"),
    ],
)
def test_a_url_that_cannot_be_gets_one_line(url: str, problem: type[Exception], said: str) -> None:
    with pytest.raises(problem, match=said):
        lw.verify(load(MODEL), VALID, engine=url)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name DATA, or a table with --in-place --table"),
        ([VALID, "--in-place", "--table", "crm"], "name DATA, or a table"),
        (["--in-place"], "name DATA, or a table"),
        (["--in-place", "--table", "crm"], "--in-place needs --engine URL"),
        ([VALID, "--dialect", "mysql"], "--dialect is for --engine URL"),
    ],
)
def test_what_is_to_be_proven_must_be_named_once(arguments: list[str], said: str) -> None:
    found = invoke(["verify", MODEL, *arguments])
    assert found.exit_code == 2
    assert said in found.stderr


def test_the_command_proves_in_place(sqlite_url: str, tmp_path: Path) -> None:
    asked = ["--engine", sqlite_url, "--in-place", "--table", "crm_leads", "--sample", "20"]
    found = invoke(["verify", MODEL, *asked, "--output", str(tmp_path / "p")])
    assert found.exit_code == 0, found.stderr
    said = "equals Python bit for bit on 20 rows and those with the lowest and highest scores, in 2"
    assert said in found.stdout
    assert "a sample of crm_leads" in (tmp_path / "p" / "PARITY.md").read_text()
    asked[4] = "nowhere"
    found = invoke(["verify", MODEL, *asked])
    assert found.exit_code == 1
    assert "there is no table nowhere" in found.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE crm_leads SET recency_days = 'x7' WHERE rowid = 3", "'recency_days' has 'x7'"),
        ("ALTER TABLE crm_leads DROP COLUMN recency_days", "has no column 'recency_days'"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_in_one_line(
    change: str, said: str, sqlite_url: str
) -> None:
    from leadweights.prove import in_place

    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute(change)
    connection.close()
    with pytest.raises(TableError, match=said):
        in_place.verify_in_place(load(MODEL), sqlite_url, "crm_leads")


@pytest.mark.parametrize("product", ["sqlite", "duckdb"])
def test_a_file_that_is_not_there_is_not_made(product: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="there is no file"):
        lw.verify(load(MODEL), VALID, engine=f"{product}:///{tmp_path}/typo.db")
    assert not list(tmp_path.iterdir())


def test_an_interrupt_while_sqlite_asks_python_stays_one(tmp_path: Path) -> None:
    """SQLite itself makes an error of a function's exception."""
    from leadweights.tables.engines import url

    interrupts = [KeyboardInterrupt()]

    def floor(value: float) -> float:
        if interrupts:
            raise interrupts.pop()
        return value // 1

    sqlite3.connect(tmp_path / "crm.db").close()
    with url.open_engine(f"sqlite:///{tmp_path / 'crm.db'}", floor=floor) as engine:
        with pytest.raises(KeyboardInterrupt):
            engine.select("SELECT FLOOR(1.5) AS whole")
        assert engine.select("SELECT FLOOR(1.5) AS whole")["whole"].tolist() == [1.0]


def categories(count: int) -> pd.DataFrame:
    random = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "answer": random.choice(["Yes", "No"], count),
            "source": random.choice(["web", "mail", "phone"], count),
            "amount": random.normal(size=count).round(2),
        }
    )
    chance = np.where(frame["answer"] == "Yes", 0.7, 0.2) + 0.1 * (frame["source"] == "web")
    return frame.assign(label=(random.random(count) < chance).astype(int))


@pytest.mark.sweep
@pytest.mark.parametrize("name", each(["sqlite", "postgres"]))
def test_types_and_values_in_a_warehouse_are_checked_before_anybody_scores(
    name: str, tmp_path: Path
) -> None:
    import sqlalchemy as sa

    frame = categories(2000)
    model = lw.fit_model(frame, dictionary={"answer": {"kind": "category"}})
    proven_model = str(tmp_path / "model.json")
    lw.save(model, proven_model)
    tables = {
        "right": frame,
        "flags": frame.assign(answer=frame["answer"] == "Yes"),
        "doubles": frame.assign(source=frame["amount"], amount=frame["source"]),
        "others": frame.assign(source=frame["source"].str.upper()),
        "less": frame.drop(columns="amount"),
    }
    with url_of(name) if name != "sqlite" else nullcontext(f"sqlite:///{tmp_path}/crm.db") as url:
        engine = sa.create_engine(url)
        for table, rows in tables.items():
            rows.to_sql(table, engine, index=False)
        engine.dispose()
        found = lw.check_table(model, url, "right", rows=500)
        assert found.scorable
        assert found.rows == 500
        assert not any(hit.unread for column in found.columns for hit in column.hits)
        problems = {t: lw.check_table(model, url, t).problems for t in ("flags", "less")}
        expected = "flags: column 'answer' must hold text or numbers, not true and false: cast it"
        assert problems["flags"][0].startswith(expected)
        assert "less has no column 'amount'" in problems["less"][0]
        for table, said in {
            "flags": "must hold text or numbers, not true and false",
            "doubles": "100% of its rows are 'missing' in column 'amount'",
            "others": "100% of its rows are 'other' in column 'source'",
            "less": "has no column 'amount'",
        }.items():
            asked = ["--engine", url, "--table", table]
            proven = invoke(["verify", proven_model, "--in-place", *asked])
            assert proven.exit_code == 1
            assert said in proven.stderr
            assert "Parity" not in proven.stdout
            checked = invoke(["check-input", str(tmp_path / "model.json"), *asked])
            assert checked.exit_code == (0 if table in ("others", "doubles") else 1)


@pytest.mark.parametrize(
    "arguments", [[], [VALID, "--table", "x"], ["--table", "x"], ["--engine", "sqlite://"]]
)
def test_a_check_is_of_a_file_or_of_a_table(arguments: list[str]) -> None:
    found = invoke(["check-input", MODEL, *arguments])
    assert found.exit_code == 2
    assert "name DATA, or a table with --engine URL --table" in found.stderr
