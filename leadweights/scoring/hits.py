"""Count the rows of a table that each rule of a model decides.

Every count comes from the model's own formulas: a copy of the model whose fills are marks tells
which rows are filled, and each term which of its groups a row falls into.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats, Values
from leadweights.formula.columns import inputs, measures
from leadweights.formula.dates import day_of, read_dates_once
from leadweights.formula.evaluate import compute, evaluate
from leadweights.formula.nodes import Named, Stage
from leadweights.formula.rules import CONSENT, FARTHEST
from leadweights.formula.terms import Part, View, groups, measured_terms, view
from leadweights.formula.texts import Texts
from leadweights.model.dates import MONTHS, WEEKDAYS
from leadweights.model.model import (
    Category,
    Choice,
    Flag,
    InputColumn,
    InText,
    Listed,
    Measure,
    Missing,
    Month,
    Number,
    ScoringModel,
    Weekday,
    limits,
)

Booleans = NDArray[np.bool_]

# A share is clearly another one if it moved this far, and by this many standard errors.
_POINTS, _STANDARD_ERRORS = 0.05, 4
_MOST_FREQUENT = 5
_THIRD = 1 / 3

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
    "no list",
    "no known value",
    "no consent",
]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a column, as the model reads it, and the rows that hold it."""

    value: str
    rows: int


_UNREAD: tuple[Rule, ...] = ("missing", "no number", "neither yes nor no", "other")


@dataclass(frozen=True, slots=True)
class Hit:
    """The rows that one rule of the model decides, or none.

    `missing` rows are all that count as missing: of these, `missing token`, `no number` and
    `neither yes nor no` hold a value. `yes` rows count as yes, the filled ones too. `other` rows
    hold a level that the model does not keep, rare in training or unseen: the model does not know
    which, unless `training_share` is 0. `level` is a kept one. Of a list, `no list` rows are
    missing and those of `no known value` hold others alone: `other` ones if they are more than
    training can have had. `values` are the most frequent that led here. `training_share` is None
    where the model does not tell; a share `differs` if it is clearly another one: by more than 5
    points, and by more than 4 standard errors of the difference of two shares.
    """

    rule: Rule
    rows: int
    row_share: float
    training_share: float | None = None
    differs: bool = False
    level: str | None = None
    values: tuple[Value, ...] = ()

    @property
    def unread(self) -> bool:
        """Tell whether the model cannot read a third of the rows more than in training."""
        more = self.row_share - (self.training_share or 0.0)
        return self.rule in _UNREAD and more >= _THIRD


@dataclass(frozen=True, slots=True)
class Counter:
    """Makes hits of a table of `rows` rows, for a model learnt from `training_rows`."""

    rows: int
    training_rows: int

    def hit(
        self,
        rule: Rule,
        where: Booleans,
        training_share: float | None = None,
        level: str | None = None,
        held: Texts | None = None,
    ) -> Hit:
        """Count the rows `where` a rule holds, and the texts that they hold."""
        rows = int(np.count_nonzero(where))
        share = rows / self.rows
        differs = False
        if training_share is not None:
            before = max(1, self.training_rows)
            pooled = (share * self.rows + training_share * before) / (self.rows + before)
            variance = max(0.0, pooled * (1 - pooled)) * (1 / self.rows + 1 / before)
            gap = abs(share - training_share)
            differs = gap > _POINTS and gap > _STANDARD_ERRORS * variance**0.5
        values = () if held is None else _most_frequent(held, where)
        return Hit(rule, rows, share, training_share, differs, level, values)


def column_hits(
    model: ScoringModel, values: Mapping[str, Values], rows: int
) -> dict[str, list[Hit]]:
    """Count, for each column of a model, the rows that each of its rules decides."""
    counter, bounds = Counter(rows, model.provenance.rows), limits(model)
    read = compute(read_dates_once(measures(model.columns, bounds)), values)
    numbers = _clean(model.columns, bounds, values)
    by_level = _level_numbers(model, values)
    found: dict[str, list[Hit]] = {}
    for term, column, _ in measured_terms(model):
        name, seen, held = column.name, view(term), read[column.name]
        match column:
            case Category() | Weekday() | Month():
                hits = _of_choice(counter, column, seen.parts, by_level[name], held)
            case Number():
                own = values[name] if isinstance(column.source, InText) else None
                hits = _of_number(counter, column, numbers[name], own)
            case Flag():
                hits = _of_flag(counter, column, numbers[name].filled, values[name])
            case Missing():
                hits = iter(())
            case Listed():
                hits = _of_list(counter, column, model, read, values[column.column])
            case _:
                assert_never(column)
        found[name] = list(hits)
        if isinstance(column, Measure):
            assert not isinstance(held, Texts)
            found[name] += _of_term(counter, column, held, seen)
    return found


