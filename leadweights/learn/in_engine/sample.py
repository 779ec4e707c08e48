"""Questions to an engine about rows that stay there: where they lie, and a sample of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import nextafter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import EngineError, TableError
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.columns import measures
from leadweights.formula.dates import read_dates_once
from leadweights.formula.nodes import (
    Between,
    Case,
    Column,
    Condition,
    Constant,
    DayColumn,
    FlagColumn,
    Formula,
    Named,
    Null,
    NumberColumn,
    Stage,
    TextColumn,
    TextHash,
    within,
)
from leadweights.formula.texts import Texts, texts
from leadweights.learn.in_engine.exact_sums import NO_BOUND, PART, Chain, Span, hash_columns
from leadweights.learn.in_engine.source import EngineTable
from leadweights.learn.recipe import Limits
from leadweights.model.model import Flag, InputColumn, Listed, Missing, Number, Plain
from leadweights.sql.aggregates import Total, count_levels, select_totals, select_where
from leadweights.tables.columns import Kind
from leadweights.tables.engines.engine import Columns
from leadweights.tables.labelled import LARGEST_VALUE

_LEVELS = 20
_BOUNDS_AT_ONCE = 160
KINDS = 0.02
"""Kinds of rows there must be, as a share of the rows, to choose and to part rows by them."""

_FEWEST = 0.2


def read_one_row(found: Columns) -> dict[str, float]:
    """Read a result of one row; what is NULL is NaN."""
    row = {}
    for name, values in found.items():
        if len(values) != 1:
            raise EngineError(f"{len(values)} rows for the one of a SELECT of sums")
        row[name] = float(np.ma.filled(values.astype(np.float64), np.nan)[0])
    return row


def read_number(name: str, kind: Kind) -> Formula:
    """Read a column of numbers, flags or dates as it is."""
    match kind:
        case "flag":
            return FlagColumn(name)
        case "date":
            return DayColumn(name)
        case _:
            return NumberColumn(name)


def ask_spans(place: EngineTable, label: str) -> tuple[dict[str, Span], int]:
    """Ask where numbers and dates lie, and how many rows there are.

    Raises TableError for a table without rows, or values too large to square.
    """
    numeric = {n: k for n, k in place.kinds.items() if k in ("number", "date") and n != label}
    sources = {name: read_number(name, kind) for name, kind in numeric.items()}
    found, rows = ask_bounds(place, sources)
    if not rows:
        raise TableError(f"{place.name} has column names but no rows")
    # NULL, or infinities and NaN among the values: these are missing ones.
    odd: dict[str, Formula] = {
        name: Case(((within(sources[name], 1e307), sources[name]),), Null())
        for name, span in found.items()
        if not span.finite
    }
    if odd:
        again = ask_bounds(place, odd)[0]
        found |= {name: replace(span, complete=False) for name, span in again.items()}
    spans = {name: span for name, span in found.items() if span.finite}
    for name, span in spans.items():
        if span.furthest > LARGEST_VALUE:
            far = span.low if -span.low > span.high else span.high
            raise TableError(
                f"{place.name}: column {name!r} holds {far:.4g}, too large to learn from; "
                "exclude or mend it"
            )
    return spans, rows


def find_spans(
    place: EngineTable, spans: Mapping[str, Span], columns: Sequence[InputColumn]
) -> dict[str, Span]:
    """Say where numbers lie, cleaned as the terms read them, by where the table's own lie.

    Ask where one is read from a text, or from dates.
    """
    found: dict[str, Span] = {}
    for column in columns:
        match column:
            case Flag() | Missing() | Listed():
                found[column.name] = Span(0.0, 1.0)
            case Number(source=Plain()):
                found[column.name] = _clean(column, spans[column.name])
            case Number(name):
                steps = read_dates_once(measures([column], {name: NO_BOUND}))
                bounds = ask_bounds(place, {name: Column(name)}, steps)[0]
                found[name] = replace(bounds[name], complete=False)
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


def ask_bounds(
    place: EngineTable, sources: Mapping[str, Formula], stages: Sequence[Stage] = ()
) -> tuple[dict[str, Span], int]:
    """Ask between which ends formulas lie, NaN where there is no value, and the count of rows."""
    found: dict[str, float] = {}
    named = list(sources.values())
    for first in range(0, max(len(named), 1), _BOUNDS_AT_ONCE):
        wanted = [Total("rows", "COUNT", Constant(1.0))]
        for position, source in enumerate(named[first : first + _BOUNDS_AT_ONCE], first):
            wanted.append(Total(f"low{position}", "MIN", source))
            wanted.append(Total(f"high{position}", "MAX", source))
            wanted.append(Total(f"count{position}", "COUNT", source))
        found |= read_one_row(place.ask(partial(select_totals, stages, wanted)))
    rows = found["rows"]
    spans = {
        name: Span(found[f"low{at}"], found[f"high{at}"], found[f"count{at}"] == rows)
        for at, name in enumerate(sources)
    }
    return spans, int(rows)


def count_labels(place: EngineTable, label: str) -> dict[str | None, int]:
    """Count the rows of each value of the label, in words; of many, the most frequent."""
    found = place.ask(partial(count_levels, TextColumn(label), _LEVELS))
    return dict(zip(_words(found["level"]), map(int, found["rows_with_it"]), strict=True))


def _words(column: NDArray[Any]) -> list[str | None]:
    """Read a column of texts, None where it is masked."""
    cells = zip(np.ma.getdata(column).tolist(), np.ma.getmaskarray(column), strict=True)
    return [None if gone else str(cell) for cell, gone in cells]


def write_hash(
    place: EngineTable, spans: Mapping[str, Span], columns: Sequence[str], salt: str
) -> Chain:
    """Write a number from 0 to 1 that depends on what a row holds in some columns."""
    read: dict[str, tuple[Formula, Span]] = {}
    for name in sorted(columns, key=str.lower):
        match place.kinds[name]:
            case "text":
                read[name] = (TextHash(name), Span(0.0, 2.0**28))
            case kind:
                read[name] = (read_number(name, kind), spans.get(name, Span(0.0, 1.0)))
    return hash_columns(read, salt)


def list_telling(place: EngineTable, spans: Mapping[str, Span], label: str) -> list[list[str]]:
    """List columns that may tell rows apart: numbers, dates and flags; then with texts, too."""
    kinds = {name: kind for name, kind in place.kinds.items() if name != label}
    quick = [name for name, kind in kinds.items() if name in spans or kind == "flag"]
    texts = [name for name, kind in kinds.items() if kind == "text"]
    return [columns for columns in (quick, [*quick, *texts] if texts else []) if columns]


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows that were brought back: their columns, and how many of them are there to decide by.

    These come first. The order depends on the rows alone. It is `complete` if it is all rows.
    """

    values: Mapping[str, Values]
    deciding: int
    complete: bool

    def to_decide_by(self) -> dict[str, Values]:
        """Keep the rows to decide by."""
        return take(self.values, slice(self.deciding))


