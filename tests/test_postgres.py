"""PostgreSQL, where a server is named: the bits of numpy, all the decisions, ranks by letter."""

import importlib.util
import os
from collections.abc import Iterator
from typing import Any

import pytest

from leadweights import battery
from tests.elsewhere import ROW, Trial, numbered_rows, trials, wrong

SERVER = os.environ.get("LEADWEIGHTS_POSTGRES", "")

pytestmark = pytest.mark.skipif(
    not SERVER or importlib.util.find_spec("psycopg") is None,
    reason="needs pip install psycopg[binary], and LEADWEIGHTS_POSTGRES='host=... dbname=...'",
)

_TYPES = {
    "DOUBLE": "DOUBLE PRECISION",
    "FLOAT": "REAL",
    "UBIGINT": "NUMERIC",
    "HUGEINT": "NUMERIC",
    "VARCHAR": "TEXT",
}


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import psycopg

    # A product that is too near to zero for a double is an error there, which ends the query.
    for kind, cells in battery._NUMBERS.items():
        kept = [c for c in cells if c is None or not 0 < abs(float(c)) < 1e-290]
        monkeypatch.setitem(battery._NUMBERS, kind, kept)
    with psycopg.connect(SERVER, autocommit=True) as opened:
        yield opened


def test_postgres_gives_the_bits_of_numpy(connection: Any) -> None:
    # Its exp is the C library's: not even the probability differs.
    found = [
        line
        for trial in trials("postgres")
        for line in wrong(trial, selected(connection, trial), 0)
    ]
    assert found == []


def selected(connection: Any, trial: Trial) -> dict[str, list[Any]]:
    """Run a trial in a temporary table."""
    columns = ", ".join(f'"{n}" {_TYPES.get(kind, kind)}' for n, kind in trial.table.types.items())
    connection.execute("DROP TABLE IF EXISTS leads")
    connection.execute(f'CREATE TEMPORARY TABLE leads ("{ROW}" INTEGER, {columns})')
    rows = numbered_rows(trial.table)
    with connection.cursor().copy("COPY leads FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    found = connection.execute(f'SELECT * FROM ({trial.sql}) AS scored ORDER BY "{ROW}"')
    scored = found.fetchall()
    return {c.name: [row[i] for row in scored] for i, c in enumerate(found.description)}
