"""A model's constants as rows of a table, and the formulas that read them from there.

The arithmetic is that of the standardized shape, with a column in the place of each constant: the
same operations in the same order, so the same bits.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import assert_never

from leadweights.errors import UnsupportedError
from leadweights.formula.columns import spell, stage_names
from leadweights.formula.nodes import (
    Above,
    AtLeast,
    Case,
    Column,
    Constant,
    Difference,
    FlagColumn,
    Formula,
    IsMissing,
    Lowered,
    Named,
    NumberColumn,
    Product,
    Stage,
    Steps,
    Sum,
    Text,
    TextColumn,
    Trimmed,
    total,
    within,
)
from leadweights.formula.terms import odds, share, view
from leadweights.model.model import (
    Category,
    Flag,
    InputColumn,
    Listed,
    Logit,
    Missing,
    Month,
    Number,
    Plain,
    ScoringModel,
    Weekday,
    limits,
)
from leadweights.model.terms import Levels, Ranged, Standardized, Term, weight_per_unit

SCORES = ("lead_score", "log_odds", "probability")
"""The results there are in this shape."""

LINK = "(intercept)"
"""Stands in the place of a feature for what follows the sum."""

_KNOWN = 1e300
_ZERO, _ONE = Constant(0.0), Constant(1.0)


@dataclass(frozen=True, slots=True)
class StoredWeight:
    """A row of weights: of a feature as a whole, or of one `level` or point of it.

    `part` says of what: `line`, `feature`, `level`, `point`, `other`, `missing`, `trees`, `link`.
    A line contributes `(x - mean) * raw_weight`, which is `x * raw_weight + offset` but for
    rounding; every other row its weight, but that a `feature` has its share of the score, and the
    link multiplies the sum by its weight and adds its offset. `fill` is for a value that is missing
    or further from zero than `bound`; values beyond `low` and `high` are moved there.
    """

    feature: str
    part: str
    level: str = ""
    weight: float | None = None
    mean: float | None = None
    std: float | None = None
    raw_weight: float | None = None
    offset: float | None = None
    fill: float | None = None
    low: float | None = None
    high: float | None = None
    bound: float | None = None


def stored_weights(model: ScoringModel) -> list[StoredWeight]:
    """List a model's constants, in the order of its terms."""
    columns, bounds = {column.name: column for column in model.columns}, limits(model)
    found: list[StoredWeight] = []
    for term in model.terms:
        found += _rows(term, columns[term.column], bounds[term.column])
    if model.trees is not None:
        found.append(StoredWeight("(trees)", "trees", weight=model.trees.weight))
    if isinstance(model.link, Logit):
        link = StoredWeight(LINK, "link", weight=model.link.scale, offset=model.link.intercept)
        found.append(link)
    return found


def _rows(term: Term, column: InputColumn, bound: float) -> Iterator[StoredWeight]:
    seen, own = view(term), term.column
    fill = column.fill if isinstance(column, Number | Flag) else None
    low, high = (column.low, column.high) if isinstance(column, Number) else (None, None)
    if seen.line is not None:
        raw = weight_per_unit(seen.line)
        moments = (seen.line.weight, seen.line.zero, seen.line.spread, raw, -seen.line.zero * raw)
        yield StoredWeight(own, "line", "", *moments, fill, low, high, bound)
        return
    yield StoredWeight(own, "feature", weight=term.weight, fill=fill, bound=bound)
    if not isinstance(term, Levels):
        for part in seen.parts:
            yield StoredWeight(own, "point", part.label, part.contribution)
        return
    own_weights = {level.value: level.contribution for level in term.levels}
    spelled = own_weights
    if isinstance(column, Category):
        own_weights |= dict.fromkeys(column.missing, term.missing.contribution)
        spelled = {name: w for text, w in own_weights.items() for name in spell(column, text)}
    for name, contribution in spelled.items():
        yield StoredWeight(own, "level", name, contribution)
    yield StoredWeight(own, "other", weight=term.other.contribution)
    yield StoredWeight(own, "missing", weight=term.missing.contribution)


def layout(model: ScoringModel) -> str:
    """Name, by a hash, what a SELECT that reads the table is written for: versions may share it.

    That is all but the constants and the levels. Raises UnsupportedError for a model that holds
    what only its own SELECT can say.
    """
    if model.trees is not None:
        raise _unstorable("its trees")
    if not isinstance(model.link, Logit):
        raise _unstorable("a score without log-odds")
    for name in ("consent", "calibration", "adjustment", "decay"):
        if getattr(model.decisions, name) is not None:
            raise _unstorable(f"its {name}")
    columns, bounds = {column.name: column for column in model.columns}, limits(model)
    told: list[object] = []
    for term in model.terms:
        kind = _kind(term, columns[term.column], columns, bounds[term.column])
        told.append([term.column, *kind])
    return sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _kind(
    term: Term, column: InputColumn, columns: dict[str, InputColumn], bound: float
) -> list[object]:
    name = column.name
    if not isinstance(term, Standardized | Ranged | Levels):
        raise _unstorable(f"the {type(term).__name__.lower()} of {name!r}")
    match column:
        case Number(_, _, Plain(), (), None, log=False):
            return ["number"]
        case Missing(_, other) if bound >= 1:
            _kind(Standardized(other, 0.0, 1.0, 1.0), columns[other], columns, 1.0)
            return ["missing", other]
        case Flag(_, _, ()):
            return ["flag"]
        case Category(_, _, trim, casefold, _):
            return ["text", trim, casefold]
        case Number() | Missing() | Flag() | Weekday() | Month() | Listed():
            raise _unstorable(f"how {name!r} is read")
        case _:
            assert_never(column)


