"""ClickHouse, in the process: the bits of numpy, all the decisions, ranks by every letter."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from leadweights import battery
from tests.elsewhere import NUMBERED, ROW, Trial, trials, wrong

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("chdb") is None,
    reason='needs ClickHouse: pip install "leadweights[clickhouse]", 600 MB',
)

# ClickHouse's exp is not the C library's.
ULP = 2
_TYPES = {
    "DOUBLE": "Float64",
    "FLOAT": "Float32",
    "INTEGER": "Int32",
    "BIGINT": "Int64",
    "UBIGINT": "UInt64",
    "HUGEINT": "Int128",
    "DECIMAL(18,4)": "Decimal(18, 4)",
    "DECIMAL(38,10)": "Decimal(38, 10)",
    "BOOLEAN": "Bool",
    "VARCHAR": "String",
    "DATE": "Date32",
    "TIMESTAMP": "DateTime64(3, 'UTC')",
}


@pytest.fixture
def days_of_clickhouse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the days that its type Date32 cannot hold."""
    kept = [day for day in battery._DATES if day is None or "1900" <= day < "2300"]
    monkeypatch.setattr(battery, "_DATES", tuple(kept))


@pytest.fixture
def session() -> Iterator[Any]:
    from chdb.session import Session

    opened = Session()
    yield opened
    opened.close()


@pytest.mark.usefixtures("days_of_clickhouse")
def test_clickhouse_gives_the_bits_of_numpy(session: Any, tmp_path: Path) -> None:
    found = [
        line
        for trial in trials("clickhouse")
        for line in wrong(trial, selected(session, trial, tmp_path), ULP)
    ]
    assert found == []


def selected(session: Any, trial: Trial, folder: Path) -> dict[str, list[Any]]:
    """Run a trial in ClickHouse; files go there and back."""
    there, back = folder / "there.parquet", folder / "back.parquet"
    types = {name: _type(kind) for name, kind in trial.table.types.items()}
    # Parquet has no whole numbers of 128 bits.
    wide = [name for name, kind in trial.table.types.items() if kind == "HUGEINT"]
    texts = ", ".join(f'CAST("{name}" AS VARCHAR) AS "{name}"' for name in wide)
    source = NUMBERED
    if wide:
        source = f"SELECT * REPLACE ({texts}) FROM ({source})"
    trial.table.write_selected(source, there, parquet=True)
    columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    casts = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in types.items())
    session.query("DROP TABLE IF EXISTS leads")
    session.query(f'CREATE TABLE leads ("{ROW}" Int32, {columns}) ENGINE = Memory')
    session.query(f"INSERT INTO leads SELECT \"{ROW}\", {casts} FROM file('{there}', Parquet)")
    back.write_bytes(
        session.query(f'SELECT * FROM ({trial.sql}) ORDER BY "{ROW}"', "Parquet").bytes()
    )
    relation = duckdb.read_parquet(str(back))
    rows = relation.fetchall()
    return {name: [row[i] for row in rows] for i, name in enumerate(relation.columns)}


def _type(kind: str) -> str:
    return f"Nullable({_TYPES[kind]})"
