"""Tables whose types promise something, for SELECTs without the guards that those make needless."""

import numpy as np

from leadweights.formula.promises import Promise
from leadweights.formula.stages import SHAPES, row_outputs
from leadweights.model.model import ScoringModel
from leadweights.prove.case import Case, GivenRows
from leadweights.sql.types import Declared, find_promises
from leadweights.tables.open import parse_table
from leadweights.tables.table import Table


def promises_of(table: Table) -> dict[str, Promise]:
    """Promise what the types do, and that a column with no gap never has one."""
    numbers = [name for name in table.types if table.is_number(name) or table.is_flag(name)]
    found = find_promises({name: Declared(table.types[name]) for name in numbers}, "duckdb")
    known = table.meets(dict.fromkeys(found, "{} IS NOT NULL"))
    return {n: Promise(own.largest, bool(known[n].all())) for n, own in found.items()}


def whole_numbers(model: ScoringModel) -> Case:
    """Make a table of whole numbers without a gap."""
    cells = {
        c.name: [str(n * n - 7 * k) for n in range(-9, 10)] for k, c in enumerate(model.columns)
    }
    table = parse_table({name: ("BIGINT", own) for name, own in cells.items()}, "whole numbers")
    values = {name: np.array(own, float) for name, own in cells.items()}
    return Case(model, GivenRows("whole numbers"), table, values, row_outputs(model, SHAPES[0]))
