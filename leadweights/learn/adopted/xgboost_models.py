"""XGBoost: a booster, a classifier, or a model file of JSON or UBJSON."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isnan, nan
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.learn.adopted.cuts import single
from leadweights.learn.adopted.features import Feature, LevelFeature, NumberFeature
from leadweights.learn.adopted.levels import write_levels
from leadweights.learn.adopted.placing import place_trees, write_columns
from leadweights.learn.adopted.reading import LARGEST_SINGLE, PLAIN, Handed, Reading, Scores
from leadweights.model.trees import Leaf, LevelSplit, Node, NumberSplit, walk

_ROUNDING = 2.0**-24  # half a unit in the last place of single precision

_UNSEEN = 1e6


@dataclass(frozen=True, slots=True)
class Forest:
    """What a model's document says: names, levels of categories by feature, trees, notes."""

    names: tuple[str, ...]
    levels: Mapping[int, Sequence[Any]]
    trees: tuple[Node, ...]
    notes: tuple[str, ...]


def read_object(
    model: Any, names: Sequence[str] | None, features: Sequence[Feature] | None = None
) -> Reading:
    """Read a Booster, or a classifier, which predicts up to its best iteration.

    `features` are those that steps before it make. Raises UnsupportedError.
    """
    is_classifier = hasattr(model, "get_booster")
    booster = model.get_booster() if is_classifier else model
    absent = float(getattr(model, "missing", nan))
    document = json.loads(booster.save_raw("json"))
    forest = parse(document, stops=is_classifier)
    if features is not None:
        return read_forest(forest, features)
    own = make_features(forest, names, absent)
    return replace(read_forest(forest, own), scores=ask(booster, forest, own, absent))


def read_document(document: Mapping[str, Any], names: Sequence[str] | None) -> Reading:
    """Read the JSON document of a model file. Raises UnsupportedError."""
    attributes = document["learner"].get("attributes", {})
    forest = parse(document, stops="scikit_learn" in attributes)
    own = make_features(forest, names)
    reading = read_forest(forest, own)
    try:
        import xgboost
    except ImportError:
        return reading
    booster = xgboost.Booster()
    booster.load_model(bytearray(json.dumps(document).encode()))
    return replace(reading, scores=ask(booster, forest, own))


def read_forest(forest: Forest, features: Sequence[Feature]) -> Reading:
    """Write what a booster says in our words. Raises UnsupportedError."""
    trees = place_trees(forest.trees, features, single)
    columns, terms = write_columns(trees, features)
    method = f"XGBoost, {len(trees) - 1} trees"
    return Reading("xgboost", method, columns, terms, trees, PLAIN, notes=forest.notes)


def make_features(
    forest: Forest, names: Sequence[str] | None, absent: float = nan
) -> list[Feature]:
    """Make the features of a booster that reads a table itself. Raises UnsupportedError."""
    if names is not None and len(names) != len(forest.names):
        raise UnsupportedError(
            f"the model reads {len(forest.names)} columns, and columns names {len(names)}"
        )
    nulls = () if isnan(absent) else (absent,)
    features: list[Feature] = []
    for place, name in enumerate(names or forest.names):
        if place not in forest.levels:
            features.append(NumberFeature(name, nulls=nulls))
            continue
        levels, whole = write_levels(forest.levels[place], name)
        values = dict(zip(levels, map(float, range(len(levels))), strict=True))
        # A code it has never seen is in no set; a text is missing.
        other = _UNSEEN if isinstance(forest.levels[place], range) else nan
        features.append(LevelFeature(name, values, other, nan, whole))
    return features


def ask(booster: Any, forest: Forest, features: Sequence[Feature], absent: float = nan) -> Scores:
    """Ask a booster that reads a table itself for its margins."""
    import xgboost

    handed = []
    for feature in features:
        objects = dict(feature.values) if isinstance(feature, LevelFeature) else None
        # XGBoost refuses a text it does not know; here it is missing, as in older versions.
        takes_other = isinstance(feature, LevelFeature) and feature.other == _UNSEEN
        handed.append(Handed(feature.column, objects, takes_other=takes_other))
    count = len(forest.trees) - 1

    def score(rows: Mapping[str, NDArray[Any]]) -> Floats:
        matrix = np.full((len(next(iter(rows.values()))), len(features)), nan)
        for place, feature in enumerate(features):
            if feature.column in rows:
                matrix[:, place] = rows[feature.column]
        data = xgboost.DMatrix(
            matrix,
            missing=absent,
            feature_names=booster.feature_names,
            feature_types=booster.feature_types,
            enable_categorical=True,
        )
        rounds = count // max(1, _parallel(booster))
        found = booster.predict(data, output_margin=True, iteration_range=(0, rounds))
        return np.asarray(found, dtype=np.float64)

    slack = (len(forest.trees) + 2) * _ROUNDING
    library = f"XGBoost {xgboost.__version__}"
    return Scores(library, "lead_score", score, tuple(handed), slack, LARGEST_SINGLE)


def _parallel(booster: Any) -> int:
    config = json.loads(booster.save_config())["learner"]["gradient_booster"]
    known = config.get("gbtree", config).get("gbtree_model_param", {})
    return int(known.get("num_parallel_tree", 1))


