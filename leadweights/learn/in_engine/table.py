"""A table whose rows stay where they are: what is known of all of them, and a sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError, UnsupportedError
from leadweights.formula.evaluate import evaluated
from leadweights.formula.nodes import Column, Constant, Formula, Named, Stage
from leadweights.formula.texts import Texts
from leadweights.learn.in_engine.exact_sums import LABEL, PART, WEIGHT, Span
from leadweights.learn.in_engine.newton import Pass
from leadweights.learn.in_engine.sample import (
    Keeps,
    Place,
    Sample,
    is_positive,
    labels_of,
    sample_of,
    spans_of,
)
from leadweights.learn.in_engine.split import Cut, cut_by_group, cut_by_hash, cut_by_time
from leadweights.learn.row_weights import Weighing
from leadweights.model import names as naming
from leadweights.tables.labelled import Kind, Rows, positive_of

Floats = NDArray[np.float64]
Values = Floats | Texts

Told = Callable[[str], object]


@dataclass(slots=True)
class Whole:
    """All rows of a table: what is known about them, and what the engine is to be asked.

    `told` is called with a few words whenever something long begins; `passes` are the gradients
    that were asked for.
    """

    place: Place
    label: str
    positive: tuple[str, ...]
    spans: Mapping[str, Span]
    rows: int
    sample: Sample
    cut: Cut
    weighing: Weighing
    scratch: bool = False
    told: Told = lambda _: None
    passes: list[Pass] = field(default_factory=list)

    @property
    def is_positive(self) -> Formula:
        """Write 1 for a positive row, 0 for another."""
        return is_positive(self.place.kinds[self.label], self.label, self.positive)

    @property
    def shown_positive(self) -> str:
        """Show the label's value that counts as positive."""
        match self.place.kinds[self.label]:
            case "text":
                return repr(self.positive[0])
            case "flag":
                return "True"
            case _:
                return "1"

    def rows_to_decide_by(self, kinds: Mapping[str, Kind]) -> Rows:
        """Give the first rows of the sample, of these columns."""
        values = self.sample.to_decide_by()
        return Rows({name: values[name] for name in kinds}, kinds, self.labels(values))

    def labels(self, values: Mapping[str, Values]) -> Floats:
        """Give 1 for each positive row, shape (rows,)."""
        return evaluated([Stage("labels", (Named(LABEL, self.is_positive),))], values)[LABEL]


def whole_of(
    place: Place,
    *,
    label: str,
    seed: int,
    shares: Sequence[float],
    time_column: str | None,
    group: str | None,
    weighing: Weighing,
    scratch: bool,
    told: Told,
) -> Whole:
    """Ask what must be known of a table before anything is learnt from it.

    `shares` are those of the parts its rows are split into; one is for all rows.

    Raises TableError for a table, label or column that cannot be meant, EngineError.
    """
    own = _own(place, label)
    for name in place.kinds:
        if name.lower() in (LABEL, PART, WEIGHT):
            raise TableError(f"{place.name}: learning needs the name {name!r} itself; rename it")
    asked = {"time column": time_column, "group": group, "weight": weighing.column}
    for what, other in asked.items():
        if other is not None and _own(place, other) == own:
            raise TableError(f"{place.name}: {own!r} is the label; it cannot be a {what} too")
    if scratch and not (isinstance(place, Keeps) and place.keeps):
        raise UnsupportedError(
            f"--scratch is for databases and Spark; {place.title} keeps no table"
        )
    told(f"{place.title}: what {place.name} holds")
    labels = labels_of(place, own)
    if not labels:
        raise TableError(f"{place.name} has column names but no rows")
    positive = positive_of(labels, f"{place.name}: label {own!r}")
    spans, rows = spans_of(place, own)
    if weighing.column is not None:
        column = _own(place, weighing.column)
        _check_weights(place, spans, column)
        weighing = replace(weighing, column=column)
    told("a sample of the rows")
    sample = sample_of(place, spans, rows, own, seed)
    if time_column is not None:
        cut = cut_by_time(place, spans, rows, _own(place, time_column), shares)
    elif group is not None:
        cut = cut_by_group(place, spans, _own(place, group), seed, shares)
    elif len(shares) > 1:
        cut = cut_by_hash(place, spans, sample, own, seed, shares)
    else:
        cut = Cut((Constant(0.0), Column(PART)), (0.0, 1.0))
    return Whole(place, own, positive, spans, rows, sample, cut, weighing, scratch, told)


def _own(place: Place, name: str) -> str:
    return naming.own(name, list(place.kinds), place.name)


def _check_weights(place: Place, spans: Mapping[str, Span], name: str) -> None:
    """Raise TableError for a column that is no weight of every row."""
    if place.kinds[name] != "number":
        raise TableError(f"{place.name}: weight {name!r} must hold numbers")
    if name not in spans or not spans[name].complete or spans[name].low < 0:
        raise TableError(
            f"{place.name}: weight {name!r} is missing, infinite or below 0 in some rows"
        )
