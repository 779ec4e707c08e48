"""Prove that a model's SELECT gives Python's numbers: numpy and an engine, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadweights import battery
from leadweights.bits import distances, unlike, written
from leadweights.engines.duckdb import DuckDB
from leadweights.engines.engine import Engine, in_order
from leadweights.errors import EngineError, UnheldError
from leadweights.evaluate import computed
from leadweights.model import ScoringModel
from leadweights.model_file import fingerprint
from leadweights.opening import opened
from leadweights.reading import columns_read, ranks, sources, texts_read
from leadweights.reference import ReferenceCheck
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
from leadweights.table import ROW, Table
from leadweights.texts import Texts

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
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
    """One table scored in one shape by numpy and by the engine, and the columns compared.

    `left_out` are rows with a value that the engine cannot hold, such as NaN in MySQL.
    """

    rows_of: str
    shape: Shape
    columns: tuple[str, ...]
    rows: int
    difference: Difference | None
    probability_ulp: int
    left_out: int

    @property
    def holds(self) -> bool:
        """Tell whether every bit agreed, and the probability as far as it must."""
        return self.difference is None and self.rows > 0


@dataclass(frozen=True, slots=True)
class Parity:
    """What was proven, on which engine, for which model (SHA-256 of what it computes).

    `left_out` names tables of the battery that the engine cannot hold, and why.
    """

    engine: str
    model_sha256: str
    checks: tuple[Check, ...]
    reference: ReferenceCheck | None
    left_out: tuple[str, ...] = ()

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
    engine: Engine | None = None,
    every_type: bool = True,
) -> Parity:
    """Do what `verify` does for several tables, each called by its key, on any engine.

    `every_type` is for a model that no other with the same columns was proven beside. Raises
    TableError.
    """
    every = (*row_outputs(model, SHAPES[0]), *part_outputs(model))
    own = (
        battery.Case(model, rows_of, table, columns_read(table, model), every)
        for rows_of, table in tables.items()
    )
    hostile = list(battery.cases(model, every_type=every_type))
    proof = Proof(engine or DuckDB())
    proof.check(model, [*own, *hostile], SHAPES)
    seen = {
        check.shape
        for check in proof.checks
        if check.rows_of == hostile[-1].rows_of and "probability" in check.columns
    }
    unseen = [shape for shape in SHAPES if shape not in seen]
    if unseen:
        alone = battery.alone(model)
        proof.check(alone, [battery.walk_alone(alone)], unseen)
    for shape in SHAPES:
        for case in battery.met_exactly(model, shape):
            proof.check(case.model, [case], [shape])
    ranked = [
        battery.Case(model, f"{rows_of}, by key", table, columns_read(table, model, RANKED), RANKED)
        for rows_of, table in tables.items()
        if ranks(table, model)
    ]
    for case in (*ranked, *battery.ranked(model)):
        proof.check(model, [case], SHAPES[:1], by_row=True)
    checks, left_out = tuple(proof.checks), tuple(proof.left_out)
    return Parity(proof.engine.title, fingerprint(model), checks, reference, left_out)


class Proof:
    """The checks of one engine, and the tables it cannot hold."""

    def __init__(self, engine: Engine) -> None:
        self.checks: list[Check] = []
        self.left_out: list[str] = []
        self.engine = engine

    def check(
        self,
        model: ScoringModel,
        cases: Sequence[battery.Case],
        shapes: Sequence[Shape],
        *,
        by_row: bool = False,
    ) -> None:
        """Compare in some shapes; `by_row` for results that come in an order of their own."""

        @cache  # for a wide model, rendering takes a second
        def sql(shape: Shape, names: tuple[str, ...], table: str, keys: tuple[str, ...]) -> str:
            dialect = self.engine.dialect
            return render(
                model, dialect=dialect, table=table, keys=keys, shape=shape, columns=names
            )

        @cache
        def compared(shape: Shape, names: tuple[str, ...]) -> tuple[str, ...]:
            """Leave out what a shape does not know, and the probability where it would be too long.

            A flat SELECT repeats the sum for it; it is none of its own columns, and takes an
            engine seconds to plan. There the probability is proven from the sum on.
            """
            exact, known = exact_outputs(model, shape), row_outputs(model, shape)
            flat = len(stages(model, shape, known)) == 1
            if flat and len(render(model, keys=(), shape=shape, columns=exact)) >= LONG_SQL:
                known = exact
            known += part_outputs(model) if shape == SHAPES[0] else ()
            return tuple(name for name in names if name in known or name in RANKED)

        for case in cases:
            try:
                held, places = _held(self.engine, case, by_row)
            except UnheldError as reason:
                self.left_out.append(f"{case.rows_of}: {reason}")
                continue
            except EngineError as problem:
                refused = Difference("", 0, "a table", str(problem))
                self.checks.append(Check(case.rows_of, shapes[0], (), 0, refused, 0, 0))
                continue
            keys = (ROW,) if ROW in held.table.types else ()
            for shape in shapes:
                names = compared(shape, case.columns)
                text = sql(shape, names, self.engine.table, keys)
                asked = replace(held, columns=names)
                self.checks.append(_check(self.engine, shape, text, asked, places))


def _held(
    engine: Engine, case: battery.Case, by_row: bool
) -> tuple[battery.Case, NDArray[np.int64]]:
    """Load what an engine can hold of a case's table, and say which rows these are, from 0 on.

    Raises UnheldError for a table it cannot hold at all.
    """
    if isinstance(engine, DuckDB) and not by_row:
        engine.load(case.table)
        return case, np.arange(case.table.rows)
    own = {name: case.table.require(name) for name in sources(case.model, case.columns)}
    rows = case.table.numbered(own, engine.holding.conditions(case.table, own))
    places = rows.numbers([ROW])[ROW].astype(np.int64) - 1
    if not len(places):
        raise UnheldError("no row that the engine can hold")
    engine.load(rows)
    values = {
        name: column.taken(places) if isinstance(column, Texts) else column[places]
        for name, column in case.values.items()
    }
    return replace(case, table=rows, values=values), places


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


def _check(
    engine: Engine, shape: Shape, sql: str, case: battery.Case, places: NDArray[np.int64]
) -> Check:
    expected = computed(stages(case.model, shape, case.columns), case.values)
    rows = len(places)
    left_out = int(places[-1]) + 1 - rows

    def found_wrong(difference: Difference | None, ulp: int = 0) -> Check:
        return Check(case.rows_of, shape, case.columns, rows, difference, ulp, left_out)

    try:
        found = engine.selected(sql)
        if ROW in found:
            found = in_order(found, case.table)
    except EngineError as problem:
        return found_wrong(Difference("", 0, "a result", str(problem)))
    difference, ulp = None, 0
    for name in case.columns:
        if len(found[name]) != rows:
            return found_wrong(Difference(name, 0, f"{rows} rows", f"{len(found[name])}"))
        ours = expected[name]
        if isinstance(ours, Texts):
            wrong = unlike(ours, found[name])
        else:
            wrong, distance = distances(ours, found[name])
            if not engine.holding.signed_zeros:
                wrong &= np.ma.filled(found[name] != ours, True)
            if name in PROBABILITIES:
                ulp = max(ulp, int(distance.max()))
                wrong &= distance > engine.largest_ulp
            if name == "lead_score":
                wrong |= ~_is_score(ours, case.model)
        if wrong.any() and difference is None:
            row = int(np.argmax(wrong))
            mine = ours.values()[row] if isinstance(ours, Texts) else ours[row]
            difference = Difference(
                name, int(places[row]) + 1, written(mine), written(found[name][row])
            )
    return found_wrong(difference, ulp)


def _is_score(scores: Floats, model: ScoringModel) -> NDArray[np.bool_]:
    """Tell what a score may be: a number; an overflow would be one engine's infinity.

    It is missing only without consent.
    """
    may_lack = np.isnan(scores) & (model.decisions.consent is not None)
    return np.isfinite(scores) | may_lack
