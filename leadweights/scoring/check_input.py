"""Check a table before anybody scores it: which rules of the model its rows hit, and how often.

Every count comes from the model's own formulas: a copy of the model whose fills and contributions
are marks tells which of its rules gave a row its value.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError
from leadweights.formula.evaluate import computed, evaluated
from leadweights.formula.nodes import Stage
from leadweights.formula.rules import FARTHEST, decision_inputs
from leadweights.formula.terms import contributions, measures
from leadweights.formula.texts import Texts, texts
from leadweights.model.dates import MONTHS, WEEKDAYS
from leadweights.model.model import (
    Category,
    Choice,
    Curve,
    DaysSince,
    Flag,
    InputColumn,
    InText,
    Levels,
    Measure,
    Missing,
    Month,
    Number,
    Plain,
    ScoringModel,
    Standardized,
    Weekday,
    limits,
)
from leadweights.tables.columns import Kind, sources
from leadweights.tables.open import opened
from leadweights.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Values = Floats | Texts

# A share is clearly another one if it moved this far, and by this many standard errors.
_POINTS, _STANDARD_ERRORS = 0.05, 4
_MOST_FREQUENT = 5
RULES = ("consent", "adjustment", "decay")
"""Kinds of a check that is of a rule around the score, not of a column of it."""

Rule = Literal[
    "missing",
    "missing token",
    "no number",
    "neither yes nor no",
    "below low",
    "above high",
    "below the curve",
    "above the curve",
    "yes",
    "level",
    "other",
    "no consent",
]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a column, as the model reads it, and the rows that hold it."""

    value: str
    rows: int


@dataclass(frozen=True, slots=True)
class Hit:
    """The rows that one rule of the model decides, or none.

    `missing` rows are all that count as missing: of these, `missing token`, `no number` and
    `neither yes nor no` hold a value. `yes` rows count as yes, the filled ones too. `other` rows
    hold a level that the model does not keep, rare in training or unseen: the model does not know
    which, unless `training_share` is 0. `level` is a kept one. `values` are the most frequent
    that led here. `training_share` is None where the model does not tell; a share `differs` if it
    is clearly another one: by more than 5 points, and by more than 4 standard errors of the
    difference of two shares.
    """

    rule: Rule
    rows: int
    row_share: float
    training_share: float | None = None
    differs: bool = False
    level: str | None = None
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnCheck:
    """What the model's column `column` meets in the columns of the table that it `reads`.

    With `problems`, in the words of the error that scoring would raise, there are no hits.
    """

    column: str
    kind: str
    reads: tuple[str, ...]
    problems: tuple[str, ...]
    hits: tuple[Hit, ...]

    @property
    def differs(self) -> bool:
        """Tell whether some share is clearly not that of the training rows."""
        return any(hit.differs for hit in self.hits)

    def rows(self, rule: Rule, level: str | None = None) -> int:
        """Count the rows that a rule decides; 0 for a rule that the column does not have."""
        return sum(h.rows for h in self.hits if (h.rule, h.level) == (rule, level))


@dataclass(frozen=True, slots=True)
class InputCheck:
    """What a table holds for a model, column by column, in the model's order."""

    table: str
    rows: int
    training_rows: int
    columns: tuple[ColumnCheck, ...]

    @property
    def scorable(self) -> bool:
        """Tell whether every column is there and of a usable kind."""
        return not self.problems

    @property
    def problems(self) -> tuple[str, ...]:
        """List what keeps the table from being scored, each problem once."""
        return tuple(dict.fromkeys(p for column in self.columns for p in column.problems))


def check_input(model: ScoringModel, data: str | Path | pd.DataFrame) -> InputCheck:
    """Count the rows of a file or DataFrame that hit each fill, cap, token and unseen level.

    Columns that are not there or hold another kind are listed, not raised: ask the result whether
    it is `scorable`.

    Raises TableError for a table that cannot be opened or has no rows.
    """
    kinds = sources(model)
    table = opened(data, [name for name, kind in kinds.items() if kind == "text"])
    values: dict[str, Values] = {}
    problems: dict[str, str] = {}
    for name, kind in kinds.items():
        try:
            values[name] = _held(table, name, kind)
        except TableError as problem:
            problems[name] = str(problem)
            # Stands in, so that the other columns can be computed.
            nothing = np.full(table.rows, np.nan)
            values[name] = texts([None] * table.rows) if kind == "text" else nothing
    hits = _hits(model, values, table.rows)
    checks = []
    for column in model.columns:
        reads = tuple(dict.fromkeys(_reads(column, model)))
        found = tuple(problems[name] for name in reads if name in problems)
        own = () if found else tuple(hits[column.name])
        checks.append(ColumnCheck(column.name, type(column).__name__.lower(), reads, found, own))
    checks += _rules(model, values, problems, _Counted(table.rows, model.provenance.rows))
    return InputCheck(table.name, table.rows, model.provenance.rows, tuple(checks))


