"""Learning from rows that stay where they are: an engine adds up, a small system is solved here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import log, nextafter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from leadweights.engines.engine import Columns
from leadweights.errors import EngineError, TableError
from leadweights.evaluate import evaluated
from leadweights.formula import (
    Absent,
    Between,
    Case,
    Column,
    Condition,
    Constant,
    DayColumn,
    FlagColumn,
    Formula,
    Named,
    NumberColumn,
    OneOf,
    Product,
    Stage,
    Text,
    TextColumn,
    within,
)
from leadweights.formulate import measures
from leadweights.learn import SEPARATED, Context, Design, Learnt, Solution, pipeline_of, written
from leadweights.model import Flag, InputColumn, Missing, Number, Plain
from leadweights.newton import Pass, minimum
from leadweights.render_sums import Total, chosen, counted, totals
from leadweights.sums import (
    LABEL,
    NO_BOUND,
    PART,
    RESIDUAL,
    THERE,
    WEIGHT,
    Chain,
    Matrix,
    Span,
    Sums,
    hashed,
    matrix,
)
from leadweights.survey import Prepared
from leadweights.texts import Texts, texts
from leadweights.training import LARGEST_VALUE, Kind

Floats = NDArray[np.float64]
Values = Floats | Texts

SAMPLE = 100_000
"""So many rows are brought back, to decide on columns, to start from, and to compare on."""

# Constants are rounded to ten digits.
_TOLERANCE = 1e-11
_LEVELS = 20
_SUMS_AT_ONCE = 500


class Place(Protocol):
    """A table where it is: `kinds` says what its columns hold, as far as they can be read."""

    title: str
    dialect: str
    name: str
    table: str
    kinds: Mapping[str, Kind]

    def selected(self, sql: str) -> Columns:
        """Run a SELECT; NULL is masked. Raises EngineError."""


Told = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Cut:
    """How rows are split into parts: by a number of each, at these edges."""

    number: Chain
    edges: tuple[float, ...]

    @property
    def first(self) -> Between | None:
        """Say which rows are in the first part; None for all."""
        if len(self.edges) < 3:
            return None
        return Between(Column(PART), self.edges[0], nextafter(self.edges[1], -np.inf))

    def places(self, values: Mapping[str, Values]) -> NDArray[np.int64]:
        """Tell for each row in which part it is, shape (rows,)."""
        steps = [Stage("cut", (Named(PART, formula),)) for formula in self.number]
        number = evaluated(steps, values)[PART]
        return np.searchsorted(self.edges[1:-1], number, side="right")


@dataclass(slots=True)
class Whole:
    """All rows of a table: what was asked of the engine about them, and what is to be asked."""

    place: Place
    label: str
    labels: Mapping[object, int]
    positive: tuple[str, ...]
    spans: Mapping[str, Span]
    rows: int
    cut: Cut
    told: Told = field(default=lambda _: None)
    passes: list[Pass] = field(default_factory=list)

    @property
    def is_positive(self) -> Formula:
        """Write 1 for a positive row, 0 for another."""
        return _is_positive(self.place.kinds[self.label], self.label, self.positive)

    def learnt(
        self,
        columns: Sequence[InputColumn],
        design: Design,
        rows: Prepared,
        y: Floats,
        c: float,
        context: Context,
    ) -> Learnt:
        """Learn from all rows of the first part; `rows` with `y` are those of the sample in it."""
        learning = _Learning(self, columns, design, rows, y, c)
        solution, count, positive, fingerprint = learning.solved()
        method = f"L2 logistic regression, C={c:g}, by sums over all rows"
        made = Context(context.keys, context.label, context.positive, context.made_by, fingerprint)
        model = written(
            columns, design, solution, made.keys, made.provenance(count, positive, method)
        )
        pipeline = pipeline_of(solution, design, rows, y)
        decided = pipeline.decision_function(design.matrix(rows)) > 0
        said = (SEPARATED,) if bool(np.all(decided == (y > 0))) else ()
        return Learnt(model, pipeline, design, said)

    def sums(self, sums: Sums, stages: Sequence[Stage]) -> Floats:
        """Add up over the rows of the first part."""
        sql = sums.query(stages, self.place.dialect, self.place.table)
        return sums.read(_one_row(self.place.selected(sql)))


def _one_row(found: Columns) -> dict[str, float]:
    """Read a result of one row; what is NULL is NaN."""
    row = {}
    for name, values in found.items():
        if len(values) != 1:
            raise EngineError(f"{len(values)} rows for the one of a SELECT of sums")
        row[name] = float(np.ma.filled(values.astype(np.float64), np.nan)[0])
    return row


def _source(name: str, kind: Kind) -> Formula | Text:
    """Read a column of the table as it is."""
    return TextColumn(name) if kind == "text" else _number(name, kind)


def _number(name: str, kind: Kind) -> Formula:
    match kind:
        case "flag":
            return FlagColumn(name)
        case "date":
            return DayColumn(name)
        case _:
            return NumberColumn(name)


def _is_positive(kind: Kind, name: str, positive: tuple[str, ...]) -> Formula:
    one, zero = Constant(1.0), Constant(0.0)
    match kind:
        case "text":
            return Case(((OneOf(TextColumn(name), positive), one),), zero)
        case "flag":
            return FlagColumn(name)
        case _:
            return Case(((Between(NumberColumn(name), 1.0, 1.0), one),), zero)


def spans_of(place: Place, label: str) -> tuple[dict[str, Span], int]:
    """Ask where numbers and dates lie, and how many rows there are.

    Raises TableError for a table without rows, or values too large to square.
    """
    numeric = {n: k for n, k in place.kinds.items() if k in ("number", "date") and n != label}
    sources = {name: _number(name, kind) for name, kind in numeric.items()}
    found = _bounds(place, sources)
    rows = int(found.pop("rows", 0))
    if not rows:
        raise TableError(f"{place.name} has column names but no rows")
    spans: dict[str, Span] = {}
    odd = {}
    for position, (name, source) in enumerate(sources.items()):
        low, high = found[f"low{position}"], found[f"high{position}"]
        if np.isfinite(low) and np.isfinite(high):
            spans[name] = Span(low, high, found[f"count{position}"] == rows)
        else:
            # NULL, or infinities and NaN among the values: these are missing ones.
            odd[name] = Case(((within(source, 1e307), source),), Absent())
    if odd:
        again = _bounds(place, odd)
        for position, name in enumerate(odd):
            low, high = again[f"low{position}"], again[f"high{position}"]
            if np.isfinite(low):
                spans[name] = Span(low, high)
    for name, span in spans.items():
        if span.furthest > LARGEST_VALUE:
            far = span.low if -span.low > span.high else span.high
            raise TableError(
                f"{place.name}: column {name!r} holds {far:.4g}, too large to learn from; "
                "exclude or mend it"
            )
    return spans, rows


def _bounds(
    place: Place, sources: Mapping[str, Formula], stages: Sequence[Stage] = ()
) -> dict[str, float]:
    """Ask for the lowest and the highest value of formulas, and the count of rows."""
    found: dict[str, float] = {}
    named = list(sources.values())
    for first in range(0, max(len(named), 1), _SUMS_AT_ONCE // 3):
        wanted = [Total("rows", "COUNT", Constant(1.0))]
        for position, source in enumerate(named[first : first + _SUMS_AT_ONCE // 3], first):
            wanted.append(Total(f"low{position}", "MIN", source))
            wanted.append(Total(f"high{position}", "MAX", source))
            wanted.append(Total(f"count{position}", "COUNT", source))
        found |= _one_row(place.selected(totals(stages, wanted, place.dialect, place.table)))
    return found


def labels_of(place: Place, label: str) -> dict[str | None, int]:
    """Count the rows of each value of the label, in words; of many, the most frequent."""
    sql = counted(TextColumn(label), place.dialect, place.table, _LEVELS)
    found = place.selected(sql)
    levels = np.ma.asarray(found["level"])
    missing = np.ma.getmaskarray(levels)
    return {
        None if gone else str(level): int(rows)
        for level, gone, rows in zip(
            np.ma.getdata(levels), missing, found["rows_with_it"], strict=True
        )
    }


def hash_of(
    place: Place, spans: Mapping[str, Span], without: str, salt: str, of: Sequence[str] = ()
) -> Chain:
    """Write a number from 0 to 1 that depends on a row's numbers and dates, but the label."""
    read: dict[str, tuple[Formula, Span]] = {}
    for name in sorted(of or place.kinds, key=str.lower):
        kind = place.kinds[name]
        if name != without and (name in spans or kind == "flag"):
            read[name] = (_number(name, kind), spans.get(name, Span(0.0, 1.0)))
    if not read:
        raise TableError(
            f"{place.name} has no number, date or flag to choose rows by; learn from it in memory"
        )
    return hashed(read, salt)


