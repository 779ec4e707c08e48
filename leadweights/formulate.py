"""From a model to formulas: the only place where a term's arithmetic is written down."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import floor, fsum
from typing import Literal, assert_never

from leadweights.errors import UnsupportedError
from leadweights.formula import (
    Above,
    AtLeast,
    Case,
    Column,
    Constant,
    Difference,
    Exp,
    FlagColumn,
    Formula,
    Named,
    NumberColumn,
    Product,
    Quotient,
    Stage,
    Sum,
    Within,
    flattened,
    total,
)
from leadweights.model import (
    Flag,
    Identity,
    InputColumn,
    Logit,
    Number,
    Ranged,
    ScoringModel,
    Standardized,
    Term,
)

Shape = Literal["standardized", "raw"]
SHAPES: tuple[Shape, ...] = ("standardized", "raw")

# A suffix must not push a name over an engine's limit (63 bytes in PostgreSQL).
_LONGEST_NAME = 40


def outputs(model: ScoringModel) -> tuple[str, ...]:
    """Name every column the model can compute."""
    match model.link:
        case Logit():
            return ("lead_score", "log_odds", "probability")
        case Identity():
            return ("lead_score", "probability")
        case _:
            assert_never(model.link)


def default_outputs(model: ScoringModel, shape: Shape) -> tuple[str, ...]:
    """Name the columns a SELECT has unless others are asked for.

    A flat SELECT cannot name an intermediate result, so the probability would repeat the whole
    sum in each branch of its CASE: in the raw shape it is there only when asked for.
    """
    everything = outputs(model)
    return everything if shape == "standardized" else everything[:-1]


def stages(
    model: ScoringModel, shape: Shape = "standardized", columns: Sequence[str] | None = None
) -> tuple[Stage, ...]:
    """Write a model as stages of formulas; the last one has exactly the columns asked for.

    Shape `standardized` has a stage per step and shows means, standard deviations and weights;
    shape `raw` is a single stage with one multiplication a column. The two round differently.

    Raises UnsupportedError for a shape or a column there is not.
    """
    asked = default_outputs(model, shape) if columns is None else tuple(columns)
    unknown = [name for name in asked if name not in outputs(model)]
    if unknown or not asked:
        raise UnsupportedError(
            f"no column {unknown[0] if unknown else ''!r} in the result; "
            f"there are: {', '.join(outputs(model))}"
        )
    match shape:
        case "standardized":
            head = _standardized(model)
        case "raw":
            head = _raw(model)
        case _:
            raise UnsupportedError(f"no shape {shape!r}; there are: {', '.join(SHAPES)}")
    chain = _narrowed([*head, *_after_lead_score(model)], asked)
    return (flattened(chain),) if shape == "raw" else chain


def raw_weight(term: Term) -> float:
    """Lead score per unit of the column."""
    return term.weight / _spread(term)


def column_value(term: Term, contribution: float) -> float:
    """Invert a term: the value of its column that contributes this much, but for rounding."""
    return _zero(term) + contribution * _spread(term) / term.weight


def limits(model: ScoringModel) -> dict[str, float]:
    """Bound what each column may hold: further from zero, a value counts as missing.

    A power of ten at least 1e50 spreads away, so no real value is near it, and so low that no
    step of the arithmetic can overflow: engines answer an overflow with an infinity or with an
    error that ends the whole query. It is 1e100 unless a column's own scale is extraordinary.
    """
    scale = model.link.scale if isinstance(model.link, Logit) else 1.0
    above_one = max(0, Decimal(scale).adjusted())
    room = {
        term.column: 150 + Decimal(_spread(term)).adjusted() - above_one for term in model.terms
    }
    return {name: float(f"1e{min(307, 100 * floor(r / 100))}") for name, r in room.items()}


def _zero(term: Term) -> float:
    match term:
        case Standardized():
            return term.mean
        case Ranged():
            return term.low if term.weight >= 0 else term.high
        case _:
            assert_never(term)


def _spread(term: Term) -> float:
    match term:
        case Standardized():
            return term.std
        case Ranged():
            return term.high - term.low
        case _:
            assert_never(term)


def _note(term: Term) -> str:
    match term:
        case Standardized():
            return f"mean {term.mean:.4g}, std {term.std:.4g}, weight {term.weight:.4g}"
        case Ranged():
            return f"range {term.low:.4g} to {term.high:.4g}, weight {term.weight:.4g}"
        case _:
            assert_never(term)


def _input(column: InputColumn, limit: float) -> Formula:
    source: Formula
    match column:
        case Number(name):
            source = NumberColumn(name)
        case Flag(name):
            source = FlagColumn(name)
        case _:
            assert_never(column)
    return Case(((Within(source, limit), source),), Constant(column.fill))


def _stage_names(columns: Sequence[str], suffix: str) -> dict[str, str]:
    """Name each column's own result in a stage: no stage ever reuses a name of another."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for position, column in enumerate(columns, start=1):
        short = len(column.encode()) <= _LONGEST_NAME
        name = f"{column if short else f'column_{position}'}_{suffix}"
        while name.lower() in taken:
            name += "_"
        taken.add(name.lower())
        names[column] = name
    return names


