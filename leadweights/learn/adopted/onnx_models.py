"""ONNX: a chain of Imputer, Scaler and a linear or tree classifier, in single precision."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf, isnan, nextafter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.learn.adopted.cuts import single
from leadweights.learn.adopted.features import Feature, Line, NumberFeature, move
from leadweights.learn.adopted.linear import combine
from leadweights.learn.adopted.placing import place_trees, write_columns
from leadweights.learn.adopted.reading import LARGEST_SINGLE, Handed, Reading, Scores
from leadweights.model.model import Identity, Logit
from leadweights.model.trees import Leaf, Node, NumberSplit

_FLOAT = 1  # TensorProto.FLOAT
_ROUNDING = 2.0**-24
# What follows a classifier and changes no probability of two classes.
_AFTERWARDS = ("Identity", "ZipMap", "Normalizer", "Cast")


def read_model(content: bytes, names: Sequence[str] | None) -> Reading:
    """Read the bytes of a model. Raises UnsupportedError."""
    try:
        import onnx
        from onnx.reference import ReferenceEvaluator
    except ImportError:
        raise UnsupportedError(
            "a file of ONNX is read by onnx: pip install 'leadweights[adopt]'"
        ) from None
    model = onnx.load_from_string(content)
    graph = model.graph
    (given, *more) = graph.input
    tensor = given.type.tensor_type
    if more or tensor.elem_type != _FLOAT or len(tensor.shape.dim) != 2:
        raise UnsupportedError("an ONNX model with other inputs than one matrix of float cannot be")
    size = int(tensor.shape.dim[1].dim_value)
    if names is None or len(names) != size:
        said = "no" if names is None else str(len(names))
        raise UnsupportedError(f"the model reads {size} columns, and columns names {said}")
    # It reads a row in single precision.
    features = [move(NumberFeature(name), single, Line()) for name in names]
    reading: Reading | None = None
    constants = {c.name: np.ravel(onnx.numpy_helper.to_array(c)) for c in graph.initializer}
    last = 0
    for number, node in enumerate(graph.node, start=1):
        own = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if reading is not None:
            if node.op_type not in _AFTERWARDS:
                raise UnsupportedError(f"ONNX's {node.op_type} behind a classifier")
        elif node.op_type == "LinearClassifier":
            reading, last = _linear(own, features), number
        elif node.op_type == "TreeEnsembleClassifier":
            reading, last = _trees(own, features), number
        else:
            values = [constants[name].tolist() for name in node.input if name in constants]
            if node.op_type in ("Add", "Sub", "Mul", "Div") and len(values) == 1:
                own = _scaler(node.op_type, values[0])
            kind = "Scaler" if "scale" in own else node.op_type
            features = [_follow(kind, own, place, f) for place, f in enumerate(features)]
    if reading is None:
        raise UnsupportedError("an ONNX model without a classifier cannot be carried")
    # Cut behind the classifier: what follows has no say in the probability of one of two.
    del graph.node[last:]
    del graph.output[:]
    probabilities = graph.node[-1].output[1]
    graph.output.append(onnx.helper.make_tensor_value_info(probabilities, _FLOAT, None))
    session = ReferenceEvaluator(model)

    def score(rows: Mapping[str, NDArray[Any]]) -> Floats:
        empty = np.zeros(len(next(iter(rows.values()))))
        matrix = np.column_stack([rows.get(name, empty) for name in names]).astype(np.float32)
        with np.errstate(all="ignore"):
            (found,) = session.run(None, {given.name: matrix})
        return np.asarray(found, dtype=np.float64)[:, 1]

    takes = reading.trees or all(not isnan(feature.missing) for feature in features)
    handed = tuple(Handed(name, takes_missing=bool(takes)) for name in names)
    slack = (len(reading.trees) + 4 * size + 16) * _ROUNDING
    library = f"ONNX {onnx.__version__}"
    # The reference adds up single precision; far out, nothing would be left of a sum of terms.
    scores = Scores(library, "probability", score, handed, slack, LARGEST_SINGLE)
    return replace(reading, scores=scores)


def _scaler(kind: str, values: Sequence[float]) -> dict[str, Any]:
    """Say a step of arithmetic with constants as a Scaler; none of them rounds more than once."""
    match kind:
        case "Add":
            return {"offset": [-value for value in values], "scale": [1.0]}
        case "Sub":
            return {"offset": values, "scale": [1.0]}
        case "Mul":
            return {"offset": [0.0], "scale": values}
        case _:
            return {"offset": [0.0], "scale": [1.0], "divisor": values}


def _follow(kind: str, own: Mapping[str, Any], place: int, feature: Feature) -> Feature:
    """Give what a step makes of a feature. Raises UnsupportedError, by its name."""

    def at(name: str, otherwise: float) -> float:
        values = own.get(name) or [otherwise]
        return float(values[place if len(values) > 1 else 0])

    match kind:
        case "Identity":
            return feature
        case "Cast" if own["to"] == _FLOAT:
            return feature
        case "Scaler":
            scale, offset, divisor = at("scale", 1.0), at("offset", 0.0), at("divisor", 1.0)

            def compute(x: Floats) -> Floats:
                return single(single(single(x - offset) * scale) / divisor)

            slope = scale / divisor
            moments = (offset, 1 / slope) if slope > 0 else None
            return move(feature, compute, Line(slope, -offset * slope, moments=moments))
        case "Imputer" if isnan(own.get("replaced_value_float", 0.0)):
            assert isinstance(feature, NumberFeature)
            if not isnan(feature.missing):
                return feature
            fill = at("imputed_value_floats", 0.0)
            plain = feature.shape == Line()
            return replace(feature, missing=fill, fill=fill if plain else None)
        case _:
            raise UnsupportedError(f"ONNX's {kind} cannot be carried")


def _two_classes(own: Mapping[str, Any]) -> str:
    labels = own.get("classlabels_ints") or own.get("classlabels_int64s")
    labels = labels or [text.decode() for text in own.get("classlabels_strings") or ()]
    if len(labels) != 2:
        raise UnsupportedError(f"an ONNX classifier of {len(labels)} classes: two can be carried")
    return str(labels[1])


def _linear(own: Mapping[str, Any], features: Sequence[Feature]) -> Reading:
    positive = _two_classes(own)
    transform = own.get("post_transform", b"NONE")
    if transform != b"LOGISTIC":
        raise UnsupportedError(f"an ONNX LinearClassifier of post_transform {transform!r}")
    coefficients = list(map(float, own["coefficients"]))[-len(features) :]
    intercept = float((own.get("intercepts") or [0.0])[-1])
    columns, terms, link = combine(features, coefficients, intercept)
    return Reading("onnx", "ONNX, LinearClassifier", columns, terms, link=link, positive=positive)


def _trees(own: Mapping[str, Any], features: Sequence[Feature]) -> Reading:
    positive = _two_classes(own)
    transform = own.get("post_transform", b"NONE")
    if transform not in (b"NONE", b"LOGISTIC") or "nodes_values_as_tensor" in own:
        raise UnsupportedError(f"an ONNX TreeEnsembleClassifier of post_transform {transform!r}")
    # One class alone is the positive one's score; of both, that of class 1 counts.
    wanted = max(own["class_ids"])
    leaves: dict[tuple[int, int], float] = {}
    known = zip(
        own["class_treeids"],
        own["class_nodeids"],
        own["class_ids"],
        own["class_weights"],
        strict=True,
    )
    for tree, place, label, weight in known:
        if label == wanted:
            leaves[tree, place] = leaves.get((tree, place), 0.0) + float(weight)
    if transform == b"NONE" and min(leaves.values()) < 0:
        raise UnsupportedError("an ONNX TreeEnsembleClassifier whose sum is no probability")
    where = {
        key: i for i, key in enumerate(zip(own["nodes_treeids"], own["nodes_nodeids"], strict=True))
    }
    tracks = own.get("nodes_missing_value_tracks_true") or [0] * len(where)

    def node(tree: int, place: int) -> Node:
        i = where[tree, place]
        mode = own["nodes_modes"][i].decode()
        if mode == "LEAF":
            return Leaf(leaves.get((tree, place), 0.0))
        yes, no = (node(tree, own[f"nodes_{side}nodeids"][i]) for side in ("true", "false"))
        at, name, to_yes = float(own["nodes_values"][i]), str(own["nodes_featureids"][i]), tracks[i]
        match mode:
            case "BRANCH_LEQ":
                return NumberSplit(name, nextafter(at, inf), yes, no, not to_yes)
            case "BRANCH_LT":
                return NumberSplit(name, at, yes, no, not to_yes)
            case "BRANCH_GT":
                return NumberSplit(name, nextafter(at, inf), no, yes, bool(to_yes))
            case "BRANCH_GTE":
                return NumberSplit(name, at, no, yes, bool(to_yes))
            case _:
                raise UnsupportedError(f"ONNX's {mode} cannot be carried")

    base = own.get("base_values") or [0.0]
    first = [Leaf(float(base[-1]), 1.0)] if base[-1] else []
    roots = dict.fromkeys(own["nodes_treeids"])
    firsts = {tree: min(p for t, p in where if t == tree) for tree in roots}
    trees = [*first, *(node(tree, place) for tree, place in firsts.items())]
    placed = place_trees(trees, features, single)
    columns, terms = write_columns(placed, features)
    link = Logit(0.0, 1.0) if transform == b"LOGISTIC" else Identity()
    method = f"ONNX, {len(roots)} trees"
    return Reading("onnx", method, columns, terms, placed, link, positive=positive)
