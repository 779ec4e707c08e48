"""The columns a model can compute, and the stages that compute them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Literal

from leadweights.errors import UnsupportedError
from leadweights.formula import rules, trees
from leadweights.formula.columns import inputs
from leadweights.formula.dates import read_dates_once
from leadweights.formula.nodes import (
    SOURCES,
    Column,
    Constant,
    Formula,
    Named,
    Product,
    Stage,
    Sum,
    Text,
    change,
    read_by,
    total,
)
from leadweights.formula.reasons import MOST_TEXTS, REASON_KEYS, REASONS, effect_names
from leadweights.formula.rules import Rule
from leadweights.formula.terms import contribution_names, contributions, raw_lead_score
from leadweights.model.model import Identity, Logit, ScoringModel, limits

Shape = Literal["standardized", "raw"]
SHAPES: tuple[Shape, ...] = ("standardized", "raw")
BY_WEIGHTS: Literal["table"] = "table"
"""The shape that reads its constants from a table: see `stored_weights`."""

RULES: tuple[Rule, ...] = (
    rules.CONSENT,
    REASON_KEYS,
    rules.CALIBRATION,
    rules.PROBABILITY,
    rules.ADJUSTMENT,
    rules.DECAY,
    rules.ADJUSTED,
    rules.STATUS,
    rules.SCORE_100,
    rules.BAND,
    rules.ACTION,
    rules.DECISION,
    rules.TREND,
    REASONS,
    rules.RANKS,
)
"""What is done around a lead score, in the order of the results."""

_STEPS = (
    *("inputs", *trees.STEPS, "contributions", "lead_scores", "log_odds"),
    *(f"round_{level}" for level in range(1, MOST_TEXTS.bit_length())),
    *("reason_codes", "calibrated", "adjusted", "ranked", "odds", "percent", "decided"),
)
_RAW_STEPS = {"contributions": "lead_scores", "lead_scores": "adjustments"}

_SCORES = ("lead_score", "log_odds")

PROBABILITIES = ("probability", "adjusted_probability")
"""Results that need an engine's EXP: all others are the same bits everywhere."""

RANKED = rules.RANKS.results
"""Results that depend on the other rows of the table."""

RESERVED = frozenset(_SCORES).union(*((*rule.results, *rule.steps) for rule in RULES))
"""Names of results and of steps to them, of any model: no key may have one."""

LISTS = ("contributions", "effects")
"""What can be asked for by one word: a column for each term, named as the column of the table.

Contributions add up to the lead score; effects are contributions in log-odds.
"""


@lru_cache(maxsize=32)
def outputs(model: ScoringModel) -> tuple[str, ...]:
    """Name every column the model can compute, but for `LISTS`.

    There is no rank without keys that are read as text alone, and there are no reasons where they
    would need too many texts.
    """
    found = list(_SCORES if isinstance(model.link, Logit) else _SCORES[:1])
    for rule in RULES:
        found += rule.given(model)
    return tuple(found)


def default_outputs(model: ScoringModel, shape: Shape) -> tuple[str, ...]:
    """Name the columns a SELECT has unless others are asked for.

    Those of the score, and what somebody added to the model. In the raw shape the probability is
    there only when asked for: the SELECT is flat without it.
    """
    usual = set(_SCORES).union(*(rule.results for rule in RULES if rule.usual))
    usual -= set(PROBABILITIES if shape == "raw" else ())
    return tuple(name for name in outputs(model) if name in usual)


def ranked_by(model: ScoringModel) -> str:
    """Name the column that puts rows in order, the same bits on every engine."""
    return "lead_score" if isinstance(model.link, Identity) else rules.basis(model)


def decided_probability(model: ScoringModel) -> str:
    """Name the probability that belongs to what ranks the rows."""
    return "adjusted_probability" if rules.is_adjusted(model) else "probability"


def row_outputs(model: ScoringModel, shape: Shape) -> tuple[str, ...]:
    """Name what a shape computes row by row."""
    other = {*RANKED, *(REASONS.results if shape == "raw" else ())}
    return tuple(name for name in outputs(model) if name not in other)


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
    _check(model, shape, asked)
    rule_stages = (
        stage
        for rule in RULES
        if not rule.asked or not set(rule.asked).isdisjoint(asked)
        for stage in rule.write(model)
    )
    written = _chain(_join((*_score(model, shape), *rule_stages), shape), asked)
    chain = read_dates_once(written)
    # A probability reads the sum several times, and in one stage would compute it anew.
    plain = not (model.decisions.calibration or model.decisions.consent)
    # Nor is a date read from its text wherever it is needed.
    plain = plain and chain == written and not model.trees
    flat = shape == "raw" and plain and set(_SCORES).issuperset(asked)
    return (flatten(chain),) if flat else chain


