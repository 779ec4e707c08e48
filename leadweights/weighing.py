"""What a row counts for: by a column of weights, by its class, by the negatives left away."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError
from leadweights.texts import Texts
from leadweights.training import Rows

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of rows, shape (rows,): `rows` as the table counts them, `loss` in the loss."""

    rows: Floats
    loss: Floats

    def taken(self, places: NDArray[np.int64]) -> Weights:
        """Keep those of the rows at these places."""
        return Weights(self.rows[places], self.loss[places])


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
        """Say what each row counts for in learning; None: one. Raises TableError."""
        counting = self.counting(rows)
        if counting is None and self.class_weight is None:
            return None
        if counting is None:
            counting = np.ones(len(rows.y))
        positive = float(counting @ rows.y)
        negative, positive = self.of_classes(float(counting.sum()) - positive, positive)
        return Weights(counting, counting * np.where(rows.y > 0, positive, negative))

    def of_classes(self, negative: float, positive: float) -> tuple[float, float]:
        """Say what negative and positive rows, so many, count for in the loss.

        Raises TableError for a class that counts for nothing.
        """
        if not (negative > 0 and positive > 0):
            raise TableError(
                f"by their weights the negative rows count {negative:g}, the positive "
                f"{positive:g}: both must count"
            )
        if self.class_weight is None:
            return 1.0, 1.0
        if self.class_weight == "balanced":
            half = (negative + positive) / 2
            return half / negative, half / positive
        return 1.0, self.class_weight

    def measuring(self, rows: Rows) -> Floats | None:
        """Say how many rows of those it stands for each counts as, shape (rows,); None: one."""
        counting = self.counting(rows)
        if self.negatives_kept == 1.0:
            return counting
        times = np.where(rows.y > 0, 1.0, 1.0 / self.negatives_kept)
        return times if counting is None else counting * times

    def corrected(self, probability: Floats) -> Floats:
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
                "in measuring"
            )
        if self.class_weight is not None:
            said.append(
                "the classes are weighted in learning: ranks hold, but probabilities are those of "
                "rows so weighted; `leadweights calibrate` brings them back"
            )
        return said