def _rules(
    model: ScoringModel,
    values: Mapping[str, Values],
    problems: Mapping[str, str],
    counted: _Counted,
) -> list[ColumnCheck]:
    """Count the rows that the rules around the score take away, cut or leave alone."""
    rules = model.decisions
    given = evaluated([Stage("inputs", tuple(decision_inputs(model, ranked=False)))], values)
    found: list[tuple[str, tuple[str, ...], list[Hit]]] = []
    if rules.consent is not None:
        without = given["consent_given"] < 1
        hits = [counted.hit("no consent", without)]
        found.append(("consent", (rules.consent.column,), hits))
    if rules.adjustment is not None:
        factor = values[rules.adjustment.column]
        assert not isinstance(factor, Texts)
        hits = [
            counted.hit("missing", ~(np.abs(factor) <= FARTHEST)),
            counted.hit("below low", factor < rules.adjustment.low),
            counted.hit("above high", factor > rules.adjustment.high),
        ]
        found.append(("adjustment", (rules.adjustment.column,), hits))
    if rules.decay is not None:
        reads = tuple(name for name in (rules.decay.column, rules.decay.until_column) if name)
        dates = [values[name] for name in reads]
        missing = [np.isnan(d) for d in dates if not isinstance(d, Texts)]
        found.append(("decay", reads, [counted.hit("missing", np.any(missing, axis=0))]))
    checks = []
    for kind, reads, hits in found:
        own = tuple(problems[name] for name in reads if name in problems)
        checks.append(ColumnCheck(reads[0], kind, reads, own, () if own else tuple(hits)))
    return checks


def _held(table: Table, name: str, kind: Kind) -> Values:
    own = table.require(name)
    match kind:
        case "text":
            return table.texts(own)
        case "date":
            return table.days(own)
        case "flag":
            table.require_flag(own)
            return table.numbers([own])[own]
        case "number":
            return table.numbers([own])[own]
        case _:
            assert_never(kind)


def _reads(column: InputColumn, model: ScoringModel) -> Iterator[str]:
    match column:
        case Number(name, source=source, segments=segments):
            match source:
                case Plain() | InText():
                    yield name
                case DaysSince(start, end):
                    yield start
                    if end:
                        yield end
                case _:
                    assert_never(source)
            if segments:
                yield segments.column
        case Missing(_, name):
            number = next(c for c in model.columns if isinstance(c, Number) and c.name == name)
            yield from _reads(replace(number, segments=None), model)
        case Flag(name) | Category(name):
            yield name
        case Weekday(_, name) | Month(_, name):
            yield name
        case _:
            assert_never(column)


@dataclass(frozen=True, slots=True)
class _Counted:
    """Makes hits of a table of `rows` rows, for a model learnt from `training_rows`."""

    rows: int
    training_rows: int

    def hit(
        self,
        rule: Rule,
        where: Booleans,
        training_share: float | None = None,
        level: str | None = None,
        values: tuple[Value, ...] = (),
    ) -> Hit:
        rows = int(np.count_nonzero(where))
        share = rows / self.rows
        differs = training_share is not None and self._differs(share, training_share)
        return Hit(rule, rows, share, training_share, differs, level, values)

    def _differs(self, share: float, training_share: float) -> bool:
        before = max(1, self.training_rows)
        pooled = (share * self.rows + training_share * before) / (self.rows + before)
        variance = max(0.0, pooled * (1 - pooled)) * (1 / self.rows + 1 / before)
        gap = abs(share - training_share)
        return gap > _POINTS and gap > _STANDARD_ERRORS * variance**0.5


def _hits(
    model: ScoringModel, values: Mapping[str, Values], rows: int
) -> dict[str, Iterator[Hit] | list[Hit]]:
    counted = _Counted(rows, model.provenance.rows)
    terms = {term.column: term for term in model.terms}
    bounds = limits(model)
    read = computed(measures(model.columns, bounds), values)
    filled, known, numbers = _filled(model.columns, bounds, values)
    groups = _groups(model, values)
    found: dict[str, Iterator[Hit] | list[Hit]] = {}
    for column in model.columns:
        name, term = column.name, terms[column.name]
        match column:
            case Category() | Weekday() | Month():
                assert isinstance(term, Levels)
                found[name] = _of_choice(counted, column, term, groups[name], read[name])
                continue
            case Number():
                held = values[name] if isinstance(column.source, InText) else None
                own = numbers[name]
                hits = list(_of_number(counted, column, filled[name], known[name], own, held))
            case Flag():
                hits = list(_of_flag(counted, column, filled[name], values[name]))
            case Missing():
                hits = []
            case _:
                assert_never(column)
        measured = read[name]
        assert not isinstance(measured, Texts)
        hits += _of_term(counted, column, measured, term)
        found[name] = hits
    return found


