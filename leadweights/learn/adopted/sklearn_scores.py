"""What scikit-learn's own model says to rows, and which it refuses."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import inf, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats
from leadweights.learn.adopted.frames import make_frame, make_matrix
from leadweights.learn.adopted.reading import LARGEST_SINGLE, Handed, Reading, Scores
from leadweights.learn.adopted.sklearn_steps import UNSEEN, UNSEEN_CODE, Walk
from leadweights.model.model import Identity, Number

_EPSILON = 2.0**-52


def ask(
    model: Any, reading: Reading, walk: Walk, names: Sequence[str], inner: Sequence[str]
) -> Reading:
    """Say how the model itself scores rows, and which it refuses, by asking it for one of each."""
    read = {column.name for column in reading.columns}
    handed = [
        Handed(
            name,
            walk.objects.get(name),
            walk.absent.get(name, nan),
            lowest=walk.lowest.get(name, -inf),
        )
        for name in names
    ]
    usual: dict[str, Any] = {own.column: 0.0 for own in handed}
    for name, objects in walk.objects.items():
        usual[name] = next(iter(objects.values()), walk.absent[name])
    column, slack, largest = _kind(model, reading)

    def column_of(name: str, value: Any, size: int) -> NDArray[Any]:
        if name not in walk.objects:
            return np.full(size, value)
        return np.array([value, None], dtype=object)[np.zeros(size, np.int64)]

    def score(rows: Mapping[str, NDArray[Any]]) -> Floats:
        size = len(next(iter(rows.values())))
        arrays = [rows[n] if n in rows else column_of(n, usual[n], size) for n in names]
        given: Any = make_frame(inner, arrays) if inner else make_matrix(arrays)
        # It adds all numbers up, to see that none is infinite, and tells of unknown levels.
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            if column == "probability":
                return np.asarray(np.clip(model.predict_proba(given)[:, 1], 0.0, 1.0))
            if hasattr(model, "decision_function"):
                return np.asarray(model.decision_function(given))
            return _margins(model, given)

    def takes(name: str, value: Any) -> bool:
        try:
            return bool(np.isfinite(score({name: column_of(name, value, 1)})).all())
        except (ValueError, TypeError):
            return False

    probed = tuple(
        replace(
            own,
            takes_missing=takes(own.column, own.missing),
            takes_other=own.objects is not None
            and takes(own.column, UNSEEN_CODE if _are_codes(own) else UNSEEN),
            largest=inf if own.objects is not None else _largest(own.column, takes),
        )
        for own in handed
        if own.column in read
    )
    import sklearn

    library = f"scikit-learn {sklearn.__version__}"
    scores = Scores(library, column, score, probed, slack, largest)
    notes = [*reading.notes, *_notes(reading, probed)]
    return replace(reading, scores=scores, notes=tuple(notes))


def _largest(name: str, takes: Callable[[str, Any], bool]) -> float:
    """Find how far out a number may lie: behind a scale, single precision may end soon."""
    return next((10.0**e for e in (99, 30, 24, 18, 12, 6) if takes(name, 10.0**e)), 1.0)


def _are_codes(handed: Handed) -> bool:
    return bool(handed.objects) and not any(
        isinstance(value, str) for value in (handed.objects or {}).values()
    )


def _notes(reading: Reading, handed: Sequence[Handed]) -> list[str]:
    found = []
    gaps = [repr(own.column) for own in handed if not own.takes_missing]
    if gaps:
        found.append(
            f"the model refuses rows in which {', '.join(gaps)} is missing; here they get a score"
        )
    odd = [repr(own.column) for own in handed if own.objects is not None and not own.takes_other]
    if odd:
        found.append(
            f"the model refuses rows in which {', '.join(odd)} has a level that it does not know; "
            "here they get a score"
        )
    logs = [repr(c.name) for c in reading.columns if isinstance(c, Number) and c.log]
    if logs:
        found.append(f"the logarithm of {', '.join(logs)} is taken: below 0 the sign is kept here")
    return found


def _kind(model: Any, reading: Reading) -> tuple[str, float, float]:
    """Say what is compared, how far sums may be apart, and how far out numbers may lie."""
    last = model
    while type(last).__name__ in ("Pipeline", "FrozenEstimator"):
        last = last.steps[-1][1] if type(last).__name__ == "Pipeline" else last.estimator
    name = type(last).__name__
    is_boosted = name in ("GradientBoostingClassifier", "HistGradientBoostingClassifier")
    narrow = reading.trees and name != "HistGradientBoostingClassifier"
    largest = LARGEST_SINGLE if narrow else 1e99
    if type(last).__module__.startswith("xgboost"):
        return "lead_score", (len(reading.trees) + 2) * 2.0**-24, largest
    if type(last).__module__.startswith("lightgbm"):
        return "lead_score", 0.0, 1e99
    if is_boosted:
        return "lead_score", 0.0, largest
    rounding = (16 + 4 * len(reading.terms)) * _EPSILON
    if name == "CalibratedClassifierCV":
        return "probability", rounding, largest
    if isinstance(reading.link, Identity):
        return "probability", 0.0, largest
    return "log_odds", rounding, largest


def _margins(model: Any, given: Any) -> Floats:
    """Ask a booster at the end of a pipeline for what is before the sigmoid."""
    last = model.steps[-1][1] if type(model).__name__ == "Pipeline" else model
    before = model[:-1].transform(given) if last is not model and len(model.steps) > 1 else given
    if type(last).__module__.startswith("lightgbm"):
        return np.asarray(last.predict(before, raw_score=True))
    if type(last).__module__.startswith("xgboost"):
        return np.asarray(last.predict(before, output_margin=True), dtype=np.float64)
    raise AssertionError(f"{type(last).__name__} has no scores")
