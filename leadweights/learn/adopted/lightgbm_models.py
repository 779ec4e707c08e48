"""LightGBM: a booster, a classifier, or the text file or JSON dump of one."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from math import nan, nextafter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.learn.adopted.features import Feature, LevelFeature, NumberFeature
from leadweights.learn.adopted.levels import write_levels
from leadweights.learn.adopted.placing import place_trees, write_columns
from leadweights.learn.adopted.reading import Handed, Reading, Scores
from leadweights.model.model import Logit
from leadweights.model.trees import Leaf, LevelSplit, Node, NumberSplit

# Bits of decision_type in LightGBM's include/LightGBM/tree.h.
_CATEGORICAL, _DEFAULT_LEFT, _MISSING = 1, 2, 2
_TINY = float(np.float32(1e-35))  # kZeroThreshold in include/LightGBM/meta.h
_MISSING_TYPES = ("None", "Zero", "NaN")


@dataclass(frozen=True, slots=True)
class Split:
    """A split as LightGBM has it: on the left `x <= threshold`, or the codes in `codes`."""

    feature: int
    threshold: float
    codes: tuple[int, ...] | None
    default_left: bool
    missing: str
    left: "Split | Leaf"
    right: "Split | Leaf"


@dataclass(frozen=True, slots=True)
class Forest:
    """What a text file or a dump says."""

    names: tuple[str, ...]
    infos: tuple[str, ...]
    sigmoid: float
    averaged: bool
    pandas_levels: Sequence[Sequence[Any]]
    trees: tuple[Split | Leaf, ...]
    rows: int


def read_booster(
    booster: Any, names: Sequence[str] | None, features: Sequence[Feature] | None = None
) -> Reading:
    """Read a Booster, cut at its best iteration as it predicts.

    `names` are the table's columns for its features, in order; `features` are those that steps
    before it make. Raises UnsupportedError.
    """
    text = booster.model_to_string()
    forest = parse_text(text)
    found = read_forest(forest, names, features)
    return found if features is not None else replace(found, scores=ask(booster, forest, names))


def read_forest(
    forest: Forest, names: Sequence[str] | None, features: Sequence[Feature] | None = None
) -> Reading:
    """Write what a booster says in our words. Raises UnsupportedError."""
    own = features if features is not None else make_features(forest, names)
    bare = features is None
    raw = [_write_tree(tree, bare=bare) for tree in forest.trees]
    zeros = _zero_is_missing(forest.trees)
    if zeros and not bare:
        raise UnsupportedError("LightGBM's zero_as_missing cannot be carried behind other steps")
    own = [
        replace(f, nulls=(0.0,)) if number in zeros and isinstance(f, NumberFeature) else f
        for number, f in enumerate(own)
    ]
    trees = place_trees(raw, own, _drop_tiny)
    columns, terms = write_columns(trees, own)
    scale = forest.sigmoid / (len(trees) if forest.averaged else 1)
    notes = [
        f"{own[number].column!r}: 0 is missing, as zero_as_missing has it; LightGBM takes numbers "
        "within 1e-35 of 0 for missing, too"
        for number in sorted(zeros)
    ]
    return Reading(
        "lightgbm",
        f"LightGBM, {len(trees)} trees",
        columns,
        terms,
        trees,
        Logit(0.0, scale),
        forest.rows,
        notes=tuple(notes),
    )


def make_features(forest: Forest, names: Sequence[str] | None) -> list[Feature]:
    """Make the features of a booster that reads a table itself. Raises UnsupportedError."""
    if names is not None and len(names) != len(forest.names):
        raise UnsupportedError(
            f"the model reads {len(forest.names)} columns, and columns names {len(names)}"
        )
    codes = [not info.startswith("[") and info != "none" for info in forest.infos]
    if forest.pandas_levels and sum(codes) != len(forest.pandas_levels):
        # A column of one value has no range: it may be one of the categories.
        codes = [not info.startswith("[") for info in forest.infos]
        if sum(codes) != len(forest.pandas_levels):
            raise UnsupportedError("which columns the pandas categories belong to is not known")
    in_codes = iter(forest.pandas_levels)
    features: list[Feature] = []
    for name, info, is_code in zip(names or forest.names, forest.infos, codes, strict=True):
        if not is_code:
            features.append(NumberFeature(name))
            continue
        if forest.pandas_levels:
            own = dict(enumerate(next(in_codes)))
        else:
            own = {code: code for code in sorted(map(int, info.split(":"))) if code >= 0}
        levels, whole = write_levels(list(own.values()), name)
        values = dict(zip(levels, map(float, own), strict=True))
        features.append(LevelFeature(name, values, nan, nan, whole))
    return features


def ask(booster: Any, forest: Forest, names: Sequence[str] | None) -> Scores:
    """Ask a booster that reads a table itself for its raw scores."""
    features = make_features(forest, names)
    handed = []
    for feature in features:
        objects = dict(feature.values) if isinstance(feature, LevelFeature) else None
        handed.append(Handed(feature.column, objects))

    def score(rows: Mapping[str, NDArray[Any]]) -> Floats:
        # A code LightGBM has never seen stands for levels it does not know.
        matrix = np.full((len(next(iter(rows.values()))), len(features)), nan)
        for place, feature in enumerate(features):
            if feature.column in rows:
                matrix[:, place] = [
                    1e6 if isinstance(value, str) else value for value in rows[feature.column]
                ]
        return np.asarray(booster.predict(matrix, raw_score=True))

    return Scores(f"LightGBM {_version()}", "lead_score", score, tuple(handed))


def _drop_tiny(values: Floats) -> Floats:
    """Take numbers near 0 for 0, as LightGBM does when it reads a row."""
    return np.where(np.abs(values) <= _TINY, 0.0, values)


def _version() -> str:
    import lightgbm

    return str(lightgbm.__version__)


def parse_text(text: str) -> Forest:
    """Read a model file of text. Raises ValueError, UnsupportedError."""
    head, *rest = text.split("\n\nTree=")
    if not head.startswith("tree"):
        raise ValueError("it does not begin with 'tree'")
    facts = _facts(head)
    # LightGBM itself ends the process at a file that is cut short.
    told = list(map(int, facts.get("tree_sizes", "").split()))
    begins = [found.start() for found in re.finditer("^Tree=|^end of trees", text, re.MULTILINE)]
    sizes = [len(text[a:b].encode()) for a, b in pairwise(begins)]
    if "\nend of trees" not in text or told != sizes:
        raise ValueError(
            "it is cut short or was changed, as its trees have not the sizes that its head tells"
        )
    bodies = [_facts(part) for part in rest]
    levels = next((x for x in text.splitlines() if x.startswith("pandas_categorical:")), ":null")
    sigmoid = _check_objective(facts.get("objective", "none"), facts)
    trees = tuple(_tree_of_text(body) for body in bodies)
    return Forest(
        tuple(facts["feature_names"].split(" ")),
        tuple(facts["feature_infos"].split(" ")),
        sigmoid,
        "average_output" in facts,
        json.loads(levels.partition(":")[2]) or (),
        trees,
        max((sum(map(int, b.get("leaf_count", "0").split())) for b in bodies), default=0),
    )


def _facts(part: str) -> dict[str, str]:
    lines = part.split("\n\n")[0].splitlines()
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def _check_objective(objective: str, facts: Mapping[str, Any]) -> float:
    kind, *options = objective.split(" ")
    if kind != "binary":
        raise UnsupportedError(
            f"a LightGBM model of objective {kind!r} cannot be carried: only 'binary' is"
        )
    for what in ("num_class", "num_tree_per_iteration"):
        if int(facts.get(what, 1)) != 1:
            raise UnsupportedError("a LightGBM model of several classes cannot be carried")
    known = dict(option.partition(":")[::2] for option in options)
    return float(known.get("sigmoid", 1.0))


def _tree_of_text(facts: Mapping[str, str]) -> Split | Leaf:
    if facts.get("is_linear", "0") != "0":
        raise UnsupportedError("LightGBM's linear trees cannot be carried")
    values = list(map(float, facts["leaf_value"].split()))
    if len(values) == 1:
        return Leaf(values[0], 1.0)
    counts = list(map(float, facts.get("leaf_count", "").split())) or [0.0] * len(values)
    whole = sum(counts) or 1.0
    own = {
        key: facts[key].split()
        for key in ("split_feature", "threshold", "decision_type", "left_child", "right_child")
    }
    bounds = list(map(int, facts.get("cat_boundaries", "0").split()))
    words = list(map(int, facts.get("cat_threshold", "").split()))

    def node(place: int) -> Split | Leaf:
        if place < 0:
            return Leaf(values[~place], counts[~place] / whole)
        kind, threshold = int(own["decision_type"][place]), float(own["threshold"][place])
        codes = None
        if kind & _CATEGORICAL:
            first, last = bounds[int(threshold) : int(threshold) + 2]
            codes = tuple(
                32 * word + bit
                for word, bits in enumerate(words[first:last])
                for bit in range(32)
                if bits >> bit & 1
            )
        return Split(
            int(own["split_feature"][place]),
            threshold,
            codes,
            bool(kind & _DEFAULT_LEFT),
            _MISSING_TYPES[kind >> _MISSING & 3],
            node(int(own["left_child"][place])),
            node(int(own["right_child"][place])),
        )

    return node(0)


def parse_dump(dump: Mapping[str, Any]) -> Forest:
    """Read what `dump_model` gives, as a JSON document. Raises UnsupportedError."""
    sigmoid = _check_objective(dump.get("objective", "none"), dump)
    names, ranges = tuple(dump["feature_names"]), dump.get("feature_infos", {})
    infos = []
    for name in names:
        known = ranges.get(name, {}).get("values", [])
        infos.append(":".join(map(str, known)) or "[:]")
    structures = [info["tree_structure"] for info in dump["tree_info"]]

    def node(given: Mapping[str, Any], whole: float) -> Split | Leaf:
        if "leaf_const" in given or "leaf_coeff" in given:
            raise UnsupportedError("LightGBM's linear trees cannot be carried")
        if "split_feature" not in given:
            return Leaf(float(given["leaf_value"]), given.get("leaf_count", whole) / whole)
        codes = None
        if given["decision_type"] == "==":
            codes = tuple(map(int, str(given["threshold"]).split("||")))
        return Split(
            given["split_feature"],
            nan if codes is not None else float(given["threshold"]),
            codes,
            given["default_left"],
            given["missing_type"],
            node(given["left_child"], whole),
            node(given["right_child"], whole),
        )

    rows = [structure.get("internal_count", 0) for structure in structures]
    trees = tuple(node(s, float(own or 1)) for s, own in zip(structures, rows, strict=True))
    levels = dump.get("pandas_categorical") or ()
    averaged = bool(dump.get("average_output"))
    return Forest(names, tuple(infos), sigmoid, averaged, levels, trees, max(rows, default=0))


def _write_tree(node: Split | Leaf, *, bare: bool) -> Node:
    """Say a tree with `below` and `above`, or among levels, of features by their number."""
    if isinstance(node, Leaf):
        return node
    write = partial(_write_tree, bare=bare)
    left, right, name = write(node.left), write(node.right), str(node.feature)
    if node.codes is not None:
        # A missing or unknown code is in no set: it goes to the right.
        return LevelSplit(name, tuple(map(str, node.codes)), left, right)
    # Without a direction a missing number is taken for 0.
    missing_right = node.threshold < 0 if node.missing == "None" else not node.default_left
    return NumberSplit(name, nextafter(node.threshold, np.inf), left, right, missing_right)


def _walk(node: Split | Leaf) -> list[Split]:
    return [] if isinstance(node, Leaf) else [node, *_walk(node.left), *_walk(node.right)]


def _zero_is_missing(trees: Sequence[Split | Leaf]) -> set[int]:
    """Name the features whose zeros are missing. Raises UnsupportedError where only some are."""
    kinds: dict[int, set[str]] = {}
    for tree in trees:
        for node in _walk(tree):
            if node.codes is None:
                kinds.setdefault(node.feature, set()).add(node.missing)
    for found in kinds.values():
        if "Zero" in found and len(found) > 1:
            raise UnsupportedError("LightGBM's zero_as_missing in some trees cannot be carried")
    return {number for number, found in kinds.items() if "Zero" in found}
