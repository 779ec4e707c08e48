"""A model's columns in a table: are they there, are they of the right kind, what do they hold."""

import numpy as np
from numpy.typing import NDArray

from leadweights.model import Flag, Number, ScoringModel
from leadweights.table import Table

Floats = NDArray[np.float64]


def check_columns(table: Table, model: ScoringModel) -> None:
    """Raise TableError for a column of the model that the table lacks or holds as another kind."""
    for column in model.columns:
        name = table.require(column.name)
        match column:
            case Number():
                table.require_number(name)
            case Flag():
                table.require_flag(name)


def columns_read(table: Table, model: ScoringModel) -> dict[str, Floats]:
    """Read the model's columns of a table, shape (rows,) each. Raises TableError."""
    check_columns(table, model)
    return table.numbers([column.name for column in model.columns])
