"""Prove that a model's SELECT gives Python's numbers: numpy and an engine, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadweights import battery
from leadweights.errors import EngineError
from leadweights.evaluate import computed, evaluated
from leadweights.formulate import measures
from leadweights.model import Curve, Levels, Logit, ScoringModel, Standardized, limits
from leadweights.model_file import fingerprint
from leadweights.opening import opened
from leadweights.reading import columns_read, ranks, texts_read
from leadweights.results import (
    PROBABILITIES,
    RANKED,
    SHAPES,
    Shape,
    exact_outputs,
    outputs,
    part_outputs,
    row_outputs,
    stages,
)
from leadweights.statement import render
from leadweights.table import VIEW, Table, engine
from leadweights.texts import Texts

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Values = Floats | Texts

# DuckDB and Python call the same exp, the C library's. Other engines have their own: 2 ulp.
LARGEST_ULP = 0
LONG_SQL = 10_000
"""From how many characters on a flat SELECT is proven without the probability."""


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
class Check:
    """One table scored in one shape by numpy and by the engine, and the columns compared."""

    rows_of: str
    shape: Shape
    columns: tuple[str, ...]
    rows: int
    difference: Difference | None
    probability_ulp: int

    @property
    def holds(self) -> bool:
        """Tell whether every bit agreed, and the probability as far as it must."""
        return self.difference is None and self.rows > 0 and self.probability_ulp <= LARGEST_ULP


@dataclass(frozen=True, slots=True)
class ReferenceCheck:
    """The model against the pipeline it was learnt by, in log-odds.

    `bound` is what rounding the model's constants can explain, on the row that comes nearest to
    it; `difference` is what was found there.
    """

    name: str
    rows: int
    largest_difference: float
    difference: float
    bound: float

    @property
    def holds(self) -> bool:
        """Tell whether rounding explains every difference."""
        return self.difference <= self.bound


@dataclass(frozen=True, slots=True)
class Parity:
    """What was proven, on which engine, for which model (SHA-256 of what it computes)."""

    engine: str
    model_sha256: str
    checks: tuple[Check, ...]
    reference: ReferenceCheck | None

    @property
    def holds(self) -> bool:
        """Tell whether every check holds."""
        learnt_right = self.reference is None or self.reference.holds
        return learnt_right and bool(self.checks) and all(check.holds for check in self.checks)


def verify(model: ScoringModel, data: "str | Path | pd.DataFrame") -> Parity:
    """Score a table, and a battery of hostile values, by numpy and by DuckDB, in both shapes.

    Raises TableError for a table that lacks a column of the model. A disagreement is not raised:
    ask the result whether it `holds`.
    """
    return parity(model, {"your rows": opened(data, texts_read(model, outputs(model)))})


def parity(
    model: ScoringModel,
    tables: Mapping[str, Table],
    reference: ReferenceCheck | None = None,
    *,
    every_type: bool = True,
) -> Parity:
    """Do what `verify` does for several tables, each called by its key. Raises TableError.

    `every_type` is for a model that no other with the same columns was proven beside.
    """
    every = (*row_outputs(model, SHAPES[0]), *part_outputs(model))
    own = (
        battery.Case(model, rows_of, table, columns_read(table, model), every)
        for rows_of, table in tables.items()
    )
    hostile = list(battery.cases(model, every_type=every_type))
    checks = _checks(model, [*own, *hostile], SHAPES)
    seen = {
        check.shape
        for check in checks
        if check.rows_of == hostile[-1].rows_of and "probability" in check.columns
    }
    unseen = [shape for shape in SHAPES if shape not in seen]
    if unseen:
        alone = battery.alone(model)
        checks += _checks(alone, [battery.walk_alone(alone)], unseen)
    checks += _met_exactly(model)
    ranked = {rows_of: table for rows_of, table in tables.items() if ranks(table, model)}
    checks += [
        *(_ranks(model, f"{rows_of}, by key", table) for rows_of, table in ranked.items()),
        *(_ranks(model, case.rows_of, case.table) for case in battery.ranked(model)),
    ]
    return Parity(engine(), fingerprint(model), tuple(checks), reference)


def _checks(
    model: ScoringModel, cases: Sequence[battery.Case], shapes: Sequence[Shape]
) -> list[Check]:
    @cache  # for a wide model, rendering takes a second
    def sql(shape: Shape, names: tuple[str, ...]) -> str:
        return render(model, table=VIEW, keys=(), shape=shape, columns=names)

    @cache
    def compared(shape: Shape, names: tuple[str, ...]) -> tuple[str, ...]:
        """Leave out what a shape does not know, and the probability where it would be too long.

        A flat SELECT repeats the sum for it; it is none of its own columns, and takes an engine
        seconds to plan. There the probability is proven from the sum on.
        """
        exact = exact_outputs(model, shape)
        known = row_outputs(model, shape)
        flat = len(stages(model, shape, known)) == 1
        known = exact if flat and len(sql(shape, exact)) >= LONG_SQL else known
        known += part_outputs(model) if shape == "standardized" else ()
        return tuple(name for name in names if name in known)

    return [
        _check(shape, sql(shape, names), replace(case, columns=names))
        for case in cases
        for shape in shapes
        for names in (compared(shape, case.columns),)
    ]


def _met_exactly(model: ScoringModel) -> list[Check]:
    """Check the cuts on rows that reach them to the bit; their SELECT is one of its own."""
    return [
        _check(shape, render(case.model, table=VIEW, keys=(), shape=shape, columns=names), case)
        for shape in SHAPES
        for case in battery.met_exactly(model, shape)
        for names in (case.columns,)
    ]


def reference_check(
    model: ScoringModel, name: str, values: Mapping[str, Values], log_odds: Floats
) -> ReferenceCheck:
    """Hold a model against the log-odds of the pipeline it was learnt by; values as read.

    Rounding moves a mean by half a unit of the tenth digit of its standard deviation, a standard
    deviation and the scale by half a unit of their own tenth digit, the intercept by half a unit
    of the ninth decimal, a weight by one in the tenth decimal, and so a level's contribution.
    First-order propagation through `((x - mean) / std) * weight` gives the bound, with rounding
    errors of both computations on top: a few units in the last place of what is added up.
    """
    assert isinstance(model.link, Logit)
    ours = evaluated(stages(model, columns=["log_odds"]), values)["log_odds"]
    measured = evaluated(measures(model.columns, limits(model)), values)
    step = 5e-10
    moved = np.zeros(len(ours))
    for term in model.terms:
        match term:
            case Standardized(column, mean, std, weight):
                z = np.abs((measured[column] - mean) / std)
                moved += abs(weight) * step * (1 + 2 * z) + 1e-10 * z
                moved += 16 * np.finfo(float).eps * abs(weight) * (z + abs(mean) / std)
            case Levels() | Curve():
                # A contribution is rounded to ten decimals; its share of the scale as it is.
                moved += 2e-10 + 2 * step * _largest_contribution(term)
            case _:
                raise AssertionError(f"{term} was not learnt by a pipeline")
    bound = model.link.scale * moved + step
    difference = np.abs(ours - log_odds)
    worst = int(np.argmax(difference / bound))
    return ReferenceCheck(
        name,
        len(ours),
        float(difference.max()),
        float(difference[worst]),
        float(bound[worst]),
    )


def _largest_contribution(term: Levels | Curve) -> float:
    parts = term.points if isinstance(term, Curve) else (*term.levels, term.other, term.missing)
    return max(abs(part.contribution) for part in parts)


def failure(found: Parity) -> str:
    """Say in one line where a proof failed."""
    for check in found.checks:
        where = f"{check.rows_of}, shape {check.shape}"
        if check.difference is not None:
            gap = check.difference
            place = f"{where}, row {gap.row}: {gap.column}" if gap.row else f"{where}: there"
            return (
                f"SQL and Python disagree on {place} is {gap.python} in Python, "
                f"{gap.engine} in {found.engine}"
            )
        if not check.holds:
            return f"nothing was compared on {where}"
    if found.reference is not None and not found.reference.holds:
        return (
            f"the model's log-odds differ from {found.reference.name}'s by "
            f"{found.reference.difference:.3g}; rounding explains "
            f"{found.reference.bound:.3g}"
        )
    return "parity holds"


def _check(shape: Shape, sql: str, case: battery.Case) -> Check:
    model = case.model
    expected = computed(stages(model, shape, case.columns), case.values)
    rows = len(next(iter(expected.values())))
    try:
        found = case.table.selected(sql)
    except EngineError as problem:
        refused = Difference("", 0, "a result", str(problem))
        return Check(case.rows_of, shape, case.columns, rows, refused, 0)
    difference, ulp = None, 0
    for name in case.columns:
        if len(found[name]) != rows:
            other = Difference(name, 0, f"{rows} rows", f"{len(found[name])}")
            return Check(case.rows_of, shape, case.columns, rows, other, 0)
        ours = expected[name]
        if isinstance(ours, Texts):
            wrong = _unlike(ours, found[name])
        else:
            wrong, distance = _distances(ours, found[name])
            if name in PROBABILITIES:
                ulp = max(ulp, int(distance.max()))
                wrong &= distance > LARGEST_ULP
            if name == "lead_score":
                wrong |= ~_is_score(ours, model)
        if wrong.any() and difference is None:
            row = int(np.argmax(wrong))
            theirs = _hex(found[name][row])
            mine = ours.values()[row] if isinstance(ours, Texts) else ours[row]
            difference = Difference(name, row + 1, _hex(mine), theirs)
    return Check(case.rows_of, shape, case.columns, rows, difference, ulp)


def _is_score(scores: Floats, model: ScoringModel) -> NDArray[np.bool_]:
    """Tell what a score may be: a number; an overflow would be one engine's infinity.

    It is missing only without consent.
    """
    may_lack = np.isnan(scores) & (model.decisions.consent is not None)
    return np.isfinite(scores) | may_lack


def _ranks(model: ScoringModel, rows_of: str, table: Table) -> Check:
    """Compare what depends on other rows; an engine gives them back in an order of its own."""
    values = columns_read(table, model, RANKED)
    expected = evaluated(stages(model, columns=RANKED), values)
    sql = render(model, table=VIEW, shape="standardized", columns=RANKED)
    try:
        # As objects: numpy would have keys of type HUGEINT as doubles.
        selected = table.rows_selected(sql)
    except EngineError as problem:
        refused = Difference("", 0, "a result", str(problem))
        return Check(rows_of, "standardized", RANKED, table.rows, refused, 0)
    own = {key: place for place, key in enumerate(zip(*map(table.values, model.keys), strict=True))}
    keys = len(model.keys)
    order = [own.get(row[:keys], -1) for row in selected]
    difference = None
    if sorted(order) != list(range(table.rows)):
        difference = Difference(RANKED[0], 0, f"{table.rows} rows", f"{len(order)}, or others")
        return Check(rows_of, "standardized", RANKED, table.rows, difference, 0)
    for column, name in enumerate(RANKED, start=keys):
        found = np.ma.masked_invalid(np.array([row[column] for row in selected], float))
        wrong, _ = _distances(expected[name][order], found)
        if wrong.any() and difference is None:
            place = int(np.argmax(wrong))
            row = order[place]
            sides = _hex(expected[name][row]), _hex(found[place])
            difference = Difference(name, row + 1, *sides)
    return Check(rows_of, "standardized", RANKED, table.rows, difference, 0)


def _unlike(expected: Texts, found: "np.ma.MaskedArray[Any, Any]") -> NDArray[np.bool_]:
    """Say where texts differ."""
    ours = np.array([*expected.levels, None], dtype=object)[expected.codes]
    theirs = _objects(found)
    return np.asarray(ours != theirs, dtype=bool)


def _distances(
    expected: Floats, found: "np.ma.MaskedArray[Any, Any]"
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Say where bits differ and by how many steps from double to double."""
    missing = np.ma.getmaskarray(found)
    left, right = (
        np.ascontiguousarray(side, dtype=np.float64).view(np.int64)
        for side in (expected, np.ma.getdata(found))
    )
    both_missing = np.isnan(expected) & missing
    either = np.isnan(expected) | missing | np.isnan(np.ma.getdata(found))
    low, high = np.sort([_ordered(left), _ordered(right)], axis=0).view(np.uint64)
    far = np.uint64(np.iinfo(np.int64).max)
    steps = np.where(either, far, np.minimum(high - low, far)).astype(np.int64)
    return ~both_missing & ((left != right) | either), np.where(both_missing, 0, steps)


def _ordered(bits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count doubles in order: neighbours differ by 1, and 0 and -0 do not differ."""
    return np.where(bits < 0, np.iinfo(np.int64).min - bits, bits)


def _objects(found: "np.ma.MaskedArray[Any, Any]") -> NDArray[Any]:
    values = np.ma.getdata(found).astype(object)
    values[np.ma.getmaskarray(found)] = None
    return values


def _hex(value: Any) -> str:
    if isinstance(value, str):
        return repr(value)
    missing = value is None or np.ma.is_masked(value) or np.isnan(value)
    return "missing" if missing else float(value).hex()
