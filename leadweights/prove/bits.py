"""Columns of Python and of an engine, compared bit for bit."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats
from leadweights.formula.texts import Texts


def differ(expected: Texts, found: "np.ma.MaskedArray[Any, Any]") -> NDArray[np.bool_]:
    """Say where texts differ, shape (rows,)."""
    ours = np.array([*expected.levels, None], dtype=object)[expected.codes]
    theirs = np.ma.getdata(found).astype(object)
    theirs[np.ma.getmaskarray(found)] = None
    return np.asarray(ours != theirs, dtype=bool)


def distances(
    expected: Floats, found: "np.ma.MaskedArray[Any, Any]"
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Say where bits differ and by how many steps from double to double."""
    left, right = (
        np.ascontiguousarray(side, dtype=np.float64).view(np.int64)
        for side in (expected, np.ma.getdata(found))
    )
    wrong, without = left != right, np.isnan(expected)
    missing = np.ma.getmaskarray(found)
    wrong = (wrong | without | missing) & ~(without & missing)
    # Of most columns that is all: what no row has is not measured.
    steps = np.zeros(len(wrong), np.int64)
    rows = np.flatnonzero(wrong)
    if len(rows):
        either = (without | missing | np.isnan(np.ma.getdata(found)))[rows]
        low, high = np.sort([_ordered(left[rows]), _ordered(right[rows])], axis=0).view(np.uint64)
        far = np.uint64(np.iinfo(np.int64).max)
        steps[rows] = np.where(either, far, np.minimum(high - low, far)).astype(np.int64)
    return wrong, steps


def _ordered(bits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count doubles in order: neighbours differ by 1, and 0 and -0 do not differ."""
    return np.where(bits < 0, np.iinfo(np.int64).min - bits, bits)


def write_bits(value: Any) -> str:
    """Write a value so that every bit can be seen."""
    if isinstance(value, str):
        return repr(value)
    missing = value is None or np.ma.is_masked(value) or np.isnan(value)
    return "missing" if missing else float(value).hex()
