"""What a lead may be: a pydantic model made of the columns that a model reads, and its keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json
from typing_extensions import TypedDict

from leadweights.formula.form import list_fields
from leadweights.formula.one_value import write_number
from leadweights.formula.sources import Kind, numbers_in_text, sources
from leadweights.formula.stages import row_outputs, stages
from leadweights.model.dates import EPOCH
from leadweights.model.model import ScoringModel
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
    "flag": (True, False),
    "text or number": ("1.5",),
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
    """One field of a lead: what it may hold, and what the model does with it, `says` in words.

    The texts in `levels` mean something to the model; most numbers lie in the `range`; a missing
    number or flag counts as `fill`.
    """

    name: str
    kind: FieldKind
    says: str
    levels: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    fill: float | None = None
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True)
class LeadForm:
    """Reads leads from JSON, and says what they may be."""

    fields: Mapping[str, LeadField]
    one: TypeAdapter[dict[str, Any]]

    @staticmethod
    def of(model: ScoringModel) -> LeadForm:
        """Make the form of a model: what it reads, then its keys."""
        names = row_outputs(model, "standardized")
        kinds, either = sources(model, names), numbers_in_text(model)
        fields = dict[str, LeadField]()
        for told in list_fields(model, stages(model, columns=names)[0]):
            kind: FieldKind = "text or number" if told.name in either else kinds[told.name]
            usual = told.range and "mostly from {:g} to {:g}".format(*told.range)
            says = "; ".join(filter(None, (told.description, told.takes, usual)))
            own = LeadField(told.name, kind, says, told.levels, told.range, told.fill)
            fields[own.name] = replace(own, examples=_examples(own))
        for key in model.keys:
            fields.setdefault(key, LeadField(key, "key", "A key: passed through."))
        if model.decisions.owner:
            owner = LeadField(model.decisions.owner, "key", "For ranks, which one lead has not.")
            fields.setdefault(owner.name, owner)
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


def _examples(field: LeadField) -> tuple[Any, ...]:
    """Give values that the field takes."""
    if field.levels:
        return field.levels[:_LEVELS_SHOWN]
    if field.kind == "number":
        usual = field.fill if field.fill is not None else sum(field.range or (1.0, 1.0)) / 2
        return (float(f"{usual:.4g}"),)
    return _USUAL.get(field.kind, ())