def _unstorable(what: str) -> UnsupportedError:
    return UnsupportedError(
        f"the table of weights has no place for {what}: it takes numbers, flags and levels as they "
        "are; use the model's own SELECT, or registry activate --view"
    )


@dataclass(frozen=True, slots=True)
class Pivoted:
    """A column of the one row that the table of weights becomes: which value of which row it is."""

    name: str
    feature: str
    part: str
    value: str


@dataclass(frozen=True, slots=True)
class LevelJoin:
    """The weight of a row's level, to be found by its `text`; the columns' names."""

    feature: str
    text: str
    weight: str


@dataclass(frozen=True, slots=True)
class StoredShape:
    """How to score by a table of weights: what is read of the leads, what of the table, and then.

    `stages` read the columns of all three.
    """

    layout: str
    read: Stage
    pivoted: tuple[Pivoted, ...]
    joins: tuple[LevelJoin, ...]
    stages: tuple[Stage, ...]


def stored_shape(model: ScoringModel, columns: tuple[str, ...] = SCORES) -> StoredShape:
    """Write how a model with this one's columns is scored. Raises UnsupportedError."""
    for name in columns:
        if name not in SCORES:
            raise UnsupportedError(
                f"the table of weights gives {', '.join(SCORES)}, and no {name}; the model's own "
                "SELECT does"
            )
    written = _Writer(model)
    parts = [written.contribution(term) for term in model.terms]
    names = stage_names([term.column for term in model.terms], "contribution")
    named = [Named(names[t.column], part) for t, part in zip(model.terms, parts, strict=True)]
    scale, intercept = written.pivot(LINK, "link", "weight"), written.pivot(LINK, "link", "offset")
    kept = [Named(column.name, column) for column in (scale, intercept)]
    score = Named("lead_score", total([Column(name) for name in names.values()]))
    log_odds = Named("log_odds", Sum((intercept, Product(scale, Column("lead_score")))))
    own = [Named(name, Column(name)) for name in SCORES[:2]]
    found = Named("probability", share(Column("odds")))
    last = [found if name == "probability" else Named(name, Column(name)) for name in columns]
    stages = (
        Stage("contributions", (*named, *kept)),
        Stage("lead_scores", (score, *kept)),
        Stage("log_odds", (own[0], log_odds)),
        Stage("odds", (*own, Named("odds", _odds(Column("log_odds"))))),
        Stage("scores", tuple(last)),
    )
    read = Stage("leads_read", tuple(written.read.values()))
    return StoredShape(
        layout(model), read, tuple(written.pivoted.values()), tuple(written.joins), stages
    )


def _odds(log_odds: Formula) -> Formula:
    """Write the odds, which are missing where no active version has this layout."""
    known = odds(log_odds)
    inside, (_, above) = known.branches
    return Case((inside,), Steps(log_odds, (0.0,), (known.otherwise, above)))


class _Writer:
    """Writes contributions, and remembers what they read."""

    def __init__(self, model: ScoringModel) -> None:
        self._columns = {column.name: column for column in model.columns}
        names = list(self._columns)
        self._read, self._weights = stage_names(names, "read"), stage_names(names, "level_weight")
        self._places = {name: place for place, name in enumerate([*names, LINK], 1)}
        self.read: dict[str, Named] = {}
        self.pivoted: dict[str, Pivoted] = {}
        self.joins: list[LevelJoin] = []

    def pivot(self, feature: str, part: str, value: str) -> Column:
        name = f"weights_{self._places[feature]}_{part}_{value}"
        self.pivoted[name] = Pivoted(name, feature, part, value)
        return Column(name)

    def contribution(self, term: Term) -> Formula:
        column, name = self._columns[term.column], term.column
        if isinstance(column, Category):
            return self._by_level(column)
        mean, weight_per_unit = (self.pivot(name, "line", v) for v in ("mean", "raw_weight"))
        return Product(Difference(self._measure(column), mean), weight_per_unit)

    def _by_level(self, column: Category) -> Formula:
        name = column.name
        text: Text = TextColumn(name)
        text = Trimmed(text) if column.trim else text
        text = Lowered(text) if column.casefold else text
        read, weight = self._read[name], self._weights[name]
        self.read[name] = Named(read, text)
        self.joins.append(LevelJoin(name, read, weight))
        known = (within(Column(weight), _KNOWN), Column(weight))
        missing, other = (self.pivot(name, part, "weight") for part in ("missing", "other"))
        return Case(((IsMissing(Column(read)), missing), known), other)

    def _measure(self, column: InputColumn) -> Formula:
        name = column.name
        match column:
            case Number():
                value = self._number(name)
                low, high = (self.pivot(name, "line", end) for end in ("low", "high"))
                moved = Case(((Above(low, value), low), (Above(value, high), high)), value)
                return self._if_known(name, value, moved, self.pivot(name, "line", "fill"))
            case Missing(_, other):
                return self._if_known(other, self._number(other), _ZERO, _ONE)
            case Flag():
                read = self._read[name]
                self.read[name] = Named(read, FlagColumn(name))
                fill = self.pivot(name, "line", "fill")
                return self._if_known(name, Column(read), Column(read), fill)
            case _:
                raise AssertionError(column)

    def _number(self, name: str) -> Column:
        self.read[name] = Named(self._read[name], NumberColumn(name))
        return Column(self._read[name])

    def _if_known(self, name: str, value: Formula, then: Formula, otherwise: Formula) -> Formula:
        bound = self.pivot(name, "line", "bound")
        below = Case(((AtLeast(bound, value), then),), otherwise)
        return Case(((AtLeast(value, Difference(_ZERO, bound)), below),), otherwise)
