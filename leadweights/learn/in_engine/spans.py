"""Where the numbers lie that are added up, cleaned as the terms read them."""

from __future__ import annotations

from collections.abc import Sequence
from math import nextafter
from typing import TYPE_CHECKING

import numpy as np

from leadweights.formula.columns import measures
from leadweights.formula.nodes import Column
from leadweights.learn.in_engine.exact_sums import NO_BOUND, Span
from leadweights.learn.in_engine.sample import ask_bounds
from leadweights.model.model import Flag, InputColumn, Missing, Number, Plain

if TYPE_CHECKING:
    from leadweights.learn.in_engine.table import TableInEngine


def find_spans(table: TableInEngine, columns: Sequence[InputColumn]) -> dict[str, Span]:
    """Say where numbers lie; ask where one is read from a text, or from dates."""
    found: dict[str, Span] = {}
    for column in columns:
        match column:
            case Flag() | Missing():
                found[column.name] = Span(0.0, 1.0)
            case Number(source=Plain()):
                found[column.name] = _clean(column, table.spans[column.name])
            case Number(name):
                steps = measures([column], {name: NO_BOUND})
                bounds = ask_bounds(table.place, {"": Column(name)}, steps)
                found[name] = Span(bounds["low0"], bounds["high0"])
            case _:
                pass
    return found


def _clean(column: Number, span: Span) -> Span:
    """Say where a column's values lie when caps, fills and the logarithm are done."""
    low, high = span.low, span.high
    if column.low is not None and column.high is not None:
        low, high = (min(max(end, column.low), column.high) for end in (low, high))
    fills = [column.fill, *(s.fill for s in (column.segments.fills if column.segments else ()))]
    low, high = min(low, *fills), max(high, *fills)
    if column.log:
        low, high = (float(np.sign(end) * np.log1p(abs(end))) for end in (low, high))
    # The logarithm's last bit is each engine's own.
    return Span(nextafter(low, -np.inf), nextafter(high, np.inf), span.complete)
