"""The same scores from a table whose columns have other types and other names."""

import json
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.errors import TableError, UnsupportedError
from leadweights.scoring.check_input import check_input
from tests.support.commands import invoke
from tests.support.databases import url_of
from tests.support.tools import each

SINCE = {name: {"since": "2027-01-01"} for name in ("seen", "asked")}


def leads(rows: int = 2000) -> pd.DataFrame:
    """Draw leads as a CSV file would have them: yes and no, and numbers between other texts."""
    random = np.random.default_rng(5)
    days = pd.date_range("2024-01-01", periods=rows, freq="7h").to_list()
    frame = pd.DataFrame(
        {
            "lead_id": np.arange(rows),
            "answer": random.choice(["Yes", "No"], rows),
            "opted_in": random.random(rows) < 0.4,
            "returning": (random.random(rows) < 0.5).astype(int),
            "budget": random.normal(50, 10, rows).round(2),
            "visits": random.integers(0, 20, rows).astype(str),
            "seen": [f"{d.day:02}/{d.month:02}/{d.year}" for d in days],
            "asked": [f"{d:%Y-%m-%d}" for d in days[::-1]],
            "source": random.choice(["web", "mail", "phone"], rows),
        }
    )
    frame.loc[::9, "visits"] = "N/A"
    frame.loc[::7, "budget"] = np.nan
    chance = 0.2 + 0.4 * (frame["answer"] == "Yes") + 0.1 * frame["opted_in"]
    chance += 0.1 * frame["returning"] + 0.004 * (frame["budget"].fillna(50) - 50)
    return frame.assign(label=(random.random(rows) < chance).astype(int))


