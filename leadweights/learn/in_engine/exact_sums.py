"""What learning needs to know of rows it does not see, as formulas to be added up.

A sum of doubles depends on the order of its rows, which no engine promises. So each value is cut
to whole multiples of a power of two, so large that all sums of them are exact whatever the order;
what is cut off is added up in the same way, and what is left is below the last bit of a sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from math import ceil, isfinite, log2
from types import MappingProxyType

import numpy as np

from leadweights.errors import EngineError
from leadweights.formula.arrays import Floats
from leadweights.formula.columns import known, known_names, measures
from leadweights.formula.dates import read_dates_once
from leadweights.formula.nodes import (
    AtLeast,
    Between,
    Case,
    Column,
    Condition,
    Constant,
    Difference,
    Floor,
    Formula,
    Named,
    NumberColumn,
    Product,
    Stage,
    Sum,
    total,
)
from leadweights.formula.terms import groups, odds, share
from leadweights.formula.trees import write_tree
from leadweights.learn.prepare.design import Design
from leadweights.model.model import InputColumn, Number
from leadweights.model.terms import Level, Levels
from leadweights.model.trees import Node, leaves
from leadweights.sql.aggregates import Total, select_totals

LABEL, PART = "leadweights_label", "leadweights_part"
"""What the label and the number that splits the rows are called on their way through the stages."""

Classes = tuple[float, float]
"""What a negative row counts for in the loss, and a positive one."""

Chain = tuple[Formula, ...]
"""A number in steps, each but the first reading the one before it as the column `PART`."""

_ZERO, _ONE = Constant(0.0), Constant(1.0)
NO_BOUND = 1e100  # training values end at 1e30
_BITS = 52
_LOWEST = -1074  # of the smallest double, of which all others are multiples
_FAR = 10.0
# So many rows tell how many kinds of values there are.
_TELLING = 10_000


@dataclass(frozen=True, slots=True)
class Span:
    """Where the values of a formula lie; it is `complete` if every row has one."""

    low: float
    high: float
    complete: bool = False

    @property
    def furthest(self) -> float:
        """Give the largest absolute value."""
        return max(abs(self.low), abs(self.high))

    @property
    def finite(self) -> bool:
        """Tell whether it has two ends."""
        return isfinite(self.low) and isfinite(self.high)


def hash_columns(columns: Mapping[str, tuple[Formula, Span]], salt: str) -> Chain:
    """Write a number from 0 to 1, not 1 itself, that looks drawn and depends on the row alone.

    Each column, within its span, is stretched by a factor of its name's; of the sum the digits
    after the point are kept (Weyl 1916: they are spread evenly). All of it is arithmetic that
    every engine does to the last bit, so that all choose the same rows, whatever their order.
    """
    parts: list[Formula] = [Constant(_factor(salt))]
    for name, (source, span) in columns.items():
        stretch = 2.0**20 * _factor(f"{salt} {name.lower()}") / ((span.high - span.low) or 1.0)
        moved: Formula = Product(Difference(source, Constant(span.low)), Constant(stretch))
        if not span.complete:
            moved = Case(((Between(source, span.low, span.high), moved),), Constant(0.5))
        parts.append(moved)
    before = Column(PART)
    return (total(parts), Difference(before, Floor(before)))


def _factor(text: str) -> float:
    """Draw a number from 1 to 2 for a text."""
    return 1.0 + int.from_bytes(sha256(text.encode()).digest()[:4], "big") / 2.0**32


@dataclass(frozen=True, slots=True)
class Feature:
    """What is added up: a column of the last stage, or 1 where that has the code of a `level`.

    `kinds` is how many different values it has, in effect; those of a level are whole numbers.
    """

    column: str
    span: Span
    level: float | None = None
    kinds: float = 1.0

    @property
    def value(self) -> Formula:
        """Write the feature itself."""
        return Column(self.column) if self.level is None else self.times(_ONE)

    def times(self, other: Formula) -> Formula:
        """Multiply a value by the feature."""
        if self.level is None:
            return Product(other, Column(self.column))
        return Case(((_is(self.column, self.level), other),), _ZERO)


def _is(column: str, code: float) -> Condition:
    return Between(Column(column), code, code)


@dataclass(frozen=True, slots=True)
class Matrix:
    """A design's matrix as formulas: what is added up, and how its columns come out of that.

    A column of the matrix is a row of `mixing`, shape (columns, 1 + features), times 1 and the
    features. A curve is held as ramps, each 0 before a stretch between two knots and 1 behind it:
    a hat is one ramp less the next one. The column `weight` of the last stage says what a row
    counts for, 0 in rows of another part; without one every row counts once.
    """

    stages: tuple[Stage, ...]
    features: tuple[Feature, ...]
    mixing: Floats
    weight: str | None
    made: bool = False

    @property
    def count(self) -> Formula:
        """Write what a row counts for."""
        return _ONE if self.weight is None else Column(self.weight)

    def weigh(self, feature: Feature) -> Formula:
        """Multiply a feature by what its row counts for."""
        return feature.value if self.weight is None else feature.times(self.count)

    def before(self) -> tuple[Stage, ...]:
        """Write the stages up to the features; none where they are `made`, a table of their own."""
        return () if self.made else self.stages

    def residuals(self, coefficients: Floats, classes: Classes) -> tuple[Stage, ...]:
        """Write the stages up to each row's probability less its label, called `RESIDUAL`.

        It is multiplied by what the row counts for, and by what its class does; it is 0 in rows of
        another part. `coefficients`, shape (1 + columns,), begin with the intercept.
        """
        residual = Difference(Column(_PROBABILITY), Column(LABEL))
        return self._scored(coefficients, RESIDUAL, residual, classes)

    def curvatures(self, coefficients: Floats, classes: Classes) -> tuple[Stage, ...]:
        """Write the stages up to p (1 - p), called `CURVATURE`; see `residuals`."""
        probability = Column(_PROBABILITY)
        curvature = Product(probability, Difference(_ONE, probability))
        return self._scored(coefficients, CURVATURE, curvature, classes)

    def _scored(
        self, coefficients: Floats, name: str, value: Formula, classes: Classes
    ) -> tuple[Stage, ...]:
        factors = coefficients[1:] @ self.mixing
        parts: list[Formula] = [Constant(float(coefficients[0] + factors[0]))]
        by_code: dict[str, list[tuple[Condition, Formula]]] = {}
        for feature, factor in zip(self.features, factors[1:].tolist(), strict=True):
            if feature.level is None:
                parts.append(Product(Column(feature.column), Constant(factor)))
            else:
                branch = (_is(feature.column, feature.level), Constant(factor))
                by_code.setdefault(feature.column, []).append(branch)
        parts += [Case(tuple(branches), _ZERO) for branches in by_code.values()]
        log_odds = total(parts) if len(parts) > 1 else parts[0]
        passed = tuple(Named(c.name, Column(c.name)) for c in self.stages[-1].columns)
        # No WHERE: an engine would compute the number that splits the rows once more for it.
        counting = value if self.weight is None else Product(self.count, value)
        if classes != (1.0, 1.0):
            negative, positive = map(Constant, classes)
            by_class = Case(((_is(LABEL, 1.0), positive),), negative)
            counting = Product(counting, by_class)
        return (
            *self.before(),
            Stage("scores", (Named(_LOG_ODDS, log_odds), *passed)),
            Stage("odds", (Named(_ODDS, odds(Column(_LOG_ODDS))), *passed)),
            Stage("probabilities", (Named(_PROBABILITY, share(Column(_ODDS))), *passed), once=True),
            Stage(name, (Named(name, counting), *passed)),
        )


THERE, WEIGHT = "row_counts", "leadweights_weight"
"""1 for a row of the part that is added up, 0 for another; this, times the row's weight."""