def _inputs(model: ScoringModel, names: Mapping[str, str]) -> Stage:
    bounds = limits(model)
    return Stage(
        "inputs", tuple(Named(names[c.name], _input(c, bounds[c.name])) for c in model.columns)
    )


def _standardized(model: ScoringModel) -> list[Stage]:
    read = _stage_names([column.name for column in model.columns], "input")
    added = _stage_names([term.column for term in model.terms], "contribution")
    contributions = tuple(
        Named(
            added[term.column],
            Product(
                Quotient(
                    Difference(Column(read[term.column]), Constant(_zero(term))),
                    Constant(_spread(term)),
                ),
                Constant(term.weight),
            ),
            _note(term),
        )
        for term in model.terms
    )
    lead_score = total([Column(named.name) for named in contributions])
    return [
        _inputs(model, read),
        Stage("contributions", contributions),
        Stage("lead_scores", (Named("lead_score", lead_score),)),
    ]


def _raw(model: ScoringModel) -> list[Stage]:
    read = _stage_names([column.name for column in model.columns], "input")
    offset = -fsum(_zero(term) * raw_weight(term) for term in model.terms)
    weighted = [Product(Column(read[t.column]), Constant(raw_weight(t))) for t in model.terms]
    lead_score = total([Constant(offset), *weighted])
    return [
        _inputs(model, read),
        Stage("lead_scores", (Named("lead_score", lead_score),)),
    ]


def _after_lead_score(model: ScoringModel) -> list[Stage]:
    lead_score = Named("lead_score", Column("lead_score"))
    match model.link:
        case Logit(intercept, scale):
            weighted = Product(Constant(scale), Column("lead_score"))
            log_odds = Named("log_odds", Sum((Constant(intercept), weighted)))
            kept = (lead_score, Named("log_odds", Column("log_odds")))
            return [
                Stage("log_odds", (lead_score, log_odds)),
                Stage("odds", (*kept, Named("odds", odds(Column("log_odds"))))),
                Stage("probabilities", (*kept, Named("probability", share(Column("odds"))))),
            ]
        case Identity():
            probability = _cut(Column("lead_score"))
            return [Stage("probabilities", (lead_score, Named("probability", probability)))]
        case _:
            assert_never(model.link)


def odds(log_odds: Formula) -> Formula:
    """Write `exp(log_odds)`, bounded.

    Beyond 708 exp overflows, and below -708 it loses its digits: both are errors in PostgreSQL.
    The bounds stand for a probability of 1 and 0, which it is there to the last bit, or within
    1e-307.
    """
    return Case(
        (
            (Within(log_odds, 708.0), Exp(log_odds)),
            (Above(log_odds, Constant(0.0)), Constant(1e100)),
        ),
        Constant(0.0),
    )


def share(odds: Formula) -> Formula:
    """Write `odds / (1 + odds)`: a probability.

    An engine whose exp is 1 ulp from the C library's ends within 2 ulp of Python, which
    `1 / (1 + exp(-log_odds))` does not (4 ulp).
    """
    return Quotient(odds, Sum((Constant(1.0), odds)))


def _cut(value: Formula) -> Formula:
    one, zero = Constant(1.0), Constant(0.0)
    return Case(((AtLeast(value, one), one), (AtLeast(value, zero), value)), zero)


def _narrowed(chain: Sequence[Stage], asked: Sequence[str]) -> tuple[Stage, ...]:
    """Stop at the first stage that has all the columns asked for, and keep only those of it."""
    for position, stage in enumerate(chain):
        found = {column.name: column for column in stage.columns}
        if all(name in found for name in asked):
            last = Stage(stage.name, tuple(found[name] for name in asked))
            return (*chain[:position], last)
    raise AssertionError(f"no stage has {asked}")
