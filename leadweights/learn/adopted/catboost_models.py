"""CatBoost: a classifier of numbers, or the JSON file of one."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf, nan, nextafter
from os import fspath
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.learn.adopted.cuts import single
from leadweights.learn.adopted.features import NumberFeature
from leadweights.learn.adopted.placing import place_trees, write_columns
from leadweights.learn.adopted.reading import LARGEST_SINGLE, Handed, Reading, Scores
from leadweights.model.model import Logit
from leadweights.model.trees import Leaf, Node, NumberSplit


def read_object(model: Any, names: Sequence[str] | None) -> Reading:
    """Read a fitted classifier. Raises UnsupportedError."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        model.save_model(str(path), format="json")
        document = json.loads(path.read_text(encoding="utf-8"))
    reading = read_document(document, names)
    return replace(reading, scores=ask(model, document, names))


def read_file(path: Path, document: Mapping[str, Any], names: Sequence[str] | None) -> Reading:
    """Read a JSON file. Raises UnsupportedError."""
    reading = read_document(document, names)
    try:
        import catboost
    except ImportError:
        return reading
    model = catboost.CatBoostClassifier().load_model(fspath(path), format="json")
    return replace(reading, scores=ask(model, document, names))


def read_document(document: Mapping[str, Any], names: Sequence[str] | None) -> Reading:
    """Write what a model's document says in our words. Raises UnsupportedError."""
    loss = json.dumps(document.get("model_info", {}).get("params", {}).get("loss_function", {}))
    if "Logloss" not in loss:
        raise UnsupportedError(f"a CatBoost model of loss {loss} cannot be carried: Logloss is")
    own = _names(document, names)
    scale, (bias, *more) = document["scale_and_bias"]
    if more:
        raise UnsupportedError("a CatBoost model of several classes cannot be carried")
    nans = [
        feature.get("nan_value_treatment") == "AsTrue"
        for feature in document["features_info"]["float_features"]
    ]
    trees: list[Node] = []
    for tree in document.get("oblivious_trees") or ():
        whole = sum(tree["leaf_weights"]) or 1.0
        leaves = zip(tree["leaf_values"], tree["leaf_weights"], strict=True)
        own_leaves = [Leaf(float(value), weight / whole) for value, weight in leaves]
        splits = [_split(split) for split in tree["splits"] or ()]
        trees.append(_oblivious(splits, own_leaves, nans, {}))
    trees += [_tree(tree, nans, _weight(tree) or 1.0) for tree in document.get("trees") or ()]
    features = [NumberFeature(name) for name in own]
    placed = place_trees(trees, features, single)
    columns, terms = write_columns(placed, features)
    method = f"CatBoost, {len(trees)} trees"
    return Reading("catboost", method, columns, terms, placed, Logit(float(bias), float(scale)))


def _names(document: Mapping[str, Any], names: Sequence[str] | None) -> list[str]:
    info = document["features_info"]
    others = [kind for kind in info if kind != "float_features" and info[kind]]
    if others:
        raise UnsupportedError(f"a CatBoost model with {others[0]} cannot be carried: numbers are")
    known = [
        feature["feature_id"] or str(feature["flat_feature_index"])
        for feature in info["float_features"]
    ]
    if names is not None and len(names) != len(known):
        raise UnsupportedError(
            f"the model reads {len(known)} columns, and columns names {len(names)}"
        )
    return list(known if names is None else names)


def _split(split: Mapping[str, Any]) -> tuple[int, float]:
    if split["split_type"] != "FloatFeature":
        raise UnsupportedError(f"CatBoost's split {split['split_type']} cannot be carried")
    return int(split["float_feature_index"]), float(split["border"])


def _oblivious(
    splits: Sequence[tuple[int, float]],
    leaves: Sequence[Leaf],
    nans: Sequence[bool],
    between: Mapping[int, tuple[float, float]],
) -> Node:
    """Say a tree whose splits are the same in each branch: the last one has the highest bit.

    Branches that no row comes to, as another split of the feature says so, are left out.
    """
    if not splits:
        return leaves[0]
    *rest, (feature, border) = splits
    half = len(leaves) // 2
    low, high = between.get(feature, (-inf, inf))
    if border >= high:
        return _oblivious(rest, leaves[:half], nans, between)
    if border <= low:
        return _oblivious(rest, leaves[half:], nans, between)
    below = _oblivious(rest, leaves[:half], nans, {**between, feature: (low, border)})
    above = _oblivious(rest, leaves[half:], nans, {**between, feature: (border, high)})
    return _number_split(feature, border, below, above, nans)


def _number_split(
    feature: int, border: float, below: Node, above: Node, nans: Sequence[bool]
) -> Node:
    match below, above:
        case Leaf(one, share), Leaf(other, rest) if one == other:
            return Leaf(one, min(1.0, share + rest))
    # Above is what is beyond the border in single precision.
    return NumberSplit(str(feature), nextafter(border, inf), below, above, nans[feature])


def _weight(node: Mapping[str, Any]) -> float:
    if "split" not in node:
        return float(node["weight"])
    return _weight(node["left"]) + _weight(node["right"])


def _tree(node: Mapping[str, Any], nans: Sequence[bool], whole: float) -> Node:
    if "split" not in node:
        if isinstance(node["value"], list):
            raise UnsupportedError("a CatBoost model of several classes cannot be carried")
        return Leaf(float(node["value"]), node["weight"] / whole)
    feature, border = _split(node["split"])
    below, above = (_tree(node[side], nans, whole) for side in ("left", "right"))
    return _number_split(feature, border, below, above, nans)


def ask(model: Any, document: Mapping[str, Any], names: Sequence[str] | None) -> Scores:
    """Ask a model for its raw scores."""
    import catboost

    own = _names(document, names)

    def score(rows: Mapping[str, NDArray[Any]]) -> Floats:
        size = len(next(iter(rows.values())))
        matrix = np.column_stack([rows.get(name, np.full(size, nan)) for name in own])
        return np.asarray(model.predict(matrix, prediction_type="RawFormulaVal"))

    handed = tuple(map(Handed, own))
    slack = (len(document.get("oblivious_trees") or document.get("trees") or ()) + 4) * 2.0**-52
    library = f"CatBoost {catboost.__version__}"
    return Scores(library, "log_odds", score, handed, slack, LARGEST_SINGLE)
