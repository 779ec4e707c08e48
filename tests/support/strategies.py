"""Random models, tables and formulas for property tests."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import inf, nan
from random import Random
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st

from leadweights.formula.arrays import Values
from leadweights.formula.nodes import (
    LARGEST_SUM,
    Above,
    Abs,
    AsDouble,
    AsInteger,
    AtLeast,
    Case,
    Column,
    Condition,
    Constant,
    Difference,
    Either,
    Exp,
    Filled,
    Floor,
    Formula,
    Holds,
    Integer,
    IsMissing,
    Ln,
    Lowered,
    Null,
    OneOf,
    Product,
    Quotient,
    Sign,
    Steps,
    Sum,
    Text,
    TextCase,
    TextSteps,
    Trimmed,
    Without,
    Words,
    within,
)
from leadweights.formula.texts import Texts, texts
from leadweights.model.calibration import Isotonic, Knot, Platt
from leadweights.model.dates import MONTHS, WEEKDAYS
from leadweights.model.form import PLAIN, Form
from leadweights.model.model import (
    Category,
    DaysSince,
    Flag,
    Identity,
    InputColumn,
    InText,
    Link,
    Listed,
    Logit,
    Missing,
    Month,
    Number,
    Plain,
    ScoringModel,
    SegmentFill,
    Segments,
    Weekday,
    limits,
)
from leadweights.model.provenance import Provenance
from leadweights.model.rounding import divide_shares, round_digits
from leadweights.model.rules import (
    Adjustment,
    Band,
    Bands,
    Consent,
    Decay,
    Decisions,
    Scale,
    Threshold,
    Trend,
    Wording,
    percent_cuts,
)
from leadweights.model.terms import Bins, Curve, Level, Levels, Point, Ranged, Standardized, Term
from leadweights.model.trees import Leaf, LevelSplit, Node, NumberSplit, Trees
from leadweights.tables.columns import sources

T = TypeVar("T")

PROVENANCE = Provenance("a test", "label", "1", 100, 40, "drawn at random", "0" * 64)

# Drawn tens of thousands of times: strategies are made once, and a column takes one draw.
signs = st.sampled_from([-1.0, 1.0])
coins = st.booleans()
fractions = st.floats(0.001, 1.0)


@cache
def magnitudes(most: int = 299) -> st.SearchStrategy[float]:
    """Draw positive numbers between 10 to the power of -most and of most, often ordinary ones."""
    return st.one_of(
        st.floats(0.001, 1000.0),
        st.builds(
            lambda mantissa, exponent: mantissa * 10.0**exponent,
            st.floats(1.0, 9.99),
            st.integers(-most, most),
        ),
    )


ODD_NUMBERS = (
    *(nan, inf, -inf, 0.0, -0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 1e308, -1e308),
    *(1.7976931348623157e308, -1.7976931348623157e308, 2.0**53 + 2, 0.1, 1 / 3, 1.0, -1.0),
)


@cache
def _bytes(count: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=count, max_size=count)


def numbers_about(draw: st.DrawFn, centre: float, spread: float, rows: int) -> list[float]:
    """Draw a column: near its centre, of any size, of any bits, and what is odd; NaN is missing."""
    return [
        _number(kind % 6, bits, centre, spread)
        for kind, bits in struct.iter_unpack("<BQ", draw(_bytes(9 * rows)))
    ]


def _number(kind: int, bits: int, centre: float, spread: float) -> float:
    part, sign = (bits >> 11) * 2.0**-53, -1.0 if bits & 1 else 1.0
    match kind:
        case 0 | 1:
            return centre + (8 * part - 4) * spread
        case 2:
            return ODD_NUMBERS[bits % len(ODD_NUMBERS)]
        case 3:
            return sign * round(1000 * part, bits % 4)
        case 4:
            return float(sign * (1 + 8.99 * part) * 10.0 ** (bits % 599 - 299))
        case _:
            found: float = struct.unpack("<d", struct.pack("<Q", bits))[0]
            return found


def picked(draw: st.DrawFn, pool: Sequence[T], rows: int) -> list[T]:
    """Draw one of few for each row."""
    return [pool[place % len(pool)] for place in draw(_bytes(rows))]


@dataclass(frozen=True)
class Drawn:
    """A model, the columns of a table for it, and their SQL types where they are not DOUBLE."""

    model: ScoringModel
    table: dict[str, Values]
    types: dict[str, str]


WORDS = (
    "a",
    "A",
    "a ",
    " a",
    "\u00c4",
    "\u00e4",
    "it's",
    '"',
    "\\",
    "x\ny",
    "\U0001f600",
    "Select",
    "",
)
CODES = ("0", "7", "7001", "90210", "123456789012345")
CODES_IN_DOUBLES = ("7.0", "7001.0", "7.001E3", "7001.00", "9.021e4", "9.021E4")
NUMBERS_IN_TEXT = ("1", "-2.5", " +.5e1 ", "1e400", "1_0", "ten", "-", "", "7.")
FORMS = (
    Form(",", "."),
    Form(",", " ", ("\u20ac", "EUR"), signs=True),
    Form(".", ",", ("$", "US$"), signs=True),
    Form(".", "'", ("CHF", "Fr."), signs=True),
    Form(units=("%",)),
)
MARKED = (
    *("1.640,57", "1,640.57", "1'640.57", "1\u2019640", "1 640,5", "1\u00a0640", "1\u202f640,25"),
    *("1.640", "1,640", "12.345.678", "1,23,456", "1.64", "0,5", "-,5", "7,", "1,5e3", "1,2345"),
    *("$1,640.57", "US$ 5", "5 EUR", "\u20ac5", "CHF 1'234.50", "Fr.7", "12%", "12 %", "- 3", "%"),
    *("(5)", "($1,640)", "$(5)", "(5) EUR", "(5", "5)", "(-5)", "5-", "5,5- \u20ac", "5 EUR-"),
    *("-5-", "\u22125", "5\u2212", "$-5", "-$5", "+5", "1.640.57", "1,64,5", "5 $ $", "5\u00a0"),
)
LISTS = ("a;A", "A ; it's", ";", "a;a", "x\ny;a", "a,A;\u00c4", "{{a}};\U0001f600")
words = st.sampled_from(WORDS)
words_listed = st.sampled_from(("a", "A", "it's", "\u00c4", "x\ny", "{{a}}", "\U0001f600", "\\"))
contributions = st.floats(-2, 2, width=32).map(lambda value: round_digits(value, 0.1))


_kinds_of_terms = st.sampled_from(["standardized", "ranged", "curve", "bins"])
_places = st.floats(-5, 5)
_steps = st.sets(st.integers(-20, 20), min_size=2, max_size=4).map(sorted)


def number_term(draw: st.DrawFn, column: str, weight: float, size: float) -> Term:
    match draw(_kinds_of_terms):
        case "standardized":
            mean = draw(_places) * size
            return Standardized(column, mean if abs(mean) <= 1e300 else size, size, weight)
        case "ranged":
            low = draw(_places) * size
            high = low + size
            if not (max(abs(low), abs(high)) <= 1e300 and high - low >= 1e-300):
                low, high = 0.0, size
            return Ranged(column, low, high, weight)
        case "bins":
            cuts = tuple(step * min(max(size, 1e-200), 1e90) for step in draw(_steps))
            return Bins(column, abs(weight), cuts, tuple(draw(contributions) for _ in [0.0, *cuts]))
        case _:
            size = min(max(size, 1e-200), 1e90)
            points = tuple(Point(step * size, draw(contributions)) for step in draw(_steps))
            return Curve(column, abs(weight), points)


_ends = st.tuples(st.floats(-3, 3), st.floats(-3, 3)).map(sorted)
_sources = st.integers(0, 3)
_forms = st.sampled_from([PLAIN, *FORMS])


def number_column(draw: st.DrawFn, name: str, centre: float, spread: float) -> Number:
    plain = Number(name, centre)
    if draw(coins):
        return plain
    low, high = (min(max(centre + end * spread, -1e300), 1e300) for end in draw(_ends))
    fills = tuple(SegmentFill(word, low) for word in ("a", "A"))
    day = f"{name} day"
    known: list[Plain | InText | DaysSince] = [
        Plain(),
        InText(draw(_forms)),
        DaysSince(day, until_day="2026-02-28"),
        DaysSince(day, until_column=f"{name} end"),
    ]
    return Number(
        name,
        centre,
        known[draw(_sources)],
        missing=(centre,) if draw(coins) else (),
        segments=Segments(f"{name} segment", fills) if draw(coins) else None,
        low=low if draw(coins) else None,
        high=high if draw(coins) else None,
        log=draw(coins),
    )


_kinds_of_choices = st.sampled_from(["category", "weekday", "month"])
_missing_words = st.sets(words, max_size=2).map(sorted)
_kept: dict[tuple[str, ...], st.SearchStrategy[list[str]]] = {
    known: st.sets(st.sampled_from(known), max_size=3).map(sorted)
    for known in (WORDS, CODES, WEEKDAYS, MONTHS)
}


def choice(draw: st.DrawFn, name: str, weight: float) -> tuple[InputColumn, Term]:
    column: InputColumn
    match draw(_kinds_of_choices):
        case "category":
            whole = draw(coins)
            missing = tuple(draw(_missing_words))
            column = Category(name, missing, draw(coins), draw(coins), whole)
            known: tuple[str, ...] = CODES if whole else WORDS
        case "weekday":
            column, known = Weekday(name, f"{name} day"), WEEKDAYS
        case _:
            column, known = Month(name, f"{name} day"), MONTHS
    kept = draw(_kept[known])
    if isinstance(column, Category):
        kept = [word for word in kept if word not in column.missing]
    levels = tuple(Level(word, draw(contributions), 0.1) for word in kept)
    rest = (Level("", draw(contributions), 0.0) for _ in range(2))
    return column, Levels(name, abs(weight), levels, *rest)


_seeds = st.integers(0, 2**32)


def trees_of(
    seed: int, columns: Sequence[InputColumn], terms: Sequence[Term], share: float
) -> Trees:
    """Draw trees that read some of the columns; a drawn seed says which, for the sake of speed."""
    rng, most = Random(seed), 3
    centres = {term.column: centre_and_spread(term) for term in terms}
    read = rng.sample(list(columns), min(len(columns), 8))

    def grow(depth: int) -> Node:
        if depth == most or (depth and rng.random() < 0.3):
            return Leaf(round_digits(rng.uniform(-2, 2), 0.1), rng.choice([0.0, 0.1, 0.25]))
        column, missing = rng.choice(read), rng.random() < 0.5
        below = grow(depth + 1), grow(depth + 1)
        match column:
            case Category():
                own = CODES if column.whole else WORDS
                known = [word for word in own if word not in column.missing]
            case Weekday() | Month():
                known = list(WEEKDAYS if isinstance(column, Weekday) else MONTHS)
            case _:
                centre, spread = centres[column.name]
                at = centre + rng.choice([0.0, rng.uniform(-4, 4)]) * spread
                at = at if isinstance(column, Number) and abs(at) <= 1e300 else 0.5
                return NumberSplit(column.name, at, *below, missing)
        kept = rng.sample(known, min(len(known), rng.randint(0 if missing else 1, 4)))
        if not (kept or missing):
            return below[0]
        return LevelSplit(column.name, tuple(kept), *below, missing)

    count = rng.choice([1, 1, 1, 1, 2, 2, 3, 11])
    return Trees(share, tuple(grow(0) for _ in range(count)))


_quarters = st.integers(0, 3)
_eighths = st.integers(0, 7)


@cache
def _links(most: int) -> st.SearchStrategy[Link]:
    scales = st.one_of(st.floats(0.01, 50), magnitudes(most))
    return st.one_of(st.builds(Logit, st.floats(-40, 40), scales), st.just(Identity()))


@cache
def _counts(most: int) -> st.SearchStrategy[int]:
    return st.integers(1, most)


@st.composite
def models(draw: st.DrawFn, most_columns: int = 6, most: int = 299) -> ScoringModel:
    names = [f"x{i}" for i in range(draw(_counts(most_columns)))]
    shares = [draw(signs) * draw(fractions) for _ in names]
    with_trees = draw(coins)
    *weights, of_trees = divide_shares([*shares, draw(fractions) if with_trees else 0.0])
    columns: list[InputColumn] = []
    terms: list[Term] = []
    for name, weight in zip(names, weights, strict=True):
        if draw(_quarters) == 0:
            column, term = choice(draw, name, weight)
            columns.append(column)
            terms.append(term)
            continue
        term = number_term(draw, name, weight, draw(magnitudes(most)))
        centre, spread = centre_and_spread(term)
        numbers = [column for column in columns if isinstance(column, Number)]
        match draw(_eighths):
            case _ if isinstance(term, Curve):
                drawn = number_column(draw, name, centre, spread)
                columns.append(replace(drawn, low=None, high=None, log=False))
            case 0:
                columns.append(Flag(name, centre))
            case 1:
                columns.append(Flag(name, centre, ("a", "A"), ("it's",)))
            case 2:
                columns.append(Listed(name, f"{name} list", draw(words_listed), ";", " '"))
            case 3 if numbers:
                columns.append(Missing(name, numbers[0].name))
            case _:
                columns.append(number_column(draw, name, centre, spread))
        terms.append(term)
    link = draw(_links(most))
    drawn_trees = trees_of(draw(_seeds), columns, terms, of_trees) if with_trees else None
    parts = *_within_limits(columns, terms, link, of_trees), PROVENANCE
    drawn_model = ScoringModel("drawn", (), *parts, trees=drawn_trees)
    if isinstance(link, Identity) or draw(_quarters):
        return drawn_model
    return replace(drawn_model, decisions=draw(decisions(names, link.scale)))


def _within_limits(
    columns: Sequence[InputColumn], terms: Sequence[Term], link: Link, of_trees: float = 0.0
) -> tuple[tuple[InputColumn, ...], tuple[Term, ...], Link]:
    """Move fills and caps to where their column may have values."""
    numbers = (Number, Flag)
    empty = [Number(c.name, 0.0) if isinstance(c, numbers) else c for c in columns]
    trees = Trees(of_trees, (Leaf(0.0),)) if of_trees else None
    parts = tuple(empty), tuple(terms), link, PROVENANCE
    bounds = limits(ScoringModel("empty", (), *parts, trees=trees))
    found: list[InputColumn] = []
    for column in columns:
        limit = bounds[column.name]
        if isinstance(column, numbers):
            column = replace(column, fill=min(max(column.fill, -limit), limit))
        if isinstance(column, Number):
            ends = (column.low, column.high)
            low, high = (None if e is None else min(max(e, -limit), limit) for e in ends)
            column = replace(column, low=low, high=high)
            if column.segments is not None:
                fills = tuple(replace(s, fill=column.fill) for s in column.segments.fills)
                column = replace(column, segments=replace(column.segments, fills=fills))
        found.append(column)
    return tuple(found), tuple(terms), link


@st.composite
def decisions(draw: st.DrawFn, columns: Sequence[str], scale: float) -> Decisions:
    """Draw decisions of all kinds, by cuts where the log-odds of `columns` may be."""
    reach = st.floats(-2, 2).map(lambda place: place * min(scale, 1e200))
    cuts = sorted(draw(st.lists(reach, min_size=100, max_size=100)))
    by_percent = draw(st.booleans())
    lows = sorted(draw(st.sets(reach, min_size=1, max_size=4)), reverse=True)
    bands = [
        Band(f"band {place}", low, draw(st.sampled_from(["", "it's time"])))
        for place, low in enumerate((*lows, None))
    ]
    knots = [
        round_digits(at) for at in sorted(draw(st.sets(st.floats(-20, 20), min_size=2, max_size=4)))
    ]
    knots = sorted(set(knots))
    curve = Isotonic(tuple(Knot(float(at), 0.5 * at + 1) for at in knots))
    decay = Decay("last seen", draw(st.floats(0.5, 500)), until_day="2026-02-28")
    yes = draw(st.sampled_from([(), ("a", "it's")]))
    return Decisions(
        calibration=draw(st.sampled_from([None, Platt(-0.25, 0.75), curve])),
        consent=draw(st.sampled_from([None, Consent("may contact", yes)])),
        adjustment=draw(st.sampled_from([None, Adjustment("judgement")])),
        decay=draw(st.sampled_from([None, decay])),
        scale=Scale("probability", percent_cuts() if by_percent else tuple(cuts)),
        bands=Bands("probability", tuple(bands)),
        threshold=Threshold(lows[0], "drawn"),
        trend=draw(st.sampled_from([None, Trend("log-odds before", 0.5)])),
        reasons=draw(st.integers(1, 4)),
        wordings=(Wording(columns[0], "the first", draw(st.sampled_from(["", "much"]))),),
    )


def centre_and_spread(term: Term) -> tuple[float, float]:
    """Say where the values of a term's column lie."""
    match term:
        case Standardized(mean=mean, std=std):
            return mean, std
        case Ranged(low=low, high=high):
            return low, high - low
        case Curve(points=points):
            return points[0].at, points[-1].at - points[0].at
        case Bins(cuts=cuts):
            return cuts[0], cuts[-1] - cuts[0]
        case Levels():
            return 0.0, 1.0


