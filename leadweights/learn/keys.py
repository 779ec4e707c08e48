"""The column that tells the rows of a table apart, for those who have not named one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from leadweights.formula.arrays import Values
from leadweights.formula.texts import Texts
from leadweights.learn.prepare.columns import Decision
from leadweights.learn.problem import Problem
from leadweights.tables.columns import Kind

_NAME = re.compile(r"(^|[^a-z])(id|uuid|guid|key|number|no|nr|code)($|[^a-z])", re.I)
_BETWEEN_WORDS = re.compile("(?<=[a-z0-9])(?=[A-Z])")


def mark_key(problem: Problem, decisions: Sequence[Decision]) -> list[Decision]:
    """Mark the column that looks like a key, where none is named: at most one.

    That is a column left out that every row has another value in, all of them words without a
    space or whole numbers. One that is named like a key comes before others, then the first.
    """
    left_out = {decision.column for decision in decisions if decision.kind == "left out"}
    found = None if problem.keys else next(_find_keys(problem, left_out), None)
    rows = problem.training.rows_apart
    return [replace(d, apart=rows) if d.column == found else d for d in decisions]


def _find_keys(problem: Problem, left_out: set[str]) -> Iterator[str]:
    table = problem.table
    for name in sorted(table.types, key=lambda name: _NAME.search(_space(name)) is None):
        if name not in left_out:
            continue
        if name in problem.features:
            if _is_key(problem.rows.values[name], problem.rows.held_as[name]):
                yield name
        elif table.kind(name) == "UUID" and table.find_repeated([name]) is None:
            yield name


def _is_key(values: Values, held_as: Kind) -> bool:
    """Tell whether values are words or whole numbers, none of them missing and none twice."""
    if isinstance(values, Texts):
        words = not any(re.search(r"\s", level.strip()) for level in values.levels)
        return words and len(values.levels) == len(values)
    # A missing value is no whole number.
    whole = held_as == "number" and bool((values == np.floor(values)).all())
    return whole and len(np.unique(values)) == len(values)


def _space(name: str) -> str:
    return _BETWEEN_WORDS.sub(" ", name)
