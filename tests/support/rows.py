"""A table row by row, as the service computes."""

from collections.abc import Iterable, Mapping
from math import nan

import numpy as np

from leadweights.formula.arrays import Values
from leadweights.formula.nodes import Stage
from leadweights.formula.scalar import Cell, Compute, compile_stages
from leadweights.formula.texts import Texts, texts


def list_rows(table: Mapping[str, Values]) -> list[dict[str, Cell]]:
    """List the rows of a table; a missing value is None."""
    count = len(next(iter(table.values())))
    cells: dict[str, list[str | None] | list[float | None]] = {
        name: values.values() if isinstance(values, Texts) else values.astype(object).tolist()
        for name, values in table.items()
    }
    rows = [{name: column[place] for name, column in cells.items()} for place in range(count)]
    return [{name: None if cell != cell else cell for name, cell in row.items()} for row in rows]


def compute_rows(stages: Iterable[Stage], source: Mapping[str, Values]) -> dict[str, Values]:
    """Do what `evaluate.compute` does, a row at a time by a compiled function."""
    return gather(compile_stages(stages), source)


def gather(function: Compute, source: Mapping[str, Values]) -> dict[str, Values]:
    """Compute each row of a table, and make columns of what is found."""
    found = [function(row) for row in list_rows(source)]
    return {name: _column([row[name] for row in found]) for name in found[0]}


def _column(cells: list[Cell]) -> Values:
    if any(isinstance(cell, str) for cell in cells):
        return texts(cell if isinstance(cell, str) else None for cell in cells)
    return np.array([nan if cell is None else cell for cell in cells], np.float64)