@st.composite
def models_with_tables(
    draw: st.DrawFn, most_columns: int = 6, rows: int = 8, most: int = 299
) -> Drawn:
    model = draw(models(most_columns, most))
    return Drawn(model, *draw(tables(model, rows)))


@st.composite
def tables(
    draw: st.DrawFn, model: ScoringModel, rows: int
) -> tuple[dict[str, Values], dict[str, str]]:
    """Draw the columns of a table for a model, and their SQL types where they are not DOUBLE."""
    terms = {term.column: term for term in model.terms}
    table: dict[str, Values] = {}
    types: dict[str, str] = {}

    numbers = [column for column in model.columns if isinstance(column, Number)]
    in_text = {column.name for column in numbers if isinstance(column.source, InText)}
    for name, role in sources(model).items():
        match role:
            case "text":
                known = (
                    (*NUMBERS_IN_TEXT, *MARKED)
                    if name in in_text
                    else (*WORDS, *LISTS, *CODES, *CODES_IN_DOUBLES)
                )
                table[name] = texts(picked(draw, [None, *known], rows))
                types[name] = "VARCHAR"
            case "date":
                table[name] = np.array(picked(draw, [nan, -719162.0, 0.0, 20454.0], rows))
                types[name] = "DATE"
            case "flag":
                table[name] = np.array(picked(draw, [nan, 0.0, 1.0], rows))
                types[name] = "BOOLEAN"
            case "number":
                own = centre_and_spread(terms[name]) if name in terms else (1.0, 0.1)
                table[name] = np.array(numbers_about(draw, *own, rows))
    return table, types


