"""Prove that a model's SELECT gives Python's numbers: numpy and an engine, side by side."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cache, partial
from hashlib import sha256

import numpy as np

from leadweights.errors import EngineError, UnheldError
from leadweights.formula.evaluate import compute
from leadweights.formula.stages import (
    RANKED,
    SHAPES,
    Shape,
    outputs,
    part_outputs,
    row_outputs,
)
from leadweights.formula.texts import Texts
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.prove import hostile_rows
from leadweights.prove.case import Case, GivenRows, HostileRows, RowsByKey, RowsOf
from leadweights.prove.check import Check, Compute, Difference, add_up, begin
from leadweights.prove.reference import ReferenceCheck
from leadweights.sql.render import render
from leadweights.tables.columns import can_rank, check_columns, open_for, read_columns, sources
from leadweights.tables.cores import work_in_threads
from leadweights.tables.engines import registry
from leadweights.tables.engines.duckdb import DuckDB
from leadweights.tables.engines.engine import Engine, in_order
from leadweights.tables.open import Source
from leadweights.tables.pieces import cut, seekable
from leadweights.tables.table import ROW, Table

_AT_ONCE = 500_000


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
    table, read = open_for(model, data, outputs(model)), _read_columns(model)
    if table.rows > _AT_ONCE:
        check_columns(table, model)
    with (
        registry.open_engine(engine, dialect) as open_engine,
        seekable(table, data, _AT_ONCE, read) as rows,
    ):
        return parity(model, {"your rows": rows}, engine=open_engine)


def parity(
    model: ScoringModel,
    tables: Mapping[str, Table],
    reference: ReferenceCheck | None = None,
    *,
    engine: Engine | None = None,
    every_type: bool = True,
    render: Callable[..., str] = render,
    compute: Compute = compute,
    rows_at_once: int = _AT_ONCE,
) -> Parity:
    """Do what `verify` does for several tables, each called by its key, on any engine.

    `every_type` is for a model that no other with the same columns was proven beside. What is held
    against each other is what `render` writes and `compute` gives. So many `rows_at_once` are
    compared, in threads, while the engine is asked for the next: memory is bounded however long a
    table is. Raises TableError.
    """
    every = (*row_outputs(model, SHAPES[0]), *part_outputs(model))
    proof = Proof(engine or DuckDB(), render, compute)
    some: dict[str, Table] = {}
    for rows_of, table in tables.items():
        read = _read_columns(model)
        with work_in_threads() as proof.threads:
            for after, piece in cut(table, rows_at_once, read):
                case = Case(model, GivenRows(rows_of), piece, read_columns(piece, model), every)
                proof.check([case], SHAPES, after=after)
            proof.finish()
        proof.threads = None
        first = next(cut(table, rows_at_once, read))[1]
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


def _read_columns(model: ScoringModel) -> tuple[str, ...]:
    """Name the columns that a model's SELECT may read."""
    return (*sources(model, outputs(model)), *model.keys)


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
    threads: Executor | None = None
    _waiting: deque[tuple[Callable[[], Check], int]] = field(default_factory=deque)

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
        rows of a table is added to what those rows showed. In `threads` the last ones are compared
        until `finish`.
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
                failed = Check(case.rows_of, shapes[0], (), 0, 0, refused)
                self._wait_for(partial(replace, failed), 0)
                continue
            keys = (ROW,) if ROW in held.table.types else ()
            for shape in shapes:
                names = tuple(name for name in case.columns if name in known(shape))
                check = Check(case.rows_of, shape, names, held.table.rows, left_out)
                text = sql(shape, names, self.engine.table, keys)
                self._wait_for(self._compare(check, held, text), after)

    def finish(self) -> None:
        """Wait for what is still being compared."""
        while self._waiting:
            self._add_first()

    def _wait_for(self, give: Callable[[], Check], after: int) -> None:
        # One result is compared while the engine makes the next: more would only take memory.
        self._waiting.append((give, after))
        while len(self._waiting) > (self.threads is not None):
            self._add_first()

    def _compare(self, check: Check, held: Case, sql: str) -> Callable[[], Check]:
        """Ask the engine, begin to compare, and give what waits for the end."""
        try:
            found = self.engine.select(sql)
            if ROW in found:
                found = in_order(found, held.table)
        except EngineError as problem:
            failed = replace(check, difference=Difference("", 0, "a result", str(problem)))
            return partial(replace, failed)
        given = check, held.model, held.values, found, self.engine, self.compute
        return begin(self.threads, *given)

    def _add_first(self) -> None:
        give, after = self._waiting.popleft()
        check = give()
        gap = check.difference
        if gap is not None and gap.row:
            check = replace(check, difference=replace(gap, row=gap.row + after))
        same = (check.rows_of, check.shape, check.columns)
        for place, one in enumerate(self.checks if after else ()):
            if (one.rows_of, one.shape, one.columns) == same:
                self.checks[place] = add_up(one, check)
                return
        self.checks.append(check)


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
