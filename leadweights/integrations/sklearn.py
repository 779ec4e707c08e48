"""A scoring model as a classifier of scikit-learn, which can be one SELECT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, assert_all_finite
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    _check_sample_weight,
    _num_samples,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from leadweights.formula.arrays import Floats
from leadweights.learn.fit import fit_model
from leadweights.learn.recipe import Asked, InMemory
from leadweights.model.model import ScoringModel
from leadweights.scoring.score import score
from leadweights.sql.render import render
from leadweights.tables.beside import put_beside
from leadweights.tables.open import Source

_WEIGHT = "leadweights_weight"


class LeadScorer(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier of scikit-learn for two classes that is one SELECT.

    The parameters are fields of `leadweights.Recipe`, and mean the same. `label` is the name that
    y has in the model. `class_weight` may be, as in scikit-learn, a mapping from classes to
    weights, by which those of rows are multiplied.

    X is a DataFrame of pandas or polars, a table of Arrow or an array, of numbers, texts, flags
    and dates, with gaps or without; columns of an array are called x0, x1 and so on. The second of
    the sorted classes is the positive one. Rows split by time or by groups are scikit-learn's to
    split; the column they are split by is named in `exclude`.

    Fitted, it has `model_`, a `ScoringModel`, `classes_`, `n_features_in_` and, of columns with
    names, `feature_names_in_`.
    """

    def __init__(
        self,
        *,
        label: str = "label",
        keys: Sequence[str] = (),
        exclude: Sequence[str] = (),
        dictionary: str | Path | Mapping[str, object] | None = None,
        c: float | Literal["auto"] = 1.0,
        seed: int = 42,
        class_weight: float | Literal["balanced"] | Mapping[Any, float] | None = None,
        negatives_kept: float = 1.0,
        time_zone: str = "",
        trees: Asked = "none",
    ) -> None:
        self.label = label
        self.keys = keys
        self.exclude = exclude
        self.dictionary = dictionary
        self.c = c
        self.seed = seed
        self.class_weight = class_weight
        self.negatives_kept = negatives_kept
        self.time_zone = time_zone
        self.trees = trees

    def fit(
        self,
        X: Source | ArrayLike,  # noqa: N803
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> LeadScorer:
        """Learn from rows X and their classes y, shape (rows,), each counted `sample_weight` times.

        Raises ValueError for what scikit-learn refuses, else what `leadweights.fit_model` does.
        """
        table, rows = self._read(X, reset=True)
        classes = self._read_classes(y, rows)
        weights = self._weigh(classes, sample_weight)
        counted = classes if weights is None else classes[weights > 0]
        if len(np.unique(counted)) < 2:
            raise ValueError(f"{type(self).__name__} needs rows of two classes that count; got one")
        beside: dict[str, NDArray[Any]] = {
            self.label: (classes == self.classes_[1]).astype(np.int64)
        }
        if weights is not None:
            beside[_WEIGHT] = weights
        of_classes = None if isinstance(self.class_weight, Mapping) else self.class_weight
        self.model_: ScoringModel = fit_model(
            put_beside(table, beside, None if weights is None else _WEIGHT),
            place=InMemory(),
            label=self.label,
            keys=self.keys,
            exclude=self.exclude,
            dictionary=self.dictionary,
            c=self.c,
            seed=self.seed,
            weight=None if weights is None else _WEIGHT,
            class_weight=of_classes,
            negatives_kept=self.negatives_kept,
            time_zone=self.time_zone,
            trees=self.trees,
        )
        return self

    def decision_function(self, X: Source | ArrayLike) -> Floats:  # noqa: N803
        """Compute the log-odds of the positive class, shape (rows,)."""
        return self._score(X, "log_odds")

    def predict_proba(self, X: Source | ArrayLike) -> Floats:  # noqa: N803
        """Compute probabilities, shape (rows, 2): the second has the bits of the SELECT."""
        positive = self._score(X, "probability")
        return np.column_stack([1.0 - positive, positive])

    def predict(self, X: Source | ArrayLike) -> NDArray[Any]:  # noqa: N803
        """Predict the likelier class of each row, shape (rows,)."""
        positive = self._score(X, "log_odds") > 0
        found: NDArray[Any] = self.classes_[positive.astype(np.int64)]
        return found

    def sql(self, dialect: str = "duckdb", **options: Any) -> str:
        """Write the SELECT in a dialect; `options` are those of `leadweights.render`."""
        check_is_fitted(self)
        return render(self.model_, dialect=dialect, **options)

    def __sklearn_is_fitted__(self) -> bool:
        """Tell whether there is a model."""
        return hasattr(self, "model_")

    def __sklearn_tags__(self) -> Tags:
        """Say what may be asked of this estimator."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags

    def _score(self, X: Source | ArrayLike, column: str) -> Floats:  # noqa: N803
        check_is_fitted(self)
        table, _ = self._read(X, reset=False)
        scored = score(self.model_, table, keys=(), columns=[column])
        return np.asarray(scored[column], dtype=np.float64)

    def _read(self, X: Source | ArrayLike, *, reset: bool) -> tuple[Source, int]:  # noqa: N803
        """Give X as a table whose columns have names, and the number of its rows."""
        columns = getattr(X, "column_names", getattr(X, "columns", ()))
        if len(columns) and all(isinstance(name, str) for name in columns):
            validate_data(self, X, reset=reset, skip_check_array=True)
            table: Any = X
            return table, _num_samples(X)
        least = 2 if reset else 1
        array = validate_data(
            self, X, reset=reset, dtype=None, ensure_all_finite=False, ensure_min_samples=least
        )
        return {f"x{place}": column for place, column in enumerate(array.T)}, len(array)

    def _read_classes(self, y: ArrayLike, rows: int) -> NDArray[Any]:
        """Check y and remember its classes."""
        found: NDArray[Any] = column_or_1d(y, warn=True)
        if len(found) != rows:
            raise ValueError(f"X has {rows} rows, y has {len(found)}: they must have as many")
        assert_all_finite(found, input_name="y", estimator_name=type(self).__name__)
        check_classification_targets(found)
        kind = type_of_target(found, input_name="y", raise_unknown=True)
        if kind != "binary":
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {kind}."
            )
        self.classes_ = np.unique(found)
        return found

    def _weigh(self, classes: NDArray[Any], sample_weight: ArrayLike | None) -> Floats | None:
        """Say how often each row counts, shape (rows,); None: once."""
        if sample_weight is None and not isinstance(self.class_weight, Mapping):
            return None
        weights: Floats = _check_sample_weight(
            sample_weight, classes, dtype=np.float64, ensure_non_negative=True
        )
        if isinstance(self.class_weight, Mapping):
            weights = weights * [self.class_weight.get(one, 1.0) for one in classes.tolist()]
        return weights