@st.composite
def deciding_models_with_tables(draw: st.DrawFn, rows: int = 12) -> Drawn:
    """Draw models that decide, and rows with ties: whole rows, scores, contributions, texts.

    Rows have a key `id` and an owner `rep`, both texts; no two have the same key.
    """
    model = draw(alike_terms() if draw(coins) else models(5))
    link = model.link
    if not isinstance(link, Logit):
        link = Logit(draw(st.floats(-3, 3)), draw(st.floats(0.01, 50)))
    names = [column.name for column in model.columns]
    rules = replace(draw(decisions(names, link.scale)), owner=draw(st.sampled_from(["", "rep"])))
    model = replace(model, keys=("id",), link=link, decisions=rules)
    table, types = draw(tables(model, 5))
    if draw(coins):
        # A row that knows nothing: where the means fill it, it has no reason either.
        model = filled_with_means(model)
        first = np.arange(5) == 0
        table = {
            name: v.hide(first) if isinstance(v, Texts) else np.where(first, nan, v)
            for name, v in table.items()
        }
    places = np.array(draw(st.lists(st.integers(0, 4), min_size=rows, max_size=rows)))
    again = {n: v[places] for n, v in table.items()}
    again["id"] = texts(draw(st.permutations(WORDS))[:rows])
    again["rep"] = texts(
        draw(st.lists(st.sampled_from([None, "a", "A"]), min_size=rows, max_size=rows))
    )
    return Drawn(model, again, types | {"id": "VARCHAR", "rep": "VARCHAR"})


