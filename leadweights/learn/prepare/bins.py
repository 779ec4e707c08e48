"""A column as codes, whose rows can be counted: a code for each level, or for each range."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats
from leadweights.formula.texts import Texts
from leadweights.model.dates import EPOCH
from leadweights.tables.columns import Kind

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Coded:
    """A column as codes 0 ... size - 1, the last one for a missing value.

    `repeats` are the codes that stand for one value each; `shown` writes the value of one, and
    `described` says what rows hold whose codes lie between two. The codes of numbers are `ordered`.
    """

    codes: Codes
    size: int
    repeats: Codes
    shown: Callable[[int], str]
    described: Callable[[int, int], str]
    ordered: bool


def code_levels(column: Texts) -> Coded:
    """Give each level a code."""
    size = len(column.levels) + 1
    codes = np.where(column.codes < 0, size - 1, column.codes)

    def show(code: int) -> str:
        return repr(column.levels[code])

    return Coded(codes, size, np.arange(size - 1), show, lambda code, _: f"is {show(code)}", False)


def cut_bins(values: Floats, count: int, kind: Kind = "number") -> Coded:
    """Cut `count` times at quantiles that are values, and give each such value a bin of its own.

    So amounts that are 0 for all but the 1% of rows that were won are not lost in one bin, and
    bins stay the same if the numbers are transformed, their order kept.
    """
    missing = np.isnan(values)
    held = values[~missing]
    places = np.unique(np.linspace(0, max(len(held) - 1, 0), count + 1).astype(np.int64))
    edges = np.unique(np.partition(held, places)[places]) if len(held) else held
    cuts = np.column_stack((edges, np.nextafter(edges, np.inf))).ravel()
    size = len(cuts) + 2
    codes = np.searchsorted(cuts, values, side="right").astype(np.int64)
    codes[missing] = size - 1

    def describe(first: int, last: int) -> str:
        own = values[(codes >= first) & (codes <= last)]
        low, high = own.min(), own.max()
        if low == high:
            return f"is {_show(low, kind)}"
        if high == edges[-1]:
            return f"is {_show(low, kind)} or more"
        if low == edges[0]:
            return f"is {_show(high, kind)} or less"
        return f"is {_show(low, kind)} to {_show(high, kind)}"

    def show(code: int) -> str:
        return _show(cuts[code - 1], kind)

    return Coded(codes, size, np.arange(1, len(cuts), 2), show, describe, kind != "date")


def _show(value: float, kind: Kind) -> str:
    match kind:
        case "date":
            return str(EPOCH + timedelta(days=float(value)))
        case "flag":
            return "true" if value > 0 else "false"
        case _:
            return f"{value:.10g}" if value == np.floor(value) else f"{value:.4g}"
