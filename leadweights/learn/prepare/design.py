"""What becomes a column of the matrix that is learnt from: numbers, curves, levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats
from leadweights.learn.prepare.prepared import Prepared
from leadweights.model.rounding import round_digits


@dataclass(frozen=True, slots=True)
class Design:
    """What becomes a column of the matrix that is learnt from.

    First the numbers as they are, to be standardised. Then a curve's hats: each is 1 at its own
    knot and falls to 0 at the next ones, so that its coefficient is the curve's height there.
    Then 1 and 0 for each level of a category, for its other levels and for a missing one.
    """

    numbers: tuple[str, ...]
    knots: Mapping[str, Floats]
    levels: Mapping[str, tuple[str, ...]]
    others: Mapping[str, bool]
    missing: Mapping[str, bool]

    def matrix(self, rows: Prepared) -> Floats:
        """Lay rows out, shape (rows, columns)."""
        parts: list[NDArray[Any]] = [rows.numbers[name][:, None] for name in self.numbers]
        parts += [make_hats(rows.numbers[name], knots) for name, knots in self.knots.items()]
        for name, levels in self.levels.items():
            held = rows.levels[name]
            parts += [held.among({level})[:, None] for level in levels]
            known = held.among(set(levels))
            if self.others[name]:
                parts.append((~known & ~held.missing())[:, None])
            if self.missing[name]:
                parts.append(held.missing()[:, None])
        return np.hstack(parts).astype(np.float64, copy=False)

    def find_unseen(self, rows: Prepared, name: str) -> NDArray[np.bool_]:
        """Tell which rows have what no training row had in a category: no column is 1 for them."""
        held, found = rows.levels[name], np.zeros(len(rows.levels[name]), bool)
        if not self.missing[name]:
            found |= held.missing()
        if not self.others[name]:
            found |= ~held.among(set(self.levels[name])) & ~held.missing()
        return found

    def without_curves(self) -> "Design":
        """Leave every number as it is: trees find their own steps."""
        numbers = (*self.numbers, *self.knots)
        return Design(numbers, {}, self.levels, self.others, self.missing)

    def runs(self) -> list[tuple[str, slice]]:
        """Name the curves and the categories, and say which columns of the matrix are theirs."""
        widths = {name: len(knots) for name, knots in self.knots.items()}
        for name, levels in self.levels.items():
            widths[name] = len(levels) + self.others[name] + self.missing[name]
        ends = pairwise(accumulate(widths.values(), initial=len(self.numbers)))
        return [(name, slice(*both)) for name, both in zip(widths, ends, strict=True)]

    @property
    def width(self) -> int:
        """Count the columns of the matrix."""
        return max((run.stop for _, run in self.runs()), default=len(self.numbers))


def make_design(
    rows: Prepared, curves: Mapping[str, Floats], kept: Mapping[str, Sequence[str]]
) -> Design:
    """Design a matrix for training rows.

    `curves` are numbers, with the values that are known, `kept` the levels by category.
    """
    held = {name: set(column.levels) - set(kept[name]) for name, column in rows.levels.items()}
    return Design(
        tuple(name for name in rows.numbers if name not in curves),
        {name: choose_knots(curves[name]) for name in rows.numbers if name in curves},
        {name: tuple(kept[name]) for name in rows.levels},
        {name: bool(others) for name, others in held.items()},
        {name: bool(column.missing().any()) for name, column in rows.levels.items()},
    )


# The ends and the eighths between; fewer where many rows have the same value.
_QUANTILES = (0.01, *(i / 8 for i in range(1, 8)), 0.99)


def choose_knots(values: Floats) -> Floats:
    """Choose the knots of a curve through values, shape (rows,)."""
    found = np.quantile(values, _QUANTILES)
    between = float(found[-2] - found[1]) or float(np.ptp(found))
    return np.unique([round_digits(float(q), between) for q in found])


def make_hats(values: Floats, knots: Floats) -> Floats:
    """Give the linear B-splines at the knots, constant beyond the ends (de Boor 1978)."""
    if len(knots) < 2:
        return np.ones((len(values), len(knots)))
    from sklearn.preprocessing import SplineTransformer  # 1 s, and only a curve needs it

    splines = SplineTransformer(
        degree=1, knots=knots[:, None], extrapolation="constant", include_bias=True
    )
    return np.asarray(splines.fit(knots[:, None]).transform(values[:, None]))
