"""Models of other libraries in their files: read as data, never unpickled."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from leadweights.errors import LeadweightsError, ModelError, UnsupportedError
from leadweights.learn.adopted import catboost_models, lightgbm_models, onnx_models, xgboost_models
from leadweights.learn.adopted.objects import read_object
from leadweights.learn.adopted.reading import Reading
from leadweights.learn.adopted.ubjson import parse_ubjson


def read_file(path: Path, names: Sequence[str] | None) -> Reading:
    """Read a model's file by its ending. Raises UnsupportedError, ModelError, TableError."""
    match path.suffix.lower():
        case ".txt":
            return _read_lightgbm(path, names)
        case ".json":
            return _read_json(path, names)
        case ".skops":
            return read_object(_load_skops(path), names)
        case ".onnx":
            return onnx_models.read_model(_bytes(path), names)
        case ".ubj":
            return _read_document(
                path, _parse(parse_ubjson, _bytes(path), path, "UBJSON document"), names
            )
        case ".pkl" | ".pickle" | ".joblib":
            raise UnsupportedError(
                f"{path}: a pickle runs whatever code is in it; save the model with skops, or in "
                "the library's own format"
            )
        case ending:
            raise UnsupportedError(
                f"{path}: a model's file ends in .skops, .onnx, .json, .txt or .ubj, not {ending!r}"
            )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise ModelError(f"cannot read {path}: {problem.strerror}") from None


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode()
    except UnicodeDecodeError:
        raise ModelError(f"{path} is not text in UTF-8") from None


_TRUSTED = ("numpy.", "scipy.", "sklearn.")
_TRUSTED_TOO = (
    "collections.OrderedDict",
    "functools.partial",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
)


def _load_skops(path: Path) -> Any:
    """Load a file of skops whose types are those of known libraries alone."""
    try:
        from skops import io
    except ImportError:
        raise UnsupportedError(
            f"{path}: reading it needs skops: pip install 'leadweights[adopt]'"
        ) from None
    content = _bytes(path)
    try:
        types = io.get_untrusted_types(data=content)
        for name in types:
            if not name.startswith(_TRUSTED) and name not in _TRUSTED_TOO:
                raise UnsupportedError(f"{path} holds a {name}, which is not trusted to be loaded")
        return io.loads(content, trusted=types)
    except LeadweightsError:
        raise
    except Exception as problem:
        said = f"{type(problem).__name__}: {problem}".splitlines()[0]
        raise ModelError(f"{path} is no model that skops can load here: {said}") from None


def _read_lightgbm(path: Path, names: Sequence[str] | None) -> Reading:
    text = _text(path)
    what = "whole text file of a LightGBM model"
    forest = _parse(lightgbm_models.parse_text, text, path, what)
    reading = lightgbm_models.read_forest(forest, names)
    try:
        from lightgbm import Booster
    except ImportError:
        return reading
    return replace(reading, scores=lightgbm_models.ask(Booster(model_str=text), forest, names))


def _read_json(path: Path, names: Sequence[str] | None) -> Reading:
    return _read_document(path, _parse(json.loads, _text(path), path, "JSON document"), names)


def _parse(parse: Callable[[Any], Any], content: str | bytes, path: Path, what: str) -> Any:
    try:
        return parse(content)
    except (ValueError, RecursionError) as problem:
        raise ModelError(f"{path} is no {what}: {problem}") from None


def _read_document(path: Path, document: Any, names: Sequence[str] | None) -> Reading:
    if isinstance(document, dict) and "tree_info" in document:
        return lightgbm_models.read_forest(lightgbm_models.parse_dump(document), names)
    if isinstance(document, dict) and "learner" in document:
        return xgboost_models.read_document(document, names)
    if isinstance(document, dict) and "features_info" in document:
        return catboost_models.read_file(path, document, names)
    raise ModelError(f"{path} is no model of LightGBM, XGBoost or CatBoost")
