"""The columns a model can compute, and the stages that compute them."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal, assert_never

from leadweights.errors import UnsupportedError
from leadweights.formula import reasons
from leadweights.formula import rules as deciding
from leadweights.formula.nodes import (
    AtLeast,
    Case,
    Column,
    Constant,
    Formula,
    Named,
    NumberInText,
    Product,
    Stage,
    Sum,
    TextColumn,
    chained,
    flattened,
    read_by,
    total,
)
from leadweights.formula.terms import (
    contribution_names,
    contributions,
    inputs,
    raw_lead_score,
    share,
)
from leadweights.model.model import Identity, Logit, ScoringModel, limits
from leadweights.model.rules import MOST_REASONS

Shape = Literal["standardized", "raw"]
SHAPES: tuple[Shape, ...] = ("standardized", "raw")

PROBABILITIES = ("probability", "adjusted_probability")
"""Results that need an engine's EXP: all others are the same bits everywhere."""

RANKED = ("rank", "decile")
"""Results that depend on the other rows of the table."""

RESERVED = frozenset(
    {
        *("lead_score", "log_odds", "calibrated_log_odds", "adjusted_log_odds", *PROBABILITIES),
        *("status", "score_100", "band", "action", "decision", *RANKED),
        *(f"reason_{place}" for place in range(1, MOST_REASONS + 1)),
        *(f"reason_{place}_effect" for place in range(1, MOST_REASONS + 1)),
        *("odds", "adjusted_odds", "consent_given", "owner_text", "decay_days", "tenths_before"),
        "percent_and_half",
        *("adjustment_factor", "adjustment_ratio", "adjustment_square", "adjustment_log"),
        *("rank_place", "overall_place", "scored_rows"),
    }
)
"""Names of results and of steps to them, of any model: no key may have one."""

LISTS = ("contributions", "effects")
"""What can be asked for by one word: a column for each term, named as the column of the table.

Contributions add up to the lead score; effects are contributions in log-odds.
"""


_HOW_TO_GET = {
    "decision": "choose a threshold first, with leadweights threshold",
    **dict.fromkeys(("score_100", "band"), "plan it first, with leadweights decide"),
    "action": "plan what is to be done in each band first, with leadweights decide",
    "status": "plan a column of consent first, with leadweights decide",
    "calibrated_log_odds": "it is not calibrated (leadweights calibrate)",
    **dict.fromkeys(
        ("adjusted_log_odds", "adjusted_probability"),
        "plan an adjustment or a decay first, with leadweights decide",
    ),
    **dict.fromkeys(RANKED, "rows are ranked by their keys, and it was learnt without any"),
    **dict.fromkeys(
        (name for name in RESERVED if name.startswith("reason_")),
        "a row is given fewer reasons: plan more, with leadweights decide; a model that would need "
        f"more than {reasons.MOST_TEXTS:,} texts gives none",
    ),
}


def outputs(model: ScoringModel) -> tuple[str, ...]:
    """Name every column the model can compute, but for `LISTS`.

    There is no rank without keys that are read as text alone, and there are no reasons where they
    would need too many texts.
    """
    rules = model.decisions
    if isinstance(model.link, Identity):
        return ("lead_score", "probability")
    found = ["lead_score", "log_odds"]
    found += ["calibrated_log_odds"] if rules.calibration else []
    found += ["probability"]
    found += ["adjusted_log_odds", "adjusted_probability"] if _is_adjusted(model) else []
    found += ["status"] if rules.consent else []
    found += ["score_100"] if rules.scale else []
    found += ["band"] if rules.bands else []
    found += ["action"] if rules.bands and any(b.action for b in rules.bands.bands) else []
    found += ["decision"] if rules.threshold else []
    for place in range(1, reasons.count(model) + 1):
        found += [f"reason_{place}", f"reason_{place}_effect"]
    return (*found, *(RANKED if _is_ranked(model) else ()))


def default_outputs(model: ScoringModel, shape: Shape) -> tuple[str, ...]:
    """Name the columns a SELECT has unless others are asked for.

    Those of the score, and what somebody added to the model. In the raw shape the probability is
    there only when asked for: the SELECT is flat without it.
    """
    usual = {"lead_score", "log_odds", "calibrated_log_odds", "adjusted_log_odds"}
    usual |= {"status", "decision", *(PROBABILITIES if shape == "standardized" else ())}
    return tuple(name for name in outputs(model) if name in usual)


def ranked_by(model: ScoringModel) -> str:
    """Name the column that puts rows in order, the same bits on every engine."""
    return "lead_score" if isinstance(model.link, Identity) else deciding.basis(model)


def decided_probability(model: ScoringModel) -> str:
    """Name the probability that belongs to what ranks the rows."""
    return "adjusted_probability" if _is_adjusted(model) else "probability"


