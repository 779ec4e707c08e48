"""Hashes of rows by what they hold: they choose rows, and know them again in another file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Values
from leadweights.formula.marks import has_form
from leadweights.formula.texts import Texts
from leadweights.model.dates import EPOCH
from leadweights.model.form import PLAIN
from leadweights.tables.labelled import Rows

Hashes = NDArray[np.uint64]

_VALUES = 2**21  # of rows laid out at once
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BYTES = 8


def hash_rows(columns: Sequence[Values], salt: str) -> Hashes:
    """Hash each row's values, in the order of the columns, shape (rows,): 64 bits of BLAKE2b.

    A value counts as what it says: 7, 7.0 and the text '7' are one, as are a day and its text,
    true and 1, and all that is missing; so a row is the same whatever file or type holds it.
    """
    width, rows = max(1, len(columns)), len(columns[0]) if columns else 0
    levels = [_level_bits(held) if isinstance(held, Texts) else None for held in columns]
    # BLAKE2b takes a salt of 16 bytes at most.
    salted = blake2b(salt.encode(), digest_size=16).digest()
    found: list[bytes] = []
    step = max(1, _VALUES // width)
    for first in range(0, rows, step):
        some = slice(first, min(first + step, rows))
        laid_out = np.empty((some.stop - first, width), dtype="<u8")
        for place, (held, bits) in enumerate(zip(columns, levels, strict=True)):
            if bits is None:
                laid_out[:, place] = _bits(np.asarray(held[some], np.float64))
            else:
                assert isinstance(held, Texts)
                laid_out[:, place] = bits[held.codes[some]]
        data, size = laid_out.tobytes(), _BYTES * width
        found += [
            blake2b(data[at : at + size], digest_size=_BYTES, salt=salted).digest()
            for at in range(0, len(data), size)
        ]
    return np.frombuffer(b"".join(found), dtype=">u8").astype(np.uint64)


def _bits(values: NDArray[np.float64]) -> Hashes:
    """Give the bits of doubles, those of one NaN for all that is missing."""
    known = np.where(np.isfinite(values), values + 0.0, np.nan)
    return known.view(np.uint64)


def _level_bits(held: Texts) -> Hashes:
    """Give bits for each level, and at the end, where code -1 finds them, for a missing value."""
    found = np.empty(len(held.levels) + 1, dtype=np.uint64)
    for place, level in enumerate(held.levels):
        number = _number(level.strip())
        if number is None:
            digest = blake2b(level.encode(errors="surrogatepass"), digest_size=_BYTES).digest()
            found[place] = int.from_bytes(digest, "big")
        else:
            found[place] = _bits(np.array([number]))[0]
    found[-1] = _bits(np.array([np.nan]))[0]
    return found


def _number(text: str) -> float | None:
    """Read a text as the number it is, or as days; None for other texts, such as 007."""
    if _DAY.match(text):
        with suppress(ValueError):
            return float((date.fromisoformat(text[:10]) - EPOCH).days)
    if has_form(text, PLAIN) and not re.match(r"-?0\d", text):
        return float(text)
    return None


def order_by_hash(rows: Rows, hashes: Hashes) -> Rows:
    """Put rows in the order of hashes of their content, shape (rows,).

    The order says nothing, and does not depend on how the rows came, if those that are alike came
    in an order of their own. To the hash of a row that is there several times the copies' number
    is added: they are spread like others.
    """
    return rows.put_in_order(np.argsort(_tell_copies_apart(hashes), kind="stable"))


def _tell_copies_apart(hashes: Hashes) -> Hashes:
    """Hash the second and each further of equal hashes anew, with its number."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    starts = np.flatnonzero(np.append(True, np.diff(ordered) != 0))
    number = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    found = hashes.copy()
    further = number > 0
    copies = np.column_stack((ordered[further], number[further].astype(np.uint64))).tobytes()
    for place, at in zip(order[further].tolist(), range(0, len(copies), 2 * _BYTES), strict=True):
        digest = blake2b(copies[at : at + 2 * _BYTES], digest_size=_BYTES).digest()
        found[place] = int.from_bytes(digest, "big")
    return found
