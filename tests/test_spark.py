"""Spark, in the process: the bits of numpy, all the decisions, ranks by every letter."""

import importlib.util
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.elsewhere import ROW, Trial, numbered_rows, trials, wrong

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("pyspark") is None,
        reason="needs pip install pyspark, 480 MB, and Java 17",
    ),
    pytest.mark.filterwarnings("ignore"),
]

# Java's exp is not the C library's.
ULP = 2
_TYPES = {
    "VARCHAR": "STRING",
    "UBIGINT": "DECIMAL(20, 0)",
    "HUGEINT": "DECIMAL(38, 0)",
    "TIMESTAMP": "TIMESTAMP_NTZ",
}
_WHOLE = ("UBIGINT", "HUGEINT")


@pytest.fixture
def session() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    opened = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    yield opened
    opened.stop()


def test_spark_gives_the_bits_of_numpy(session: Any) -> None:
    found = [
        line for trial in trials("spark") for line in wrong(trial, selected(session, trial), ULP)
    ]
    assert found == []


def selected(session: Any, trial: Trial) -> dict[str, list[Any]]:
    """Run a trial over a temporary view."""
    kinds = ["INTEGER", *trial.table.types.values()]
    names = [ROW, *trial.table.types]
    schema = ", ".join(f"`{n}` {_TYPES.get(k, k)}" for n, k in zip(names, kinds, strict=True))
    rows = [
        tuple(
            Decimal(c) if k in _WHOLE and c is not None else c
            for c, k in zip(row, kinds, strict=True)
        )
        for row in numbered_rows(trial.table)
    ]
    session.createDataFrame(rows, schema).coalesce(1).createOrReplaceTempView("leads")
    scored = sorted(session.sql(trial.sql).collect(), key=lambda row: row[0])
    return {name: [row[i] for row in scored] for i, name in enumerate(scored[0].__fields__)}