def row_outputs(model: ScoringModel, shape: Shape) -> tuple[str, ...]:
    """Name what a shape computes row by row."""
    known = (name for name in outputs(model) if shape == "standardized" or _raw_knows(name))
    return tuple(name for name in known if name not in RANKED)


def exact_outputs(model: ScoringModel, shape: Shape) -> tuple[str, ...]:
    """Name what a shape computes row by row, the same on every engine: numbers' bits, and texts."""
    return tuple(name for name in row_outputs(model, shape) if name not in PROBABILITIES)


def part_outputs(model: ScoringModel) -> tuple[str, ...]:
    """Name the columns that `LISTS` stand for, which the standardized shape knows."""
    return tuple(name for names in _lists(model).values() for name in names)


def stages(
    model: ScoringModel, shape: Shape = "standardized", columns: Sequence[str] | None = None
) -> tuple[Stage, ...]:
    """Write a model as stages of formulas; the last one has exactly the columns asked for.

    Shape `standardized` has a stage per step and shows means, standard deviations and weights;
    shape `raw` has one multiplication a column, in a single stage where it ends with them. The
    two round differently.

    Raises UnsupportedError for a shape or a column there is not.
    """
    names = default_outputs(model, shape) if columns is None else tuple(columns)
    return _stages(model, shape, names)


@lru_cache(maxsize=32)  # a proof asks a hundred times for a dozen
def _stages(model: ScoringModel, shape: Shape, columns: tuple[str, ...]) -> tuple[Stage, ...]:
    asked = list(columns)
    for word, names in _lists(model).items():
        if word in asked:
            asked[asked.index(word) : asked.index(word) + 1] = names
    known = [*outputs(model), *part_outputs(model)]
    unknown = [name for name in asked if name not in known]
    if unknown and unknown[0] in _HOW_TO_GET:
        raise UnsupportedError(f"{model.name} has no {unknown[0]}: {_HOW_TO_GET[unknown[0]]}")
    if unknown or not asked:
        raise UnsupportedError(
            f"no column {unknown[0] if unknown else ''!r} in the result; there are: "
            f"{', '.join((*outputs(model), *_lists(model)))}"
        )
    if len(set(asked)) < len(asked):
        raise UnsupportedError("a column of the result is named twice")
    match shape:
        case "standardized":
            return chained(_standardized(model, asked), asked)
        case "raw":
            odd = [n for n in asked if n not in outputs(model) or not _raw_knows(n)]
            if odd:
                raise UnsupportedError(
                    f"the raw shape knows no contributions, which {odd[0]!r} needs: take the "
                    "standardized one"
                )
            chain = chained(_raw(model), asked)
            # A probability reads the sum several times, and in one stage would compute it anew.
            flat = {"lead_score", "log_odds"}
            plain = not (model.decisions.calibration or model.decisions.consent)
            return (flattened(chain),) if plain and flat.issuperset(asked) else chain
        case _:
            raise UnsupportedError(f"no shape {shape!r}; there are: {', '.join(SHAPES)}")


def _raw_knows(name: str) -> bool:
    return not name.startswith("reason_")


def _is_adjusted(model: ScoringModel) -> bool:
    return bool(model.decisions.adjustment or model.decisions.decay)


def _is_ranked(model: ScoringModel) -> bool:
    """Tell whether there are keys, and nothing reads them or the owner as anything but text."""
    texts = {*model.keys, model.decisions.owner}
    rules = deciding.decision_inputs(model, ranked=False)
    read = read_by((inputs(model.columns, limits(model)), tuple(rules)))
    others = (part for part in read if not isinstance(part, TextColumn | NumberInText))
    return bool(model.keys) and texts.isdisjoint(part.name for part in others)


def _lists(model: ScoringModel) -> dict[str, list[str]]:
    contributed = list(contribution_names(model).values())
    if isinstance(model.link, Identity):
        return {"contributions": contributed}
    return {"contributions": contributed, "effects": list(reasons.effect_names(model).values())}