def filled_with_means(model: ScoringModel) -> ScoringModel:
    """Let a missing value add nothing to the lead score, where a term can be written so."""
    held = limits(model)
    means = {
        term.column: term.mean
        for term in model.terms
        if isinstance(term, Standardized) and abs(term.mean) <= held[term.column]
    }
    columns = (
        replace(column, fill=means[column.name], segments=None, low=None, high=None, log=False)
        if isinstance(column, Number) and column.name in means
        else column
        for column in model.columns
    )
    terms = (
        replace(term, missing=replace(term.missing, contribution=0.0))
        if isinstance(term, Levels)
        else term
        for term in model.terms
    )
    return replace(model, columns=tuple(columns), terms=tuple(terms))


@st.composite
def alike_terms(draw: st.DrawFn) -> ScoringModel:
    """Draw a model whose terms differ in nothing but their column, or in their sign besides."""
    count = draw(st.integers(2, 5))
    weights = divide_shares([draw(signs) for _ in range(count)])
    columns = tuple(Number(f"x{i}", draw(st.sampled_from([1.0, 1.5]))) for i in range(count))
    terms = tuple(Standardized(f"x{i}", 1.0, 0.5, weight) for i, weight in enumerate(weights))
    return ScoringModel("drawn", (), columns, terms, Logit(-0.5, 2.0), PROVENANCE)


