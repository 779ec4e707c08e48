"""Golden rows to paste: no row where an engine agrees, some where it does not."""

import re
from collections.abc import Callable, Iterator
from math import ceil

import pytest
import sqlglot

import leadweights as lw
from leadweights.errors import TableError, UnsupportedError
from leadweights.formula.stages import SHAPES, Shape
from leadweights.model.file import load
from leadweights.sql.dialects import DIALECTS
from leadweights.tables.engines.engine import Engine
from leadweights.tables.engines.registry import open_engine
from leadweights.tables.open import parse_table
from tests.support.commands import invoke
from tests.support.engines_here import trial_models
from tests.support.golden_files import FAMILIES, crm_model
from tests.support.release import RELEASE, sweep
from tests.support.sql_text import readable
from tests.support.tools import each

MODEL, VALID = "outputs/model.json", "data/valid.csv"


# Others take minutes, or all the memory they may have, for a UNION of so many: `table` is for them.
QUICK = ("duckdb", "sqlite", "postgres", "mariadb", "clickhouse", "hyper")


@pytest.fixture(scope="module", params=each(QUICK))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with open_engine(request.param) as engine:
        # Some engine has no FROM without a table.
        engine.load(parse_table({"x": ("DOUBLE", ["1"])}, "a row").number_rows({"x": "x"}, {}))
        yield engine


@pytest.mark.sweep
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.filterwarnings("ignore")
def test_no_row_means_that_the_engine_agrees(shape: Shape, engine: Engine) -> None:
    # On a commit: in one shape every kind of column and decision, in the other one the columns.
    models = trial_models(engine.dialect)
    chosen = models if RELEASE else ("crm", "decided")[: 1 + (shape == "standardized")]
    for name in chosen:
        model = models[name]
        found = engine.select(lw.golden_sql(model, dialect=engine.dialect, shape=shape))
        assert {column: values[:3] for column, values in found.items() if len(values)} == {}, name


FAULTS: dict[str, Callable[[str], str]] = {
    "a shorter constant": lambda sql: re.sub(r"(\d\.\d{6})\d{10}(e\S+ \* \"lead_)", r"\1\2", sql),
    "a text": lambda sql: sql.replace("THEN 'A'", "THEN 'a'"),
    "a missing fill": lambda sql: re.sub(r"ELSE 3\S+\s+END AS \"recency", 'END AS "recency', sql),
    "a swapped comparison": lambda sql: sql.replace('"odds" / (', '(1e0 - 1e-9) * "odds" / ('),
}


@pytest.mark.sweep
@pytest.mark.parametrize("fault", FAULTS)
def test_what_differs_comes_back(fault: str) -> None:
    sql = lw.golden_sql(load(MODEL), dialect="duckdb", data=VALID)
    harmed = FAULTS[fault](sql)
    assert harmed != sql
    with open_engine("duckdb") as engine:
        engine.load(parse_table({"x": ("DOUBLE", ["1"])}, "a row"))
        found = engine.select(harmed)
    assert len(found["leadweights_row"])
    assert {"lead_score", "expected_lead_score", "band", "expected_band"} < set(found)


def test_rows_of_ones_own_are_among_the_golden_ones() -> None:
    def rows(sql: str) -> int:
        return int(re.findall(r"(\d+) golden rows", sql)[0])

    model = load(MODEL)
    alone = rows(lw.golden_sql(model, dialect="snowflake"))
    assert rows(lw.golden_sql(model, dialect="snowflake", data=VALID, rows=17)) == alone + 17


# On a commit the others of them show in one query how they write names, texts and numbers.
TABLES = FAMILIES[::5]


@pytest.mark.parametrize(
    ("dialect", "table"),
    sweep(
        [
            (dialect, table)
            for dialect in (DIALECTS if RELEASE else FAMILIES)
            for table in ((False, True) if RELEASE or dialect in TABLES else (False,))
        ],
        5,
    ),
)
def test_every_dialect_has_golden_rows_that_parse(dialect: str, table: bool) -> None:
    sql = lw.golden_sql(crm_model(dialect), dialect=dialect, table=table)
    parsed = sqlglot.parse(readable(sql), dialect=DIALECTS[dialect].sqlglot)
    assert all(parsed)
    # With a table: it is made, filled fifty rows at a time, and asked.
    rows = int(re.findall(r"(\d+) golden rows", sql)[0])
    assert len(parsed) == (2 + ceil(rows / 50) if table else 1)
    if table:
        longer = lw.golden_sql(load(MODEL), dialect=dialect, table=True, data=VALID, rows=150)
        assert len(sqlglot.parse(readable(longer), dialect=DIALECTS[dialect].sqlglot)) > 3


@pytest.mark.sweep
def test_a_table_of_golden_rows_is_made_filled_and_queried() -> None:
    *made, query = lw.golden_sql(
        load(MODEL), dialect="sqlite", table=True, data=VALID, rows=150
    ).split(";\n\n")
    with open_engine("sqlite") as engine:
        cursor = engine.connection.cursor()  # type: ignore[attr-defined]
        for statement in made:
            cursor.execute(statement)
        count = cursor.execute("SELECT COUNT(*) FROM leadweights_golden").fetchone()[0]
        assert count > 100
        assert cursor.execute(query).fetchall() == []
        cursor.execute(
            "UPDATE leadweights_golden SET expected_log_odds = 1.1 * expected_log_odds + 1"
        )
        assert len(cursor.execute(query).fetchall()) == count


def test_the_command_prints_what_the_function_gives() -> None:
    found = invoke(["golden", MODEL, "--dialect", "tsql", "--shape", "raw"])
    assert found.exit_code == 0
    assert found.stdout == lw.golden_sql(load(MODEL), dialect="tsql", shape="raw")
    assert "[expected_lead_score]" in found.stdout


def test_golden_rows_that_cannot_be_get_one_line() -> None:
    with pytest.raises(UnsupportedError, match="no dialect 'dbase'"):
        lw.golden_sql(load(MODEL), dialect="dbase")
    with pytest.raises(TableError, match="no such file"):
        lw.golden_sql(load(MODEL), dialect="duckdb", data="nowhere.csv")
