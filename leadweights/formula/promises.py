"""What the types of a table's columns promise, and the formulas that need no guard for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from leadweights.formula.nodes import (
    Between,
    Case,
    Filled,
    FlagColumn,
    Formula,
    NumberColumn,
    Stage,
    change,
)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a column of numbers, or of true and false, cannot hold, because of its type.

    Nothing is above `largest` in magnitude, NaN or an infinity. Where `required`, none is missing.
    """

    largest: float
    required: bool = False


_NOTHING = Promise(inf)


def rely_on(
    stages: Sequence[Stage], promises: Mapping[str, Promise]
) -> tuple[tuple[Stage, ...], dict[str, Promise]]:
    """Leave out the guards of source columns that can never be needed; say what was relied on.

    A guard asks whether a value is between bounds, which a NaN, an infinity and a missing value are
    not. Where the type keeps within them, it asks only whether the value is missing; where it must
    not be missing either, nothing. Results are the same bits wherever the promises hold.
    """
    relied: dict[str, Promise] = {}

    def shorten(part: Any) -> Formula | None:
        if not isinstance(part, Case):
            return None
        for place, (condition, value) in enumerate(part.branches):
            match condition:
                case Between(NumberColumn(name) | FlagColumn(name) as source, low, high):
                    promise = promises.get(name, _NOTHING)
                case _:
                    continue
            if not low <= -promise.largest <= promise.largest <= high:
                continue
            rest: Formula
            if promise.required:
                rest = value
            elif value == source and place == len(part.branches) - 1:
                rest = Filled(source, part.otherwise)
            else:
                return None
            relied[name] = promise
            before = part.branches[:place]
            return Case(before, rest) if before else rest
        return None

    first, *others = stages
    return (replace(first, columns=change(first.columns, shorten)), *others), relied