def _check(model: ScoringModel, shape: Shape, asked: Sequence[str]) -> None:
    """Refuse columns and shapes there are not. Raises UnsupportedError."""
    known = outputs(model)
    unknown = [name for name in asked if name not in (*known, *part_outputs(model))]
    for rule in RULES:
        if unknown and unknown[0] in rule.results:
            raise UnsupportedError(f"{model.name} has no {unknown[0]}: {rule.advice}")
    if unknown or not asked:
        raise UnsupportedError(
            f"no column {unknown[0] if unknown else ''!r} in the result; there are: "
            f"{', '.join((*known, *_lists(model)))}"
        )
    if len(set(asked)) < len(asked):
        raise UnsupportedError("a column of the result is named twice")
    if shape not in SHAPES:
        raise UnsupportedError(f"no shape {shape!r}; there are: {', '.join(SHAPES)}")
    odd = [name for name in asked if name not in known or name in REASONS.results]
    if shape == "raw" and odd:
        raise UnsupportedError(
            f"the raw shape knows no contributions, which {odd[0]!r} needs: take the "
            "standardized one"
        )


def _lists(model: ScoringModel) -> dict[str, list[str]]:
    contributed = list(contribution_names(model).values())
    if model.trees:
        contributed.append(trees.contribution_of_trees(model))
    if isinstance(model.link, Identity):
        return {"contributions": contributed}
    return {"contributions": contributed, "effects": list(effect_names(model).values())}


def _score(model: ScoringModel, shape: Shape) -> list[Stage]:
    """Write the stages up to the log-odds, of a model without any rule but consent."""
    guard = partial(rules.keep_consenting, model)
    found, by_column = [inputs(model.columns, limits(model))], dict[str, list[Formula]]()
    steps, total_of_trees, in_trees = trees.add_trees(model)
    found += steps
    beside = [Column(total_of_trees)] if steps else []
    if shape == "raw":
        lead_score = Named("lead_score", guard(raw_lead_score(model, *beside)))
        found.append(Stage("contributions", (lead_score,)))
    else:
        found += contributions(model, guard)[1:]
        own = contribution_names(model)
        by_column = {column: [Column(name)] for column, name in own.items()}
        if model.trees:
            note = f"{len(model.trees.trees)} trees, weight {model.trees.weight:.4g}"
            name, parts = trees.contribution_of_trees(model), trees.part_names(model)
            added = [Named(name, guard(beside[0]), note)]
            added += [Named(parts[c], guard(Column(last))) for c, last in in_trees.items()]
            found.append(Stage("contributions", tuple(added)))
            for column in in_trees:
                by_column.setdefault(column, []).append(Column(parts[column]))
            beside = [Column(name)]
        scores = total([*map(Column, own.values()), *beside])
        found.append(Stage("lead_scores", (Named("lead_score", scores),)))
    if isinstance(model.link, Logit):
        scale, names = Constant(model.link.scale), effect_names(model)
        effects = [
            Named(names[column], Product(scale, total(by_column[column])))
            for column in names
            if column in by_column
        ]
        log_odds = Sum((Constant(model.link.intercept), Product(scale, Column("lead_score"))))
        found.append(Stage("lead_scores", tuple(effects)))
        found.append(Stage("log_odds", (Named("log_odds", log_odds),)))
    return found


def _join(parts: Iterable[Stage], shape: Shape) -> list[Stage]:
    """Put stages of the same name together, and all in the order of the steps."""
    joined: dict[str, Stage] = {}
    for part in parts:
        own = joined.get(part.name, Stage(part.name, ()))
        joined[part.name] = Stage(part.name, own.columns + part.columns, own.once or part.once)
    names = _RAW_STEPS if shape == "raw" else {}
    found = sorted(joined.values(), key=lambda stage: _STEPS.index(stage.name))
    return [Stage(names.get(stage.name, stage.name), stage.columns, stage.once) for stage in found]


def _chain(steps: Sequence[Stage], asked: Sequence[str]) -> tuple[Stage, ...]:
    """Keep of each step what the columns asked for need, and pass on what later steps need.

    Every name is computed in one step only. The last stage has the columns asked for, in order.
    """
    chain: list[Stage] = []
    needed = list(asked)
    for step in reversed(steps):
        wanted = set(needed)
        own = {column.name: column for column in step.columns if column.name in wanted}
        if not own:
            continue
        last = [own.get(name, Named(name, Column(name))) for name in needed]
        chain.append(Stage(step.name, tuple(last), step.once))
        before = wanted - own.keys()
        for column in own.values():
            before |= {c.name for c in read_by(column.formula) if isinstance(c, Column)}
        needed = [c.name for s in steps for c in s.columns if c.name in before]
    assert not needed, needed
    return tuple(reversed(chain))


def flatten(stages: Iterable[Stage]) -> Stage:
    """Fold stages into the last one, which then reads the source alone."""
    values: dict[str, Formula | Text] = {}
    folded = Stage("empty", ())
    for stage in stages:
        columns = change(stage.columns, partial(_fold, values))
        values = {column.name: column.formula for column in columns}
        folded = Stage(stage.name, columns)
    return folded


def _fold(before: Mapping[str, Formula | Text], part: Any) -> Any:
    """Put its formula in the place of a column of the stage before."""
    return before[part.name] if isinstance(part, Column) else None


def rename_sources(stages: Sequence[Stage], names: Mapping[str, str]) -> tuple[Stage, ...]:
    """Read columns of the source table by other names; a result that has one keeps its own."""

    def rename(part: Any) -> Any:
        if isinstance(part, SOURCES) and part.name in names:
            return replace(part, name=names[part.name])
        return None

    renamed: tuple[Stage, ...] = change(tuple(stages), rename) if names else tuple(stages)
    return renamed
