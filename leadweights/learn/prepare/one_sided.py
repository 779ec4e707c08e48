"""Values and ranges whose many rows have almost all one outcome: none of them positive, or all.

An honest column has rows of both outcomes wherever it has many. What is written down because of
the outcome has not: a count of refunds whose values of 1 and more stand in thousands of rows,
none of which was won.
"""

from dataclasses import dataclass

import numpy as np

from leadweights.decisions.guarantee import lower_bound
from leadweights.formula.arrays import Floats
from leadweights.formula.texts import Texts
from leadweights.learn.prepare.bins import Coded, Codes, code_levels, cut_bins
from leadweights.tables.columns import Kind

# The rarer outcome has at most this share of the rows it would have in as many average ones. Known
# beforehand, lowest: 0.023 (142 rows of Lead Source), 0.12 (718 of Lead Origin, X Education) and
# 0.087 (6,051 bookings of guests who had cancelled once before).
_OBSERVED = 1 / 50
# And surely no more than this, or the rows are too few to say so: about 150 rows of the rarer
# outcome would have to be among them.
_SURELY = 1 / 10
# A range ends where a value begins to mean something else. An honest number's tails are pure,
# too, but what lies beside them is nearly so: here it has this share of the rarer outcome.
_BESIDE, _ENOUGH_BESIDE = 1 / 4, 20.0
# The level of the exact bound, divided by the number of values and ranges looked at. In simulation
# none of 50,000 columns of noise was named, of 300 to 30,000 rows, 2% to 60% of them positive.
_LEVEL = 1e-4
_LOOKED_AT = 20
_RANGES = 100


@dataclass(frozen=True, slots=True)
class OneSided:
    """What many rows of a column hold that have, but for a few, one outcome."""

    words: str
    rows: int
    positive_rows: int

    @property
    def sentence(self) -> str:
        """Say it with its counts."""
        rest, of_rows = self.rows - self.positive_rows, f"{self.words} in {self.rows:,} rows"
        if self.positive_rows <= rest:
            return f"{of_rows}, {self.positive_rows or 'none'} of them positive"
        return f"{of_rows}, {f'all but {rest:,}' if rest else 'all'} of them positive"


def find_one_sided(values: Floats | Texts, y: Floats, kind: Kind = "number") -> OneSided | None:
    """Find the value or range that is surest to go with one outcome; None where none does.

    Looked at are values, ranges of numbers, and whether there is a value at all. One is named
    where the exact upper bound of the share of its rows that have the rarer outcome (Clopper and
    Pearson 1934), at a level divided by the number of those looked at, is a tenth of that of all
    rows. Both outcomes occur in `y`, shape (rows,).
    """
    coded = code_levels(values) if isinstance(values, Texts) else cut_bins(values, _RANGES, kind)
    positive = np.bincount(coded.codes[y > 0], minlength=coded.size)
    negative = np.bincount(coded.codes[y <= 0], minlength=coded.size)
    rows = negative + positive
    first, last = _list_runs(coded)
    in_run = _count(rows, first, last)
    for rarer in (positive, negative):
        share = float(rarer.sum() / rows.sum())
        found = _count(rarer, first, last)
        expected = in_run * share
        worth = np.flatnonzero((found <= _OBSERVED * expected) & (expected * _SURELY >= 1))
        # The surest first: where none has the rarer outcome, the most rows.
        order = worth[np.argsort((found[worth] + 3) / in_run[worth], kind="stable")]
        for place in order[:_LOOKED_AT].tolist():
            n, k, run = int(in_run[place]), int(found[place]), (int(first[place]), int(last[place]))
            surely = 1 - lower_bound(n, n - k, 1 - _LEVEL / (2 * len(first)))
            if surely <= _SURELY * share and _stands_out(run, coded, rows, rarer):
                return OneSided(_describe(run, coded, rows), n, k if rarer is positive else n - k)
    return None


def _list_runs(coded: Coded) -> tuple[Codes, Codes]:
    """List the first and last codes of what is looked at."""
    values = coded.size - 1
    first, last = np.triu_indices(values) if coded.ordered else (coded.repeats, coded.repeats)
    if coded.ordered:
        return np.append(first, values), np.append(last, values)
    return np.append(first, [0, values]), np.append(last, [values - 1, values])


def _count(rows: Codes, first: Codes, last: Codes) -> Floats:
    before = np.append(0, np.cumsum(rows))
    return np.asarray(before[last + 1] - before[first], np.float64)


def _stands_out(run: tuple[int, int], coded: Coded, rows: Codes, rarer: Codes) -> bool:
    """Tell whether a range of numbers ends abruptly: the rows beside it are as others are.

    A bin between two quantiles may lie on both sides of its end, and is passed over.
    """
    first, last = run
    values, share = coded.size - 1, float(rarer.sum() / rows.sum())
    if not coded.ordered or first == values:
        return True
    for codes in (np.arange(first)[::-1], np.arange(last + 1, values)):
        held = codes[rows[codes] > 0]
        expected = np.append(0.0, np.cumsum(rows[held]) * share)
        bins = np.flatnonzero(~np.isin(held, coded.repeats))
        skipped = int(bins[0]) + 1 if len(bins) and expected[bins[0]] < _ENOUGH_BESIDE else 0
        beside = held[skipped : int(np.searchsorted(expected, expected[skipped] + _ENOUGH_BESIDE))]
        enough = expected[-1] - expected[skipped] >= _ENOUGH_BESIDE
        if enough and rarer[beside].sum() < _BESIDE * share * rows[beside].sum():
            return False
    return True


def _describe(run: tuple[int, int], coded: Coded, rows: Codes) -> str:
    first, last = run
    if first == coded.size - 1:
        return "has no value"
    held = np.flatnonzero(rows[:-1])
    if first <= held[0] < held[-1] <= last:
        return "has a value"
    return coded.described(first, last)
