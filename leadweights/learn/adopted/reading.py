"""What was read of a library's model, before it is one of ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats, Values
from leadweights.formula.texts import Texts
from leadweights.model.model import InputColumn, Link, Logit
from leadweights.model.terms import Term
from leadweights.model.trees import Node

LARGEST_DOUBLE, LARGEST_SINGLE = 1e99, 1e30
"""How far out the rows of a proof go: no library takes more in these precisions."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A column as the library is handed it: numbers, or for each text its own object."""

    column: str
    objects: Mapping[str, Any] | None = None
    missing: Any = nan
    takes_missing: bool = True
    takes_other: bool = True
    lowest: float = -inf
    largest: float = inf

    def array(self, values: Values) -> NDArray[Any]:
        """Give the library's array of what a column holds, shape (rows,)."""
        if not isinstance(values, Texts):
            return values
        assert self.objects is not None
        own = [self.objects.get(level, level) for level in values.levels]
        return np.array([*own, self.missing, None], dtype=object)[:-1][values.codes]


Score = Callable[[Mapping[str, NDArray[Any]]], Floats]
"""The library's own scores, shape (rows,), of arrays by column."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The library's own scores, to hold the model's `column` against.

    `slack` says how far sums in another order or precision may be away, in units of what is added
    up; 0 where the library adds doubles in the trees' order.
    """

    library: str
    column: str
    score: Score
    handed: tuple[Handed, ...]
    slack: float = 0.0
    largest: float = LARGEST_DOUBLE


PLAIN = Logit(0.0, 1.0)
"""The score is the log-odds."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The parts of a scoring model that a library's model says, and how to ask the library.

    Trees name the features they read by number, as do their splits; `placing` says it in columns.
    """

    name: str
    method: str
    columns: tuple[InputColumn, ...]
    terms: tuple[Term, ...]
    trees: tuple[Node, ...] = ()
    link: Link = PLAIN
    rows: int = 0
    scores: Scores | None = None
    positive: str = "1"
    notes: tuple[str, ...] = ()
