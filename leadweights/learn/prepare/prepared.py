"""Rows as the terms read them: cleaned by the model's own formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats
from leadweights.formula.columns import measures
from leadweights.formula.dates import read_dates_once
from leadweights.formula.evaluate import compute
from leadweights.formula.texts import Texts, texts
from leadweights.model.dates import MONTHS, WEEKDAYS
from leadweights.model.model import (
    Category,
    Flag,
    InputColumn,
    Listed,
    Missing,
    Month,
    Number,
    Weekday,
)
from leadweights.tables.labelled import Rows

# Training values end at 1e30; the model's own bounds are known when it is learnt.
_NO_BOUND = 1e100


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows as the terms read them: numbers by input column, levels by category."""

    numbers: Mapping[str, Floats]
    levels: Mapping[str, Texts]

    def taken(self, places: NDArray[np.int64]) -> Prepared:
        """Keep the rows at these places."""
        return Prepared(
            {name: values[places] for name, values in self.numbers.items()},
            {name: held[places] for name, held in self.levels.items()},
        )


def prepare(rows: Rows, columns: Sequence[InputColumn]) -> Prepared:
    """Clean rows by the model's own formulas, so that what is learnt is what is scored."""
    bounds = {column.name: _NO_BOUND for column in columns}
    found = compute(read_dates_once(measures(columns, bounds)), rows.values)
    numbers: dict[str, Floats] = {}
    levels: dict[str, Texts] = {}
    for column in columns:
        values = found[column.name]
        match column:
            case Number() | Missing() | Flag() | Listed():
                assert not isinstance(values, Texts)
                numbers[column.name] = values
            case Category(name, missing, whole=whole):
                assert isinstance(values, Texts)
                known = values.change(_without_point) if whole else values
                levels[name] = known.without(missing)
            case Weekday(name) | Month(name):
                assert not isinstance(values, Texts)
                words = WEEKDAYS if isinstance(column, Weekday) else ("", *MONTHS)
                levels[name] = texts(None if np.isnan(v) else words[int(v)] for v in values)
    return Prepared(numbers, levels)


def _without_point(text: str) -> str:
    return re.sub("^([0-9]+)[.]0$", r"\1", text)


def prepare_known(rows: Rows, columns: Sequence[InputColumn]) -> Prepared:
    """Clean rows as trees read them: numbers as they are known, NaN where they are missing."""
    numbers = [column for column in columns if isinstance(column, Number)]
    bare = [replace(n, segments=None, low=None, high=None, log=False) for n in numbers]
    flags = {n.name: Missing(f"{n.name}\0", n.name) for n in numbers}
    others = [column for column in columns if not isinstance(column, Number)]
    found = prepare(rows, [*bare, *others])
    missing = prepare(rows, [*bare, *flags.values()]).numbers if flags else {}
    known = {
        name: np.where(missing[flag.name] == 1.0, np.nan, found.numbers[name])
        for name, flag in flags.items()
    }
    return Prepared({**found.numbers, **known}, found.levels)


def read_known(rows: Rows, number: Number) -> Floats:
    """Give a number's values, shape (rows,), NaN where it is missing."""
    return prepare_known(rows, [number]).numbers[number.name]
