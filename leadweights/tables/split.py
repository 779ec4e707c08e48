"""Rows cut into parts and folds: at random, forward in time, or whole groups."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError
from leadweights.formula.arrays import Floats
from leadweights.formula.texts import Texts

Places = NDArray[np.int64]
Fold = tuple[Places, Places]


@dataclass(frozen=True, slots=True)
class Moments:
    """When each row was, shape (rows,): days since 1970-01-01 if the `column` is of dates.

    What is learnt from lies before what is measured on; rows of one moment are never parted.
    """

    column: str
    values: Floats
    dates: bool

    def shown(self, moment: float) -> str:
        """Write a moment as people do."""
        if not self.dates:
            return f"{moment:.15g}"
        found = datetime(1970, 1, 1) + timedelta(days=moment)
        return found.isoformat(" ", "seconds").removesuffix(" 00:00:00")


@dataclass(frozen=True, slots=True)
class RowGroups:
    """What each row belongs to, shape (rows,); rows of one group are never parted.

    A row that belongs to nothing is a group of its own.
    """

    column: str
    values: Floats | Texts

    def codes(self) -> Places:
        """Give each row the number of its group, from 0, shape (rows,)."""
        if isinstance(self.values, Texts):
            found, missing = self.values.codes, self.values.missing()
        else:
            found, missing = np.unique(self.values, return_inverse=True)[1], np.isnan(self.values)
        own = np.where(missing, -1 - np.arange(len(found)), found)
        return np.asarray(np.unique(own, return_inverse=True)[1])


By = Moments | RowGroups | None


def split(y: Floats, shares: Sequence[float], seed: int, by: By = None) -> list[Places]:
    """Split rows into parts of these shares: as they come, stratified by the label `y`.

    So they must come in an order that says nothing, such as that of a hash. With `by`, forward in
    time, or by whole groups; then the parts come as near to the shares as moments and groups
    allow, and nothing is stratified.

    Raises TableError where a part would lack a class.
    """
    rest = np.arange(len(y))
    parts = []
    for position in range(len(shares) - 1):
        rows = len(rest) * shares[position] / sum(shares[position:])
        chosen = _first(y[rest], rows, seed, taken(by, rest))
        parts.append(rest[chosen])
        rest = rest[~chosen]
    parts.append(rest)
    for part in parts:
        if len(np.unique(y[part])) < 2:
            raise _one_class(y, part, by)
    return parts


def taken(by: By, places: Places) -> By:
    """Keep the moments or groups of the rows at these places."""
    if by is None:
        return None
    own: Any = by.values[places]
    return replace(by, values=own)


def _first(y: Floats, rows: float, seed: int, by: By) -> NDArray[np.bool_]:
    """Tell for each row whether it is in the first part, of about `rows`."""
    chosen = np.zeros(len(y), dtype=bool)
    match by:
        case Moments(_, moments, _):
            known, counts = np.unique(moments, return_counts=True)
            before = np.cumsum(counts) - counts
            chosen = moments < known[np.argmin(np.abs(before - round(rows)))]
        case RowGroups():
            codes = by.codes()
            chosen = _filled(np.bincount(codes), round(rows), seed)[codes]
        case _:
            # 0.3 of 10 rows are a little more than 3 in doubles.
            wanted = len(y) - ceil(round(len(y) - rows, 6))
            positive, negative = np.flatnonzero(y > 0), np.flatnonzero(~(y > 0))
            hits = round(wanted * len(positive) / len(y))
            chosen[positive[:hits]] = True
            chosen[negative[: wanted - hits]] = True
    return chosen


def _filled(sizes: Places, rows: int, seed: int) -> NDArray[np.bool_]:
    """Take groups in random order as long as they fit, then one more if that comes nearer.

    It is the smaller part that is filled, so that a group with most of the rows goes into the
    larger one. A share of the groups would be no share of the rows. RandomState's stream is
    frozen by numpy's policy.
    """
    order = np.random.RandomState(seed).permutation(len(sizes))
    wanted = min(rows, int(sizes.sum()) - rows)
    chosen = np.zeros(len(sizes), dtype=bool)
    held = 0
    for group in order.tolist():
        if held + sizes[group] <= wanted:
            chosen[group] = True
            held += int(sizes[group])
    left = order[~chosen[order]]
    if len(left):
        smallest = left[np.argmin(sizes[left])]
        chosen[smallest] = not held or 2 * held + sizes[smallest] < 2 * wanted
    return chosen if wanted == rows else ~chosen


def folds(y: Floats, count: int, seed: int, by: By = None) -> list[Fold]:
    """Split rows into folds: for each, the rows to learn from and those to measure on.

    Stratified; by groups, whole ones, stratified as far as they allow (scikit-learn's
    StratifiedGroupKFold). Forward in time the rows are cut into `count` + 1 stretches of about
    the same size, and each but the first is measured on after learning from all before it.

    Raises TableError where a class has fewer rows than there are folds, or moments or groups are
    too few for folds to learn from both classes.
    """
    fewest = int(min(y.sum(), len(y) - y.sum()))
    if fewest < count:
        raise TableError(f"{fewest} rows of one class are too few for {count} folds")
    match by:
        case Moments():
            found = _forward(by.values, count)
        case RowGroups():
            codes = by.codes()
            if codes.max() + 1 < count:
                found = []
            else:
                from sklearn.model_selection import StratifiedGroupKFold  # 1 s, as below

                grouped = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
                found = list(grouped.split(y, y, codes))
        case _:
            from sklearn.model_selection import StratifiedKFold  # 1 s, and many need no folds

            stratified = StratifiedKFold(count, shuffle=True, random_state=seed)
            return list(stratified.split(y, y))
    learnable = all(len(own) and 0 < y[others].sum() < len(others) for others, own in found)
    if len(found) < count or not learnable:
        what = "moments" if isinstance(by, Moments) else "groups"
        known = len(np.unique(by.values if isinstance(by, Moments) else by.codes()))
        raise TableError(
            f"the {known} {what} of {by.column!r} are too few, or their outcomes too much alike, "
            f"for {count} folds"
        )
    return found


def _forward(moments: Floats, count: int) -> list[Fold]:
    known, counts = np.unique(moments, return_counts=True)
    before = np.cumsum(counts) - counts
    wanted = len(moments) * np.arange(1, count + 1) / (count + 1)
    nearest = np.unique(np.argmin(np.abs(before - wanted[:, None]), axis=1))
    starts = [*known[nearest[nearest > 0]], np.inf]
    return [
        (np.flatnonzero(moments < start), np.flatnonzero((moments >= start) & (moments < end)))
        for start, end in pairwise(starts)
    ]


def _too_few(y: Floats) -> TableError:
    return TableError(
        f"{len(y)} rows with {int(y.sum())} positive are too few to hold a part of this share "
        "back; give more rows, larger shares, or a table of its own with --valid"
    )


def _one_class(y: Floats, part: Places, by: By) -> TableError:
    would = f"would have {len(part):,} rows, {int(y[part].sum()):,} of them positive"
    match by:
        case Moments(column, values, _):
            known, what = np.unique(values), "moment"
            start = by.shown(float(values[part].min())) if len(part) else "no moment"
            would = f"the part from {start} on {would}"
            options = f"another column than {column!r} for the moments"
        case RowGroups(column, values):
            codes = by.codes()
            known, what = np.unique(codes), "group"
            sizes = np.bincount(codes)
            place = int(np.argmax(codes == np.argmax(sizes)))
            name = values.values()[place] if isinstance(values, Texts) else float(values[place])
            would = f"a part {would}; the largest group, {name!r}, has {int(sizes.max()):,} rows"
            options = f"another column than {column!r} for the groups, another seed"
        case _:
            return _too_few(y)
    return TableError(
        f"{len(y):,} rows with {int(y.sum()):,} positive in {len(known):,} "
        f"{what}{'s' * (len(known) != 1)}, which stay whole, cannot be split so that each part has "
        f"both classes: {would}; take {options}, other shares or a table of its own with --valid"
    )
