"""A library's own scores beside those of the model that was read of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import ParityError
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import stages
from leadweights.formula.texts import Texts
from leadweights.learn.adopted.cut_rows import largest_of
from leadweights.learn.adopted.reading import Scores
from leadweights.model.model import Logit, Number, ScoringModel, limits
from leadweights.model.terms import Ranged, Standardized, farthest
from leadweights.model.trees import farthest_of_trees
from leadweights.prove.reference import ReferenceCheck


def hold_against(
    model: ScoringModel, scores: Scores, pieces: Sequence[Mapping[str, Values]]
) -> tuple[ReferenceCheck, int]:
    """Hold a model against the library's own scores, on the rows which that takes."""
    worst = ReferenceCheck(scores.library, 0, 0.0, 0.0, 0.0)
    left_out = 0
    for values in pieces:
        taken = np.flatnonzero(_takes(scores, values))
        left_out += len(largest_of(values)) - len(taken)
        if not len(taken):
            continue
        own = {name: column[taken] for name, column in values.items()}
        ours = evaluate(stages(model, columns=[scores.column]), own)[scores.column]
        arrays = {
            handed.column: handed.array(own[handed.column])
            for handed in scores.handed
            if handed.column in own
        }
        try:
            theirs = np.asarray(scores.score(arrays), dtype=np.float64)
        except Exception as problem:  # of any library
            said = str(problem).splitlines()[0]
            raise ParityError(f"{scores.library} does not score the rows: {said}") from problem
        apart = np.abs(ours - theirs)
        apart[np.isnan(apart)] = np.inf
        bound = scores.slack * (1 + _added_up(model, own)) if scores.slack else np.zeros(len(taken))
        row = int(np.argmax(apart / bound if scores.slack else apart))
        found = ReferenceCheck(
            scores.library,
            worst.rows + len(taken),
            max(worst.largest_difference, float(apart.max())),
            float(apart[row]),
            float(bound[row]),
        )
        if worst.difference * found.bound > found.difference * worst.bound or not worst.holds:
            found = replace(found, difference=worst.difference, bound=worst.bound)
        worst = found
    return worst, left_out


def _takes(scores: Scores, values: Mapping[str, Values]) -> NDArray[np.bool_]:
    taken = largest_of(values) <= scores.largest
    for handed in scores.handed:
        column = values.get(handed.column)
        if column is None:
            continue
        if isinstance(column, Texts):
            missing, odd = column.missing(), np.zeros(len(column), dtype=bool)
            if not handed.takes_other and handed.objects is not None:
                odd = ~missing & ~column.among(set(handed.objects))
        else:
            missing, odd = np.isnan(column), column < handed.lowest
            odd |= np.abs(column) > handed.largest
        taken &= ~odd & (handed.takes_missing | ~missing)
    return np.asarray(taken)


def _added_up(model: ScoringModel, values: Mapping[str, Values]) -> Floats:
    """Bound, for each row, what is added up to the score, in absolute terms."""
    size = len(next(iter(values.values())))
    whole = np.zeros(size)
    fills = {c.name: c.fill for c in model.columns if isinstance(c, Number)}
    logs = {c.name for c in model.columns if isinstance(c, Number) and c.log}
    bounds = limits(model)
    for term in model.terms:
        column = values.get(term.column)
        if isinstance(column, np.ndarray) and isinstance(term, Standardized | Ranged):
            known = np.where(np.isnan(column), fills.get(term.column, 0.0), column)
            if term.column in logs:
                known = np.log1p(np.abs(known))
            whole += (np.abs(known) + abs(term.zero)) / term.spread * abs(term.weight)
        else:
            whole += farthest(term, min(bounds[term.column], 1.0))
    whole += farthest_of_trees(model.trees) if model.trees else 0.0
    if isinstance(model.link, Logit):
        whole = whole * model.link.scale + abs(model.link.intercept)
    return np.asarray(whole)
