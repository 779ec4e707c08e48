"""Columns of values: the aliases that every hint uses."""

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.texts import Texts

Floats = NDArray[np.float64]
Values = Floats | Texts
"""A column: numbers, NaN where missing, or texts."""