def rule_hits(
    model: ScoringModel, values: Mapping[str, Values], rows: int
) -> Iterator[tuple[str, tuple[str, ...], list[Hit]]]:
    """Count the rows that the rules around the score take away, cut or leave alone.

    Give each rule's name, the columns it reads and its hits.
    """
    rules, counter = model.decisions, Counter(rows, model.provenance.rows)
    if rules.consent is not None:
        without = evaluate(CONSENT.write(model), values)["consent_given"] < 1
        yield "consent", (rules.consent.column,), [counter.hit("no consent", without)]
    if rules.adjustment is not None:
        factor = values[rules.adjustment.column]
        assert not isinstance(factor, Texts)
        hits = [
            counter.hit("missing", ~(np.abs(factor) <= FARTHEST)),
            counter.hit("below low", factor < rules.adjustment.low),
            counter.hit("above high", factor > rules.adjustment.high),
        ]
        yield "adjustment", (rules.adjustment.column,), hits
    if rules.decay is not None:
        reads = tuple(name for name in (rules.decay.column, rules.decay.until_column) if name)
        forms = (rules.decay.format, rules.decay.until_format)
        days = (Named(n, day_of(n, f)) for n, f in zip(reads, forms, strict=False))
        read = evaluate(read_dates_once([Stage("days", tuple(days))]), values)
        missing = [np.isnan(found) for found in read.values()]
        yield "decay", reads, [counter.hit("missing", np.any(missing, axis=0))]
    if rules.trend is not None:
        before = values[rules.trend.column]
        assert not isinstance(before, Texts)
        unknown = ~(np.abs(before) <= FARTHEST)
        yield "trend", (rules.trend.column,), [counter.hit("missing", unknown)]


@dataclass(frozen=True, slots=True)
class _Cleaned:
    """Of a number or flag: which rows are filled, which hold a number at all, and that one."""

    filled: Booleans
    known: Booleans
    numbers: Floats


def _clean(
    columns: Sequence[InputColumn], bounds: Mapping[str, float], values: Mapping[str, Values]
) -> dict[str, _Cleaned]:
    """Clean numbers and flags: a row is filled if another fill gives it another value."""
    own = [column for column in columns if isinstance(column, Number | Flag)]

    def filled_with(fill: float, *, bare: bool) -> dict[str, Floats]:
        marked: list[InputColumn] = []
        for column in own:
            if isinstance(column, Flag):
                marked.append(replace(column, fill=fill))
                continue
            plain = replace(column, fill=fill, segments=None, log=False)
            marked.append(replace(plain, missing=(), low=None, high=None) if bare else plain)
        no_bounds = dict.fromkeys(bounds, sys.float_info.max)
        steps = measures(marked, no_bounds if bare else bounds)
        return evaluate(read_dates_once(steps), values)

    zero, one = filled_with(0.0, bare=False), filled_with(1.0, bare=False)
    bare_zero, bare_one = filled_with(0.0, bare=True), filled_with(1.0, bare=True)
    return {
        name: _Cleaned(zero[name] != one[name], bare_zero[name] == bare_one[name], bare_zero[name])
        for name in (column.name for column in own)
    }


def _of_number(
    counter: Counter,
    column: Number,
    cleaned: _Cleaned,
    held: Values | None,
) -> Iterator[Hit]:
    """Count a number's rows; `held` is the column it stands in as text."""
    filled, known, numbers = cleaned.filled, cleaned.known, cleaned.numbers
    yield counter.hit("missing", filled)
    if column.missing:
        hit = [filled & known & (numbers == token) for token in column.missing]
        codes = np.select(hit, list(range(len(hit))), -1)
        tokens = Texts(codes, tuple(f"{token:.15g}" for token in column.missing))
        yield counter.hit("missing token", codes >= 0, held=tokens)
    if isinstance(held, Texts):
        yield counter.hit("no number", ~known & ~held.missing(), held=held)
    if column.low is not None:
        yield counter.hit("below low", ~filled & (numbers < column.low))
    if column.high is not None:
        yield counter.hit("above high", ~filled & (numbers > column.high))


