"""One comparison: rows scored by numpy and by an engine, the columns held together bit by bit."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial, reduce

import numpy as np

from leadweights.formula.arrays import Values
from leadweights.formula.evaluate import compute
from leadweights.formula.stages import PROBABILITIES, RANKED, Shape, stages
from leadweights.formula.texts import Texts
from leadweights.model.model import ScoringModel
from leadweights.prove.bits import differ, distances, write_bits
from leadweights.prove.case import RowsOf
from leadweights.tables.engines.engine import Columns, Engine, comparable

Compute = Callable[..., Mapping[str, Values]]

# What a formula's steps make of so many rows stays in a processor's cache.
_BLOCK = 2**16


@dataclass(frozen=True, slots=True)
class Difference:
    """The first row where Python and the engine disagree, counted from 1; values in hex.

    Row 0 stands for the whole result: other rows than Python's, or an error of the engine.
    """

    column: str
    row: int
    python: str
    engine: str


@dataclass(frozen=True, slots=True)
class Apart:
    """How many rows of a column differ, and by how many doubles at most (0 for texts)."""

    rows: int
    ulp: int


@dataclass(frozen=True, slots=True)
class Check:
    """One table scored in one shape by numpy and by the engine, and the columns compared.

    `left_out` counts the values that the engine cannot hold, such as NaN in MySQL; there they were
    NULL, and missing in Python. `apart` has all columns that differ, `difference` the first row.
    """

    rows_of: RowsOf
    shape: Shape
    columns: tuple[str, ...]
    rows: int
    left_out: int
    difference: Difference | None = None
    probability_ulp: int = 0
    apart: Mapping[str, Apart] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Tell whether every bit agreed, and the probability as far as it must."""
        return self.difference is None and self.rows > 0


def compare(
    check: Check,
    model: ScoringModel,
    values: Mapping[str, Values],
    found: Columns,
    engine: Engine,
    compute: Compute = compute,
) -> Check:
    """Add to a check how what an engine gave differs from what Python makes of the same values."""
    expected = compute(stages(model, check.shape, check.columns), values)
    difference, ulp, apart = None, 0, dict[str, Apart]()
    has_consent = model.decisions.consent is not None
    for name in check.columns:
        if len(found[name]) != check.rows:
            gap = Difference(name, 0, f"{check.rows} rows", f"{len(found[name])}")
            return replace(check, difference=gap)
        ours = expected[name]
        if isinstance(ours, Texts):
            wrong = differ(ours, found[name])
            distance = np.zeros(check.rows, np.int64)
        else:
            wrong, distance = distances(comparable(ours, engine), comparable(found[name], engine))
            if name in PROBABILITIES:
                ulp = max(ulp, int(distance.max()))
                wrong &= distance > engine.largest_ulp
            if name == "lead_score":
                # An overflow would be one engine's infinity; only without consent it is missing.
                wrong |= ~(np.isfinite(ours) | (np.isnan(ours) & has_consent))
        if not wrong.any():
            continue
        apart[name] = Apart(int(wrong.sum()), int(distance.max()))
        if difference is None:
            row = int(np.argmax(wrong))
            mine = ours.values()[row] if isinstance(ours, Texts) else ours[row]
            sides = write_bits(mine), write_bits(found[name][row])
            difference = Difference(name, row + 1, *sides)
    return replace(check, difference=difference, probability_ulp=ulp, apart=apart)


def begin(
    threads: Executor | None,
    check: Check,
    model: ScoringModel,
    values: Mapping[str, Values],
    found: Columns,
    engine: Engine,
    compute: Compute = compute,
) -> Callable[[], Check]:
    """Begin to do what `compare` does, block by block; give what waits for the end.

    What comes out is the same for any number of threads and of rows in a block.
    """
    rows = max([_BLOCK, *(len(v.levels) for v in values.values() if isinstance(v, Texts))])
    whole = not set(RANKED).isdisjoint(check.columns)
    whole |= any(len(found[name]) != check.rows for name in check.columns)

    def compare_block(first: int) -> Check:
        chosen = slice(first, first + rows)
        part = replace(check, rows=min(rows, check.rows - first))
        of_values = {name: column[chosen] for name, column in values.items()}
        of_found = {name: column[chosen] for name, column in found.items()}
        block = compare(part, model, of_values, of_found, engine, compute)
        gap = block.difference
        if gap is not None and gap.row:
            block = replace(block, difference=replace(gap, row=gap.row + first))
        return replace(block, left_out=0 if first else check.left_out)

    if whole or check.rows <= rows:
        done = compare(check, model, values, found, engine, compute)
        return partial(replace, done)
    firsts = range(0, check.rows, rows)
    if threads is None:
        blocks = [compare_block(first) for first in firsts]
        return lambda: reduce(add_up, blocks)
    futures = [threads.submit(compare_block, first) for first in firsts]
    return lambda: reduce(add_up, (future.result() for future in futures))


def add_up(one: Check, other: Check) -> Check:
    """Add what further rows of a table showed."""
    apart = dict(one.apart)
    for name, more in other.apart.items():
        known = apart.get(name, Apart(0, 0))
        apart[name] = Apart(known.rows + more.rows, max(known.ulp, more.ulp))
    return replace(
        one,
        rows=one.rows + other.rows,
        left_out=one.left_out + other.left_out,
        difference=_first(one, other),
        probability_ulp=max(one.probability_ulp, other.probability_ulp),
        apart=apart,
    )


def _first(one: Check, other: Check) -> Difference | None:
    """Choose the difference of the first column that has any, in its first row."""
    gaps = [check.difference for check in (one, other) if check.difference is not None]
    places = (*one.columns,)
    return min(gaps, key=lambda gap: places.index(gap.column) if gap.row else -1, default=None)
