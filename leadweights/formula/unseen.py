"""Which of a model's columns have a value in a row that no row it was learnt from had."""

from collections.abc import Iterator

from leadweights.formula.bins import Watched, list_conditions, list_watched
from leadweights.formula.dates import read_dates_once
from leadweights.formula.nodes import (
    Above,
    AtLeast,
    Case,
    Column,
    Condition,
    Constant,
    Named,
    Stage,
)
from leadweights.model.baseline import Baseline, Counts, CutCounts
from leadweights.model.model import Category, ScoringModel

_ONE, _ZERO = Constant(1.0), Constant(0.0)


def unseen_inputs(model: ScoringModel, baseline: Baseline) -> tuple[Stage, ...]:
    """Write for each of a model's columns 1 where a row's value is new to it, else 0.

    That is a number out of the range of the training rows, rounded outwards as the baseline has it,
    or a level that is none of those it counts; as the monitor's first and last bins, and its other.
    A missing value is not new, and neither is a yes or no.
    """
    counts = {own.column: own for own in baseline.columns}
    watched = [one for one in list_watched(model) if not one.yes_or_no and one.name in counts]
    if not watched:
        return ()
    read = Stage("inputs", tuple(Named(one.name, one.value) for one in watched))
    found = (
        Named(one.name, Case(tuple(_branches(one, counts[one.name])), _otherwise(one)))
        for one in watched
    )
    return read_dates_once((read, Stage("unseen", tuple(found))))


def _branches(watched: Watched, counts: Counts) -> Iterator[tuple[Condition, Constant]]:
    """Write what decides, in turn."""
    value = Column(watched.name)
    if isinstance(counts, CutCounts):
        first, *_, last = (counts.cuts[0], *counts.cuts)
        yield Above(value, Constant(watched.limit)), _ZERO
        yield AtLeast(value, Constant(last)), _ONE
        yield AtLeast(value, Constant(first)), _ZERO
        yield AtLeast(value, Constant(-watched.limit)), _ONE
        return
    *levels, last_one = list_conditions(watched, counts, value)
    yield from ((level, _ZERO) for level in levels)
    # The last says of a category that it is missing, of a date that it is there.
    yield last_one, _ZERO if isinstance(watched.column, Category) else _ONE


def _otherwise(watched: Watched) -> Constant:
    return _ONE if isinstance(watched.column, Category) else _ZERO