def in_warehouse(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Hold them as a warehouse may: each column of another type, the names in capitals.

    SQLite, which has no regular expressions, cannot read numbers in text.
    """
    text = frame["budget"].map(lambda value: None if pd.isna(value) else f"{value}")
    found = frame.assign(
        answer=frame["answer"] == "Yes",
        opted_in=frame["opted_in"].map({True: "true", False: "false"}),
        returning=frame["returning"] == 1,
        budget=frame["budget"] if name == "sqlite" else text.where(text.notna(), None),
        seen=pd.to_datetime(frame["seen"], format="%d/%m/%Y"),
        asked=pd.to_datetime(frame["asked"], utc=True) if name == "postgres" else frame["asked"],
        visits=pd.to_numeric(frame["visits"], errors="coerce"),
    )
    return found.rename(columns=str.upper)


def of_name(name: str, folder: Path) -> Any:
    return nullcontext(f"sqlite:///{folder / 'crm.db'}") if name == "sqlite" else url_of(name)


def spell_scores(rows: Iterable[Any]) -> dict[int, list[str]]:
    """Write lead scores and log-odds so that every bit is seen, by the key."""
    return {int(key): [float(score).hex(), float(odds).hex()] for key, score, odds, *_ in rows}


def test_scores_have_the_same_bits_from_other_types_in_duckdb(tmp_path: Path) -> None:
    frame, file = leads(), tmp_path / "leads.csv"
    frame.to_csv(file, index=False)
    model = lw.fit_model(file, keys=["lead_id"], dictionary=SINCE)
    held: dict[str, Any] = {"ANSWER": "flag", "OPTED_IN": "text", "RETURNING": "flag"}
    held |= {"BUDGET": "text", "VISITS": "number", "SEEN": "date", "ASKED": "text"}
    leads_there = in_warehouse(frame, "duckdb")
    with duckdb.connect() as connection:
        connection.register("leads", leads_there)
        rows = connection.execute(lw.render(model, held=held)).fetchall()
    expected = lw.score(model, file).itertuples(index=False)
    assert spell_scores(rows) == spell_scores(expected)


@pytest.mark.sweep
@pytest.mark.parametrize("name", each(["sqlite", "postgres", "mariadb"]))
def test_scores_have_the_same_bits_from_other_types_and_names(name: str, tmp_path: Path) -> None:
    import sqlalchemy as sa

    frame = leads()
    file, model_file = tmp_path / "leads.csv", tmp_path / "model.json"
    frame.to_csv(file, index=False)
    model = lw.fit_model(file, keys=["lead_id"], dictionary=SINCE)
    lw.save(model, model_file)
    expected = lw.score(model, file)
    with of_name(name, tmp_path) as url:
        engine = sa.create_engine(url)
        in_warehouse(frame, name).to_sql("leads", engine, index=False)
        asked = ["--engine", url, "--table", "leads"]
        found = invoke(["sql", str(model_file), *asked])
        assert found.exit_code == 0, found.stderr
        with engine.connect() as connection:
            options = connection.execution_options(no_parameters=True)
            rows = options.exec_driver_sql(found.stdout).fetchall()
        engine.dispose()
        checked = lw.check_table(model, url, "leads")
        proven = invoke(["verify", str(model_file), "--in-place", *asked])
    assert spell_scores(rows) == spell_scores(expected.itertuples(index=False))
    assert checked.scorable
    # MariaDB has numbers for true and false.
    assert {"visits", "opted_in", "seen", "asked"} <= set(checked.held_otherwise)
    assert proven.exit_code == 0, proven.stderr


def as_json(types: dict[str, str]) -> str:
    return json.dumps(types)


def as_csv(types: dict[str, str]) -> str:
    rows = (f'leads,"{name}",{place},"{kind}"' for place, (name, kind) in enumerate(types.items()))
    return "\n".join(["table_name,column_name,ordinal_position,data_type", *rows])


def as_pairs(types: dict[str, str]) -> str:
    return "\n".join(f'{name},"{kind}"' for name, kind in types.items())


def as_ddl(types: dict[str, str]) -> str:
    columns = ", ".join(f'"{name}" {kind} NULL' for name, kind in types.items())
    return f"CREATE TABLE leads ({columns})"


@pytest.mark.parametrize("write", [as_json, as_csv, as_pairs, as_ddl])
@pytest.mark.parametrize(
    ("dialect", "types"),
    [
        ("postgres", ["boolean", "text", "integer", "numeric(10,2)", "character varying"]),
        ("tsql", ["BIT", "NVARCHAR(20)", "SMALLINT", "MONEY", "VARCHAR(9)"]),
        ("snowflake", ["BOOLEAN", "TEXT", "NUMBER(38,0)", "FLOAT", "VARCHAR(16777216)"]),
        ("clickhouse", ["Bool", "LowCardinality(String)", "UInt8", "Float64", "String"]),
    ],
)
def test_types_are_read_from_what_a_warehouse_writes(
    dialect: str, types: list[str], write: Callable[[dict[str, str]], str]
) -> None:
    from leadweights.sql.types import find_kinds, read_declared

    names = ["ANSWER", "opted_in", "returning", "visits", "source"]
    declared = read_declared(write(dict(zip(names, types, strict=True))), dialect)
    found = find_kinds(declared, dialect)
    kinds = ["flag", "text", "number", "number", "text"]
    assert found == dict(zip(names, kinds, strict=True))


def test_a_select_is_rendered_for_types_that_are_named() -> None:
    model = lw.fit_model(leads(), keys=["lead_id"])
    held: dict[str, Any] = {"ANSWER": "flag", "VISITS": "number", "LEAD_ID": None}
    text = lw.render(model, dialect="snowflake", held=held)
    assert '"LEAD_ID" AS "lead_id"' in text
    assert 'CAST("ANSWER" AS INT)' in text
    assert "  VISITS     a number" in text
    assert "a text, a date as %d/%m/%Y, or a date by its type" in text
    plain = lw.render(model, dialect="snowflake")
    assert "  visits     a text with a number" in plain
    assert text.splitlines()[0] == plain.splitlines()[0]  # the model is the same
    with pytest.raises(UnsupportedError, match="column 'source' must hold text or numbers, not"):
        lw.render(model, held={"source": "flag"})
    with pytest.raises(UnsupportedError, match="column 'budget' must hold numbers or text, not"):
        lw.render(model, held={"budget": "flag"})  # its values were not 0 and 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "the types of a table are a JSON object"),
        ('{"answer": 1}', "the types of a table are a JSON object"),
        ("CREATE VIEW", "the types of a table are a JSON object"),
        ('{"answer": "BOOLEAN"}', "has no column 'budget'"),
        (
            json.dumps(dict.fromkeys([*leads(1)], "VARIANT")),
            "column 'answer' has a type that no column of a model can have",
        ),
    ],
)
def test_types_that_do_not_fit_are_refused(text: str, said: str, tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    lw.save(lw.fit_model(leads(), keys=["lead_id"]), model)
    (tmp_path / "types").write_text(text)
    found = invoke(["sql", str(model), "--types", str(tmp_path / "types")])
    assert found.exit_code == 1
    assert said in found.stderr
    assert not found.stdout


def test_names_are_folded(tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    lw.save(lw.fit_model(leads(), keys=["lead_id"]), model)
    found = invoke(["sql", str(model), "--fold-names", "upper"])
    assert 'CAST("BUDGET" AS DOUBLE)' in found.stdout
    twice = invoke(["sql", str(model), "--fold-names", "upper", "--engine", "sqlite://"])
    assert twice.exit_code == 2
    assert "take one" in twice.stderr


@pytest.mark.sweep
def test_texts_of_dates_are_dates_for_a_model_that_learnt_from_dates(tmp_path: Path) -> None:
    frame, file = leads(400)[["lead_id", "asked", "label"]], tmp_path / "leads.csv"
    frame.to_csv(file, index=False)
    model = lw.fit_model(file, keys=["lead_id"], dictionary=SINCE)
    frame.loc[::8, "asked"] = None
    # DuckDB takes all of these for dates.
    typed = frame.assign(asked=pd.to_datetime(frame["asked"]))
    expected = spell_scores(lw.score(model, typed).itertuples(index=False))
    assert len({tuple(bits) for bits in expected.values()}) > 7
    written = frame.copy()
    written.loc[::8, "asked"] = ["N/A", "", "epoch", None, "2024-02-30"] * 10
    written.loc[1::8, "asked"] += "T23:59:00Z"
    written.loc[2::8, "asked"] = " " + written.loc[2::8, "asked"] + " 10:30 "
    for ending, write in {"csv": "to_csv", "parquet": "to_parquet"}.items():
        getattr(written, write)(tmp_path / f"written.{ending}", index=False)
    tables: list[Any] = [written, tmp_path / "written.csv", tmp_path / "written.parquet"]
    for table in tables:
        assert spell_scores(lw.score(model, table).itertuples(index=False)) == expected
        assert lw.verify(model, table).holds
        checks = check_input(model, table).columns
        assert checks == check_input(model, typed).columns
    scores = tmp_path / "scores.csv"
    lw.score_to_file(model, tmp_path / "written.csv", scores)
    assert spell_scores(pd.read_csv(scores).itertuples(index=False)) == expected
    (lead,) = lw.score(model, {"lead_id": 1, "asked": written["asked"][1]}).itertuples(index=False)
    assert spell_scores([lead]) == {1: expected[1]}


@pytest.mark.parametrize("odd", ["31/12/2026", "2026-12-31 10:00+02:00", "2026-1-5", "46086"])
def test_other_texts_are_refused_with_their_line_and_what_to_do(odd: str, tmp_path: Path) -> None:
    frame = leads(400)[["asked", "label"]]
    model = lw.fit_model(frame.assign(asked=pd.to_datetime(frame["asked"])), label="label")
    frame.loc[3:5, "asked"] = odd
    frame.to_csv(tmp_path / "odd.csv", index=False)
    said = f"must hold dates, year first where they are text, such as 2026-12-31, and not '{odd}'"
    (problem,) = check_input(model, tmp_path / "odd.csv").problems
    assert problem.endswith("as on line 5; write them so, or learn from rows written as these are")
    assert said in problem
    for run in (lw.score, lw.verify):
        with pytest.raises(TableError) as caught:
            run(model, tmp_path / "odd.csv")
        assert str(caught.value) == problem