def parse(document: Mapping[str, Any], *, stops: bool) -> Forest:
    """Read a model's document; with `stops` up to its best iteration. Raises UnsupportedError."""
    learner = document["learner"]
    objective = learner["objective"]["name"]
    if objective != "binary:logistic":
        raise UnsupportedError(
            f"an XGBoost model of objective {objective!r} cannot be carried: only "
            "'binary:logistic' is"
        )
    param = learner["learner_model_param"]
    if int(param.get("num_class", 0)) > 1 or int(param.get("num_target", 1)) > 1:
        raise UnsupportedError("an XGBoost model of several classes cannot be carried")
    booster = learner["gradient_booster"]
    if booster["name"] not in ("gbtree", "dart"):
        raise UnsupportedError(f"XGBoost's booster {booster['name']!r} cannot be carried")
    weights = booster.get("weight_drop")
    model = booster.get("gbtree", booster)["model"]
    best = learner.get("attributes", {}).get("best_iteration")
    parallel = int(model["gbtree_model_param"].get("num_parallel_tree", 1) or 1)
    given, notes = model["trees"], []
    if best is not None and stops:
        given = given[: (int(best) + 1) * parallel]
    elif best is not None:
        notes.append(
            f"all {len(given)} trees count, as a Booster predicts, not the best {int(best) + 1}"
        )
    kinds = learner.get("feature_types") or []
    names = learner.get("feature_names") or [f"f{i}" for i in range(int(param["num_feature"]))]
    trees = [_tree(tree) for tree in given]
    if weights is not None:
        trees = [_times(tree, weight) for tree, weight in zip(trees, weights, strict=False)]
    levels = _levels(model.get("cats"), kinds, trees)
    return Forest(tuple(names), levels, (Leaf(_base(param), 1.0), *trees), tuple(notes))


def _base(param: Mapping[str, Any]) -> float:
    """Give the margin that `base_score`, a probability, stands for, in XGBoost's arithmetic."""
    found = re.fullmatch(r"\[?([^,\[\]]+)\]?", str(param["base_score"]))
    if found is None:
        raise UnsupportedError("an XGBoost model of several base scores cannot be carried")
    one = np.float32(1)
    return float(-np.log(one / np.float32(found[1]) - one))


def _tree(given: Mapping[str, Any]) -> Node:
    if int(given["tree_param"].get("size_leaf_vector", 1) or 1) > 1:
        raise UnsupportedError("XGBoost's trees of several outputs cannot be carried")
    left, right = given["left_children"], given["right_children"]
    values = [float(np.float32(value)) for value in given["split_conditions"]]
    # Single precision, whether the file has it in decimals or not.
    covers = [float(np.float32(value)) for value in given.get("sum_hessian") or [0.0] * len(left)]
    whole = covers[0] or 1.0
    runs = zip(
        given.get("categories_nodes", ()),
        given.get("categories_segments", ()),
        given.get("categories_sizes", ()),
        strict=True,
    )
    codes = {node: given["categories"][at : at + size] for node, at, size in runs}

    def node(place: int) -> Node:
        if left[place] == -1:
            return Leaf(values[place], min(1.0, covers[place] / whole))
        name, default_left = str(given["split_indices"][place]), bool(given["default_left"][place])
        below, above = node(left[place]), node(right[place])
        if place in codes:
            # Those in the set go to the right, others to the left, missing ones by default.
            return LevelSplit(name, tuple(map(str, codes[place])), above, below, not default_left)
        return NumberSplit(name, values[place], below, above, not default_left)

    return node(0)


def _times(tree: Node, weight: float) -> Node:
    """Multiply a tree of dart by its weight."""
    match tree:
        case Leaf(contribution):
            return replace(tree, contribution=contribution * float(np.float32(weight)))
        case NumberSplit(below=below, above=above):
            return replace(tree, below=_times(below, weight), above=_times(above, weight))
        case LevelSplit(among=among, others=others):
            return replace(tree, among=_times(among, weight), others=_times(others, weight))
        case _:
            assert_never(tree)


def _levels(
    cats: Mapping[str, Any] | None, kinds: Sequence[str], trees: Sequence[Node]
) -> dict[int, Sequence[Any]]:
    """Give the levels of each category, which are its codes where the model has no others."""
    found: dict[int, Sequence[Any]] = {}
    known = (cats or {}).get("enc") or []
    for place, kind in enumerate(kinds):
        if kind != "c":
            continue
        own = known[place] if place < len(known) else {}
        values, offsets = own.get("values", ()), own.get("offsets")
        if offsets:
            if min(values, default=0) < 0:
                # XGBoost 3.2 counts letters where it should count bytes, and cuts levels short.
                raise UnsupportedError(
                    f"XGBoost keeps only a part of the levels of feature {place}, as they have "
                    "letters beyond ASCII: use codes for them"
                )
            letters = bytes(values).decode("ascii")
            found[place] = [letters[a:b] for a, b in pairwise(offsets)]
        elif values:
            found[place] = list(values)
        else:
            found[place] = range(1 + _largest_code(trees, str(place)))
    return found


def _largest_code(trees: Sequence[Node], name: str) -> int:
    nodes = (node for tree in trees for node in walk(tree))
    codes = [
        int(code)
        for node in nodes
        if isinstance(node, LevelSplit) and node.column == name
        for code in node.levels
    ]
    return max(codes, default=0)