def _of_flag(counter: Counter, column: Flag, filled: Booleans, held: Values) -> Iterator[Hit]:
    yield counter.hit("missing", filled)
    if column.yes or column.no:
        assert isinstance(held, Texts)
        yield counter.hit("neither yes nor no", filled & ~held.missing(), held=held)


def _of_list(
    counter: Counter,
    column: Listed,
    model: ScoringModel,
    read: Mapping[str, Values],
    held: Values,
) -> Iterator[Hit]:
    """Count, at the first value of a list, the rows without one and those of unknown values.

    In training these were at most those without its most frequent value; where they are more, the
    values are others than the model knows.
    """
    values = [c.name for c in model.columns if isinstance(c, Listed) and c.column == column.column]
    if column.name != values[0]:
        return
    assert isinstance(held, Texts)
    known = np.zeros(len(held), bool)
    for flags in (read[name] for name in values):
        assert not isinstance(flags, Texts)
        known |= flags == 1.0
    seen = [view(term) for term in model.terms if term.column in values]
    most = 1.0 - max((one.moments[0] for one in seen if one.moments), default=0.0)
    unknown = ~known & ~held.missing()
    yield counter.hit("no list", held.missing())
    rule: Rule = "other" if unknown.mean() > most else "no known value"
    yield counter.hit(rule, unknown, held=held)


def _of_term(counter: Counter, column: Measure, measured: Floats, seen: View) -> Iterator[Hit]:
    """Count the rows beyond a term's ends, and of a yes or no where its mean is their share."""
    if seen.ends is not None:
        yield counter.hit("below the curve", measured < seen.ends[0])
        yield counter.hit("above the curve", measured > seen.ends[1])
    if isinstance(column, Number) or (isinstance(column, Flag) and column.fill not in (0.0, 1.0)):
        return
    mean = seen.moments[0] if seen.moments else -1.0
    rule: Rule = "missing" if isinstance(column, Missing) else "yes"
    yield counter.hit(rule, measured == 1.0, mean if 0 <= mean <= 1 else None)


def _level_numbers(model: ScoringModel, values: Mapping[str, Values]) -> dict[str, Floats]:
    """Give for each row of a category the number of its level; then of other, then of missing."""
    numbers = (
        Named(column.name, groups(term, column, value).number)
        for term, column, value in measured_terms(model)
        if isinstance(column, Choice)
    )
    read = inputs(model.columns, limits(model))
    return evaluate(read_dates_once((read, Stage("groups", tuple(numbers)))), values)


def _of_choice(
    counter: Counter, column: Choice, parts: Sequence[Part], numbers: Floats, held: Values
) -> Iterator[Hit]:
    """Count a category's rows; `held` are its levels, cleaned, or the numbers of days, months."""
    if not isinstance(held, Texts):
        names = WEEKDAYS if isinstance(column, Weekday) else ("", *MONTHS)
        codes = np.where(np.isnan(held), -1, held).astype(np.int64)
        held = Texts(codes, names)
    *levels, other, missing = parts
    others, nothing = numbers == len(levels), numbers == len(levels) + 1
    yield counter.hit("missing", nothing, missing.row_share)
    if isinstance(column, Category) and column.missing:
        yield counter.hit("missing token", nothing & ~held.missing(), held=held)
    yield counter.hit("other", others, other.row_share, held=held)
    for number, level in enumerate(levels):
        yield counter.hit("level", numbers == number, level.row_share, level.label)


def _most_frequent(held: Texts, where: Booleans) -> tuple[Value, ...]:
    counts = Texts(held.codes[where], held.levels).counts().tolist()
    found = [Value(text, rows) for text, rows in zip(held.levels, counts, strict=True) if rows]
    return tuple(sorted(found, key=lambda v: (-v.rows, v.value))[:_MOST_FREQUENT])
