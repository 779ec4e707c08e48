"""Why a row has its score, as formulas: the terms that move it most, for or against, in words.

Each term has a key, a whole number that says how far it moves the log-odds and, in its last digits,
which text says so. The largest keys are found by a tournament, in plain arithmetic that is exact
for whole numbers: three times as fast in DuckDB as CASE, and no engine reads it differently.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from leadweights.formula.columns import stage_names
from leadweights.formula.nodes import (
    Abs,
    AtLeast,
    Case,
    Column,
    Constant,
    Difference,
    Floor,
    Formula,
    Named,
    Null,
    Product,
    Quotient,
    Sign,
    Stage,
    Steps,
    Sum,
    TextSteps,
    Words,
)
from leadweights.formula.rules import Rule
from leadweights.formula.terms import contribution_names, groups, measured_terms, view
from leadweights.formula.trees import columns_of_trees
from leadweights.model.model import Identity, Measure, ScoringModel
from leadweights.model.rules import MOST_REASONS, Wording

# A key is a multiple of 1/2 below 2**51, so that the sum of two is exact.
MOST_TEXTS = 2**12
_GRADES = 2.0**38
# Effects are told apart to 1e-9 where they are small, and never overflow where they are not.
_MIDDLE = 16.0
AGAINST = "against: "
"""What a reason begins with that lowers the score."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What can be said of a term: texts, whose codes begin at `first`, and a row's code."""

    column: str
    first: int
    texts: tuple[str, ...]
    code: Formula


def _said(model: ScoringModel) -> list[_Said]:
    """List the texts of each term; of two terms that move a row alike, the earlier one wins."""
    wordings = {wording.column: wording for wording in model.decisions.wordings}
    found: list[_Said] = []
    first = 0
    moving = effect_names(model)
    for term, column, value in reversed(list(measured_terms(model))):
        if term.column not in moving:
            continue
        words = wordings.get(term.column, Wording(term.column))
        by_side = isinstance(column, Measure) and bool(words.low or words.high)
        seen = groups(term, column, value, 0 if model.trees else first, in_two=by_side)
        own = {"low": words.low, "high": words.high} if by_side else {}
        said = [own.get(n) or f"{words.description or term.column}: {n}" for n in seen.names]
        code = seen.number
        if model.trees:
            # Beside trees the same value may raise one row and lower another: two texts for each.
            texts = tuple(f"{side}{text}" for text in said for side in ("", AGAINST))
            code = Sum((Constant(float(first)), Product(Constant(2.0), Floor(code))))
        else:
            texts = tuple(
                f"{AGAINST}{text}" if lowers else text
                for text, lowers in zip(said, seen.lowers, strict=True)
            )
        found.append(_Said(term.column, first, texts, code))
        first += len(texts)
    assert first <= MOST_TEXTS, first
    return found[::-1]


def count(model: ScoringModel) -> int:
    """Say how many reasons a row is given: none where they might need too many texts."""
    moving = effect_names(model)
    texts = sum(view(term).groups for term in model.terms if term.column in moving)
    if isinstance(model.link, Identity) or texts * (2 if model.trees else 1) > MOST_TEXTS:
        return 0
    return min(model.decisions.reasons, len(moving))


def effect_names(model: ScoringModel) -> dict[str, str]:
    """Name each column's effect, in log-odds: of its term, and of its splits in trees."""
    moving = {*contribution_names(model), *columns_of_trees(model)}
    named = stage_names([term.column for term in model.terms], "effect")
    return {column: name for column, name in named.items() if column in moving}