def sample_of(
    place: Place, spans: Mapping[str, Span], rows: int, label: str, seed: int
) -> dict[str, tuple[Kind, Values]]:
    """Bring back about `SAMPLE` rows, chosen by a hash of their content, each column with its kind.

    Shorter tables come whole.
    """
    named = {name: _source(name, kind) for name, kind in place.kinds.items()}
    held = [Named(name, source) for name, source in named.items()]
    where: list[Condition] = []
    if rows > SAMPLE:
        number = hash_of(place, spans, label, f"sample {seed}")
        held.append(Named(PART, number[0]))
        where = [Between(Column(PART), 0.0, SAMPLE / rows)]
    steps = [Stage("rows_as_they_are", tuple(held))]
    if where:
        passed = (Named(name, Column(name)) for name in named)
        steps.append(Stage("rows_with_a_number", (*passed, Named(PART, number[-1]))))
    sql = chosen(steps, list(named), place.dialect, place.table, where)
    found = place.selected(sql)
    read: dict[str, tuple[Kind, Values]] = {}
    for (name, kind), values in zip(place.kinds.items(), found.values(), strict=True):
        missing = np.ma.getmaskarray(values)
        if kind == "text":
            cells = zip(np.ma.getdata(values).tolist(), missing, strict=True)
            read[name] = kind, texts(None if gone else str(cell) for cell, gone in cells)
        else:
            doubles = np.ma.getdata(values).astype(np.float64)
            read[name] = kind, np.where(missing, np.nan, doubles)
    return read


