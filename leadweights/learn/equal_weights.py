"""The baseline that weighs every column alike."""

import numpy as np

from leadweights.learn.prepare.columns import find_entry
from leadweights.learn.prepare.dictionary import Dictionary
from leadweights.learn.regression import Given
from leadweights.learn.to_model import UNIT, Context, round_share
from leadweights.model.model import Identity, Number, ScoringModel
from leadweights.model.rounding import round_digits
from leadweights.model.terms import Level, Levels, Ranged, Term


def equal_weights(given: Given, dictionary: Dictionary, context: Context) -> ScoringModel:
    """Weigh every column alike, on [0, 1] by its range, the better end up.

    Range and direction are the dictionary's; where it is silent, the range of the training rows
    and the sign of the correlation with the label. A category's levels are placed on [0, 1] by
    their positive rates.
    """
    columns, rows, y = given.columns, given.rows, given.y
    terms: list[Term] = []
    for column in columns:
        entry = find_entry(column, dictionary)
        if column.name in rows.levels:
            terms.append(_place_levels(given, column.name))
            continue
        values = rows.numbers[column.name]
        low, high = float(values.min()), float(values.max())
        apart, labels = values - values.mean(), y - y.mean()
        # A covariance of zero is a rounding error of either sign.
        none = 1e-12 * float(np.linalg.norm(apart) * np.linalg.norm(labels))
        higher = entry.direction == "higher" if entry.direction else apart @ labels >= -none
        weight = (1.0 if higher else -1.0) / len(columns)
        if entry.range and not (isinstance(column, Number) and column.log):
            low, high = entry.range
        else:
            low, high = round_digits(low, high - low), round_digits(high, high - low)
        terms.append(Ranged(column.name, low, high, weight))
    return ScoringModel(
        "equal_weights",
        context.keys,
        columns,
        tuple(terms),
        Identity(),
        context.provenance(len(y), int(y.sum()), "equal weights on [0, 1]"),
    )


def _place_levels(given: Given, name: str) -> Levels:
    levels, held, y = given.design.levels[name], given.rows.levels[name], given.y
    groups = [held.among({level}) for level in levels]
    groups.append(~held.among(set(levels)) & ~held.missing())
    groups.append(held.missing())
    rates = [float(y[group].mean()) if group.any() else float(y.mean()) for group in groups]
    low, spread = min(rates), (max(rates) - min(rates)) or 1.0
    heights = [round_digits((rate - low) / spread / len(given.columns), UNIT) for rate in rates]
    row_shares = [round_share(group.mean()) for group in groups]
    *own, other, missing = map(Level, (*levels, "", ""), heights, row_shares)
    return Levels(name, 1.0 / len(given.columns), tuple(own), other, missing)
