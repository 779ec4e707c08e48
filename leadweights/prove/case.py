"""What a model is proven on: a table, what kind of rows it has, and what to compare of them.

A kind of rows is a class; each is the title that people read.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from leadweights.formula.arrays import Values
from leadweights.model.model import ScoringModel
from leadweights.tables.table import Table


class GivenRows(str):
    """Rows of a table that somebody gave."""


class RowsAtEnds(str):
    """Rows of a table with the lowest or the highest scores; others may have counted them."""


class HostileRows(str):
    """Values that break queries, or that lead through every branch of the probability."""


class RowsAtCuts(str):
    """Rows whose log-odds are, to the bit, the cuts that decide."""


class RowsByKey(str):
    """Rows that are found again by their keys: what is compared orders them among each other."""


RowsOf = GivenRows | RowsAtEnds | HostileRows | RowsAtCuts | RowsByKey


@dataclass(frozen=True, slots=True)
class Case:
    """A model, a table to compare on, the values Python reads it as, and what to compare."""

    model: ScoringModel
    rows_of: RowsOf
    table: Table
    values: Mapping[str, Values]
    columns: tuple[str, ...]
