"""Cuts of what a library computes of a column, found to the bit in the column itself."""

import numpy as np

from leadweights.formula.arrays import Floats
from leadweights.learn.adopted.features import Compute

FURTHEST = 1e100
"""Beyond, a value is missing; a cut at twice that is never reached."""


def single(values: Floats) -> Floats:
    """Round to single precision, half-way to even, as a library does that computes in it."""
    with np.errstate(all="ignore"):
        return np.asarray(values, dtype=np.float64).astype(np.float32).astype(np.float64)


def find_cuts(compute: Compute, at: Floats, *, rises: bool) -> Floats:
    """Give the first double from which on `compute` reaches each value of `at`, or stays below it.

    All doubles are in one order, in which 64 halvings find the neighbours between which it turns.
    A rising computation reaches the value from there on, a falling one is below it.
    """

    def turned(x: Floats) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        with np.errstate(all="ignore"):
            reached = compute(x) >= at
        return np.asarray(reached if rises else ~reached)

    low, high = (np.full(len(at), place) for place in _place(np.array([-FURTHEST, FURTHEST])))
    first, last = turned(_value(low)), turned(_value(high))
    while True:
        middle = (low >> 1) + (high >> 1) + (low & high & 1)  # their sum would overflow
        if (middle == low).all():
            break
        beyond = turned(_value(middle))
        high = np.where(beyond, middle, high)
        low = np.where(beyond, low, middle)
    found = np.where(first, -FURTHEST, np.where(last, _value(high), 2 * FURTHEST))
    return found + 0.0  # no negative zero


def _place(values: Floats) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    bits = values.view(np.int64)
    return np.where(bits < 0, np.iinfo(np.int64).min - bits, bits)


def _value(places: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Floats:
    bits = np.where(places < 0, np.iinfo(np.int64).min - places, places)
    return bits.view(np.float64)
