"""Rows as models want them: a DataFrame, or a matrix."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import FunctionTransformer


def make_frame(names: Sequence[str], arrays: Sequence[NDArray[Any]]) -> Any:
    """Make a DataFrame, which scikit-learn does by importing pandas."""
    maker = FunctionTransformer(feature_names_out=lambda *_: names).set_output(transform="pandas")
    frame = maker.fit_transform(np.empty((len(arrays[0]), len(names)), dtype=object))
    for name, array in zip(names, arrays, strict=True):
        frame[name] = array
    return frame


def make_matrix(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Make a matrix, of numbers if all columns are."""
    kind = object if any(array.dtype == object for array in arrays) else np.float64
    found = np.empty((len(arrays[0]), len(arrays)), dtype=kind)
    for place, array in enumerate(arrays):
        found[:, place] = array
    return found
