"""Two thousand columns on every engine: the bits of numpy, or a refusal that names the limit."""

import re

import numpy as np
import pandas as pd
import pytest

from leadweights.errors import EngineError
from leadweights.formula.stages import Shape
from leadweights.model.model import Logit, Number, ScoringModel
from leadweights.model.terms import Standardized
from leadweights.prove.case import Case, GivenRows
from leadweights.prove.parity import Proof
from leadweights.tables.columns import read_columns
from leadweights.tables.engines.engine import Engine
from leadweights.tables.engines.registry import ENGINES, open_engine
from leadweights.tables.open import open_table
from tests.support.release import RELEASE
from tests.support.strategies import PROVENANCE
from tests.support.tools import each

WIDE = 2000

LIMITS: dict[str, tuple[int, str]] = {
    "sqlite": (1_990, "too many columns"),
    "apsw": (1_990, "too many columns"),
    "postgres": (1_000, "can have at most 1600 columns"),
}
"""How many columns are right where two thousand are refused, and what the engine says of these."""

pytestmark = [
    pytest.mark.skipif(
        not RELEASE,
        reason="takes minutes an engine; before a release: LEADWEIGHTS_MODELS=1000",
    ),
    pytest.mark.parametrize(
        "name",
        each(ENGINES),
    ),
    pytest.mark.parametrize("shape", ["standardized", "raw"]),
]


def wide_case(size: int) -> Case:
    """Make a model of many columns, with a table of five rows."""
    random = np.random.default_rng(size)
    names = [f"column_{place:04}" for place in range(size)]
    weights = random.normal(size=size)
    weights /= np.abs(weights).sum()
    model = ScoringModel(
        "wide",
        (),
        tuple(Number(name, 0.0) for name in names),
        tuple(
            Standardized(name, float(mean), float(scale), float(weight))
            for name, mean, scale, weight in zip(
                names, random.normal(size=size), random.uniform(1, 5, size), weights, strict=True
            )
        ),
        Logit(-1.5, 30.0),
        PROVENANCE,
    )
    rows = random.normal(size=(5, size)).round(3)
    table = open_table(pd.DataFrame(rows, columns=names))
    scores = ("lead_score", "log_odds", "probability")
    return Case(model, GivenRows("wide rows"), table, read_columns(table, model, scores), scores)


def test_two_thousand_columns_are_scored_or_refused_by_name(name: str, shape: Shape) -> None:
    size, limit = LIMITS.get(name, (WIDE, ""))
    with open_engine(name) as engine:
        if limit:
            case = wide_case(WIDE)
            assert re.search(limit, told(engine, case, shape))
        case = wide_case(size)
        assert told(engine, case, shape) == ""


def told(engine: Engine, case: Case, shape: Shape) -> str:
    """Say what the engine, or the comparison, has against a case."""
    proof = Proof(engine)
    try:
        proof.check([case], [shape])
    except EngineError as problem:
        return str(problem)
    (check,) = proof.checks
    return str(check.difference or "")[:300]
