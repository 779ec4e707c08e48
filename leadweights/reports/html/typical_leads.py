"""Leads that never were: a strong, a middling and a weak one, made of a table's column statistics.

No row is copied. Each column is set for itself: of a number to a rounded quantile, of text to a
level that the model names. So a typical lead explains the score and tells nothing of a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from leadweights.formula import marks
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.columns import measures, sources_of
from leadweights.formula.evaluate import compute, evaluate
from leadweights.formula.stages import RANKED, outputs, ranked_by, stages
from leadweights.formula.terms import contributions, measured_terms, view
from leadweights.formula.texts import Texts, texts
from leadweights.model.dates import EPOCH
from leadweights.model.model import Category, Flag, InText, Listed, Number, ScoringModel, Segments
from leadweights.tables.columns import sources

# In each column the value that so large a share of the leads would not better.
QUANTILES = {"strong": 0.75, "middling": 0.5, "weak": 0.25}
_QUANTILES = np.linspace(0.05, 0.95, 19)
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Part:
    """What one term adds to the lead score, and what the lead holds in the columns it reads."""

    term: str
    holds: str
    contribution: float


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the model's own reasons, and by how much it moves the log-odds."""

    words: str
    effect: float


@dataclass(frozen=True, slots=True)
class Typical:
    """An invented lead: its parts, the largest first, its scores, and what is decided of it.

    `rank` is the share of the table's rows with a lower score. What a model does not decide is
    None. The lead has consent; nothing adjusts its score from outside, and it does not decay.
    """

    name: str
    lead_score: float
    probability: float
    rank: float
    score_100: int | None
    band: str | None
    action: str | None
    decision: int | None
    reasons: tuple[Reason, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    """Values a column may be set to, each standing for a share of the rows."""

    values: Values
    shares: Floats
    shown: tuple[str, ...]


def typical_leads(
    model: ScoringModel, values: Mapping[str, Values], score: Floats
) -> tuple[Typical, ...]:
    """Invent three leads from the columns a model reads; `score`, shape (rows,), ranks the rows.

    Raises nothing: a column that holds nothing is set to nothing.
    """
    model = replace(model, decisions=model.decisions.without_other_columns())
    choices = {
        name: _choice(model, name, kind, values[name]) for name, kind in sources(model).items()
    }
    middle = {name: len(choice.shares) // 2 for name, choice in choices.items()}
    found = []
    for name, quantile in QUANTILES.items():
        # Two rounds: a fill by segments makes one column's best value depend on another.
        chosen = dict(middle)
        for column in [*choices, *choices]:
            chosen[column] = _place(model, choices, chosen, column, quantile)
        found.append(_lead(model, name, choices, chosen, score))
    return tuple(found)


def _choice(model: ScoringModel, name: str, kind: str, held: Values) -> _Choice:
    if isinstance(held, Texts):
        return _of_text(model, name, held)
    known = held[~np.isnan(held)]
    if not len(known):
        return _Choice(np.array([np.nan]), np.array([1.0]), ("nothing",))
    if kind == "flag":
        rate = float((known > 0).mean())
        return _Choice(np.array([0.0, 1.0]), np.array([1 - rate, rate]), ("no", "yes"))
    if kind == "date":
        days = np.unique(np.quantile(known, _QUANTILES).round())
        shown = tuple(str(EPOCH + timedelta(days=int(day))) for day in days)
        return _Choice(days, np.full(len(days), 1 / len(days)), shown)
    return _of_numbers(known)


def _of_numbers(known: Floats) -> _Choice:
    steps = np.quantile(known, _QUANTILES)
    spread = float(np.ptp(steps)) or 1.0
    whole = bool((known == known.round()).all())
    # Two digits of the column's spread, so that a number is nobody's own.
    decimals = _DIGITS - 1 - int(np.floor(np.log10(spread)))
    decimals = min(decimals, 0) if whole else decimals
    rounded = np.array([round(value, decimals) + 0.0 for value in steps.tolist()])
    kept, repeats = np.unique(rounded, return_counts=True)
    shown = tuple(f"{value:,.10g}" for value in kept.tolist())
    return _Choice(kept, repeats / len(steps), shown)


def _of_text(model: ScoringModel, name: str, held: Texts) -> _Choice:
    """Take the texts a model names: levels, the words of a flag, segments; or numbers in text."""
    if any(isinstance(c, Category) and c.name == name for c in model.columns):
        (term,) = (term for term in model.terms if term.column == name)
        *levels, _, missing = view(term).parts
        named = [(level.label, level.row_share or 0.0) for level in levels]
        return _texts_of([*named, (None, missing.row_share or 0.0)])
    counts = dict(zip(held.levels, held.counts().tolist(), strict=True))
    for column in model.columns:
        match column:
            case Number(own, source=InText(form)) if own == name:
                read = [(marks.read(text, form), rows) for text, rows in counts.items()]
                found = [(value, rows) for value, rows in read if value == value]
                if found:
                    values, rows = zip(*found, strict=True)
                    numbers = _of_numbers(np.repeat(values, rows))
                    plain = (shown.replace(",", "") for shown in numbers.shown)
                    written = (text.replace(".", form.decimal) for text in plain)
                    return _Choice(texts(written), numbers.shares, numbers.shown)
            case Listed(_, own) if own == name:
                return _of_list(model, name, held)
            case Flag(own, yes=yes, no=no) if own == name:
                return _texts_of([(word, counts.get(word, 0)) for word in (*yes, *no)])
            case Number(segments=Segments(own, fills)) if own == name:
                return _texts_of([(fill.level, counts.get(fill.level, 0)) for fill in fills])
            case _:
                pass
    return _texts_of([])


def _of_list(model: ScoringModel, name: str, held: Texts) -> _Choice:
    """Take no list, and each value by itself."""
    values = [c for c in model.columns if isinstance(c, Listed) and c.column == name]
    found = evaluate(measures(values, {c.name: 1.0 for c in values}), {name: held})
    rows = [(c.value, float(found[c.name].sum())) for c in values]
    return _texts_of([(None, float(held.missing().sum())), *rows])


def _texts_of(counted: Sequence[tuple[str | None, float]]) -> _Choice:
    kept = [(text, share) for text, share in counted if share > 0] or [(None, 1.0)]
    shares = np.array([share for _, share in kept], dtype=np.float64)
    shown = tuple("nothing" if text is None else text for text, _ in kept)
    return _Choice(texts(text for text, _ in kept), shares / shares.sum(), shown)


def _place(
    model: ScoringModel,
    choices: Mapping[str, _Choice],
    chosen: Mapping[str, int],
    column: str,
    quantile: float,
) -> int:
    """Choose the value whose effect on the score stands at a quantile of all its effects."""
    own = choices[column]
    size = len(own.shares)
    trial = {
        name: one.values[np.arange(size) if one is own else np.full(size, chosen[name])]
        for name, one in choices.items()
    }
    effect = evaluate(stages(model, columns=["lead_score"]), trial)["lead_score"]
    order = np.argsort(effect, kind="stable")
    reached = np.searchsorted(np.cumsum(own.shares[order]), quantile)
    return int(order[min(int(reached), size - 1)])


def _lead(
    model: ScoringModel,
    name: str,
    choices: Mapping[str, _Choice],
    chosen: Mapping[str, int],
    score: Floats,
) -> Typical:
    row = {name: choice.values[np.array([chosen[name]])] for name, choice in choices.items()}
    known = [name for name in outputs(model) if name not in RANKED]
    found = compute(stages(model, columns=known), row)
    words = {name: own.values()[0] for name, own in found.items() if isinstance(own, Texts)}
    numbers = {name: float(own[0]) for name, own in found.items() if not isinstance(own, Texts)}
    added = evaluate(contributions(model), row).values()
    parts = []
    for (_, column, _), contribution in zip(measured_terms(model), added, strict=True):
        shown = [choices[c].shown[chosen[c]] for c in sources_of(column, model.columns)]
        parts.append(Part(column.name, " / ".join(dict.fromkeys(shown)), float(contribution[0])))
    parts.sort(key=lambda part: (-abs(part.contribution), part.term))
    whole = {name: int(numbers[name]) for name in ("score_100", "decision") if name in numbers}
    return Typical(
        name,
        numbers["lead_score"],
        numbers["probability"],
        float((score < numbers[ranked_by(model)]).mean()),
        whole.get("score_100"),
        words.get("band"),
        words.get("action"),
        whole.get("decision"),
        tuple(
            Reason(said, numbers[f"{name}_effect"])
            for name, said in words.items()
            if said is not None and f"{name}_effect" in numbers
        ),
        tuple(parts),
    )
