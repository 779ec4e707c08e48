"""What a form asks of a lead: a field for each column of the table that a model reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import copysign, expm1, floor, log10
from typing import assert_never

from leadweights.formula.columns import formats_of, sources_of
from leadweights.formula.marks import describe
from leadweights.formula.nodes import Stage
from leadweights.formula.sources import ReadKind, read_kinds
from leadweights.model.date_formats import NUMBERS
from leadweights.model.model import (
    Category,
    Flag,
    InText,
    Listed,
    Number,
    ScoringModel,
)
from leadweights.model.terms import Bins, Curve, Levels, Ranged, Standardized, Term

_DIGITS = 3
# The signed logarithm of more is a number that no column of leads holds.
_LARGEST_LOG = 100.0


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the table, as a form shows it.

    `kind` says which values it takes, `takes` in words. `levels` are the texts that mean something
    to the model; several of them stand in one text where there is a `delimiter`. In the `range`
    most numbers lie; any other is as good. `fill` stands in for a missing number or flag, None
    where nothing or more than one number does. `format` is that of dates in texts or numbers.
    """

    name: str
    kind: ReadKind
    levels: tuple[str, ...]
    delimiter: str
    range: tuple[float, float] | None
    fill: float | None
    format: str
    label: str
    description: str
    takes: str


def list_fields(model: ScoringModel, first: Stage) -> list[Field]:
    """List the columns that the first stage of a model's formulas reads, in the model's order.

    Raises ModelError for a column that is read as two different things.
    """
    kinds = read_kinds(first)
    order = [name for column in model.columns for name in sources_of(column, model.columns)]
    names = [name for name in dict.fromkeys(order) if name in kinds]
    return [_field(model, name, kinds[name]) for name in dict.fromkeys([*names, *kinds])]


def _field(model: ScoringModel, name: str, kind: ReadKind) -> Field:
    words = {wording.column: wording.description for wording in model.decisions.wordings}
    levels = tuple(dict.fromkeys(_levels(model, name)))
    delimiters = [c.delimiter for c in model.columns if isinstance(c, Listed) and c.column == name]
    own = next((c for c in model.columns if c.name == name), None)
    fill = own.fill if isinstance(own, Number | Flag) else None
    if isinstance(own, Number) and own.segments is not None:
        fill = None
    term = next((term for term in model.terms if term.column == name), None)
    ends = _range(own, term) if isinstance(own, Number) and term is not None else None
    written = formats_of(model.columns, model.decisions.decay).get(name, "")
    return Field(
        name,
        kind,
        levels,
        delimiters[0] if delimiters else "",
        ends if kind == "number" or ends is None else None,
        fill,
        written,
        " ".join(name.replace("_", " ").split()) or name,
        words.get(name, ""),
        "; ".join(_describe(model, name, kind, written)),
    )


def _levels(model: ScoringModel, name: str) -> Iterator[str]:
    """List the texts of a column that mean something: levels, yes and no, values of lists."""
    consent = model.decisions.consent
    if consent is not None and consent.column == name:
        yield from consent.yes
    for column in model.columns:
        match column:
            case Category(own) if own == name:
                term = next(term for term in model.terms if term.column == name)
                assert isinstance(term, Levels)
                yield from (level.value for level in term.levels)
            case Flag(own, _, yes, no) if own == name:
                yield from (*yes[:1], *no[:1])
            case Listed(_, own, value) if own == name:
                yield value
            case Number(segments=segments) if segments is not None and segments.column == name:
                yield from (fill.level for fill in segments.fills)
            case _:
                pass


def _range(column: Number, term: Term) -> tuple[float, float] | None:
    """Say where most values of a number lie: its caps, or else by its term."""
    match term:
        case Standardized(_, mean, std):
            low, high = mean - 2 * std, mean + 2 * std
            if abs(mean) > std:  # what is on one side of 0 rarely leaves it
                low, high = (max(low, 0.0), high) if mean > 0 else (low, min(high, 0.0))
        case Ranged(_, low, high):
            pass
        case Curve(points=points):
            low, high = points[0].at, points[-1].at
        case Bins(cuts=cuts):
            low, high = cuts[0], cuts[-1]
        case Levels():
            return None
        case _:
            assert_never(term)
    if column.log:
        low, high = (copysign(expm1(min(abs(e), _LARGEST_LOG)), e) for e in (low, high))
    low = low if column.low is None else max(low, column.low)
    high = high if column.high is None else min(high, column.high)
    if not low < high:
        return None
    # To the digits that tell its parts apart.
    decimals = _DIGITS - 1 - floor(log10(high - low))
    return round(low, decimals) + 0.0, round(high, decimals) + 0.0


def _describe(model: ScoringModel, name: str, kind: ReadKind, written: str) -> Iterator[str]:
    """Say in words what a field takes, and what is made of it."""
    told = "true or false" if kind == "flag" else f"a {kind}"
    if written:
        told = f"a date as {written}" + ("" if written in NUMBERS else ", or year first")
    filled: list[str] = []
    for column in model.columns:
        match column:
            case Number(own, source=InText(form)) if own == name:
                told = ", ".join(filter(None, ("a number in a text", describe(form))))
            case Listed(_, own, _, delimiter) if own == name:
                told = f"a list in a text, {delimiter!r} between its values"
            case _:
                pass
        if isinstance(column, Number | Flag) and column.name == name:
            by_segment = isinstance(column, Number) and column.segments is not None
            filled += [] if by_segment else [f"missing, it counts as {column.fill:.4g}"]
    yield told
    yield from filled
