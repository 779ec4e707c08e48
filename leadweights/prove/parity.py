"""Prove that a model's SELECT gives Python's numbers: numpy and an engine, side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256

import numpy as np

from leadweights.errors import EngineError, UnheldError
from leadweights.formula.arrays import Values
from leadweights.formula.evaluate import compute
from leadweights.formula.stages import (
    PROBABILITIES,
    RANKED,
    SHAPES,
    Shape,
    outputs,
    part_outputs,
    row_outputs,
    stages,
)
from leadweights.formula.texts import Texts
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.prove import hostile_rows
from leadweights.prove.bits import differ, distances, write_bits
from leadweights.prove.case import Case, GivenRows, HostileRows, RowsByKey, RowsOf
from leadweights.prove.reference import ReferenceCheck
from leadweights.sql.render import render
from leadweights.tables.columns import can_rank, open_for, read_columns, sources
from leadweights.tables.engines import registry
from leadweights.tables.engines.duckdb import DuckDB
from leadweights.tables.engines.engine import Columns, Engine, comparable, in_order
from leadweights.tables.open import Source
from leadweights.tables.table import ROW, Table

Compute = Callable[..., Mapping[str, Values]]


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


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A table of hostile rows that an engine cannot hold, and why."""

    rows_of: RowsOf
    reason: str

    def __str__(self) -> str:
        return f"{self.rows_of}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Parity:
    """What was proven, on which engine, for which model (SHA-256 of what it computes).

    `sql_sha256` is of the SELECTs that `render` writes in its dialect if nothing else is asked for.
    """

    engine: str
    dialect: str
    model_sha256: str
    sql_sha256: Mapping[Shape, str]
    checks: tuple[Check, ...]
    reference: ReferenceCheck | None
    left_out: tuple[LeftOut, ...] = ()

    @property
    def holds(self) -> bool:
        """Tell whether every check holds."""
        learnt_right = self.reference is None or self.reference.holds
        return learnt_right and bool(self.checks) and all(check.holds for check in self.checks)


def verify(
    model: ScoringModel,
    data: Source,
    *,
    engine: str = "duckdb",
    dialect: str = "",
) -> Parity:
    """Score a table, and hostile rows, by numpy and an engine, in both shapes.

    `engine` is a name of `engines.known.ENGINES` or a URL as SQLAlchemy reads it; `dialect` is for
    a database that speaks another than its URL says.

    Raises TableError for a table that lacks a column of the model, UnsupportedError for an engine
    there is not, EngineError for one that does not start. A disagreement is not raised: ask the
    result whether it `holds`.
    """
    table = open_for(model, data, outputs(model))
    with registry.open_engine(engine, dialect) as open_engine:
        return parity(model, {"your rows": table}, engine=open_engine)


def parity(
    model: ScoringModel,
    tables: Mapping[str, Table],
    reference: ReferenceCheck | None = None,
    *,
    engine: Engine | None = None,
    every_type: bool = True,
    render: Callable[..., str] = render,
    compute: Compute = compute,
    rows_at_once: int = 1_000_000,
) -> Parity:
    """Do what `verify` does for several tables, each called by its key, on any engine.

    `every_type` is for a model that no other with the same columns was proven beside. What is held
    against each other is what `render` writes and `compute` gives. So many `rows_at_once` are
    compared: memory is bounded however long a table is. Raises TableError.
    """
    every = (*row_outputs(model, SHAPES[0]), *part_outputs(model))
    proof = Proof(engine or DuckDB(), render, compute)
    some: dict[str, Table] = {}
    for rows_of, table in tables.items():
        for after, piece in table.pieces(rows_at_once):
            case = Case(model, GivenRows(rows_of), piece, read_columns(piece, model), every)
            proof.check([case], SHAPES, after=after)
        first = next(table.pieces(rows_at_once))[1]
        some[rows_of if first is table else f"the first {first.rows:,} of {rows_of}"] = first
    proof.check(list(hostile_rows.cases(model, every_type=every_type)), SHAPES)
    seen = {
        check.shape
        for check in proof.checks
        if isinstance(check.rows_of, HostileRows) and "probability" in check.columns
    }
    unseen = [shape for shape in SHAPES if shape not in seen]
    if unseen:
        proof.check([hostile_rows.walk_sum(model)], unseen)
    for shape in SHAPES:
        proof.check(list(hostile_rows.move_cuts(model, shape)), [shape])
    ranked = [
        Case(model, RowsByKey(f"{of}, by key"), table, read_columns(table, model, RANKED), RANKED)
        for of, table in some.items()
        if can_rank(table, model)
    ]
    proof.check([*ranked, *hostile_rows.rows_to_rank(model)], SHAPES[:1], by_row=True)
    title, dialect = proof.engine.title, proof.engine.dialect
    checks, left_out = tuple(proof.checks), tuple(proof.left_out)
    hashes = sql_sha256(model, dialect)
    return Parity(title, dialect, fingerprint(model), hashes, checks, reference, left_out)