def take(values: Mapping[str, Values], places: NDArray[np.int64] | slice) -> dict[str, Values]:
    """Keep the rows at these places."""
    return {name: held[places] for name, held in values.items()}


def draw_sample(
    place: EngineTable,
    spans: Mapping[str, Span],
    rows: int,
    label: str,
    seed: int,
    limits: Limits,
) -> Sample:
    """Bring back rows chosen by a hash of their content; of a short table all.

    Texts are hashed only where numbers, dates and flags do not tell the rows apart.

    Raises TableError for rows that are too much alike.
    """
    if rows <= limits.deciding_rows:
        read, _ = _bring(place, None, 0.0)
        values = take(read, _by_content(read))
        return Sample(values, rows, complete=True)
    wanted = limits.deciding_rows
    most = max(wanted, min(limits.sampled_rows, limits.sampled_values // len(place.kinds)))
    deciding = kinds = 0
    for columns in list_telling(place, spans, label):
        number = write_hash(place, spans, columns, f"sample {seed}")
        read, hashes = _bring(place, number, most / rows)
        first = hashes[hashes <= wanted / rows]
        deciding, kinds = len(first), len(np.unique(first))
        # Rows that are alike are chosen together: of few kinds there would be no fair sample.
        possible = min(deciding, wanted / rows * count_hashes(len(columns)))
        if deciding >= _FEWEST * wanted and kinds >= KINDS * possible:
            break
    else:
        raise TableError(
            f"{place.name}: its rows are too much alike to choose some of them by what they hold "
            f"(of {kinds:,} kinds {deciding:,}, where {wanted:,} are wanted); add a column that "
            "tells them apart, such as an id, or learn in memory"
        )
    order = np.argsort(hashes, kind="stable")
    same = np.diff(hashes[order]) == 0
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    # Rows with the same hash are put in order by all they hold.
    among = take({PART: hashes, **read}, order[tied])
    order[tied] = order[tied][_by_content(among)]
    return Sample(take(read, order), deciding, complete=len(hashes) == rows)


def count_hashes(columns: int) -> float:
    """Count the different hashes that rows of so many columns can have.

    Of the digits of a long sum few are left behind the point: of billions of rows some share them.
    """
    return float(1.0 / np.spacing(columns * 2.0**21))


def _bring(
    place: EngineTable, number: Chain | None, most: float
) -> tuple[dict[str, Values], Floats]:
    """Ask for the rows whose number is `most` at most, and for these numbers; or for all rows."""
    held = [
        Named(name, TextColumn(name) if kind == "text" else read_number(name, kind))
        for name, kind in place.kinds.items()
    ]
    steps, where = [Stage("rows_as_they_are", tuple(held))], list[Condition]()
    if number is not None:
        passed = (Named(name, Column(name)) for name in place.kinds)
        steps = [
            Stage("rows_as_they_are", (*held, Named(PART, number[0]))),
            Stage("rows_with_a_number", (*passed, Named(PART, number[-1]))),
        ]
        where = [Between(Column(PART), 0.0, most)]
    asked = [column.name for column in steps[-1].columns]
    found = place.ask(partial(select_where, steps, asked, where))
    read: dict[str, Values] = {}
    for (name, kind), values in zip(place.kinds.items(), found.values(), strict=False):
        if kind == "text":
            read[name] = texts(_words(values))
        else:
            doubles = np.ma.filled(values.astype(np.float64), np.nan)
            doubles[np.isinf(doubles)] = np.nan
            doubles += 0.0  # -0.0 becomes 0.0
            read[name] = doubles
    *_, numbers = found.values()
    return read, np.ma.getdata(numbers).astype(np.float64) if number else np.empty(0)


def _by_content(values: Mapping[str, Values]) -> NDArray[np.int64]:
    by = [held.codes if isinstance(held, Texts) else held for held in values.values()]
    return np.lexsort(by[::-1])
