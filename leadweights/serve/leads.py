"""What a lead may be: a pydantic model made of the columns that a model reads, and its keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, assert_never

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json
from typing_extensions import TypedDict

from leadweights.formula.columns import sources_of
from leadweights.formula.one_value import write_number
from leadweights.formula.sources import Kind, numbers_in_text, sources
from leadweights.formula.stages import row_outputs
from leadweights.model.dates import EPOCH
from leadweights.model.model import (
    Category,
    DaysSince,
    Flag,
    Listed,
    Missing,
    Month,
    Number,
    ScoringModel,
    Weekday,
)
from leadweights.model.terms import Levels
from leadweights.serve.problems import FieldProblem, Problem, point

_DAY = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.]\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_LEVELS_SHOWN = 20


def _day(text: str) -> float:
    """Count the days from 1970-01-01 to a date, or to the day in UTC that a moment is on."""
    if not _DAY.fullmatch(text):
        raise ValueError("no date")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return float((moment.date() - EPOCH).days)


def _as_text(value: str | int | float) -> str | None:
    if isinstance(value, float):
        return write_number(value + 0.0)
    return str(value)


def _zero_or_one(value: float) -> float:
    if value not in (0, 1):
        raise ValueError("neither 0 nor 1")
    return value


FieldKind = Kind | Literal["text or number", "key"]

_TYPES: dict[FieldKind, Any] = {
    "number": float,
    "flag": bool | Annotated[float, AfterValidator(_zero_or_one)],
    "text": str,
    "text or number": Annotated[str | int | float, AfterValidator(_as_text)],
    "date": Annotated[str, AfterValidator(_day)],
    "date in text": str,
    "key": str | int,
}
_USUAL: dict[FieldKind, tuple[Any, ...]] = {
    "number": (1.0,),
    "flag": (True, False),
    "date": ("2026-01-31",),
}
_WANTED: dict[FieldKind, str] = {
    "number": "a number that a double can hold",
    "flag": "true or false, or 1 or 0",
    "text": "a text",
    "text or number": "a text or a number",
    "date": 'a date such as "2026-01-31"',
    "date in text": "a text",
    "key": "a text or a whole number",
}


@dataclass(frozen=True, slots=True)
class LeadField:
    """One field of a lead: what it may hold, and what the model does with it.

    Of a category `levels` are those that the model tells apart. A missing number or flag is filled
    with `fill`; a number below `low` or above `high` counts as that. `says` has it in words.
    """

    name: str
    kind: FieldKind
    says: str
    levels: tuple[str, ...] = ()
    fill: float | None = None
    low: float | None = None
    high: float | None = None
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True)
class LeadForm:
    """Reads leads from JSON, and says what they may be."""

    fields: Mapping[str, LeadField]
    one: TypeAdapter[dict[str, Any]]

    @staticmethod
    def of(model: ScoringModel) -> LeadForm:
        """Make the form of a model: what it reads, then its keys."""
        fields, either = dict[str, LeadField](), numbers_in_text(model)
        for name, read_as in sources(model, row_outputs(model, "standardized")).items():
            kind: FieldKind = "text or number" if name in either else read_as
            fields[name] = _field(model, name, kind)
        for key in model.keys:
            fields.setdefault(key, LeadField(key, "key", "A key: passed through."))
        if model.decisions.owner:
            own = LeadField(model.decisions.owner, "key", "For ranks, which a lead alone has not.")
            fields.setdefault(own.name, own)
        types = {
            name: Annotated[
                _TYPES[own.kind] | None,
                Field(description=own.says, examples=list(own.examples) or None),
            ]
            for name, own in fields.items()
        }
        lead = TypedDict("Lead", types, total=False)  # type: ignore[misc]
        lead.__pydantic_config__ = ConfigDict(  # type: ignore[attr-defined]
            strict=True, extra="forbid", allow_inf_nan=False
        )
        adapter: TypeAdapter[Any] = TypeAdapter(lead)
        return LeadForm(fields, adapter)

    def schema(self) -> dict[str, Any]:
        """Give the JSON Schema of a lead."""
        return self.one.json_schema()

    def example(self) -> dict[str, Any]:
        """Give a lead that a person can send."""
        return {name: own.examples[0] for name, own in self.fields.items() if own.examples}

    def read(self, leads: Sequence[Any], places: Sequence[tuple[str | int, ...]]) -> list[Any]:
        """Check leads and read each value as the model does; `places` say where they stand.

        Raises Problem, which names every field that is wrong, of the first hundred.
        """
        found, wrong = list[Any](), list[FieldProblem]()
        for lead, place in zip(leads, places, strict=True):
            try:
                found.append(self.one.validate_python(lead))
            except ValidationError as problem:
                wrong += self._explain(problem, place)
        if wrong:
            raise Problem(422, "a lead is not as the model reads it", errors=wrong)
        return found

    def _explain(
        self, problem: ValidationError, place: tuple[str | int, ...]
    ) -> Iterator[FieldProblem]:
        names = dict[Any, None]()
        for error in problem.errors(include_url=False, include_input=False, include_context=False):
            names.setdefault(error["loc"][0] if error["loc"] else None)
        for name in names:
            if name is None:
                yield FieldProblem(point(place), "must be an object: a lead")
            elif name in self.fields:
                yield FieldProblem(
                    point((*place, name)), f"must be {_WANTED[self.fields[name].kind]}, or null"
                )
            else:
                yield FieldProblem(point((*place, name)), "the model reads no field of this name")


def parse(body: bytes) -> Any:
    """Read JSON. Raises Problem."""
    try:
        return from_json(body, cache_strings="keys")
    except ValueError:
        raise Problem(400, "the body is not JSON") from None


def _field(model: ScoringModel, name: str, kind: FieldKind) -> LeadField:
    """Say what a model does with a field, by the first of its columns that is made of it."""
    usual = LeadField(name, kind, "Read by a rule around the score.", examples=_USUAL.get(kind, ()))
    for column in model.columns:
        if name not in sources_of(column, model.columns):
            continue
        match column:
            case Number(_, fill, source, _, _, low, high, _):
                ends = [f"Below {low:.6g} it counts as that."] if low is not None else []
                ends += [f"Above {high:.6g} it counts as that."] if high is not None else []
                says = " ".join((*ends, f"Missing, it is filled with {fill:.6g}."))
                if isinstance(source, DaysSince):
                    return replace(usual, says=f"Counted as days. {says}")
                near = (float(f"{fill:.4g}"),)
                return LeadField(name, kind, says, (), fill, low, high, near)
            case Flag(_, fill, yes, no):
                words = f"Yes is {' or '.join(yes)}, no is {' or '.join(no)}. " if yes else ""
                says = f"{words}Missing, it is filled with {fill:.6g}."
                both = (*yes, *no)
                return LeadField(name, kind, says, both, fill, examples=both or _USUAL["flag"])
            case Category():
                term = next(term for term in model.terms if term.column == column.name)
                assert isinstance(term, Levels)
                levels = tuple(level.value for level in term.levels)
                says = "One of the levels; any other counts as one more, a missing one as another."
                return LeadField(name, kind, says, levels, examples=levels[:_LEVELS_SHOWN])
            case Listed(_, _, _, delimiter):
                return replace(usual, says=f"A list of values, between them {delimiter!r}.")
            case Weekday() | Month():
                return replace(usual, says="Its day of the week or its month counts.")
            case Missing():
                pass
            case _:
                assert_never(column)
    return usual
