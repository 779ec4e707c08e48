"""What becomes of a number: its fill, its scale, and whether it is learnt as a curve."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import DictionaryError
from leadweights.formula.arrays import Floats
from leadweights.formula.texts import Texts
from leadweights.learn.prepare.dictionary import Entry, MedianBy
from leadweights.learn.prepare.prepared import prepare
from leadweights.model.model import Number, SegmentFill, Segments
from leadweights.model.rounding import round_digits
from leadweights.tables.labelled import Rows

RARE_LEVEL = 0.01
CAPS = (0.01, 0.99)
_SKEWED = 2.0
# On any scale two values are two values: only rounding would choose.
_VALUES_FOR_A_SCALE = 3
_VALUES_FOR_A_CURVE, _ROWS_FOR_A_CURVE = 3, 300
# Of log-loss: less is no reason for a formula that is harder to read.
_LEAST_GAIN = 1e-4
# Below, squares leave the range of doubles; and what varies less than the sum of its rounding
# errors has no standard deviation.
_SMALLEST_SPREAD = 1e-40

ColumnLosses = Callable[
    [Mapping[str, tuple[Floats, bool | Floats]], Floats, int], dict[str, Floats]
]
"""Cross-validated log-loss of each row, by candidate, of a column alone.

A candidate is its values, shape (rows,), NaN where missing, or what it is laid out as, shape (rows,
columns); and True for a curve, or the knots of one.
"""


def fill_number(
    rows: Rows, bare: Number, entry: Entry, values: Floats, held: Floats
) -> Number | None:
    """Give a number its fill; None for one that does not vary.

    `held` are the known ones of its values, in order.
    """
    spread = float(held[-1] - held[0]) if len(held) else 0.0
    noise = max(1e-12, 8 * len(held) * float(np.finfo(float).eps))
    if spread <= max(_SMALLEST_SPREAD, noise * float(np.abs(held).max(initial=0.0))):
        return None
    unit, segments = _find_unit(held), None
    match entry.fill:
        case float(fill):
            pass
        case "mean":
            fill = round_digits(float(held.mean()), unit)
        case "zero":
            fill = 0.0
        case _:
            fill = round_digits(float(np.median(held)), unit)
    if isinstance(entry.fill, MedianBy):
        segments = _fill_segments(rows, bare.name, entry.fill, values, unit)
    return replace(bare, fill=fill, segments=segments)


def _fill_segments(
    rows: Rows, name: str, by: MedianBy, values: Floats, unit: float
) -> Segments | None:
    """Give the medians of the levels that are not rare; None if all are."""
    column = next((n for n in rows.values if n.lower() == by.column.lower()), None)
    held = None if column is None else rows.values[column]
    if column is None or not isinstance(held, Texts):
        raise DictionaryError(
            f"dictionary: [{name}] fill median_by {by.column!r} is not a column of text"
        )
    fills = []
    for code, level in enumerate(held.levels):
        own = values[(held.codes == code) & ~np.isnan(values)]
        if len(own) >= RARE_LEVEL * len(values) and "\0" not in level:
            fills.append(SegmentFill(level, round_digits(float(np.median(own)), unit)))
    return Segments(column, tuple(fills)) if fills else None


def choose_scale(
    rows: Rows,
    number: Number,
    entry: Entry,
    missing: NDArray[np.bool_],
    held: Floats,
    losses: ColumnLosses,
    seed: int,
) -> tuple[Number, bool, str]:
    """Choose a number's scale, whether it is learnt as a curve, and say why.

    Only values that are known tell of it: rows without one have a weight of their own meanwhile,
    or a scale, and above all a curve, would be bent for them where they are filled.

    Caps and the logarithm are tried on a highly skewed column, a curve on each; the next less
    simple one is taken where it lowers the cross-validated log-loss of the column by itself
    by more than three standard errors of the paired difference, among a hundred columns of
    noise two would let several pass, and by no less than `_LEAST_GAIN`. A monotone column has no
    curve: it might turn.
    """
    candidates = _list_candidates(number, held)
    if entry.transform is not None:
        curve = entry.transform == "curve"
        if curve and "cap" not in candidates:
            raise DictionaryError(
                f"dictionary: [{number.name}] transform is 'curve', but 98% of its values are the "
                "same"
            )
        chosen = candidates.get(entry.transform, number)
        words = "a curve" if curve else _describe_scale(chosen)
        return chosen, curve, words and f"{words}, as the dictionary says"
    if len(np.unique(held)) < _VALUES_FOR_A_SCALE:
        return number, False, ""
    values: dict[str, tuple[Floats, bool | Floats]] = {
        name: (np.where(missing, np.nan, prepare(rows, [column]).numbers[number.name]), False)
        for name, column in candidates.items()
    }
    plain = values["none"][0]
    if not _is_skewed(held):
        values = {"none": (plain, False)}
    bends = "cap" in candidates and len(np.unique(held)) > _VALUES_FOR_A_CURVE
    if bends and not entry.monotone and len(held) >= _ROWS_FOR_A_CURVE:
        values["curve"] = plain, True
    found = losses(values, rows.y, seed) if len(values) > 1 else {}
    best = "none"
    for name in list(values)[1:]:
        if is_gain(found[best], found[name]):
            best = name
    if best == "none":
        return number, False, ""
    lower = f"log-loss by itself {found[best].mean():.4f}, not {found['none'].mean():.4f}"
    if best == "curve":
        return number, True, f"a curve ({lower})"
    return candidates[best], False, f"{_describe_scale(candidates[best])} ({lower})"


def is_gain(before: Floats, after: Floats, errors: int = 3) -> bool:
    """Tell whether losses fall by more than so many standard errors, and more than rounding."""
    gain = before - after
    return bool(gain.mean() > max(errors * gain.std() / len(gain) ** 0.5, _LEAST_GAIN))


def _list_candidates(number: Number, held: Floats) -> dict[str, Number]:
    """List the scales a number may have; `held` are its known values."""
    low, high = (round_digits(float(q), _find_unit(held)) for q in np.quantile(held, CAPS))
    found: dict[str, Number] = {"none": number}
    capped = replace(number, low=low, high=high) if low < high else number
    if capped != number:
        found["cap"] = capped
    found["log"] = replace(number, log=True)
    found["cap and log"] = replace(capped, log=True)
    return found


def sort_known(values: Floats) -> Floats:
    """Put values that are known in order, in which their quantiles are found at once."""
    return np.sort(values[~np.isnan(values)])


def _find_unit(values: Floats) -> float:
    """Give a spread that one value far out does not move: ten digits of it are kept."""
    low, high = np.quantile(values, (0.25, 0.75))
    return float(high - low) or float(np.ptp(values))


def _is_skewed(values: Floats) -> bool:
    """Tell whether a few values lie far out on one side: moment skewness beyond 2."""
    centred = values - values.mean()
    spread = float(np.sqrt(np.mean(centred**2)))
    return spread > 0 and abs(float(np.mean((centred / spread) ** 3))) > _SKEWED


def describe_fill(number: Number, missing: NDArray[np.bool_], entry: Entry) -> list[str]:
    """Say how many values are missing and what they are filled with; nothing where none is."""
    if isinstance(entry.fill, MedianBy) and number.segments is None:
        filled = f"filled with the median, {number.fill:g}: {describe_rare(entry.fill)}"
        return [f"{missing.mean():.1%} missing, {filled}"]
    if not missing.any():
        return []
    share = f"{missing.mean():.1%} missing"
    if number.segments:
        return [f"{share}, filled with the median by {number.segments.column}"]
    named = entry.fill if isinstance(entry.fill, str) else "median"
    how = "" if isinstance(entry.fill, float) else f"the {named}, "
    return [f"{share}, filled with {how}{number.fill:g}"]


def describe_rare(by: MedianBy) -> str:
    """Say that no segment is large enough to have a median of its own."""
    return f"no level of {by.column!r} has 1% of the rows with a value"


def _describe_scale(number: Number) -> str:
    words = []
    if number.low is not None:
        words.append(f"capped at {number.low:g} and {number.high:g}")
    if number.log:
        words.append("as its signed logarithm")
    return ", ".join(words)
