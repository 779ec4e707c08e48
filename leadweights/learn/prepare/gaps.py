"""Whether a column that most rows lack is worth its place: by what it, and its lack, tell."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats
from leadweights.learn.prepare.design import make_design
from leadweights.learn.prepare.dictionary import Entry
from leadweights.learn.prepare.numbers import ColumnLosses, is_gain, sort_known
from leadweights.learn.prepare.prepared import prepare, read_known
from leadweights.model.model import InputColumn, Number
from leadweights.tables.labelled import Rows

# Of the training rows. Where fewer lack a column it is kept without being asked what it tells.
MOSTLY_MISSING = 0.40


def is_mostly_missing(missing: NDArray[np.bool_], entry: Entry) -> bool:
    """Tell whether most rows lack a column that the dictionary does not ask for."""
    asked = entry.kind is not None or entry.missing_weight
    return not asked and bool(missing.mean() > MOSTLY_MISSING)


def lay_out(
    rows: Rows, inputs: Sequence[InputColumn], curve: bool, levels: Sequence[str] | None
) -> Floats:
    """Lay inputs out as they would be learnt; `curve` and `levels` are of the first of them."""
    ready, first = prepare(rows, inputs), inputs[0].name
    kept = {name: held.levels for name, held in ready.levels.items()}
    kept |= {} if levels is None else {first: tuple(levels)}
    bent = inputs[0] if curve else None
    curves = {first: sort_known(read_known(rows, bent))} if isinstance(bent, Number) else {}
    return make_design(ready, curves, kept).matrix(ready)


def weigh_gaps(
    rows: Rows,
    inputs: Sequence[InputColumn],
    curve: bool,
    levels: Sequence[str] | None,
    losses: ColumnLosses,
    seed: int,
) -> tuple[bool, str]:
    """Tell whether a column lowers the log-loss out of fold, and give both figures in words.

    It is measured as it would be learnt, its missing values with a weight or a level of their
    own, against the rate of all rows. `curve` and `levels` are of the first of its inputs.
    """
    matrix = lay_out(rows, inputs, curve, levels)
    nothing = np.zeros(len(rows.y))
    found = losses({"without": (nothing, False), "with": (matrix, False)}, rows.y, seed)
    own, rate = found["with"].mean(), found["without"].mean()
    if is_gain(found["without"], found["with"]):
        return True, f"log-loss by itself {own:.4f} with it, not {rate:.4f}"
    return False, f"log-loss by itself {own:.4f} with it, {rate:.4f} without"