def _filled(
    columns: Sequence[InputColumn], bounds: Mapping[str, float], values: Mapping[str, Values]
) -> tuple[dict[str, Booleans], dict[str, Booleans], dict[str, Floats]]:
    """Tell for numbers and flags which rows are filled, which hold a number at all, and that one.

    A row is filled if another fill gives it another value.
    """
    own = [column for column in columns if isinstance(column, Number | Flag)]
    if not own:
        return {}, {}, {}

    def cleaned(fill: float, *, bare: bool) -> dict[str, Floats]:
        marked: list[InputColumn] = []
        for column in own:
            if isinstance(column, Flag):
                marked.append(replace(column, fill=fill))
                continue
            plain = replace(column, fill=fill, segments=None, log=False)
            marked.append(replace(plain, missing=(), low=None, high=None) if bare else plain)
        no_bounds = dict.fromkeys(bounds, sys.float_info.max)
        return evaluated(measures(marked, no_bounds if bare else bounds), values)

    zero, one = cleaned(0.0, bare=False), cleaned(1.0, bare=False)
    bare_zero, bare_one = cleaned(0.0, bare=True), cleaned(1.0, bare=True)
    filled = {name: zero[name] != one[name] for name in zero}
    known = {name: bare_zero[name] == bare_one[name] for name in zero}
    return filled, known, bare_zero


def _of_number(
    counted: _Counted,
    column: Number,
    filled: Booleans,
    known: Booleans,
    numbers: Floats,
    held: Values | None,
) -> Iterator[Hit]:
    """Count a number's rows; `held` is the column it stands in as text."""
    yield counted.hit("missing", filled)
    if column.missing:
        tokens = [filled & known & (numbers == token) for token in column.missing]
        rows = [(f"{t:.15g}", int(r.sum())) for t, r in zip(column.missing, tokens, strict=True)]
        hit = np.logical_or.reduce(tokens)
        yield counted.hit("missing token", hit, values=_most_frequent(rows))
    if isinstance(held, Texts):
        odd = ~known & ~held.missing()
        yield counted.hit("no number", odd, values=_most_frequent(_rows_of(held, odd)))
    if column.low is not None:
        yield counted.hit("below low", ~filled & (numbers < column.low))
    if column.high is not None:
        yield counted.hit("above high", ~filled & (numbers > column.high))


def _of_flag(counted: _Counted, column: Flag, filled: Booleans, held: Values) -> Iterator[Hit]:
    yield counted.hit("missing", filled)
    if column.yes or column.no:
        assert isinstance(held, Texts)
        odd = filled & ~held.missing()
        yield counted.hit("neither yes nor no", odd, values=_most_frequent(_rows_of(held, odd)))


def _of_term(counted: _Counted, column: Measure, measured: Floats, term: object) -> Iterator[Hit]:
    """Count the rows beyond a curve, and of a yes or no where its mean is the training share."""
    if isinstance(term, Curve):
        yield counted.hit("below the curve", measured < term.points[0].at)
        yield counted.hit("above the curve", measured > term.points[-1].at)
    if isinstance(column, Number) or (isinstance(column, Flag) and column.fill not in (0.0, 1.0)):
        return
    known = isinstance(term, Standardized) and 0 <= term.mean <= 1
    training_share = term.mean if isinstance(term, Standardized) and known else None
    rule: Rule = "yes" if isinstance(column, Flag) else "missing"
    yield counted.hit(rule, measured == 1.0, training_share)


def _groups(model: ScoringModel, values: Mapping[str, Values]) -> dict[str, Floats]:
    """Give for each row of a category the number of its level; then of other, then of missing."""
    marked = []
    for term in model.terms:
        if isinstance(term, Levels):
            marks = [
                replace(level, contribution=float(mark))
                for mark, level in enumerate((*term.levels, term.other, term.missing))
            ]
            term = replace(term, levels=tuple(marks[:-2]), other=marks[-2], missing=marks[-1])
        marked.append(term)
    found = evaluated(contributions(replace(model, terms=tuple(marked))), values)
    named = zip(marked, found.values(), strict=True)
    return {term.column: added for term, added in named if isinstance(term, Levels)}


def _of_choice(
    counted: _Counted, column: Choice, term: Levels, groups: Floats, held: Values
) -> Iterator[Hit]:
    """Count a category's rows; `held` are its levels, cleaned, or the numbers of days, months."""
    if not isinstance(held, Texts):
        names = WEEKDAYS if isinstance(column, Weekday) else ("", *MONTHS)
        codes = np.where(np.isnan(held), -1, held).astype(np.int64)
        held = Texts(codes, names)
    other, missing = groups == len(term.levels), groups == len(term.levels) + 1
    yield counted.hit("missing", missing, term.missing.row_share)
    if isinstance(column, Category) and column.missing:
        tokens = missing & ~held.missing()
        yield counted.hit("missing token", tokens, values=_most_frequent(_rows_of(held, tokens)))
    by_rows = _most_frequent(_rows_of(held, other))
    yield counted.hit("other", other, term.other.row_share, values=by_rows)
    for mark, level in enumerate(term.levels):
        yield counted.hit("level", groups == mark, level.row_share, level.value)


def _rows_of(held: Texts, where: Booleans) -> list[tuple[str, int]]:
    counts = Texts(held.codes[where], held.levels).counts()
    return list(zip(held.levels, counts.tolist(), strict=True))


def _most_frequent(rows: Sequence[tuple[str, int]]) -> tuple[Value, ...]:
    ordered = sorted(((text, count) for text, count in rows if count), key=lambda r: (-r[1], r[0]))
    return tuple(Value(text, count) for text, count in ordered[:_MOST_FREQUENT])
