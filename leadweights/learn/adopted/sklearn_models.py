"""scikit-learn: its linear models and its trees, behind its steps or alone."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf, nextafter
from typing import Any

import numpy as np

from leadweights.errors import UnsupportedError
from leadweights.learn.adopted import lightgbm_models, xgboost_models
from leadweights.learn.adopted.cuts import single
from leadweights.learn.adopted.features import Feature
from leadweights.learn.adopted.linear import combine
from leadweights.learn.adopted.placing import place_trees, write_columns
from leadweights.learn.adopted.reading import Reading
from leadweights.learn.adopted.sklearn_scores import ask
from leadweights.learn.adopted.sklearn_steps import Raw, Slot, Walk, as_features, follow
from leadweights.model.model import Identity, Logit
from leadweights.model.trees import Leaf, LevelSplit, Node, NumberSplit


def read_object(model: Any, names: Sequence[str] | None) -> Reading:
    """Read a fitted classifier, or a pipeline that ends in one. Raises UnsupportedError."""
    inner = list(getattr(model, "feature_names_in_", ()))
    size = int(model.n_features_in_)
    if names is None and not inner:
        raise UnsupportedError(
            f"the model knows no names of its {size} columns: name them, in their order, with "
            "columns"
        )
    if names is not None and len(names) != size:
        raise UnsupportedError(f"the model reads {size} columns, and columns names {len(names)}")
    own = list(map(str, inner)) if names is None else list(names)
    walk = Walk()
    reading = read_estimator(model, [Raw(name) for name in own], walk)
    return ask(model, reading, walk, own, inner)


def read_estimator(model: Any, slots: Sequence[Slot], walk: Walk) -> Reading:
    """Read a classifier of features. Raises UnsupportedError, by its name."""
    name, library = type(model).__name__, type(model).__module__.partition(".")[0]
    if name == "Pipeline":
        for _, step in model.steps[:-1]:
            slots = follow(step, slots, walk)
        return read_estimator(model.steps[-1][1], slots, walk)
    if name == "FrozenEstimator":
        return read_estimator(model.estimator, slots, walk)
    classes = list(getattr(model, "classes_", ()))
    if len(classes) != 2:
        raise UnsupportedError(f"a {name} of {len(classes)} classes cannot be carried: two are")
    features = as_features(slots)
    match library, name:
        case "lightgbm", _:
            reading = lightgbm_models.read_booster(model.booster_, None, features)
        case "xgboost", _ if walk.sparse:
            raise UnsupportedError(
                "an XGBoost model behind steps that make a sparse matrix cannot be carried, as it "
                "takes their zeros for missing: sparse_output=False, or sparse_threshold=0"
            )
        case "xgboost", _:
            reading = xgboost_models.read_object(model, None, features)
        case "sklearn", _:
            reading = _read(model, name, features, slots, walk)
        case _:
            raise UnsupportedError(f"a {library} {name} cannot be carried")
    return replace(reading, positive=str(classes[1]))


def _read(
    model: Any, name: str, features: Sequence[Feature], slots: Sequence[Slot], walk: Walk
) -> Reading:
    match name:
        case "CalibratedClassifierCV":
            return _calibrated(model, slots, walk)
        case "SGDClassifier" if model.loss != "log_loss":
            raise UnsupportedError(f"an SGDClassifier of loss {model.loss!r} gives no probability")
        case "SGDClassifier" | "LogisticRegression" | "LogisticRegressionCV":
            return _linear(model, features)
        case "LinearDiscriminantAnalysis":
            return _linear(model, features)
        case "GaussianNB":
            raise UnsupportedError(
                "a GaussianNB is quadratic in each column, as its classes vary differently, and "
                "cannot be carried"
            )
        case "DecisionTreeClassifier":
            return _forest(name, [model], features)
        case "RandomForestClassifier" | "ExtraTreesClassifier":
            return _forest(name, model.estimators_, features)
        case "GradientBoostingClassifier":
            return _boosting(model, features)
        case "HistGradientBoostingClassifier":
            return _histograms(model, slots, walk)
        case _:
            raise UnsupportedError(f"a {name} cannot be carried")


def _linear(model: Any, features: Sequence[Feature]) -> Reading:
    found = combine(features, model.coef_[0].tolist(), float(np.ravel(model.intercept_)[0]))
    columns, terms, link = found
    name = type(model).__name__
    return Reading(name, f"scikit-learn, {name}", columns, terms, link=link)


def _trees_of(name: str, trees: Sequence[Node], link: Identity | Logit, rows: int) -> Reading:
    """Give a reading whose columns are still to be written."""
    return Reading(name, f"scikit-learn, {name}", (), (), tuple(trees), link, rows)


def _place(reading: Reading, features: Sequence[Feature], precision: Any = np.asarray) -> Reading:
    trees = place_trees(reading.trees, features, precision)
    columns, terms = write_columns(trees, features)
    return replace(reading, trees=trees, columns=columns, terms=terms)


def _forest(name: str, estimators: Sequence[Any], features: Sequence[Feature]) -> Reading:
    """Read trees of probabilities, which are added in their order and divided by their number."""
    trees = [_tree(model.tree_, lambda v: float(v[0, 1])) for model in estimators]
    rows = int(estimators[0].tree_.n_node_samples[0])
    return _place(_trees_of(name, trees, Identity(len(trees)), rows), features, single)


def _boosting(model: Any, features: Sequence[Feature]) -> Reading:
    init = model.init_
    if not (isinstance(init, str) and init == "zero") and type(init).__name__ != "DummyClassifier":
        raise UnsupportedError(
            f"a GradientBoostingClassifier that begins with a {type(init).__name__} cannot be "
            "carried"
        )
    size = model.n_features_in_
    first = float(np.ravel(model._raw_predict_init(np.zeros((1, size), dtype=np.float32)))[0])
    rate = model.learning_rate
    stages = [stage.tree_ for stage in model.estimators_[:, 0]]
    trees = [_tree(tree, lambda v: float(rate * v[0, 0])) for tree in stages]
    # The exponential loss is that of half the log-odds.
    link = Logit(0.0, 2.0 if model.loss == "exponential" else 1.0)
    name, rows = type(model).__name__, int(stages[0].n_node_samples[0])
    return _place(_trees_of(name, [Leaf(first, 1.0), *trees], link, rows), features, single)


def _tree(tree: Any, value: Any) -> Node:
    """Say a tree of scikit-learn: on the left, single precision `x <= threshold`."""
    left, right, read, cuts = (
        tree.children_left,
        tree.children_right,
        tree.feature,
        tree.threshold,
    )
    rows = tree.n_node_samples
    to_left = getattr(tree, "missing_go_to_left", np.zeros(len(left), dtype=bool))

    def node(place: int) -> Node:
        if left[place] < 0:
            return Leaf(value(tree.value[place]), float(rows[place] / rows[0]))
        below, above = node(left[place]), node(right[place])
        at = nextafter(float(cuts[place]), inf)
        return NumberSplit(str(read[place]), at, below, above, not to_left[place])

    return node(0)


def _histograms(model: Any, slots: Sequence[Slot], walk: Walk) -> Reading:
    if model._preprocessor is not None:
        # It puts the categories first, as codes.
        slots = follow(model._preprocessor, slots, walk)
    trees: list[Node] = [Leaf(float(model._baseline_prediction[0, 0]), 1.0)]
    trees += [_histogram_tree(predictor) for (predictor,) in model._predictors]
    rows = int(model._predictors[0][0].nodes[0]["count"]) if model._predictors else 0
    name = type(model).__name__
    return _place(_trees_of(name, trees, Logit(0.0, 1.0), rows), as_features(slots))


def _histogram_tree(predictor: Any) -> Node:
    """Say a tree of HistGradientBoosting: on the left `x <= num_threshold`, or a set of codes."""
    nodes, sets = predictor.nodes, predictor.raw_left_cat_bitsets
    whole = float(nodes[0]["count"])

    def node(place: int) -> Node:
        own = nodes[place]
        if own["is_leaf"]:
            return Leaf(float(own["value"]), float(own["count"] / whole))
        left, right = node(int(own["left"])), node(int(own["right"]))
        name, to_left = str(own["feature_idx"]), bool(own["missing_go_to_left"])
        if own["is_categorical"]:
            bits = [int(word) for word in sets[own["bitset_idx"]]]
            codes = [32 * i + b for i, word in enumerate(bits) for b in range(32) if word >> b & 1]
            return LevelSplit(name, tuple(map(str, codes)), left, right, to_left)
        at = nextafter(float(own["num_threshold"]), inf)
        return NumberSplit(name, at, left, right, not to_left)

    return node(0)


def _calibrated(model: Any, slots: Sequence[Slot], walk: Walk) -> Reading:
    """Read a classifier and the one sigmoid behind it: another intercept and scale."""
    if len(model.calibrated_classifiers_) != 1 or model.method != "sigmoid":
        raise UnsupportedError(
            f"a CalibratedClassifierCV of {len(model.calibrated_classifiers_)} classifiers and "
            f"method {model.method!r} cannot be carried: one and 'sigmoid' are (ensemble=False)"
        )
    (pair,) = model.calibrated_classifiers_
    (sigmoid,) = pair.calibrators
    inner = _unfrozen(pair.estimator)
    if hasattr(inner, "coef_") and not hasattr(inner, "predict_proba"):
        reading = _linear(inner, as_features(slots))
    else:
        reading = read_estimator(pair.estimator, slots, walk)
    slope, offset = -float(sigmoid.a_), -float(sigmoid.b_)
    match reading.link:
        case Logit(intercept, scale) if hasattr(pair.estimator, "decision_function"):
            link = Logit(offset + slope * intercept, slope * scale)
        case Identity(parts):
            link = Logit(offset, slope / parts)
        case _:
            raise UnsupportedError("a calibration of probabilities of log-odds cannot be carried")
    if not link.scale > 0:
        raise UnsupportedError("a calibration that turns the order around cannot be carried")
    return replace(reading, link=link, method=f"{reading.method}, calibrated by a sigmoid")


def _unfrozen(model: Any) -> Any:
    return model.estimator if type(model).__name__ == "FrozenEstimator" else model