class _Learning:
    """One fit by sums, step by step."""

    def __init__(
        self,
        whole: Whole,
        columns: Sequence[InputColumn],
        design: Design,
        rows: Prepared,
        y: Floats,
        c: float,
    ) -> None:
        self._whole, self._columns, self._design = whole, columns, design
        self._rows, self._y, self._c = rows, y, c
        self._spans = self._spans_of_numbers()
        self._beside = (whole.is_positive, whole.cut.first, whole.cut.number)

    def _spans_of_numbers(self) -> dict[str, Span]:
        """Say where the numbers lie, cleaned as they are."""
        found: dict[str, Span] = {}
        for column in self._columns:
            match column:
                case Flag() | Missing():
                    found[column.name] = Span(0.0, 1.0)
                case Number(source=Plain()):
                    found[column.name] = _cleaned(column, self._whole.spans[column.name])
                case Number():
                    found[column.name] = self._asked(column)
                case _:
                    pass
        return found

    def _asked(self, column: Number) -> Span:
        """Ask where a number lies that is read from a text, or from dates."""
        steps = measures([column], {column.name: NO_BOUND})
        found = _bounds(self._whole.place, {"": Column(column.name)}, steps)
        return Span(found["low0"], found["high0"])

    def solved(self) -> tuple[Solution, int, int, str]:
        """Learn; give the rows learnt from, the positive ones, and a fingerprint of their sums."""
        design, place = self._design, self._whole.place
        self._whole.told(f"{place.title}: means and standard deviations")
        numbers = [self._rows.numbers[name] for name in design.numbers]
        rough = {
            name: (float(values.mean()), float(values.std()) or 1.0)
            for name, values in zip(design.numbers, numbers, strict=True)
        }
        first = matrix(self._columns, design, self._spans, rough, *self._beside)
        found = self._moments(first)
        count, positive = int(found[0]), int(found[1])
        if not 0 < positive < count:
            raise TableError(f"{place.name}: the rows to learn from have one class only")
        width = len(first.features)
        mean, square = found[2 : 2 + width] / count, found[2 + width :] / count
        scaling, means, stds = {}, [], []
        for position, name in enumerate(design.numbers):
            middle, unit = rough[name]
            spread = float(square[position] - mean[position] ** 2) ** 0.5
            means.append(middle + unit * float(mean[position]))
            stds.append(unit * spread)
            scaling[name] = means[-1], stds[-1]
        self._matrix = matrix(self._columns, design, self._spans, scaling, *self._beside)
        sample = design.matrix(self._rows)
        sample[:, : len(means)] = (sample[:, : len(means)] - means) / np.array(stds)
        sampled = _Sampled(sample, self._y, count / len(self._y), self._c)
        start = minimum(sampled.start(), sampled.gradient, sampled.hessian, tolerance=_TOLERANCE)
        at = minimum(
            start,
            lambda at: self._gradient(at, count),
            sampled.hessian,
            exact=lambda at: self._hessian(at, count),
            tolerance=_TOLERANCE,
            told=self._tell,
        )
        parts = self._parts(first.mixing, np.concatenate(([1.0], mean)), square, at[1:])
        named = "\0".join((*self._whole.place.kinds, *map(str, (count, positive))))
        digest = sha256(named.encode() + found.tobytes()).hexdigest()
        return Solution(float(at[0]), at[1:], means, stds, *parts), count, positive, digest

    def _tell(self, one: Pass) -> None:
        self._whole.passes.append(one)
        self._whole.told(f"pass {one.number}, step {one.step:.1e}")

    def _moments(self, first: Matrix) -> Floats:
        """Ask for the count, the positive ones, each feature's sum and its squares' sum."""
        sums = Sums(self._whole.rows)
        there = Column(THERE)
        sums.add(there, 1.0)
        sums.add(Product(there, Column(LABEL)), 1.0)
        for feature in first.features:
            sums.add(feature.times(there), feature.span.furthest)
        for feature in first.features:
            sums.add(feature.times(feature.times(there)), feature.span.furthest**2)
        return self._whole.sums(sums, first.stages)

    def _gradient(self, at: Floats, count: int) -> Floats:
        """Ask for the gradient of the loss at these coefficients, the intercept first."""
        sums = Sums(count)
        residual = Column(RESIDUAL)
        sums.add(residual, 1.0)
        for feature in self._matrix.features:
            sums.add(feature.times(residual), feature.span.furthest)
        found = self._whole.sums(sums, self._matrix.residuals(at))
        penalty = at[1:] / self._c
        return np.concatenate(([found[0]], self._matrix.mixing @ found + penalty))

    def _hessian(self, at: Floats, count: int) -> Floats:
        """Ask for the Hessian itself, as many sums at once as engines take."""
        self._whole.told("the second derivatives of all rows")
        weight = Column(WEIGHT)
        features = self._matrix.features
        pairs = [(i, j) for i in range(1 + len(features)) for j in range(i + 1)]
        found = np.zeros((1 + len(features),) * 2)
        for first in range(0, len(pairs), _SUMS_AT_ONCE):
            block = pairs[first : first + _SUMS_AT_ONCE]
            sums = Sums(count)
            for i, j in block:
                value: Formula = weight
                furthest = 0.25
                for place in (i, j):
                    if place:
                        value = features[place - 1].times(value)
                        furthest *= features[place - 1].span.furthest
                sums.add(value, furthest)
            added = self._whole.sums(sums, self._matrix.weights(at))
            for (i, j), one in zip(block, added.tolist(), strict=True):
                found[i, j] = found[j, i] = one
        mixing = np.vstack((np.eye(1, 1 + len(features)), self._matrix.mixing))
        penalty = np.diag([0.0, *[1.0 / self._c] * len(self._matrix.mixing)])
        return np.asarray(mixing @ found @ mixing.T + penalty)

    def _parts(
        self, mixing: Floats, mean: Floats, square: Floats, coefficients: Floats
    ) -> tuple[list[tuple[Floats, Floats]], list[float], list[float]]:
        """Split coefficients by feature, as for rows in memory, by the sums of all rows."""
        parts, spreads, moved = [], [], []
        first = 0
        for position, (_, width) in enumerate(self._design.widths()):
            own = coefficients[first : first + width]
            rows = mixing[first : first + width]
            first += width
            if position < len(self._design.numbers):
                parts.append((own, np.ones(1)))
                spreads.append(float(own[0]))
                moved.append(0.0)
                continue
            shares = rows @ mean
            average = float(own @ shares)
            factors = own @ rows
            # Of two ramps the higher one is 1 wherever the lower one is not 0; levels exclude
            # each other.
            held = np.flatnonzero(np.abs(rows).sum(axis=0)[1:])
            ramps = position < len(self._design.numbers) + len(self._design.knots)
            second = np.zeros((1 + len(held),) * 2)
            second[0] = second[:, 0] = [1.0, *mean[1 + held]]
            for a, one in enumerate(held, start=1):
                second[a, a] = square[one]
                for b, other in enumerate(held[: a - 1], start=1):
                    second[a, b] = second[b, a] = mean[1 + max(one, other)] if ramps else 0.0
            own_factors = np.concatenate(([factors[0]], factors[1 + held]))
            variance = float(own_factors @ second @ own_factors) - average**2
            parts.append((own - average, shares))
            spreads.append(max(variance, 0.0) ** 0.5)
            moved.append(average)
        return parts, spreads, moved