RESIDUAL, CURVATURE = "residual_of_row", "curvature_of_row"
_LOG_ODDS, _ODDS, _PROBABILITY = "log_odds_of_row", "odds_of_row", "probability_of_row"


def matrix(
    columns: Sequence[InputColumn],
    design: Design,
    spans: Mapping[str, Span],
    scaling: Mapping[str, tuple[float, float]],
    label: Formula,
    part: Between | None,
    number: Chain,
    weight: str | None = None,
    kinds: Mapping[str, float] = MappingProxyType({}),
    trees: Sequence[Node] = (),
) -> Matrix:
    """Write a design as formulas, for rows whose `number` is where `part` has it.

    A row counts for what the column `weight` of the table says, or 1. `kinds` says how many
    different values numbers have, in effect.

    `scaling` gives for a number, whose values lie in its span, what is taken from it, and what the
    rest is divided by. Each leaf of `trees`, its number what it contributes, is a column behind.
    """
    read, measured = measures(columns, {column.name: NO_BOUND for column in columns})
    inputs = {column.name: column for column in columns}
    held: list[Named] = []
    features: list[Feature] = []
    rows: list[dict[int, float]] = []

    def add(
        formula: Formula, span: Span, source: str, levels: Sequence[float | None] = (None,)
    ) -> list[int]:
        name = f"f{len(held)}"
        held.append(Named(name, formula))
        first = 1 + len(features)
        features.extend(Feature(name, span, level, kinds.get(source, 1.0)) for level in levels)
        return list(range(first, 1 + len(features)))

    for name in design.numbers:
        middle, unit = scaling[name]
        # Standardising is left to the mixing; what lies far from zero is moved there.
        moved = middle if weight or abs(middle) > _FAR * unit else 0.0
        value = Difference(Column(name), Constant(moved)) if moved else Column(name)
        span = Span(spans[name].low - moved, spans[name].high - moved)
        (place,) = add(value, span, name)
        rows.append({0: (moved - middle) / unit, place: 1.0 / unit})
    for name, knots in design.knots.items():
        ramps = [add(_ramp(Column(name), *e), _SHARE, name)[0] for e in pairwise(knots.tolist())]
        rises = [{0: 1.0}, *({place: 1.0} for place in ramps)]
        falls: list[dict[int, float]] = [*({place: -1.0} for place in ramps), {}]
        rows += [rise | fall for rise, fall in zip(rises, falls, strict=True)]
    for name, levels in design.levels.items():
        column = inputs[name]
        none, rest = Level("", 0.0, 0.0), float(len(levels))
        term = Levels(name, 0.0, tuple(Level(level, 0.0, 0.0) for level in levels), none, none)
        code = groups(term, column, Column(name)).number
        codes = [*map(float, range(len(levels))), *[rest] * design.others[name]]
        codes += [rest + 1.0] * design.missing[name]
        rows += [{p: 1.0} for p in add(code, _SHARE, name, codes)]
    as_known = known_names(columns) if trees else {}
    reads = {c.name: (c, Column(as_known.get(c.name, c.name))) for c in columns}
    for tree in trees:
        numbers = list(map(float, range(len(leaves(tree)))))
        rows += [{p: 1.0} for p in add(write_tree(tree, reads), _SHARE, "", numbers)]
    mixing = np.zeros((len(rows), 1 + len(features)))
    for place, row in enumerate(rows):
        mixing[place, list(row)] = list(row.values())
    own = [Named(name, known(inputs[column], NO_BOUND)) for column, name in as_known.items()]
    cleaned = tuple(_as_it_is(one, inputs, spans) for one in (*read.columns, *own))
    passed = Named(LABEL, Column(LABEL))
    again = [Named(name, Column(name)) for name in as_known.values()]
    weights = [] if weight is None else [Named(WEIGHT, NumberColumn(weight))]
    again += [Named(WEIGHT, Column(WEIGHT)) for _ in weights]
    counted: Mapping[str, Formula] = {THERE: _ONE} | {own.name: Column(own.name) for own in weights}
    counts = [
        Named(name, Case(((part, value),), _ZERO) if part else value)
        for name, value in counted.items()
    ]
    steps = (
        Stage(read.name, (*cleaned, *weights, Named(LABEL, label), Named(PART, number[0]))),
        Stage(measured.name, (*measured.columns, *again, passed, Named(PART, number[-1]))),
        Stage("features", (*held, passed, *counts), once=True),
    )
    counting = counts[-1].name if part or weights else None
    return Matrix(read_dates_once(steps), tuple(features), mixing, counting)


