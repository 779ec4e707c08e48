"""Where a model comes from."""

import re
from dataclasses import dataclass, field

from leadweights.errors import ModelError

MOST_ROWS = 10**15
_SHAPES = {
    "split": r"[0-9.eE+/-]+",
    "c": r"auto|[0-9.e+-]+",
    "trees": r"none|auto|large|[0-9]+",
    "seed": r"[0-9]+",
    "class_weight": r"balanced|[0-9.e+-]+",
    "time_zone": r"Z|UTC|[+-][0-9:]+",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What else was asked of learning, as the command line writes it; "" is what is usual.

    Columns that were excluded by name, whether there was a dictionary (no path is kept), how rows
    were split, the penalty and the trees. Who learns anew as before asks for the same.
    """

    exclude: tuple[str, ...] = ()
    with_dictionary: bool = False
    split: str = ""
    time_column: str = ""
    group: str = ""
    c: str = ""
    trees: str = ""
    seed: str = ""
    class_weight: str = ""
    time_zone: str = ""

    def __post_init__(self) -> None:
        """Refuse what no option can be: exports put these into commands. Raises ModelError."""
        for name, shape in _SHAPES.items():
            value = getattr(self, name)
            if value and not re.fullmatch(shape, value):
                raise ModelError(f"provenance.options.{name} cannot be {value!r}")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a model comes from, without a clock or a path: the same rows give the same words.

    Rows counted as often as their column `weight` says; of the negative ones the share
    `negatives_kept` was there, for which the intercept is corrected. The `label` is a column or an
    expression; values are named where they were asked for, others were left out. Of an adopted
    model the rows are 0 where its library did not keep their number.
    """

    made_by: str
    label: str
    positive: str
    rows: int
    positive_rows: int
    method: str
    rows_sha256: str
    weight: str = ""
    negatives_kept: float = 1.0
    positive_values: tuple[str, ...] = ()
    negative_values: tuple[str, ...] = ()
    # Whoever asked otherwise and learnt the same has the same model.
    options: Options = field(default=Options(), compare=False)

    def __post_init__(self) -> None:
        """Refuse counts that are none. Raises ModelError."""
        if not 0 <= self.rows <= MOST_ROWS:
            raise ModelError(f"a model is learnt from 0 to {MOST_ROWS:,} rows, not {self.rows}")
        if not 0 <= self.positive_rows <= self.rows:
            raise ModelError(f"of {self.rows:,} rows {self.positive_rows} cannot be positive")
        if not 0 < self.negatives_kept <= 1:
            raise ModelError(f"of the negatives {self.negatives_kept:g} cannot be kept")