def sql_sha256(model: ScoringModel, dialect: str) -> dict[Shape, str]:
    """Name the SELECTs that `render` writes if nothing else is asked for."""
    written = {shape: render(model, dialect=dialect, shape=shape) for shape in SHAPES}
    return {shape: sha256(text.encode()).hexdigest() for shape, text in written.items()}


@dataclass
class Proof:
    """The checks of one engine, and the tables it cannot hold."""

    engine: Engine
    render: Callable[..., str] = render
    compute: Compute = compute
    checks: list[Check] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def check(
        self,
        cases: Sequence[Case],
        shapes: Sequence[Shape],
        *,
        by_row: bool = False,
        after: int = 0,
    ) -> None:
        """Compare cases of one model in some shapes.

        `by_row` is for results that come in an order of their own. A case that begins `after` some
        rows of a table is added to what those rows showed.
        """

        @cache  # for a wide model, rendering takes a second
        def sql(shape: Shape, names: tuple[str, ...], table: str, keys: tuple[str, ...]) -> str:
            dialect = self.engine.dialect
            return self.render(
                model, dialect=dialect, table=table, keys=keys, shape=shape, columns=names
            )

        @cache
        def known(shape: Shape) -> tuple[str, ...]:
            parts = part_outputs(model) if shape == SHAPES[0] else ()
            return (*row_outputs(model, shape), *parts, *RANKED)

        for case in cases:
            model = case.model
            try:
                held, left_out = _hold(self.engine, case, by_row)
            except UnheldError as reason:
                self.left_out.append(LeftOut(case.rows_of, str(reason)))
                continue
            except EngineError as problem:
                refused = Difference("", 0, "a table", str(problem))
                self._add(Check(case.rows_of, shapes[0], (), 0, 0, refused), 0)
                continue
            keys = (ROW,) if ROW in held.table.types else ()
            for shape in shapes:
                names = tuple(name for name in case.columns if name in known(shape))
                check = Check(case.rows_of, shape, names, held.table.rows, left_out)
                text = sql(shape, names, self.engine.table, keys)
                self._add(self._compare(check, held, text), after)

    def _compare(self, check: Check, held: Case, sql: str) -> Check:
        try:
            found = self.engine.select(sql)
            if ROW in found:
                found = in_order(found, held.table)
        except EngineError as problem:
            return replace(check, difference=Difference("", 0, "a result", str(problem)))
        return compare(check, held.model, held.values, found, self.engine, self.compute)

    def _add(self, check: Check, after: int) -> None:
        gap = check.difference
        if gap is not None and gap.row:
            check = replace(check, difference=replace(gap, row=gap.row + after))
        same = (check.rows_of, check.shape, check.columns)
        for place, one in enumerate(self.checks if after else ()):
            if (one.rows_of, one.shape, one.columns) == same:
                self.checks[place] = _add_up(one, check)
                return
        self.checks.append(check)


def _add_up(one: Check, other: Check) -> Check:
    """Add what further rows of a table showed."""
    apart = dict(one.apart)
    for name, more in other.apart.items():
        known = apart.get(name, Apart(0, 0))
        apart[name] = Apart(known.rows + more.rows, max(known.ulp, more.ulp))
    return replace(
        one,
        rows=one.rows + other.rows,
        left_out=one.left_out + other.left_out,
        difference=one.difference or other.difference,
        probability_ulp=max(one.probability_ulp, other.probability_ulp),
        apart=apart,
    )


def _hold(engine: Engine, case: Case, by_row: bool) -> tuple[Case, int]:
    """Load a case's table, and say how many of its values are NULL there because they cannot be.

    Raises UnheldError for a table the engine cannot hold at all.
    """
    if isinstance(engine, DuckDB) and not by_row:
        engine.load(case.table)
        return case, 0
    own = {name: case.table.require(name) for name in sources(case.model, case.columns)}
    conditions = engine.holding.conditions(case.table, own)
    rows = case.table.number_rows(own, conditions)
    engine.load(rows)
    values, left_out = dict(case.values), 0
    met = case.table.meets({own[name]: test for name, test in conditions.items()})
    for name in conditions:
        odd = met[own[name]]
        column = values[name]
        values[name] = (
            column.hide(odd) if isinstance(column, Texts) else np.where(odd, np.nan, column)
        )
        left_out += int(odd.sum())
    return replace(case, table=rows, values=values), left_out


def failure(found: Parity) -> str:
    """Say in one line where a proof failed."""
    for check in found.checks:
        where = f"{check.rows_of}, shape {check.shape}"
        if check.difference is not None:
            gap = check.difference
            if not gap.row and not gap.column:
                return f"{found.engine} gives no result for {where}: {gap.engine}"
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
