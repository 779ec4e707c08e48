"""Faults planted in what is rendered, and a proof of what was harmed."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from leadweights.formula.stages import Shape, outputs
from leadweights.model.model import ScoringModel
from leadweights.prove.parity import Parity, parity
from leadweights.sql import render as sql
from leadweights.tables.columns import open_for
from leadweights.tables.open import parse_table

Fault = Callable[[str], str]
render = cache(sql.render)
"""Write the SELECT that many faults are planted in once."""


def first(pattern: str, replacement: str) -> Fault:
    """Plant a fault at the first place that looks like this."""
    return lambda sql: re.sub(pattern, replacement, sql, count=1)


def instead(name: str, value: str) -> Callable[..., str]:
    """Render with another value for a column of the result, in every SELECT that has it."""

    def harmed(model: ScoringModel, **options: Any) -> str:
        sql = render(model, **options).rstrip().rstrip(";")
        if name not in (options.get("columns") or ()):
            return sql
        return f'SELECT * REPLACE ({value} AS "{name}") FROM ({sql})'

    return harmed


class Harming:
    """Render with a fault in every SELECT of a shape that has the place for it; `harmed` are those.

    Without a shape, in SELECTs of both.
    """

    def __init__(self, fault: Fault, shape: Shape | None = None) -> None:
        self.harmed: list[str] = []
        self._fault, self._shape = fault, shape

    def __call__(self, model: ScoringModel, **options: Any) -> str:
        sql = render(model, **options)
        changed = self._fault(sql) if self._shape in (None, options["shape"]) else sql
        if changed != sql:
            self.harmed.append(changed)
        return changed


def verify_with(model: ScoringModel, data: str | Path | pd.DataFrame, **options: Any) -> Parity:
    """Do what `verify` does, with what `parity` is given beside."""
    table = open_for(model, data, outputs(model))
    return parity(model, {"your rows": table}, **options)


@contextmanager
def wrong_exp() -> Iterator[None]:
    """Give DuckDB, for as long, an EXP that is not the C library's."""
    connection = parse_table({"x": ("DOUBLE", ["1"])}, "a row")._connection
    connection.execute("CREATE MACRO exp(x) AS pow(2.718281828, x)")
    try:
        yield
    finally:
        connection.execute("DROP MACRO exp")
