"""Stores seen from outside: by the drivers themselves."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import duckdb
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from leadweights.model.file import load
from leadweights.model.model import Logit, ScoringModel

PLACES = ("duckdb", "sqlite", "postgres", "mariadb")
MODEL = "outputs/model.json"


def run_sql(place: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements as anybody could; give the rows of the last one, if it has any."""
    if "://" not in place:
        with closing(duckdb.connect(place)) as connection:
            for statement in statements:
                found = connection.execute(statement)
            return list(found.fetchall())
    rows: Sequence[Any] = ()
    engine = sa.create_engine(place, poolclass=NullPool)
    with engine.begin() as connected:
        for statement in statements:
            result = connected.execution_options(no_parameters=True).exec_driver_sql(statement)
            rows = result.fetchall() if result.returns_rows else ()
    engine.dispose()
    return [tuple(row) for row in rows]


def other_model(shift: float = 0.125) -> ScoringModel:
    """Give a model with the columns of the committed one, and another intercept."""
    model = load(MODEL)
    assert isinstance(model.link, Logit)
    return replace(model, link=replace(model.link, intercept=model.link.intercept + shift))
