"""Which rows a model has learnt from, known again by hashes: nothing is promised on them."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import LeadweightsError, ModelError
from leadweights.files.manifest import has_file
from leadweights.files.read import read_text
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.columns import inputs
from leadweights.formula.evaluate import compute
from leadweights.model.model import ScoringModel, limits
from leadweights.tables.labelled import Rows
from leadweights.tables.row_hashes import Hashes, hash_rows

NAME = "learnt_rows.json"
"""The file beside a model that knows the rows it has learnt from."""

MOST_LEARNT = 0.1
"""Of rows to measure on, so large a share may have been learnt from."""

MOST_HASHES = 140_000
"""So many hashes are kept at most: with them the file has less than 1 MB."""

# A hash keeps its first 40 bits: of a million other rows one is taken for one of these, if any.
_BITS, _BYTES = 40, 5
_ABOUT = (
    "hashes of rows the model has learnt from, by which it knows them again: there are no values "
    "in them"
)
# By chance so seldom are as many rows found as would be called too many.
_SELDOM = 0.001


@dataclass(frozen=True, slots=True)
class LearntRows:
    """Hashes of rows a model has learnt from, shape (kept rows,): distinct, rising.

    All are kept, or the lowest of them, up to `highest`; of an engine's rows those of a sample.
    Of the rows learnt from whose hash is up to `highest`, `share` are among them; of rows that
    were not, which were `tested_rows`, `alike_rows` are by chance, for they say the same.
    """

    rows_sha256: str
    rows: int
    share: float
    highest: int
    tested_rows: int
    alike_rows: int
    hashes: Hashes

    def count(self, hashes: Hashes) -> tuple[int, int]:
        """Count the rows that can be told by these hashes, and those found among them."""
        told = hashes[hashes <= self.highest]
        return len(told), int(np.isin(told, self.hashes).sum())

    def estimate(self, hashes: Hashes) -> float:
        """Estimate which share of rows was learnt from; NaN where that cannot be told.

        It is above `MOST_LEARNT` only where chance would hardly find as many of them.
        """
        told, found = self.count(hashes)
        # A rate of few rows is not zero because none was found.
        by_chance = (self.alike_rows + 1) / (self.tested_rows + 2) if self.tested_rows else 0.0
        if not told or by_chance >= self.share:
            return nan
        learnt = (found / told - by_chance) / (self.share - by_chance)
        if learnt > MOST_LEARNT:
            expected = by_chance + MOST_LEARNT * (self.share - by_chance)
            from scipy.special import bdtrc  # 0.2 s, and most need none

            if bdtrc(found - 1, told, expected) > _SELDOM:
                return nan
        return float(min(max(learnt, 0.0), 1.0))


def make_learnt_rows(
    model: ScoringModel, learnt: Rows, others: Rows, share: float = 1.0
) -> LearntRows:
    """Hash the rows a model has learnt from, and see how many `others` are like them by chance.

    `learnt` are all of them, or a `share`.
    """
    hashes = np.unique(hash_as_read(model, learnt.values, learnt.y))
    highest = 2**_BITS - 1
    if len(hashes) > MOST_HASHES:
        hashes = hashes[:MOST_HASHES]
        highest = int(hashes[-1])
    origin = model.provenance
    alone = LearntRows(origin.rows_sha256, origin.rows, share, highest, 0, 0, hashes)
    tested, alike = alone.count(hash_as_read(model, others.values, others.y))
    return LearntRows(origin.rows_sha256, origin.rows, share, highest, tested, alike, hashes)


def hash_as_read(model: ScoringModel, values: Mapping[str, Values], y: Floats) -> Hashes:
    """Hash what a model reads of each row, and its label, shape (rows,)."""
    read = compute([inputs(model.columns, limits(model))], values)
    hashes = hash_rows([*(read[name] for name in sorted(read)), y], "learnt rows")
    return hashes >> np.uint64(64 - _BITS)


def learnt_rows_json(learnt: LearntRows) -> str:
    """Write hashes as JSON; the same rows give the same bytes."""
    packed = learnt.hashes.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - _BYTES :]
    document = {
        "about": _ABOUT,
        "rows_sha256": learnt.rows_sha256,
        "rows": learnt.rows,
        "share": learnt.share,
        "highest": learnt.highest,
        "tested_rows": learnt.tested_rows,
        "alike_rows": learnt.alike_rows,
        "hashes": b64encode(packed.tobytes()).decode(),
    }
    return json.dumps(document, indent=2) + "\n"


def find_learnt_rows(folder: Path, model: ScoringModel) -> LearntRows | None:
    """Read the hashes of the rows a model has learnt from; None where they are not in the folder.

    Nor are those of another model's rows. Raises ModelError for a file that cannot be read.
    """
    path = folder / NAME
    if not has_file(path):
        return None
    try:
        found = _read(json.loads(read_text(path, "JSON", ModelError)))
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        if isinstance(problem, LeadweightsError):
            raise
        raise ModelError(f"{path} cannot be read; run fit again, or remove it") from None
    return found if found.rows_sha256 == model.provenance.rows_sha256 else None


def _read(document: Mapping[str, Any]) -> LearntRows:
    packed = np.frombuffer(b64decode(document["hashes"], validate=True), np.uint8)
    padded: NDArray[np.uint8] = np.zeros((len(packed) // _BYTES, 8), np.uint8)
    padded[:, 8 - _BYTES :] = packed.reshape(-1, _BYTES)
    return LearntRows(
        str(document["rows_sha256"]),
        int(document["rows"]),
        float(document["share"]),
        int(document["highest"]),
        int(document["tested_rows"]),
        int(document["alike_rows"]),
        padded.reshape(-1).view(">u8").astype(np.uint64),
    )
