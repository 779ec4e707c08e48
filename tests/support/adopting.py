"""Adopted models held against the library that learnt them, at every cut."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from leadweights.formula.arrays import Floats
from leadweights.learn.adopted.adopt import write_model
from leadweights.learn.adopted.cut_rows import make_rows
from leadweights.learn.adopted.held_against import hold_against
from leadweights.learn.adopted.objects import read_object
from leadweights.learn.adopted.reading import Reading
from leadweights.model.model import ScoringModel
from leadweights.prove.reference import ReferenceCheck


def check(model: Any, names: Sequence[str] | None = None) -> tuple[ScoringModel, ReferenceCheck]:
    """Adopt a model without the proof on an engine, and hold it against its library."""
    return check_reading(read_object(model, names))


def check_reading(reading: Reading) -> tuple[ScoringModel, ReferenceCheck]:
    """Hold what was read of a model against its library, on rows at every cut."""
    found = write_model(reading)
    assert reading.scores is not None
    values, untried = make_rows(found, reading.scores.handed, reading.scores.largest)
    assert not untried
    reference, left_out = hold_against(found, reading.scores, [values])
    assert not left_out
    assert reference.rows >= 1000
    return found, reference


def draw(rows: int = 600, seed: int = 0, missing: float = 0.1) -> tuple[Floats, Any]:
    """Draw numbers with gaps, the third of whole codes, and a label that depends on them."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 4))
    x[:, 2] = random.integers(0, 12, rows)
    y = (x[:, 0] + 0.6 * random.normal(size=rows) > 0) | (x[:, 2] > 8) & (x[:, 1] > 0)
    x[random.random(x.shape) < missing] = np.nan
    return x, y.astype(int)