def _as_it_is(read: Named, columns: Mapping[str, InputColumn], spans: Mapping[str, Span]) -> Named:
    """Leave out the guards of a number that every row has within its bounds."""
    match read.formula:
        case Case(branches=((Between(value=NumberColumn(name) as source), same),)):
            column = columns.get(name)
            plain = isinstance(column, Number) and column.low is None and source == same
            return Named(read.name, source) if plain and spans[name].complete else read
        case _:
            return read


_SHARE = Span(0.0, 1.0)


def _ramp(value: Column, start: float, end: float) -> Formula:
    risen = Product(Difference(value, Constant(start)), Constant(1.0 / (end - start)))
    above = ((AtLeast(value, Constant(end)), _ONE), (AtLeast(value, Constant(start)), risen))
    return Case(above, _ZERO)


def in_effect(values: Floats, rows: int) -> float:
    """Say how many different values rows have in effect, shape (sampled rows,).

    It is 1 over the chance that two rows have the same one (Simpson 1949).
    """
    counts = np.unique(values[:_TELLING], return_counts=True)[1].astype(np.float64)
    pairs = float(counts.sum() * (counts.sum() - 1.0))
    same = float((counts * (counts - 1.0)).sum())
    return 1.0 / (same / max(pairs, 1.0) + 1.0 / rows)


