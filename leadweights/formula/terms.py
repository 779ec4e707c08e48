"""From terms to formulas: the only place where a term's arithmetic is written down.

A kind of term is told apart here alone: `view` says what is to be known of one, `contribution`
what it adds to the lead score, `groups` which of its groups a row falls into. Whoever lists,
explains, checks or proves a model reads these three.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import assert_never

from leadweights.formula.columns import input_names, inputs, measure, spell, stage_names
from leadweights.formula.nodes import (
    Above,
    AtLeast,
    Between,
    Case,
    Column,
    Condition,
    Constant,
    Difference,
    Exp,
    Formula,
    IsMissing,
    Named,
    OneOf,
    Product,
    Quotient,
    Sign,
    Stage,
    Steps,
    Sum,
    total,
    within,
)
from leadweights.model.dates import MONTHS, WEEKDAYS
from leadweights.model.model import (
    Category,
    Choice,
    Flag,
    InputColumn,
    Listed,
    Missing,
    Month,
    Number,
    ScoringModel,
    Weekday,
    limits,
)
from leadweights.model.terms import (
    Bins,
    Curve,
    Levels,
    Point,
    Ranged,
    Standardized,
    Term,
    slope,
    weight_per_unit,
)

OTHER, MISSING = "(other)", "(missing)"
"""The levels of rare and unseen values, and of missing ones, in lists."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one level of a category, or one point of a curve, adds to the lead score.

    `row_share` is the share of the training rows that have it, None of a point.
    """

    label: str
    contribution: float
    row_share: float | None = None


@dataclass(frozen=True, slots=True)
class View:
    """What is to be known of a term, whatever its kind.

    `rise` says how far it rises from low values to high ones. A `line`,
    `(x - zero) * weight_per_unit`, contributes without bounds; `moments` are the mean and
    standard deviation of the training rows, where they draw it. Any other term has `parts`: points
    of a curve, bins, or levels, then OTHER, then MISSING. Values beyond `ends` contribute what the
    ends do. `groups` is how many `groups` tells apart.
    """

    note: str
    rise: float
    line: Standardized | Ranged | None = None
    moments: tuple[float, float] | None = None
    parts: tuple[Part, ...] = ()
    ends: tuple[float, float] | None = None
    groups: int = 2


def view(term: Term) -> View:
    """Say what is to be known of a term."""
    weight = term.weight
    match term:
        case Standardized(_, mean, std):
            note = f"mean {mean:.4g}, std {std:.4g}, weight {weight:.4g}"
            return View(note, weight, term, (mean, std))
        case Ranged(_, low, high):
            note = f"range {low:.4g} to {high:.4g}, weight {weight:.4g}"
            return View(note, weight, term)
        case Levels(_, _, levels, other, missing):
            note = f"{len(levels)} levels, weight {weight:.4g}"
            names = (*(level.value for level in levels), OTHER, MISSING)
            named = zip(names, (*levels, other, missing), strict=True)
            parts = tuple(Part(name, one.contribution, one.row_share) for name, one in named)
            return View(note, 0.0, parts=parts, groups=len(parts))
        case Curve(_, _, points):
            note = f"a curve of {len(points)} points, weight {weight:.4g}"
            parts = tuple(Part(f"at {point.at:.10g}", point.contribution) for point in points)
            rise = points[-1].contribution - points[0].contribution
            ends = points[0].at, points[-1].at
            most = len(points) + 1 + len(_turns(points))
            return View(note, rise, parts=parts, ends=ends, groups=most)
        case Bins(_, _, cuts, contributions):
            note = f"{len(contributions)} bins, weight {weight:.4g}"
            parts = tuple(map(Part, _ranges(cuts), contributions))
            rise = contributions[-1] - contributions[0]
            return View(note, rise, parts=parts, groups=len(parts))
        case _:
            assert_never(term)


def contribution(term: Term, column: InputColumn, value: Formula) -> Formula:
    """Write what a term adds to the lead score; `value` is what it measures."""
    match term:
        case Standardized() | Ranged():
            centred = Difference(value, Constant(term.zero))
            return Product(centred, Constant(weight_per_unit(term)))
        case Levels():
            return _by_level(term, column, value, [part.contribution for part in view(term).parts])
        case Curve():
            return _on_curve(term, value)
        case Bins():
            return Steps(value, term.cuts, tuple(map(Constant, term.contributions)))
        case _:
            assert_never(term)


@dataclass(frozen=True, slots=True)
class Groups:
    """What the groups of a term's rows are called, and the number of a row's.

    They are counted from the first on; a half between two numbers means neither of them. Of each
    `lowers` tells whether its rows have a lower score for it.
    """

    names: tuple[str, ...]
    number: Formula
    lowers: tuple[bool, ...]


def groups(
    term: Term, column: InputColumn, value: Formula, first: int = 0, *, in_two: bool = False
) -> Groups:
    """Tell apart what a term sees of a row: a level, a range of a curve, low and high values.

    A curve is cut `in_two` where its column is filled, bins at their middle cut, if asked for; and
    wherever it begins to lower or to raise the score.
    """
    names: tuple[str, ...]
    lowers: tuple[bool, ...]
    match term:
        case Standardized() | Ranged():
            side = Product(Constant(0.5), Sign(Difference(value, Constant(term.zero))))
            yes_or_no = isinstance(column, Missing | Flag | Listed)
            names = ("no", "yes") if yes_or_no else ("low", "high")
            lowers = (term.weight > 0, term.weight < 0)
            return Groups(names, Sum((Constant(first + 0.5), side)), lowers)
        case Levels(_, _, levels, other, missing):
            names = (*(level.value for level in levels), "another value", "missing")
            number = _by_level(term, column, value, range(first, first + len(names)))
            lowers = tuple(level.contribution < 0 for level in (*levels, other, missing))
            return Groups(names, number, lowers)
        case Curve(points=points):
            assert isinstance(column, Number)
            ats = [point.at for point in points]
            ends, names = (column.fill,) if in_two else ats, ("low", "high")
            starts = sorted({*ats, *ends, *_turns(points)})
            middles = [starts[0], *((a + b) / 2 for a, b in pairwise(starts)), starts[-1]]
            signs = [_height(points, middle) < 0 for middle in middles]
            return _cut_ranges(value, first, starts, ends, names if in_two else _ranges(ats), signs)
        case Bins(cuts=cuts):
            signs = [height < 0 for height in term.contributions]
            middle = (cuts[len(cuts) // 2],)
            if in_two:
                return _cut_ranges(value, first, cuts, middle, ("low", "high"), signs)
            return _cut_ranges(value, first, cuts, cuts, _ranges(cuts), signs)
        case _:
            assert_never(term)


def _cut_ranges(
    value: Formula,
    first: int,
    starts: Sequence[float],
    ends: Sequence[float],
    names: Sequence[str],
    lowers: Sequence[bool],
) -> Groups:
    """Give a number to each range that begins at one of `starts` and is not called as the last one.

    They have the `names` of what lies between `ends`.
    """
    found = [(names[0], lowers[0])]
    cuts = []
    for start, own in zip(starts, lowers[1:], strict=True):
        said = (names[bisect_right(ends, start)], own)
        if said != found[-1]:
            found.append(said)
            cuts.append(start)
    numbers = tuple(_constant(first + place) for place in range(len(found)))
    kept, signs = zip(*found, strict=True)
    number = Steps(value, tuple(cuts), numbers) if cuts else numbers[0]
    return Groups(kept, number, signs)


def _turns(points: Sequence[Point]) -> list[float]:
    """List the values, between two points, where a curve begins to lower or to raise the score."""
    turning = [(a, b) for a, b in pairwise(points) if a.contribution * b.contribution < 0]
    found = [(a, b, a.at - a.contribution / slope(a, b)) for a, b in turning]
    return [at for a, b, at in found if a.at < at < b.at]


def _height(points: Sequence[Point], at: float) -> float:
    after = bisect_right([point.at for point in points], at)
    if not 0 < after < len(points):
        return points[min(after, len(points) - 1)].contribution
    before = points[after - 1]
    return before.contribution + (at - before.at) * slope(before, points[after])


def column_value(term: Term, contribution: float) -> float:
    """Invert a line over a plain number: the value that contributes this much, but for rounding."""
    line = view(term).line
    assert line is not None, term
    return line.zero + contribution * line.spread / line.weight


def measured_terms(model: ScoringModel) -> Iterator[tuple[Term, InputColumn, Formula]]:
    """Give each term with its column and what it reads: a number as it is measured, or a level."""
    read = input_names(model.columns)
    columns, bounds = {column.name: column for column in model.columns}, limits(model)
    for term in model.terms:
        column = columns[term.column]
        yield term, column, measure(column, Column(read[term.column]), bounds[term.column])


def contribution_names(model: ScoringModel) -> dict[str, str]:
    """Name what each term contributes; beside trees, terms without weight are left out."""
    named = stage_names([term.column for term in model.terms], "contribution")
    weighty = {term.column for term in model.terms if term.weight or not model.trees}
    return {column: name for column, name in named.items() if column in weighty}


def contributions(
    model: ScoringModel, guard: Callable[[Formula], Formula] = lambda value: value
) -> tuple[Stage, Stage]:
    """Write the stages up to what each term contributes, guarded, in the order of the terms."""
    names = contribution_names(model)
    parts = (
        Named(names[term.column], guard(contribution(term, column, value)), view(term).note)
        for term, column, value in measured_terms(model)
        if term.column in names
    )
    return (inputs(model.columns, limits(model)), Stage("contributions", tuple(parts)))


def raw_lead_score(model: ScoringModel, *others: Formula) -> Formula:
    """Write the lead score with one multiplication a column and one offset, and what is beside."""
    lines, parts = list[Standardized | Ranged](), list[Formula]()
    names = contribution_names(model)
    for term, column, value in measured_terms(model):
        line = view(term).line
        if term.column not in names:
            continue
        if line is None:
            parts.append(contribution(term, column, value))
        else:
            lines.append(line)
            parts.append(Product(value, Constant(weight_per_unit(line))))
    offset = -fsum(line.zero * weight_per_unit(line) for line in lines)
    return total([Constant(offset), *parts, *others])


def odds(log_odds: Formula) -> Case:
    """Write `exp(log_odds)`, bounded.

    Beyond 708 exp overflows, and below -708 it loses its digits: both are errors in PostgreSQL.
    The bounds stand for a probability of 1 and 0, which it is there to the last bit, or within
    1e-307.
    """
    return Case(
        (
            (within(log_odds, 708.0), Exp(log_odds)),
            (Above(log_odds, Constant(0.0)), Constant(1e100)),
        ),
        Constant(0.0),
    )


def share(odds: Formula) -> Formula:
    """Write `odds / (1 + odds)`: a probability.

    An engine whose exp is 1 ulp from the C library's ends within 2 ulp of Python, which
    `1 / (1 + exp(-log_odds))` does not (4 ulp).
    """
    return Quotient(odds, Sum((Constant(1.0), odds)))


def _by_level(
    term: Levels, column: InputColumn, value: Formula, results: Sequence[float]
) -> Formula:
    """Write what belongs to a row's level, to other, to missing: the most frequent first, but NULL.

    That is what DuckDB runs fastest; no row meets two branches with different results.
    """
    assert isinstance(column, Choice)
    assert isinstance(value, Column)
    *own, other, missing = map(_constant, results)
    by_share = sorted(zip(term.levels, own, strict=True), key=lambda pair: -pair[0].row_share)
    by_level = [(level.value, result) for level, result in by_share]
    match column:
        case Category():
            texts = tuple((OneOf(value, spell(column, level)), r) for level, r in by_level)
            spelled = tuple(s for token in column.missing for s in spell(column, token))
            tokens = ((OneOf(value, spelled), missing),) if spelled else ()
            return Case(((IsMissing(value), missing), *texts, *tokens), other)
        case Weekday() | Month():
            names, first = (WEEKDAYS, 0) if isinstance(column, Weekday) else (MONTHS, 1)
            numbers = ((float(names.index(level) + first), result) for level, result in by_level)
            branches = tuple((Between(value, n, n), result) for n, result in numbers)
            return Case((*branches, (within(value, 12.0), other)), missing)
        case _:
            assert_never(column)


def _on_curve(curve: Curve, value: Formula) -> Formula:
    first, last = curve.points[0], curve.points[-1]
    pieces: list[tuple[Condition, Formula]] = [
        (AtLeast(value, Constant(last.at)), Constant(last.contribution))
    ]
    for left, right in reversed(list(pairwise(curve.points))):
        risen = Product(Difference(value, Constant(left.at)), Constant(slope(left, right)))
        above = AtLeast(value, Constant(left.at))
        pieces.append((above, Sum((Constant(left.contribution), risen))))
    return Case(tuple(pieces), Constant(first.contribution))


def _ranges(cuts: Sequence[float]) -> tuple[str, ...]:
    # The fewest digits, from four on, that tell all cuts apart.
    written = ([f"{cut:.{digits}g}" for cut in cuts] for digits in range(4, 18))
    ends = next(texts for texts in written if len(set(texts)) == len(cuts))
    between = [f"{low} to {high}" for low, high in pairwise(ends)]
    return (f"below {ends[0]}", *between, f"{ends[-1]} or more")


def _constant(value: float) -> Constant:
    return Constant(float(value))
