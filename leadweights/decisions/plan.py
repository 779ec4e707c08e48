"""The plan: how a score becomes decisions, in the words of the people who act on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from leadweights.errors import PlanError
from leadweights.files.read import read_toml
from leadweights.model.convert import (
    Document,
    MisfitError,
    misfit,
    read_word,
    spot_in_tables,
)
from leadweights.model.rules import MOST_REASONS, Adjustment, By, Consent, Trend


@dataclass(frozen=True, slots=True)
class Preset:
    """Bands by name, each from a low to a high end, the best first."""

    by: str
    ranges: Mapping[str, tuple[float, float]]


PRESETS: Mapping[str, Preset] = {
    # Our own: A is the best tenth of the training rows.
    "grades": Preset("percentile", {"A": (90, 100), "B": (70, 90), "C": (40, 70), "D": (0, 40)}),
    # Contact priority: four tiers of a quarter of the contacts each (HubSpot knowledge base,
    # Likelihood to close and Contact priority).
    "hubspot": Preset(
        "percentile",
        {"Very High": (75, 100), "High": (50, 75), "Medium": (25, 50), "Low": (0, 25)},
    ),
    # Grades of predictive lead scoring in Dynamics 365 Sales (Microsoft Learn, Prioritize leads
    # with predictive scoring).
    "dynamics-365": Preset("points", {"A": (75, 100), "B": (50, 74), "C": (25, 49), "D": (0, 24)}),
}
DEFAULT_PRESET = "grades"
_SMALLEST, _LARGEST = 1e-15, 1e15


@dataclass(frozen=True, slots=True)
class Points:
    """What `score_100` is made from; `base_points` stand for `base_odds`, and `pdo` double them."""

    by: By
    pdo: float = 10.0
    base_points: float = 50.0
    base_odds: float = 1.0


@dataclass(frozen=True, slots=True)
class HalfLife:
    """After how many days since the date in `column` odds are half, until a day or a column.

    A format says how a date is written in text; without one it is read as the model reads it.
    """

    column: str
    half_life_days: float
    until: str | date
    format: str | None = None
    until_format: str | None = None


@dataclass(frozen=True, slots=True)
class Rank:
    """Within which column rows are ranked."""

    owner: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """How many reasons a row is given."""

    count: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What was planned, a field for each table; None leaves a part of a model as it is."""

    score_100: Points | None = None
    bands: Preset | None = None
    actions: Mapping[str, str] = field(default_factory=dict)
    consent: Consent | None = None
    adjustment: Adjustment | None = None
    decay: HalfLife | None = None
    trend: Trend | None = None
    rank: Rank | None = None
    reasons: Reasons | None = None


def read_plan(source: str | Path | Mapping[str, object]) -> Plan:
    """Read a plan: a TOML file, or the same as a mapping.

    Raises PlanError, which says where and what, and ModelError for bounds no model can have.
    """
    where = "plan" if isinstance(source, Mapping) else str(source)
    document = source if isinstance(source, Mapping) else read_toml(source, PlanError)
    for table in fields(Plan):
        value = document.get(table.name, {})
        if not isinstance(value, Mapping):
            raise PlanError(f"{where}: [{table.name}] must be a table, not {value!r}")
    found = _DOCUMENT.read(document, spot_in_tables(where))
    if found.score_100 is not None:
        _check_points(found.score_100, document["score_100"], f"{where}: [score_100]")
    if found.bands is not None:
        _check_bands(found.bands, f"{where}: [bands]")
        unknown = [name for name in found.actions if name not in found.bands.ranges]
        if unknown:
            raise PlanError(
                f"{where}: [actions] names a band {unknown[0]!r}; "
                f"there are: {', '.join(found.bands.ranges)}"
            )
    return found


def find_preset(name: str) -> Preset:
    """Look a preset up. Raises PlanError, naming those there are."""
    if name not in PRESETS:
        raise PlanError(f"no preset {name!r}; there are: {', '.join(PRESETS)}")
    return PRESETS[name]


def _check_points(points: Points, table: Any, where: str) -> None:
    others = [name for name in table if name != "by"]
    if others and points.by != "points":
        raise PlanError(f'{where} {others[0]} goes with by = "points"')
    if min(points.pdo, points.base_odds) < _SMALLEST:
        raise PlanError(f"{where}: pdo and base_odds must be {_SMALLEST:g} or more")


def _check_bands(bands: Preset, where: str) -> None:
    """Refuse bands that leave something out or overlap."""
    if len(bands.ranges) < 2:
        raise PlanError(f"{where} needs two bands or more, such as A = [80, 100]")
    top = 1.0 if bands.by == "probability" else 100.0
    # Points are whole numbers: 50 to 74 and 75 to 100 meet.
    step = 1.0 if bands.by == "points" else 0.0
    for (upper, (start, _)), (lower, (_, end)) in pairwise(bands.ranges.items()):
        if end > start:
            raise PlanError(f"{where}: {lower} and {upper} overlap from {start:g} to {end:g}")
        if start - end > step:
            raise PlanError(f"{where}: nothing is said from {end:g} to {start:g}")
    (best, (_, highest)), *_, (worst, (lowest, _)) = bands.ranges.items()
    if highest != top or lowest != 0:
        raise PlanError(
            f"{where}: bands by {bands.by} reach from 0 to {top:g}, not from {lowest:g} ({worst}) "
            f"to {highest:g} ({best})"
        )


def _read_bands(table: Mapping[str, Any]) -> Preset:
    if "preset" in table:
        others = [name for name in table if name != "preset"]
        if others:
            raise MisfitError(f"has no field {others[0]!r}; it has: preset")
        return find_preset(_read_text(table["preset"], "preset"))
    by = read_word(table.get("by"), get_args(By), "by")
    ranges = {_read_text(n): _read_ends(ends, n) for n, ends in table.items() if n != "by"}
    return Preset(by, dict(sorted(ranges.items(), key=lambda item: item[1], reverse=True)))


def _read_ends(value: Any, name: str) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise misfit("two numbers, [low, high]", value, name)
    low, high = (_read_number(end, name) for end in value)
    if not low < high:
        raise MisfitError(f"must rise from low to high, not {value!r}", name)
    return low, high


def _read_count(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= MOST_REASONS:
        raise misfit(f"1 to {MOST_REASONS}", value)
    return value


def _read_texts(value: Any) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple):
        raise misfit("a list of texts", value)
    return tuple(map(_read_text, texts))


def _read_text(value: Any, *within: str) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise misfit("a text", value, *within)
    return value


def _read_number(value: Any, *within: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        raise misfit("a number", value, *within)
    return float(value)


_DOCUMENT = Document(
    Plan,
    PlanError,
    {
        float: _read_number,
        str: _read_text,
        int: _read_count,
        str | date: lambda value: value if isinstance(value, date) else _read_text(value),
        tuple[str, ...]: _read_texts,
        Preset: _read_bands,
    },
)
