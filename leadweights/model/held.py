"""A model for a table that holds columns as other types than the rows it was learnt from did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar, assert_never

from leadweights.errors import UnsupportedError
from leadweights.model.date_formats import ISO, NUMBERS
from leadweights.model.model import (
    Category,
    DaysSince,
    Flag,
    InputColumn,
    InText,
    Listed,
    Missing,
    Month,
    Number,
    Plain,
    ScoringModel,
    Weekday,
)
from leadweights.model.rules import Decay
from leadweights.model.terms import Standardized, Term

Held = Literal["number", "flag", "text", "date", "moment"]
"""What the type of a column is for; a moment has a time zone."""

WORDS: Mapping[str, str] = {
    "number": "numbers",
    "flag": "true and false",
    "text": "text",
    "date": "dates",
    "moment": "moments with a time zone",
    "date in text": "text with dates",
}
# How a moment is written when it is cast to text.
_MOMENT = "%Y-%m-%d %H:%M:%S%z"

# How true and false are written where a column of them was loaded as text.
_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A model that reads columns as a table holds them, and for those it cannot read so, why."""

    model: ScoringModel
    problems: Mapping[str, str]


# Constants are rounded to ten digits.
_CLOSE = 1e-8


def hold_as(model: ScoringModel, held: Mapping[str, Held]) -> Rewritten:
    """Make a model that computes the same of a table whose columns are `held` as these.

    Columns are named in any case; one that is not named is read as before. Numbers learnt from
    text are read as numbers and the other way round, Yes and No as true and false.
    """
    kinds = {name.lower(): kind for name, kind in held.items()}
    two_valued = {term.column for term in model.terms if _has_two_values(term)}
    problems: dict[str, str] = {}

    def refuse(name: str, wanted: Sequence[Held]) -> None:
        listed = " or ".join(WORDS[kind] for kind in wanted)
        problems[name] = (
            f"column {name!r} must hold {listed}, not {WORDS[kinds[name.lower()]]}: cast it in a "
            "view, to what the model was learnt from"
        )

    columns = tuple(
        _hold(column, kinds.get(column.name.lower()), kinds, refuse, column.name in two_valued)
        for column in model.columns
    )
    decisions = model.decisions
    if decisions.decay is not None:
        decay = _hold_dates(decisions.decay, kinds, refuse)
        decisions = replace(decisions, decay=decay)
    return Rewritten(replace(model, columns=columns, decisions=decisions), problems)


def read_as(model: ScoringModel, held: Mapping[str, Held | None]) -> ScoringModel:
    """Do what `hold_as` does. Raises UnsupportedError for a column that cannot be read so."""
    known = {name: kind for name, kind in held.items() if kind is not None}
    found = hold_as(model, known) if known else Rewritten(model, {})
    for problem in found.problems.values():
        raise UnsupportedError(problem)
    return found.model


_Refuse = Callable[[str, Sequence[Held]], None]


def _hold(
    column: InputColumn,
    kind: Held | None,
    kinds: Mapping[str, Held],
    refuse: _Refuse,
    two_valued: bool,
) -> InputColumn:
    match column:
        case Number(source=DaysSince() as source):
            return replace(column, source=_hold_dates(source, kinds, refuse))
        case Weekday(_, day, written) | Month(_, day, written):
            return replace(column, format=_format_for(day, written, kinds, refuse))
        case Number():
            return _hold_number(column, kind, refuse, two_valued)
        case Flag():
            return _hold_flag(column, kind, refuse)
        case Category(name):
            if kind not in (None, "text", "number"):
                refuse(name, ["text", "number"])
            return column
        case Listed(_, name):
            if kinds.get(name.lower(), "text") != "text":
                refuse(name, ["text"])
            return column
        case Missing():
            return column
        case _:
            assert_never(column)


_Dates = TypeVar("_Dates", DaysSince, Decay)


def _hold_dates(dates: _Dates, kinds: Mapping[str, Held], refuse: _Refuse) -> _Dates:
    first = _format_for(dates.column, dates.format, kinds, refuse)
    if not dates.until_column:
        return replace(dates, format=first)
    until = _format_for(dates.until_column, dates.until_format, kinds, refuse)
    return replace(dates, format=first, until_format=until)


def _format_for(name: str, written: str, kinds: Mapping[str, Held], refuse: _Refuse) -> str:
    """Give the format in which dates are read from what the table holds; "" is by their type."""
    match kinds.get(name.lower()):
        case None:
            return written
        case "date":
            return ""
        case "moment":
            return _MOMENT
        case "text" if written not in NUMBERS:
            return written or ISO
        case "number" if written:
            return written
        case _:
            refuse(name, ["number"] if written in NUMBERS else ["date", "text"])
            return written


def _has_two_values(term: Term) -> bool:
    """Tell whether a column was 0 and 1 in the rows learnt from: m (1 - m) is their variance."""
    if not isinstance(term, Standardized) or not 0 < term.mean < 1:
        return False
    return abs(term.std**2 / (term.mean * (1 - term.mean)) - 1) < _CLOSE


def _hold_number(
    column: Number, kind: Held | None, refuse: _Refuse, two_valued: bool
) -> InputColumn:
    plain = isinstance(column.source, Plain)
    match kind:
        case None:
            return column
        case "number":
            return column if plain else replace(column, source=Plain())
        case "text":
            return replace(column, source=InText()) if plain else column
        case "flag" if two_valued and column == Number(column.name, column.fill):
            return Flag(column.name, column.fill)
        case _:
            refuse(column.name, ["number", "text"])
            return column


def _hold_flag(column: Flag, kind: Held | None, refuse: _Refuse) -> Flag:
    match kind:
        case None:
            return column
        case "flag" | "number":
            return Flag(column.name, column.fill)
        case "text":
            return column if column.yes else replace(column, yes=_cases(_TRUE), no=_cases(_FALSE))
        case "date" | "moment":
            refuse(column.name, ["flag", "number", "text"])
            return column
        case _:
            assert_never(kind)


def _cases(words: Sequence[str]) -> tuple[str, ...]:
    every = (spelled for word in words for spelled in (word, word.capitalize(), word.upper()))
    return tuple(dict.fromkeys(every))
