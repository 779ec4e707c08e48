"""The plan: how a score becomes decisions, in the words of the people who act on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from leadweights.errors import PlanError
from leadweights.files import read_toml
from leadweights.model.rules import MOST_REASONS, By


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
    """`base_points` stand for `base_odds`, and `pdo` more points double the odds."""

    pdo: float = 10.0
    base_points: float = 50.0
    base_odds: float = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What was planned; None leaves a part of a model as it is."""

    score_by: str | None = None
    points: Points = Points()
    bands: Preset | None = None
    actions: Mapping[str, str] = field(default_factory=dict)
    consent: tuple[str, tuple[str, ...]] | None = None
    adjustment: tuple[str, float, float] | None = None
    decay: tuple[str, float, str | date] | None = None
    owner: str | None = None
    reasons: int | None = None


def plan(source: str | Path | Mapping[str, object]) -> Plan:
    """Read a plan: a TOML file, or the same as a mapping. Raises PlanError: where, and what."""
    where = "plan" if isinstance(source, Mapping) else str(source)
    document = source if isinstance(source, Mapping) else read_toml(source, PlanError)
    tables = _known(document, _TABLES, where)
    found: dict[str, Any] = {}
    for name, table in tables.items():
        if not isinstance(table, Mapping):
            raise PlanError(f"{where}: [{name}] must be a table, not {table!r}")
        found |= _TABLES[name](table, f"{where}: [{name}]")
    if found.get("actions") and "bands" in found:
        unknown = [band for band in found["actions"] if band not in found["bands"].ranges]
        if unknown:
            raise PlanError(
                f"{where}: [actions] names a band {unknown[0]!r}; "
                f"there are: {', '.join(found['bands'].ranges)}"
            )
    return Plan(**found)


def preset(name: str) -> Preset:
    """Look a preset up. Raises PlanError, naming those there are."""
    try:
        return PRESETS[name]
    except KeyError:
        raise PlanError(f"no preset {name!r}; there are: {', '.join(PRESETS)}") from None


def _known(table: Mapping[str, Any], names: Any, where: str) -> Mapping[str, Any]:
    for name in table:
        if name not in names:
            near = get_close_matches(str(name), list(names), n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(names)}"
            raise PlanError(f"{where} has no {name!r}; {hint}")
    return table


def _score(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    _known(table, ("by", "pdo", "base_points", "base_odds"), where)
    by = _by(table.get("by"), where)
    given = {name: _number(table[name], f"{where} {name}") for name in table if name != "by"}
    if given and by != "points":
        raise PlanError(f'{where} {next(iter(given))} goes with by = "points"')
    points = Points(**given)
    if min(points.pdo, points.base_odds) < _SMALLEST:
        raise PlanError(f"{where}: pdo and base_odds must be {_SMALLEST:g} or more")
    return {"score_by": by, "points": points}


def _bands(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    if "preset" in table:
        _known(table, ("preset",), where)
        return {"bands": preset(_text(table["preset"], f"{where} preset"))}
    by = _by(table.get("by"), where)
    ranges = {
        _text(name, where): _ends(ends, f"{where} {name}")
        for name, ends in table.items()
        if name != "by"
    }
    if len(ranges) < 2:
        raise PlanError(f"{where} needs two bands or more, such as A = [80, 100]")
    ranked = dict(sorted(ranges.items(), key=lambda item: item[1], reverse=True))
    top = 1.0 if by == "probability" else 100.0
    # Points are whole numbers: 50 to 74 and 75 to 100 meet.
    step = 1.0 if by == "points" else 0.0
    for (upper, (start, _)), (lower, (_, end)) in pairwise(ranked.items()):
        if end > start:
            raise PlanError(f"{where}: {lower} and {upper} overlap from {start:g} to {end:g}")
        if start - end > step:
            raise PlanError(f"{where}: nothing is said from {end:g} to {start:g}")
    (best, (_, highest)), *_, (worst, (lowest, _)) = ranked.items()
    if highest != top or lowest != 0:
        raise PlanError(
            f"{where}: bands by {by} reach from 0 to {top:g}, not from {lowest:g} ({worst}) to "
            f"{highest:g} ({best})"
        )
    return {"bands": Preset(by, ranked)}


def _actions(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    return {
        "actions": {_text(name, where): _text(t, f"{where} {name}") for name, t in table.items()}
    }


def _consent(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    _known(table, ("column", "yes"), where)
    yes = table.get("yes", ())
    texts = (yes,) if isinstance(yes, str) else yes
    if not isinstance(texts, list | tuple):
        raise PlanError(f"{where} yes must be a list of texts, not {yes!r}")
    return {"consent": (_column(table, where), tuple(_text(t, f"{where} yes") for t in texts))}


def _adjustment(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    _known(table, ("column", "low", "high"), where)
    low, high = (_number(table.get(n, d), f"{where} {n}") for n, d in (("low", 0.8), ("high", 1.2)))
    return {"adjustment": (_column(table, where), low, high)}


def _decay(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    _known(table, ("column", "half_life_days", "until"), where)
    for name in ("half_life_days", "until"):
        if name not in table:
            raise PlanError(f"{where} lacks {name}")
    until = table["until"]
    if not isinstance(until, date):
        until = _text(until, f"{where} until")
    days = _number(table["half_life_days"], f"{where} half_life_days")
    return {"decay": (_column(table, where), days, until)}


def _rank(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    _known(table, ("owner",), where)
    return {"owner": _text(table.get("owner", ""), f"{where} owner")}


def _reasons(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    count = _known(table, ("count",), where).get("count")
    if type(count) is not int or not 1 <= count <= MOST_REASONS:
        raise PlanError(f"{where} count must be 1 to {MOST_REASONS}, not {count!r}")
    return {"reasons": count}


def _by(value: Any, where: str) -> str:
    if value not in get_args(By):
        raise PlanError(f"{where} by must be {' or '.join(get_args(By))}, not {value!r}")
    return str(value)


def _column(table: Mapping[str, Any], where: str) -> str:
    if "column" not in table:
        raise PlanError(f"{where} lacks column")
    return _text(table["column"], f"{where} column")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise PlanError(f"{where} must be a text, not {value!r}")
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        raise PlanError(f"{where} must be a number, not {value!r}")
    return float(value)


def _ends(value: Any, where: str) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise PlanError(f"{where} must be two numbers, [low, high], not {value!r}")
    low, high = (_number(end, where) for end in value)
    if not low < high:
        raise PlanError(f"{where} must rise from low to high, not {value!r}")
    return low, high


_TABLES: Mapping[str, Callable[[Mapping[str, Any], str], dict[str, Any]]] = {
    "score_100": _score,
    "bands": _bands,
    "actions": _actions,
    "consent": _consent,
    "adjustment": _adjustment,
    "decay": _decay,
    "rank": _rank,
    "reasons": _reasons,
}
