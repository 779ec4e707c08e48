"""Rows as the terms read them: cleaned by the model's own formulas."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

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


def read_known(rows: Rows, number: Number) -> Floats:
    """Give a number's values, shape (rows,), NaN where it is missing."""
    bare = replace(number, segments=None, low=None, high=None, log=False)
    flag = Missing(f"{number.name} is missing", number.name)
    found = prepare(rows, [bare, flag]).numbers
    return np.where(found[flag.name] == 1.0, np.nan, found[number.name])