def _standardized(model: ScoringModel, asked: Iterable[str]) -> list[Stage]:
    """List every step there is; of the reasons only where some are asked for."""
    read, contributed = contributions(model)
    parts = [
        Named(part.name, deciding.consented(model, _number(part)), part.note)
        for part in contributed.columns
    ]
    lead_score = Named("lead_score", total([Column(part.name) for part in parts]))
    if isinstance(model.link, Identity):
        return [
            read,
            Stage("contributions", tuple(parts)),
            Stage("lead_scores", (lead_score,)),
            *_after_lead_score(model, [], []),
        ]
    effects = [
        Named(name, Product(Constant(model.link.scale), Column(part.name)))
        for name, part in zip(reasons.effect_names(model).values(), parts, strict=True)
    ]
    told, keys, rounds, last = list[Named](), list[Named](), list[Stage](), list[Named]()
    if not RESERVED.isdisjoint(name for name in asked if name.startswith("reason_")):
        told, keys = reasons.codes(model), reasons.keys(model)
        rounds, largest = reasons.tournament(model)
        rounds.append(Stage("reason_codes", tuple(reasons.chosen(model, largest)), once=True))
        for place in range(1, reasons.count(model) + 1):
            last.append(Named(f"reason_{place}", reasons.reason(model, place)))
            effect = reasons.reason_effect(model, place)
            last.append(Named(f"reason_{place}_effect", effect))
    return [
        Stage("inputs", (*read.columns, *deciding.decision_inputs(model))),
        Stage("contributions", (*parts, *told, *_ratio(model))),
        Stage("lead_scores", (lead_score, *effects, *_square(model))),
        *_after_lead_score(model, keys, rounds, last),
    ]


def _raw(model: ScoringModel) -> list[Stage]:
    read = inputs(model.columns, limits(model))
    lead_score = Named("lead_score", deciding.consented(model, raw_lead_score(model)))
    return [
        Stage("inputs", (*read.columns, *deciding.decision_inputs(model))),
        Stage("lead_scores", (lead_score, *_ratio(model))),
        Stage("adjustments", _square(model)),
        *_after_lead_score(model, [], []),
    ]


def _number(part: Named) -> Formula:
    """Tell the type checker that a contribution is a number."""
    formula: Formula = part.formula  # type: ignore[assignment]
    return formula


def _ratio(model: ScoringModel) -> tuple[Named, ...]:
    return (deciding.adjustment_ratio(),) if model.decisions.adjustment else ()


def _square(model: ScoringModel) -> tuple[Named, ...]:
    return (deciding.adjustment_square(),) if model.decisions.adjustment else ()


def _after_lead_score(
    model: ScoringModel, keys: Sequence[Named], rounds: Sequence[Stage], last: Sequence[Named] = ()
) -> list[Stage]:
    rules = model.decisions
    match model.link:
        case Identity():
            return [Stage("decided", (Named("probability", _cut(Column("lead_score"))),))]
        case Logit(intercept, scale):
            pass
        case _:
            assert_never(model.link)
    weighted = Product(Constant(scale), Column("lead_score"))
    first = [Named("log_odds", Sum((Constant(intercept), weighted))), *keys]
    if rules.adjustment:
        first.append(deciding.adjustment_log(rules.adjustment))
    read_often = bool(rounds or rules.calibration or _is_adjusted(model))
    steps = [Stage("log_odds", tuple(first), once=read_often), *rounds]
    calibrated = Column("calibrated_log_odds" if rules.calibration else "log_odds")
    decided = [Named("probability", share(Column("odds"))), *last]
    if rules.calibration:
        mapped = deciding.calibrated(rules.calibration, Column("log_odds"))
        steps.append(Stage("calibrated", (Named("calibrated_log_odds", mapped),), once=True))
    shares = list[Named]()
    odds = [Named("odds", deciding.present_odds(model, calibrated))]
    basis = Column(deciding.basis(model))
    if _is_adjusted(model):
        steps.append(Stage("adjusted", (deciding.adjusted(model),), once=True))
        odds.append(Named("adjusted_odds", deciding.present_odds(model, basis)))
        decided.append(Named("adjusted_probability", share(Column("adjusted_odds"))))
    if rules.consent:
        decided.append(Named("status", deciding.status()))
    if rules.scale:
        percent = share(Column("adjusted_odds" if _is_adjusted(model) else "odds"))
        shares.append(deciding.percent_and_half(percent))
        decided.append(Named("score_100", deciding.score_100(rules.scale, basis)))
    if rules.bands:
        decided.append(Named("band", deciding.band(rules.bands, basis)))
        decided.append(Named("action", deciding.action(rules.bands, basis)))
    if rules.threshold:
        decided.append(Named("decision", deciding.decision(rules.threshold.log_odds, basis)))
    if _is_ranked(model):
        steps.append(Stage("ranked", tuple(deciding.places(model))))
        odds.append(deciding.tenths_before(model))
        decided.append(Named("rank", deciding.rank(model)))
        decided.append(Named("decile", deciding.decile()))
    last_steps = {"odds": odds, "percent": shares, "decided": decided}
    return [*steps, *(Stage(name, tuple(columns)) for name, columns in last_steps.items())]


def _cut(value: Formula) -> Formula:
    one, zero = Constant(1.0), Constant(0.0)
    return Case(((AtLeast(value, one), one), (AtLeast(value, zero), value)), zero)
