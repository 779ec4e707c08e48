"""A model for a table that holds columns as other types than the rows it was learnt from did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from leadweights.errors import UnsupportedError
from leadweights.model.model import (
    Category,
    DaysSince,
    Flag,
    InputColumn,
    InText,
    Missing,
    Month,
    Number,
    Plain,
    ScoringModel,
    Weekday,
)
from leadweights.model.terms import Standardized, Term

Held = Literal["number", "flag", "text", "date"]
"""What the type of a column is for."""

WORDS: Mapping[Held, str] = {
    "number": "numbers",
    "flag": "true and false",
    "text": "text",
    "date": "dates",
}

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
    return Rewritten(replace(model, columns=columns), problems)


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
        case Number(source=DaysSince(start, end)):
            for name in filter(None, (start, end)):
                if kinds.get(name.lower(), "date") not in ("date", "text"):
                    refuse(name, ["date"])
            return column
        case Weekday(_, day) | Month(_, day):
            if kinds.get(day.lower(), "date") not in ("date", "text"):
                refuse(day, ["date"])
            return column
        case Number():
            return _hold_number(column, kind, refuse, two_valued)
        case Flag():
            return _hold_flag(column, kind, refuse)
        case Category(name):
            if kind not in (None, "text", "number"):
                refuse(name, ["text", "number"])
            return column
        case Missing():
            return column
        case _:
            assert_never(column)


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
        case "date":
            refuse(column.name, ["flag", "number", "text"])
            return column
        case _:
            assert_never(kind)


def _cases(words: Sequence[str]) -> tuple[str, ...]:
    every = (spelled for word in words for spelled in (word, word.capitalize(), word.upper()))
    return tuple(dict.fromkeys(every))
