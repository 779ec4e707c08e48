"""Which bin a row falls into, column by column: conditions that SQL and numpy count alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from leadweights.formula.columns import inputs, known, spell, stage_names
from leadweights.formula.nodes import (
    Above,
    AtLeast,
    Between,
    Case,
    Column,
    Condition,
    Constant,
    Either,
    FlagColumn,
    Formula,
    Holds,
    IsMissing,
    Named,
    Null,
    NumberColumn,
    OneOf,
    Stage,
    Text,
    within,
)
from leadweights.formula.stages import stages
from leadweights.model.baseline import Counts, CutCounts
from leadweights.model.dates import MONTHS, WEEKDAYS
from leadweights.model.model import (
    Category,
    Flag,
    InputColumn,
    Listed,
    Missing,
    Month,
    Number,
    Plain,
    ScoringModel,
    Weekday,
    limits,
)

SCORE = "lead_score"

# No score is further away.
_FARTHEST = 1e300


@dataclass(frozen=True, slots=True)
class Watched:
    """A column whose values are counted: what is read of it, and how far it may reach."""

    column: InputColumn
    value: Formula | Text
    limit: float

    @property
    def name(self) -> str:
        """Name it as the model does."""
        return self.column.name

    @property
    def yes_or_no(self) -> bool:
        """Tell whether it is cut into no and yes."""
        return isinstance(self.column, Flag | Listed)


def list_watched(model: ScoringModel) -> tuple[Watched, ...]:
    """List the columns of a model that are counted: all but whether another is missing.

    A number is read before it is filled, capped or its logarithm taken.
    """
    bounds = limits(model)
    return tuple(
        Watched(column, _read(column, model, bounds[column.name]), bounds[column.name])
        for column in model.columns
        if not isinstance(column, Missing)
    )


def _read(column: InputColumn, model: ScoringModel, limit: float) -> Formula | Text:
    match column:
        case Number(name, source=Plain(), missing=()):
            return NumberColumn(name)  # the conditions leave out what is beyond the limit
        case Flag(name, yes=()):
            return FlagColumn(name)
        case Number() | Flag():
            return known(column, limit)
        case Listed(delimiter=delimiter):
            (text,) = inputs((column,), limits(model)).columns
            held = Holds(_text(text), column.spelled, delimiter)
            one, zero = Constant(1.0), Constant(0.0)
            return Case(((IsMissing(_text(text)), Null()), (held, one)), zero)
        case _:
            return inputs((column,), limits(model)).columns[0].formula


def _text(named: Named) -> Text:
    assert isinstance(named.formula, Text)
    return named.formula


def bin_stages(
    model: ScoringModel, beside: Sequence[str] = ()
) -> tuple[tuple[Stage, ...], dict[str, str]]:
    """Write the stages whose last one has what is watched, and the score; and name these columns.

    Other results may be asked for `beside` it. The score is that of the raw shape, one
    multiplication a column.
    """
    first, *rest = stages(model, "raw", [SCORE, *beside])
    watched = list_watched(model)
    names = stage_names([one.name for one in watched], "watched")
    read = tuple(Named(names[one.name], one.value) for one in watched)
    passed = tuple(Named(one.name, Column(one.name)) for one in read)
    chain = [Stage(first.name, (*first.columns, *read), first.once)]
    chain += [Stage(stage.name, (*stage.columns, *passed), stage.once) for stage in rest]
    return tuple(chain), names


def list_conditions(watched: Watched | None, counts: Counts, value: Column) -> list[Condition]:
    """Write the conditions that `to_bins` makes bins of; without a column, of the score.

    Of a number: reaches the lower limit, each cut, then lies beyond the upper limit. Some engines
    hold NaN above all numbers and some above none: it meets all of these or none, and cancels. Of
    levels: has each, then is missing, or a date's is there.
    """
    if isinstance(counts, CutCounts):
        limit = _FARTHEST if watched is None else watched.limit
        reached = (AtLeast(value, Constant(cut)) for cut in (-limit, *counts.cuts))
        return [*reached, Above(value, Constant(limit))]
    assert watched is not None
    column = watched.column
    match column:
        case Category(missing=tokens):
            own: list[Condition] = [OneOf(value, spell(column, level)) for level in counts.levels]
            spelled = tuple(text for token in tokens for text in spell(column, token))
            none: Condition = IsMissing(value)
            return [*own, Either((none, OneOf(value, spelled))) if spelled else none]
        case Weekday() | Month():
            words, first = (WEEKDAYS, 0) if isinstance(column, Weekday) else (MONTHS, 1)
            places = (float(words.index(level) + first) for level in counts.levels)
            return [*(Between(value, place, place) for place in places), within(value, 12.0)]
        case _:
            raise AssertionError(column)


def to_bins(
    watched: Watched | None, counts: Counts, held: Sequence[float], rows: float
) -> tuple[float, ...]:
    """Make bins of how many of so many rows meet each condition: as in `counts.rows`."""
    if isinstance(counts, CutCounts):
        own = [reached - next_one for reached, next_one in pairwise(held)]
        return (*own, rows - (held[0] - held[-1]))
    *levels, last = held
    assert watched is not None
    is_missing = isinstance(watched.column, Category)
    there = rows - last if is_missing else last
    return (*levels, there - sum(levels), rows - there)


def name_bins(watched: Watched | None, counts: Counts) -> tuple[str, ...]:
    """Name the bins for people, the first to the last."""
    if not isinstance(counts, CutCounts):
        return (*counts.levels, "(other)", "(missing)")
    if watched is not None and watched.yes_or_no:
        return ("no", "yes", "(missing)")
    ends = list(_shortest(counts.cuts))
    between = [f"{low} to {high}" for low, high in pairwise(ends)]
    return (f"below {ends[0]}", *between, f"{ends[-1]} or more", "(missing)")


def _shortest(cuts: Sequence[float]) -> Iterator[str]:
    """Write cuts in the fewest digits, from four on, that tell all of them apart."""
    for digits in range(4, 18):
        texts = [f"{cut:.{digits}g}" for cut in cuts]
        if len(set(texts)) == len(cuts) or digits == 17:
            yield from texts
            return
