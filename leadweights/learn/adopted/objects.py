"""Which reader an object of another library needs."""

from collections.abc import Sequence
from typing import Any

from leadweights.errors import UnsupportedError
from leadweights.learn.adopted import (
    catboost_models,
    interpret_models,
    lightgbm_models,
    sklearn_models,
    statsmodels_models,
    xgboost_models,
)
from leadweights.learn.adopted.reading import Reading


def read_object(model: Any, names: Sequence[str] | None) -> Reading:
    """Read a fitted model of another library. Raises UnsupportedError for one of no reader."""
    library = type(model).__module__.partition(".")[0]
    match library:
        case "lightgbm":
            return lightgbm_models.read_booster(getattr(model, "booster_", model), names)
        case "xgboost":
            return xgboost_models.read_object(model, names)
        case "catboost":
            return catboost_models.read_object(model, names)
        case "sklearn":
            return sklearn_models.read_object(model, names)
        case "interpret":
            return interpret_models.read_object(model, names)
        case "statsmodels":
            return statsmodels_models.read_object(model, names)
        case _:
            raise UnsupportedError(f"a {library} {type(model).__name__} cannot be carried")