COLUMNS = ("a", "b", "c", "d", "m", "n", "w", "y")
"""Columns of numbers that random formulas read; `t` is one of texts."""
# Bounded, so that no formula of depth 4 leaves the finite doubles.
small = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 37.0]), st.floats(-100, 100, width=64)
).filter(lambda value: value == 0 or abs(value) > 1e-20)
leaves: st.SearchStrategy[Formula] = st.one_of(
    st.builds(Column, st.sampled_from(COLUMNS)), st.builds(Constant, small)
)


texts_read: st.SearchStrategy[Text] = st.sampled_from(
    [
        *(Column("t"), Trimmed(Column("t")), Lowered(Column("t")), Lowered(Trimmed(Column("t")))),
        Without(Column("t"), " x\n"),
    ]
)


cuts_of_steps = st.sets(st.floats(-50, 50), min_size=1, max_size=3).map(
    lambda cuts: tuple(sorted(cuts))
)
texts_made: st.SearchStrategy[Text] = st.one_of(
    texts_read,
    st.builds(Words, words),
    st.builds(
        TextSteps,
        st.builds(Column, st.sampled_from(COLUMNS)),
        st.just((-1.0, 1.0)),
        st.tuples(texts_read, st.builds(Words, words), st.just(Null())),
    ),
    st.builds(
        TextCase,
        st.tuples(
            st.tuples(
                st.builds(IsMissing, texts_read), st.one_of(texts_read, st.builds(Words, words))
            )
        ),
        st.one_of(texts_read, st.just(Null())),
    ),
)