def _keys(model: ScoringModel) -> Iterable[Stage]:
    """Write each term's key, how far it moves the row and in its last digits the text.

    And the codes of the largest ones; a term that does not move the row is none. A half in a code
    means neither of two texts.
    """
    said, names = _said(model), list(effect_names(model))
    codes, keys = stage_names(names, "reason"), stage_names(names, "key")
    effects = effect_names(model)
    yield Stage("contributions", tuple(Named(codes[one.column], one.code) for one in said))
    # The power of two above every code.
    base = Constant(float(1 << max(one.first + len(one.texts) - 1 for one in said).bit_length()))
    found = []
    for name in names:
        size = Abs(Column(effects[name]))
        grade = Floor(Product(Quotient(size, Sum((size, Constant(_MIDDLE)))), Constant(_GRADES)))
        code: Formula = Column(codes[name])
        if model.trees:
            side = Product(Constant(0.5), Sign(Column(effects[name])))
            code = Sum((code, Difference(Constant(0.5), side)))
        found.append(Named(keys[name], Sum((Product(grade, base), code))))
    yield Stage("log_odds", tuple(found), once=True)
    rounds, largest = _tournament(list(keys.values()), model.decisions.reasons)
    yield from rounds
    chosen = []
    for place, key in enumerate(map(Column, largest), start=1):
        code = Difference(key, Product(base, Floor(Quotient(key, base))))
        chosen.append(Named(f"code_{place}", Case(((AtLeast(key, base), code),), Null())))
    yield Stage("reason_codes", tuple(chosen), once=True)


def _tournament(keys: Sequence[str], most: int) -> tuple[list[Stage], list[str]]:
    """Write the steps to the largest keys, and name those, the largest first.

    Lists that fall are merged two by two: the m-th of the merged one is the largest of their own
    m-th and of all `smaller(a_i, b_j)` with i + j = m.
    """
    lists = [[name] for name in keys]
    steps: list[Stage] = []
    while len(lists) > 1:
        level, merged, columns = len(steps) + 1, list[list[str]](), list[Named]()
        for place, (left, right) in enumerate(
            zip_longest(lists[::2], lists[1::2], fillvalue=list[str]()), start=1
        ):
            both = min(most, len(left) + len(right))
            names = [f"key_{level}_{place}_{m}" for m in range(1, both + 1)] if right else left
            if right:
                columns += [Named(n, _mth(left, right, m)) for m, n in enumerate(names, start=1)]
            merged.append(names)
        steps.append(Stage(f"round_{level}", tuple(columns), once=True))
        lists = merged
    return steps, lists[0]


def _reasons(model: ScoringModel) -> Iterable[Stage]:
    """Write each reason in words, and the log-odds by which its term moves the row."""
    said, names = _said(model)[::-1], effect_names(model)
    words = tuple(Words(text) for one in said for text in one.texts)
    cuts = tuple(float(code) for code in range(1, len(words)))
    effects = tuple(Column(names[one.column]) for one in said)
    firsts = tuple(float(one.first) for one in said[1:])
    columns = []
    for place in range(1, count(model) + 1):
        code = Column(f"code_{place}")
        effect: Formula = Case(((AtLeast(code, Constant(0.0)), effects[0]),), Null())
        if firsts:
            effect = Steps(code, firsts, effects)
        columns.append(Named(f"reason_{place}", TextSteps(code, cuts, words)))
        columns.append(Named(f"reason_{place}_effect", effect))
    yield Stage("decided", tuple(columns))


_RESULTS = tuple(
    f"reason_{place}{part}" for place in range(1, MOST_REASONS + 1) for part in ("", "_effect")
)
REASON_KEYS = Rule(_keys, asked=_RESULTS)
REASONS = Rule(
    _reasons,
    _RESULTS,
    asked=_RESULTS,
    count=lambda model: 2 * count(model),
    advice="a row is given fewer reasons: plan more, with leadweights decide; a model that would "
    f"need more than {MOST_TEXTS:,} texts gives none",
)


def _mth(left: Sequence[str], right: Sequence[str], m: int) -> Formula:
    found: list[Formula] = [Column(side[m - 1]) for side in (left, right) if m <= len(side)]
    found += [
        _smaller(Column(name), Column(right[m - i - 1]))
        for i, name in enumerate(left[: m - 1], start=1)
        if m - i <= len(right)
    ]
    return _largest(found)


def _largest(found: Sequence[Formula]) -> Formula:
    """Compare two by two: each comparison writes both of its sides twice."""
    if len(found) == 1:
        return found[0]
    half = len(found) // 2
    return _larger(_largest(found[:half]), _largest(found[half:]))


def _larger(left: Formula, right: Formula) -> Formula:
    return Product(Constant(0.5), Sum((Sum((left, right)), Abs(Difference(left, right)))))


def _smaller(left: Formula, right: Formula) -> Formula:
    return Product(Constant(0.5), Difference(Sum((left, right)), Abs(Difference(left, right))))
