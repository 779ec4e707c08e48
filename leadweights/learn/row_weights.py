"""What a row counts for: by a column of weights, by its class, by the negatives left away."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from math import inf, log
from numbers import Real
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError, UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.formula.texts import Texts
from leadweights.model import names as naming
from leadweights.tables.labelled import Rows


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of rows, shape (rows,): `rows` in means, their own mean 1, `loss` in the loss."""

    rows: Floats
    loss: Floats

    def taken(self, places: NDArray[np.int64]) -> Weights:
        """Keep those of the rows at these places."""
        return Weights(self.rows[places], self.loss[places])


# Beyond, scikit-learn stops where the sixth digit of a coefficient still moves.
_LEAST = 1e-5
_LEAST_KEPT = 1e-9


def positive(value: object, what: str) -> float:
    """Read a positive number. Raises UnsupportedError for another value."""
    number = 0.0
    if isinstance(value, Real) and not isinstance(value, bool):
        with suppress(OverflowError):  # a whole number beyond all doubles
            number = float(value)
    if not 0 < number < inf:
        raise UnsupportedError(f"{what} must be a positive number, not {value!r}")
    return number


@dataclass(frozen=True, slots=True)
class Weighing:
    """How the rows of a table are weighed.

    A row counts as many times as its `column` says. In the loss alone a positive row counts
    `class_weight` times, a negative one once; "balanced" gives both classes the same sum, as
    scikit-learn does: half of all rows. Of the negative rows the share `negatives_kept` is there.
    """

    column: str | None = None
    class_weight: float | Literal["balanced"] | None = None
    negatives_kept: float = 1.0

    def __post_init__(self) -> None:
        if self.column is not None:
            naming.check_name(self.column, "weight")
        if self.class_weight is not None and self.class_weight != "balanced":
            weight = positive(self.class_weight, "a class weight, if it is not balanced,")
            if not _LEAST <= weight <= 1 / _LEAST:
                raise UnsupportedError(
                    f"a class weight lies between {_LEAST:g} and {1 / _LEAST:g}, not at {weight:g}"
                )
            object.__setattr__(self, "class_weight", weight)
        kept = positive(self.negatives_kept, "the share of negatives kept")
        if not _LEAST_KEPT <= kept <= 1.0:
            raise UnsupportedError(
                f"the share of negatives kept lies between {_LEAST_KEPT:g} and 1, not at {kept:g}"
            )
        object.__setattr__(self, "negatives_kept", kept)

    @property
    def shift(self) -> float:
        """Give what the intercept needs where negatives were left away.

        Odds among all rows are those among the rows that are there, times the share of the
        negatives that was kept (King and Zeng 2001, section 4.1).
        """
        return log(self.negatives_kept)

    def counting(self, rows: Rows) -> Floats | None:
        """Say how many rows of the table each counts as, shape (rows,); None: one."""
        if self.column is None:
            return None
        found = rows.values[self.column]
        assert not isinstance(found, Texts)
        return found

    def learning(self, rows: Rows) -> Weights | None:
        """Say what each row counts for in learning; None: one."""
        counting = self.counting(rows)
        if counting is None and self.class_weight is None:
            return None
        if counting is None:
            counting = np.ones(len(rows.y))
        positive = float(counting @ rows.y)
        negative, positive = self.of_classes(float(counting.sum()) - positive, positive)
        loss = counting * np.where(rows.y > 0, positive, negative)
        # The scale of these makes no mean; by their sum scikit-learn takes a column for a constant.
        return Weights(counting / counting.mean(), loss)

    def of_classes(self, negative: float, positive: float) -> tuple[float, float]:
        """Say what negative and positive rows, so many, count for in the loss."""
        if self.class_weight is None:
            return 1.0, 1.0
        if self.class_weight == "balanced":
            half = (negative + positive) / 2
            return half / negative, half / positive
        return 1.0, self.class_weight

    def check(self, rows: Rows, where: str) -> None:
        """Raise TableError where the rows of a class count for nothing."""
        counting = self.counting(rows)
        if counting is None:
            return
        positive = float(counting @ rows.y)
        negative = float(counting.sum()) - positive
        if not (negative > 0 and positive > 0):
            raise TableError(
                f"{where}: by {self.column!r} its negative rows count {negative:g}, the positive "
                f"{positive:g}; both must count"
            )

    def measuring(self, rows: Rows) -> Floats | None:
        """Say how many rows of those it stands for each counts as, shape (rows,); None: one."""
        counting = self.counting(rows)
        if self.negatives_kept == 1.0:
            return counting
        times = np.where(rows.y > 0, 1.0, 1.0 / self.negatives_kept)
        return times if counting is None else counting * times

    def correct(self, probability: Floats) -> Floats:
        """Move probabilities among the rows that are there to those among all."""
        if self.negatives_kept == 1.0:
            return probability
        odds = probability * self.negatives_kept
        return odds / (odds + (1.0 - probability))

    def method(self) -> str:
        """Say it as a part of a model's provenance; nothing where every row counts once."""
        said = ""
        if self.column is not None:
            said += f", rows weighted by {self.column!r}"
        if self.class_weight == "balanced":
            said += ", classes balanced"
        elif self.class_weight is not None:
            said += f", positive rows weighted {self.class_weight:g}"
        if self.negatives_kept != 1.0:
            said += f", intercept corrected for {self.negatives_kept:g} of the negatives kept"
        return said

    def notes(self) -> list[str]:
        """Say what a reader should know."""
        said = []
        if self.column is not None:
            said.append(
                f"a row counts as often as {self.column!r} says, in learning and in measuring; "
                "what becomes of the columns, and equal weights, are decided on rows that count "
                "once"
            )
        if self.negatives_kept != 1.0:
            said.append(
                f"{self.negatives_kept:g} of the negative rows are there: log-odds are moved by "
                f"{self.shift:.4f}, and a negative row counts {1 / self.negatives_kept:g} times "
                "in measuring. Calibrate and choose thresholds on a table that has all of them"
            )
        if self.class_weight is not None:
            said.append(
                "the classes are weighted in learning: ranks hold, but probabilities are those of "
                "rows so weighted; `leadweights calibrate` brings them back, on rows as they come"
            )
        return said