def _conditions(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Condition]:
    of_texts = st.builds(OneOf, texts_read, st.lists(words, min_size=1, max_size=3).map(tuple))
    return st.one_of(
        st.builds(
            lambda *conditions: Either(conditions),
            st.builds(IsMissing, texts_read),
            st.one_of(of_texts, st.builds(AtLeast, inner, inner)),
        ),
        st.builds(AtLeast, inner, inner),
        st.builds(Above, inner, inner),
        st.builds(within, inner, st.floats(0.0, 1000.0)),
        of_texts,
        st.builds(Holds, texts_read, words, st.sampled_from([" ", "\n", "'"])),
        st.builds(IsMissing, texts_read),
    )


def _bounded(formula: Formula) -> Formula:
    """Bring what exp is taken of, or what divides, between -1 and 1, and keep its digits."""
    return Quotient(formula, Sum((Constant(1.0), Abs(formula))))


def _compound(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    divisor = st.one_of(
        st.builds(Constant, small.filter(lambda value: abs(value) > 1e-3)),
        st.builds(lambda f: Sum((Constant(1.0), Exp(_bounded(f)))), inner),
    )
    return st.one_of(
        st.builds(lambda items: Sum(tuple(items)), st.lists(inner, min_size=2, max_size=4)),
        st.builds(Difference, inner, inner),
        st.builds(Filled, inner, inner),
        st.builds(Product, inner, inner),
        st.builds(Quotient, inner, divisor),
        # No map of `inner`: it would count as many kinds as there are in `inner`.
        st.builds(lambda f: Exp(_bounded(f)), inner),
        st.builds(lambda f: Ln(Sum((Constant(3.0), _bounded(f)))), inner),
        st.builds(Floor, inner),
        st.builds(Abs, inner),
        st.builds(Sign, inner),
        st.builds(AsDouble, st.builds(Integer, st.integers(-9, 9))),
        st.builds(AsDouble, st.builds(AsInteger, st.builds(Sign, inner))),
        st.builds(
            Case,
            st.tuples(st.tuples(_conditions(inner), inner)),
            st.one_of(inner, st.just(Null())),
        ),
        st.builds(
            lambda value, cuts, results: Steps(value, cuts, tuple(results[: len(cuts) + 1])),
            # Written once for each cut: steps of steps of steps would be a SELECT of megabytes.
            st.one_of(leaves, st.builds(lambda a, b: Sum((a, b)), leaves, leaves)),
            cuts_of_steps,
            st.lists(inner, min_size=4, max_size=4),
        ),
        st.builds(
            lambda branches, otherwise: Case(tuple(branches), otherwise),
            st.lists(st.tuples(_conditions(inner), inner), min_size=1, max_size=3),
            inner,
        ),
    )


formulas: st.SearchStrategy[Formula] = st.recursive(leaves, _compound, max_leaves=12)

assert LARGEST_SUM == 32