class Sums:
    """Values to be added up over rows; `rows` is at least how many there are."""

    def __init__(self, rows: int) -> None:
        self._rows = max(rows, 4)
        self._parts: list[tuple[Formula, list[float]]] = []

    def add_uncut(self, value: Formula) -> None:
        """Add one more value; its sum has the error of its order, about 1e-14 of its size.

        Of whole numbers any sum is exact, up to 2**53.
        """
        self._parts.append((value, []))

    def add(
        self, value: Formula, furthest: float, *, within: float = 0.0, kinds: float = 1.0
    ) -> None:
        """Add one more value, whose absolute value is `furthest` at most.

        What is cut off is left away where it moves the mean of the values, of which there are
        so many `kinds`, by less than `within`.
        """
        unit = self._unit(furthest)
        # What is cut off is spread evenly over a unit, if the values are many.
        enough = unit / (12.0 * min(kinds, self._rows)) ** 0.5 < within
        self._parts.append((value, [unit] if enough else [unit, self._unit(unit / 2)]))

    def _unit(self, furthest: float) -> float:
        """Give the smallest power of two of which any sum has at most 2**52."""
        power = ceil(log2(furthest or 1.0) + log2(self._rows)) - _BITS
        return float(2.0 ** max(power, _LOWEST))

    def query(self, stages: Sequence[Stage], dialect: str, table: str) -> str:
        """Write the SELECT."""
        values = [Named(f"v{place}", value) for place, (value, _) in enumerate(self._parts)]
        held: list[Named] = []
        wanted: list[Total] = []
        for place, (_, units) in enumerate(self._parts):
            value, high = Column(f"v{place}"), Column(f"h{place}")
            if units:
                held.append(Named(high.name, _cut(value, units[0])))
            if len(units) != 1:
                held.append(Named(value.name, value))
            wanted.append(Total(f"t{place}", "SUM", high if units else value))
            if len(units) == 2:
                wanted.append(Total(f"r{place}", "SUM", _cut(Difference(value, high), units[1])))
        steps = (*stages, Stage("values_to_add", tuple(values)), Stage("cut", tuple(held)))
        return select_totals(steps, wanted, dialect, table)

    def read(self, found: Mapping[str, float]) -> Floats:
        """Read the sums, shape (values,), from the columns of the query's one row.

        Raises EngineError for an engine that did not add up what it was asked to.
        """
        result = np.empty(len(self._parts))
        for place, (_, units) in enumerate(self._parts):
            parts = [found[f"t{place}"], *([found[f"r{place}"]] if len(units) > 1 else [])]
            for part, unit in zip(parts, units, strict=False):
                if not part % unit == 0.0:
                    raise EngineError(f"a sum of multiples of {unit} is {part}: no exact sums")
            result[place] = sum(parts)
        return result


def _cut(value: Formula, unit: float) -> Formula:
    """Cut a value to whole units: what is added has no digits below, and takes them along.

    (Dekker 1971; Demmel and Nguyen 2013 for reproducible sums.)
    """
    large = Constant(1.5 * 2.0**_BITS * unit)
    return Difference(Sum((value, large)), large)
