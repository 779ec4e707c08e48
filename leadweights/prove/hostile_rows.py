"""The values that break scoring queries, in every numeric type: a built-in adversary."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from math import inf, nan, nextafter
from typing import assert_never

import numpy as np

from leadweights.formula.arrays import Floats, Values
from leadweights.formula.columns import spell
from leadweights.formula.evaluate import evaluate
from leadweights.formula.marks import examples
from leadweights.formula.stages import (
    PROBABILITIES,
    RANKED,
    Shape,
    outputs,
    part_outputs,
    ranked_by,
    row_outputs,
    stages,
)
from leadweights.formula.terms import column_value, view
from leadweights.formula.texts import texts
from leadweights.model.dates import days_since_1970
from leadweights.model.form import PLAIN
from leadweights.model.model import (
    Category,
    Flag,
    Identity,
    InText,
    Link,
    Listed,
    Logit,
    Number,
    ScoringModel,
    Segments,
    limits,
)
from leadweights.model.rules import percent_cuts
from leadweights.model.terms import Ranged, Standardized, Term
from leadweights.prove.case import Case, HostileRows, RowsAtCuts, RowsByKey, RowsOf
from leadweights.prove.hostile_dates import write_dates
from leadweights.prove.hostile_trees import walk_trees
from leadweights.prove.hostile_values import DATES, FLAGS, KEYS, KNOWN_TEXTS, NUMBERS, OWNERS, TEXTS
from leadweights.tables.columns import IN_TEXT, Kind, sources
from leadweights.tables.open import parse_table

Column = tuple[str, Sequence[str | None]]
"""A column of a table: its type, and its cells as texts; None is NULL."""

# Where the probability changes its formula or leaves the range of exp, and between.
_LOG_ODDS = (
    *(-1e90, -1e6, -750.0, -708.5, -708.0, -707.5, -650.0, -300.0, -40.0, -33.0, -5.0, -1e-9, 0.0),
    *(1e-9, 1e-3, 5.0, 33.0, 36.0, 36.75, 37.0, 37.5, 40.0, 650.0, 708.0, 708.5, 750.0, 1e6, 1e90),
)
_SHARES = (-1e6, -0.1, -1e-12, 0.0, 1e-12, 0.5, 1.0 - 1e-12, 1.0, 1.0 + 1e-12, 1.1, 1e6)


def cases(model: ScoringModel, *, every_type: bool = True) -> Iterator[Case]:
    """Make a table per numeric type for the columns of a model, and one for its probability.

    The rows of a type: every value in all columns at once, then the values rotated, so that each
    column meets each value beside others; texts and dates are there in each. The rows for the
    probability walk through all its branches, by the strongest number that is not bounded; the
    other columns are missing; without such a number there is none: see `walk_sum`. Only there the
    probability is compared: it sees nothing of a column's type. Rows for trees come to every split.
    Where consent is asked for, every row of a type is there with it, too. Without `every_type`
    numbers are doubles only.
    """
    read, bounds = sources(model), limits(model)
    every = row_outputs(model, "standardized")
    # The same on every engine: numbers' bits, and texts.
    exact = tuple(name for name in every if name not in PROBABILITIES)
    kinds = NUMBERS if every_type and "number" in read.values() else ("DOUBLE",)
    for kind in kinds:
        drawn = {
            name: _hostile(model, name, role, kind, bounds.get(name, 1e100))
            for name, role in read.items()
        }
        size = max(len(values) for _, values in drawn.values())
        columns: dict[str, Column] = {}
        for position, (name, (sql_type, values)) in enumerate(drawn.items()):
            cells, shift = [values[i % len(values)] for i in range(size)], position % size
            cells += cells[shift:] + cells[:shift]
            if model.decisions.consent is not None:
                cells += _give_consent(model, name, sql_type, cells)
            columns[name] = sql_type, cells
        rows_of = HostileRows(f"hostile rows of type {kind}")
        # What follows the scores sees nothing of a column's type: all is compared on doubles.
        compared = exact[: 1 + isinstance(model.link, Logit)]
        if kind == "DOUBLE":
            compared = (*exact, *part_outputs(model))
        yield _case(rows_of, model, columns, compared)
    strongest = _strongest_number(model)
    if strongest is not None:
        yield _walk("the probability", model, strongest, every)
    ways = walk_trees(model)
    if ways:
        lists = {
            name: (
                _hostile(model, name, role, "DOUBLE", 1.0)[0],
                [way.get(name, _usual(model, name)) for way in ways],
            )
            for name, role in read.items()
        }
        rows_of = HostileRows("hostile rows for the splits of the trees")
        yield _case(rows_of, model, lists, (*exact, *part_outputs(model)))


def walk_sum(model: ScoringModel) -> Case:
    """Make the rows for the probability of a model of one column, the sum itself.

    All that follows the sum is as it is in the model given, but for reasons: it gives none.
    """
    name = "sum"
    while name in sources(model):
        name += "_"
    link: Link = model.link
    term: Term
    match link:
        case Logit():
            link, term = Logit(0.0, 1.0), Standardized(name, 0.0, 1.0, 1.0)
        case Identity():
            term = Ranged(name, 0.0, 1.0, 1.0)
        case _:
            assert_never(link)
    rules = replace(model.decisions, owner="", wordings=())
    own = (Number(name, 0.0),)
    alone = replace(
        model, keys=(), columns=own, terms=(term,), link=link, decisions=rules, trees=None
    )
    every = [n for n in row_outputs(alone, "standardized") if not n.startswith("reason_")]
    return _walk(ranked_by(alone), alone, term, every)


def _walk(through: str, model: ScoringModel, term: Term, compared: Sequence[str]) -> Case:
    """Make the rows whose terms lead through the probability and to the cuts, all else missing."""
    value = np.array([column_value(term, 0.0)])
    others = float(_with_others_missing(model, term, "lead_score")(value)[0])
    match model.link:
        case Logit(intercept, scale):
            walk = [(log_odds - intercept) / scale - others for log_odds in _LOG_ODDS]
        case Identity():
            walk = [share - others for share in _SHARES]
        case _:
            assert_never(model.link)
    values = [column_value(term, contribution) for contribution in walk]
    values += np.ravel(_crossings(model, term)).tolist()
    rows_of = HostileRows(f"hostile rows for {through}")
    return _case(rows_of, model, _make_walk(model, term, values), tuple(compared))


def move_cuts(model: ScoringModel, shape: Shape) -> Iterator[Case]:
    """Move the cuts to log-odds that rows have to the bit, and make a table of those rows.

    A cut may lie where no row's log-odds can: there `>` for `>=` would pass unseen. Cuts of whole
    percents stay, the SELECT is another with others.
    """
    rules, strongest = model.decisions, _strongest_number(model)
    if strongest is None or not _cuts(model):
        return
    _, reached = _crossings(model, strongest, shape)
    by = ranked_by(model)
    met = _with_others_missing(model, strongest, by, shape)(reached).tolist()
    moved = dict(zip(_cuts(model), met, strict=True))
    scale, bands, threshold = rules.scale, rules.bands, rules.threshold
    if scale is not None and scale.cuts != percent_cuts():
        scale = replace(scale, cuts=tuple(sorted(moved[cut] for cut in scale.cuts)))
    if bands is not None:
        lows = [moved[band.low] for band in bands.bands if band.low is not None]
        if len(set(lows)) == len(lows):
            named = zip(bands.bands, [*sorted(lows, reverse=True), None], strict=True)
            bands = replace(bands, bands=tuple(replace(band, low=low) for band, low in named))
    if threshold is not None:
        threshold = replace(threshold, log_odds=moved[threshold.log_odds])
    found = replace(rules, scale=scale, bands=bands, threshold=threshold)
    twin = replace(model, decisions=found)
    cut = ("score_100", "band", "action", "decision")
    compared = (by, *(name for name in cut if name in row_outputs(twin, shape)))
    rows = _make_walk(model, strongest, reached.tolist())
    yield _case(RowsAtCuts(f"the cuts, met exactly ({shape})"), twin, rows, compared)


def rows_to_rank(model: ScoringModel) -> Iterator[Case]:
    """Make a table of rows that are alike but for their keys, three each, for their ranks."""
    if RANKED[0] not in outputs(model):
        return
    read, bounds = sources(model, RANKED), limits(model)
    rows = len(NUMBERS["DOUBLE"])
    columns: dict[str, Column] = {}
    for name, role in read.items():
        kind, cells = _hostile(model, name, role, "DOUBLE", bounds.get(name, 1e100))
        one = [cells[i % len(cells)] for i in range(rows)]
        columns[name] = (kind, [*one, *one, *_give_consent(model, name, kind, one)])
    if model.decisions.owner:
        columns[model.decisions.owner] = ("VARCHAR", [OWNERS[i % 4] for i in range(3 * rows)])
    *others, last = model.keys
    for name in others:
        columns[name] = ("VARCHAR", [KEYS[i % 2] for i in range(3 * rows)])
    # No two are the same, and neither their order nor that of their numbers is that of the rows.
    columns[last] = ("VARCHAR", [f"{KEYS[i % len(KEYS)]}{i * 7 % 101}" for i in range(3 * rows)])
    yield _case(RowsByKey("hostile rows, by key"), model, columns, RANKED)


def _make_walk(model: ScoringModel, term: Term, values: Sequence[float]) -> dict[str, Column]:
    """Make the columns of a table where one column has these values, and the others are missing."""
    return {
        name: (
            _hostile(model, name, role, "DOUBLE", 1.0)[0],
            list(map(repr, values)) if name == term.column else [_usual(model, name)] * len(values),
        )
        for name, role in sources(model).items()
    }


def _give_consent(
    model: ScoringModel, name: str, sql_type: str, cells: Sequence[str | None]
) -> Sequence[str | None]:
    """Give the same cells, but consent in the column that holds it."""
    usual = _usual(model, name)
    if usual is None:
        return cells
    return ["1" if sql_type == "INTEGER" else usual] * len(cells)


def _case(
    rows_of: RowsOf,
    model: ScoringModel,
    columns: Mapping[str, Column],
    compared: tuple[str, ...],
) -> Case:
    read = sources(model, compared)
    values = {name: _values(role, *columns[name]) for name, role in read.items()}
    return Case(model, rows_of, parse_table(columns, rows_of), values, compared)


def _hostile(model: ScoringModel, name: str, role: Kind, number: str, bound: float) -> Column:
    """Give the type a column has in a table of hostile rows, and its values."""
    match role:
        case "number":
            borders = map(repr, (bound, nextafter(bound, inf)) if number == "DOUBLE" else ())
            return number, (*NUMBERS[number], *borders)
        case "flag":
            flag = "INTEGER" if number == "INTEGER" else "BOOLEAN"
            return flag, FLAGS[flag]
        case "text":
            known = _known_texts(model, name)[:KNOWN_TEXTS]
            near = [t for k in known for t in (k, k.upper(), k.lower(), f"{k} ", f" {k}")]
            return "VARCHAR", (*TEXTS, *near)
        case "date in text":
            return "VARCHAR", write_dates(model, name, DATES)
        case "date":
            if number == "FLOAT":
                return "TIMESTAMP", [d and f"{d} 23:59:59.999" for d in DATES]
            return "DATE", DATES
        case _:
            assert_never(role)


def _known_texts(model: ScoringModel, name: str) -> list[str]:
    consent = model.decisions.consent
    found = list(consent.yes) if consent is not None and consent.column == name else []
    for column in model.columns:
        match column:
            case Category(own, missing) if own == name:
                term = next(term for term in model.terms if term.column == name)
                *levels, _other, _missing = view(term).parts
                known = [*missing, *(level.label for level in levels)]
                found += [text for one in known for text in spell(column, one)]
            case Number(own, source=InText(form)) if own == name and form != PLAIN:
                found += examples(form)
            case Flag(own, _, yes, no) if own == name:
                found += [*yes, *no]
            case Listed(_, own, value, delimiter) if own == name:
                found += [value, f"-{delimiter} {value} {delimiter}-"]
                found += [f"[{value!r}]", f"{value}-{delimiter}{delimiter}-{value}"]
            case Number(segments=Segments(by, fills)) if by == name:
                found += [fill.level for fill in fills]
    return found


def _strongest_number(model: ScoringModel) -> Term | None:
    free = {
        column.name
        for column in model.columns
        if isinstance(column, Number) and column == Number(column.name, column.fill)
    }
    terms = [
        term
        for term in model.terms
        if view(term).line is not None and term.column in free and term.weight
    ]
    return max(terms, key=lambda term: abs(term.weight), default=None)


def _crossings(
    model: ScoringModel, term: Term, shape: Shape = "standardized"
) -> tuple[Floats, Floats]:
    """Find, by halving, the neighbouring doubles between which each cut is crossed.

    Give those below their cuts, and those that reach them.
    """
    cuts = np.array(_cuts(model))
    if not len(cuts):
        return cuts, cuts
    assert isinstance(model.link, Logit)
    reach = 50.0 + np.abs(cuts).max() / model.link.scale
    ends = sorted(column_value(term, side * reach) for side in (-1.0, 1.0))
    low, high = (np.full(len(cuts), end) for end in ends)
    deciding = _with_others_missing(model, term, ranked_by(model), shape)
    rising = np.less(*(deciding(end[:1])[0] for end in (low, high)))
    while True:
        middle = low + (high - low) / 2
        done = (middle == low) | (middle == high)
        if done.all():
            return (low, high) if rising else (high, low)
        below = (deciding(middle) < cuts) == rising
        low = np.where(below & ~done, middle, low)
        high = np.where(~below & ~done, middle, high)


def _cuts(model: ScoringModel) -> list[float]:
    rules = model.decisions
    found = set(rules.scale.cuts if rules.scale else ())
    found |= {b.low for b in rules.bands.bands if b.low is not None} if rules.bands else set()
    found |= {rules.threshold.log_odds} if rules.threshold else set()
    return sorted(found)


def _usual(model: ScoringModel, name: str) -> str | None:
    """Give what a column holds that is not walked through: nothing, but consent."""
    consent = model.decisions.consent
    if consent is None or name != consent.column:
        return None
    return consent.yes[0] if consent.yes else "true"


def _with_others_missing(
    model: ScoringModel, term: Term, result: str, shape: Shape = "standardized"
) -> Callable[[Floats], Floats]:
    """Give the result for values of a term's column, all else missing; shape (rows,) both."""
    chain = stages(model, shape, [result])
    one = {
        name: _values(role, "BOOLEAN" if role == "flag" else "DOUBLE", [_usual(model, name)])
        for name, role in sources(model, [result]).items()
    }

    def results(values: Floats) -> Floats:
        rows = {name: value[np.zeros(len(values), np.int64)] for name, value in one.items()}
        return evaluate(chain, rows | {term.column: values})[result]

    return results


def _values(role: Kind, sql_type: str, cells: Sequence[str | None]) -> Values:
    return texts(cells) if role in IN_TEXT else np.array([_double(c, sql_type) for c in cells])


def _double(text: str | None, sql_type: str) -> float:
    match sql_type:
        case _ if text is None:
            return nan
        case "BOOLEAN":
            return float(text == "true")
        case "DATE" | "TIMESTAMP":
            return days_since_1970(text[:10], "")
        case "FLOAT":
            return float(np.float32(text))
        case _:
            return float(Decimal(text))