def _cleaned(column: Number, span: Span) -> Span:
    """Say where a column's values lie when caps, fills and the logarithm are done."""
    low, high = span.low, span.high
    if column.low is not None and column.high is not None:
        low, high = (min(max(end, column.low), column.high) for end in (low, high))
    fills = [column.fill, *(s.fill for s in (column.segments.fills if column.segments else ()))]
    low, high = min(low, *fills), max(high, *fills)
    if column.log:
        low, high = (float(np.sign(end) * np.log1p(abs(end))) for end in (low, high))
    # The logarithm's last bit is each engine's own.
    return Span(nextafter(low, -np.inf), nextafter(high, np.inf))


class _Sampled:
    """The loss of a sample's rows, each counted as many times as it stands for rows."""

    def __init__(self, matrix: Floats, y: Floats, times: float, c: float) -> None:
        self._matrix = np.column_stack((np.ones(len(y)), matrix))
        self._y, self._times = y, times
        self._penalty = np.array([0.0, *[1.0 / c] * matrix.shape[1]])

    def start(self) -> Floats:
        """Begin with no column and the positive rate."""
        rate = float(self._y.mean())
        return np.array([log(rate / (1 - rate)), *[0.0] * (len(self._penalty) - 1)])

    def gradient(self, at: Floats) -> Floats:
        """Give the gradient, the intercept first."""
        residual = self._probability(at) - self._y
        return self._times * (residual @ self._matrix) + self._penalty * at

    def hessian(self, at: Floats) -> Floats:
        """Give the Hessian."""
        p = self._probability(at)
        weighted = self._matrix * (self._times * p * (1 - p))[:, None]
        return np.asarray(self._matrix.T @ weighted) + np.diag(self._penalty)

    def _probability(self, at: Floats) -> Floats:
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(self._matrix @ at, -700, 700))))
