"""statsmodels: the results of a Logit, or of a GLM of the binomial family."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.learn.adopted.features import Feature, LevelFeature, NumberFeature
from leadweights.learn.adopted.frames import make_frame
from leadweights.learn.adopted.linear import combine
from leadweights.learn.adopted.reading import Handed, Reading, Scores

_CONSTANTS = ("const", "Intercept")
_LEVEL = re.compile(r"(?:C\((?P<called>[^(),]+)\)|(?P<plain>[^()\[\]]+))\[T\.(?P<level>.*)\]")
_PLAIN = re.compile(r"[^()\[\]:*+/]+")


def read_object(results: Any, names: Sequence[str] | None) -> Reading:
    """Read results whose columns are numbers, or categories coded by treatment.

    Raises UnsupportedError for another model, link or column.
    """
    model = results.model
    kind = type(model).__name__
    family: Any = getattr(model, "family", None)
    logit = type(family).__name__ == "Binomial" and type(family.link).__name__ == "Logit"
    if kind != "Logit" and not (kind == "GLM" and logit):
        raise UnsupportedError(
            f"a {kind} of statsmodels cannot be carried: Logit is, and GLM of a binomial family "
            "with the logit link"
        )
    offset = getattr(model, "offset", None)
    if offset is not None and np.any(offset):
        raise UnsupportedError(f"a {kind} of statsmodels with an offset cannot be carried")
    own = list(model.exog_names)
    formula = hasattr(model, "formula")
    known = [name for name in own if name not in _CONSTANTS]
    if names is not None:
        if formula or len(names) != len(known):
            raise UnsupportedError(
                f"the model reads {', '.join(known)}: columns cannot rename them"
            )
        known = list(names)
    params = dict(zip(own, np.asarray(results.params, dtype=np.float64).tolist(), strict=True))
    intercept = sum(params.pop(name) for name in _CONSTANTS if name in params)
    features = [_feature(name) for name in known]
    columns, terms, link = combine(features, list(params.values()), intercept)
    method = f"statsmodels, {kind}"
    reading = Reading("statsmodels", method, columns, terms, link=link, rows=int(results.nobs))
    return replace(reading, scores=_ask(results, own, features, formula=formula))


def _feature(name: str) -> Feature:
    found = _LEVEL.fullmatch(name)
    if found is not None:
        column = (found["called"] or found["plain"]).strip()
        level = found["level"]
        return LevelFeature(column, {level: 1.0}, 0.0, 0.0)
    if not _PLAIN.fullmatch(name):
        raise UnsupportedError(f"column {name!r} of a statsmodels formula cannot be carried")
    return NumberFeature(name)


def _ask(results: Any, own: Sequence[str], features: Sequence[Feature], *, formula: bool) -> Scores:
    import statsmodels

    levels: dict[str, dict[str, Any]] = {}
    for feature in features:
        if isinstance(feature, LevelFeature):
            levels.setdefault(feature.column, {}).update({k: k for k in feature.values})
    columns = list(dict.fromkeys(feature.column for feature in features))

    def score(rows: Mapping[str, NDArray[Any]]) -> Floats:
        size = len(next(iter(rows.values())))
        usual = {name: next(iter(known)) for name, known in levels.items()}
        arrays = [rows.get(n, np.full(size, usual.get(n, 0.0), dtype=object)) for n in columns]
        if formula:
            return np.asarray(results.predict(make_frame(columns, arrays), which="linear"))
        held = dict(zip((f.column for f in features), arrays, strict=True))
        wanted = iter(features)
        matrix = [
            np.ones(size) if name in _CONSTANTS else held[next(wanted).column] for name in own
        ]
        given = np.column_stack(matrix).astype(np.float64)
        return np.asarray(results.predict(given, which="linear"))

    handed = tuple(
        Handed(name, levels.get(name), takes_missing=False, takes_other=False) for name in columns
    )
    slack = (16 + 4 * len(own)) * 2.0**-52
    library = f"statsmodels {statsmodels.__version__}"
    return Scores(library, "log_odds", score, handed, slack)
