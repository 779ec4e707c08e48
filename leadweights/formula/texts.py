"""A column of text: each distinct value once, and a code for each row."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.one_value import write_number


@dataclass(frozen=True, slots=True)
class Texts:
    """Row i holds `levels[codes[i]]`; code -1 is a missing value. Levels are distinct, sorted."""

    codes: NDArray[np.int64]
    levels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def hide(self, rows: NDArray[np.bool_]) -> "Texts":
        """Take these rows' texts for missing values."""
        return _code(list(self.levels), np.where(rows, -1, self.codes))

    def __getitem__(self, chosen: NDArray[np.int64] | slice) -> "Texts":
        """Keep the rows at these places, as of an array, and of the levels those that they hold."""
        return _code(list(self.levels), self.codes[chosen])

    def among(self, texts: Collection[str]) -> NDArray[np.bool_]:
        """Tell for each row whether it holds one of these texts; a missing value never does."""
        hits = np.array([level in texts for level in self.levels] + [False])
        return np.asarray(hits[self.codes])

    def missing(self) -> NDArray[np.bool_]:
        """Tell for each row whether it holds nothing."""
        return np.asarray(self.codes < 0)

    def without(self, texts: Collection[str]) -> "Texts":
        """Take these texts for missing values."""
        return self.change(lambda level: None if level in texts else level)

    def change(self, change: Callable[[str], str | None]) -> "Texts":
        """Replace each level by another text, or by None for a missing value."""
        return _code([change(level) for level in self.levels], self.codes)

    def counts(self) -> NDArray[np.int64]:
        """Count the rows of each level, shape (levels,)."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.levels))

    def values(self) -> list[str | None]:
        """List the text of each row, None for a missing value."""
        texts: list[str | None] = [*self.levels, None]
        return [texts[code] for code in self.codes]


def texts(values: Iterable[str | None]) -> Texts:
    """Make a column from the text of each row, None for a missing value."""
    places: dict[str | None, int] = {}
    codes = np.fromiter((places.setdefault(v, len(places)) for v in values), np.int64)
    return _code(list(places), codes)


def texts_of(values: NDArray[np.float64]) -> Texts:
    """Write numbers as texts, whole ones as their digits; NaN is missing."""
    held, codes = np.unique(values, return_inverse=True)
    return _code([write_number(value) for value in (held + 0.0).tolist()], codes)


def one_of(choice: NDArray[np.int64], columns: Sequence[Texts | str | None]) -> Texts:
    """Take row i from the column `choice[i]`; -1 is a missing value.

    A text, or None, stands for a column that holds it in every row.
    """
    levels = [column if isinstance(column, str) else None for column in columns]
    codes = np.asarray(choice, np.int64)
    for place, column in enumerate(columns):
        if isinstance(column, Texts):
            here = choice == place
            own = column.codes[here]
            codes = np.array(codes) if codes is choice else codes
            codes[here] = np.where(own < 0, -1, own + len(levels))
            levels += column.levels
    return _code(levels, codes)


def _code(changed: list[str | None], codes: NDArray[np.int64]) -> Texts:
    """Code rows anew: `changed[code]` is the new text of every row that has this code now."""
    held = np.bincount(codes[codes >= 0], minlength=len(changed))
    levels = sorted({t for t, rows in zip(changed, held, strict=True) if rows and t is not None})
    place = {text: code for code, text in enumerate(levels)}
    new = np.array([place.get(t, -1) if t is not None else -1 for t in changed] + [-1], np.int64)
    return Texts(new[codes], tuple(levels))
