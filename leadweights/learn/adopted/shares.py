"""How much each column counts in a model of trees, on rows at hand."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from leadweights.formula.arrays import Values
from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import stages
from leadweights.model.model import ScoringModel
from leadweights.model.trees import Trees, TreesShare, part_of, splits


def add_shares(model: ScoringModel, values: Mapping[str, Values]) -> ScoringModel:
    """Say what share of the score each column has by trees: the spread of what its splits add."""
    if model.trees is None:
        return model
    whole = _spread(model, model.trees, values)
    if not whole > 0:
        return model
    shares = []
    for name in dict.fromkeys(split.column for split in splits(model.trees)):
        parts = (part_of(name, tree) for tree in model.trees.trees)
        own = Trees(model.trees.weight, tuple(part for part in parts if part is not None))
        spread = _spread(model, own, values)
        shares.append(TreesShare(name, model.trees.weight * spread / whole))
    return replace(model, trees=replace(model.trees, shares=tuple(shares)))


def _spread(model: ScoringModel, trees: Trees, values: Mapping[str, Values]) -> float:
    alone = replace(model, trees=trees)
    return float(np.std(evaluate(stages(alone, columns=["lead_score"]), values)["lead_score"]))
