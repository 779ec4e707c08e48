"""What a model reads of a table: each column's name, and as what it is read."""

from collections.abc import Sequence
from typing import Literal

from leadweights.errors import ModelError
from leadweights.formula import nodes
from leadweights.formula.columns import formats_of
from leadweights.formula.stages import stages
from leadweights.model.date_formats import is_of_texts
from leadweights.model.model import Category, InText, Number, ScoringModel

ReadKind = Literal["number", "flag", "text", "date"]
"""As what a formula reads a column."""
Kind = Literal[ReadKind, "date in text"]
"""A date in a text is in one of a format, or in a column of dates, which is cast to text."""

_KINDS: dict[type, ReadKind] = {
    nodes.NumberColumn: "number",
    nodes.FlagColumn: "flag",
    nodes.NumberInText: "text",
    nodes.TextHash: "text",
    nodes.TextColumn: "text",
    nodes.DayColumn: "date",
    nodes.MonthColumn: "date",
    nodes.DayInText: "text",
}
IN_TEXT: tuple[Kind, ...] = ("text", "date in text")


def sources(model: ScoringModel, columns: Sequence[str] | None = None) -> dict[str, Kind]:
    """Name the table's columns that a model reads, and as what, for some columns of the result.

    Raises ModelError for a column that is read as two different things.
    """
    written = formats_of(model.columns, model.decisions.decay)

    def dated(name: str, kind: ReadKind) -> Kind:
        is_dated = kind == "text" and is_of_texts(written.get(name, ""))
        return "date in text" if is_dated else kind

    read = read_kinds(stages(model, columns=columns)[0])
    return {name: dated(name, kind) for name, kind in read.items()}


def read_kinds(stage: nodes.Stage) -> dict[str, ReadKind]:
    """Name the table's columns that a stage reads, and as what.

    Raises ModelError for a column that is read as two different things.
    """
    found: dict[str, ReadKind] = {}
    for part in nodes.read_by(stage):
        kind = _KINDS[type(part)]
        if found.setdefault(part.name, kind) != kind:
            raise ModelError(f"the model reads {part.name!r} as {found[part.name]} and as {kind}")
    return found


def numbers_in_text(model: ScoringModel) -> frozenset[str]:
    """Name the columns read as text that may as well hold numbers: of numbers, of whole codes."""
    return frozenset(
        column.name
        for column in model.columns
        if (isinstance(column, Number) and isinstance(column.source, InText))
        or (isinstance(column, Category) and column.whole)
    )
