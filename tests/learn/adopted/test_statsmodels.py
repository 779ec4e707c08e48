from typing import Any

import numpy as np
import pandas as pd
import pytest

from leadweights.errors import UnsupportedError
from leadweights.learn.adopted.objects import read_object
from leadweights.model.model import Category, Number
from tests.support.adopting import check, draw

api = pytest.importorskip("statsmodels.api", reason="pip install statsmodels")

pytestmark = pytest.mark.tool("statsmodels")
X, Y = draw(missing=0.0)
FRAME = pd.DataFrame(X, columns=["a", "b", "code", "d"]).assign(y=Y)
FRAME["where"] = np.array(["north", "south", "o'er"], dtype=object)[np.arange(len(X)) % 3]


def logit(kind: str) -> Any:
    from statsmodels.formula import api as formulas

    model = "y ~ a + b + C(where) + d"
    if kind == "formula":
        return formulas.logit(model, FRAME).fit(disp=0)
    if kind == "glm formula":
        return formulas.glm(model, FRAME, family=api.families.Binomial()).fit()
    table = api.add_constant(FRAME[["a", "b", "d"]])
    if kind == "arrays":
        return api.Logit(Y, table.to_numpy()).fit(disp=0)
    return api.Logit(Y, table).fit(disp=0)


@pytest.mark.parametrize("kind", ["formula", "glm formula", "table"])
@pytest.mark.telling
def test_log_odds_are_the_same(kind: str) -> None:
    found, reference = check(logit(kind))
    assert reference.holds
    assert reference.largest_difference < 1e-8
    names = [column.name for column in found.columns]
    assert names == (["a", "b", "d"] if kind == "table" else ["where", "a", "b", "d"])
    assert isinstance(found.columns[0], Number if kind == "table" else Category)
    assert found.provenance.rows == len(X)


def test_columns_without_names_are_named() -> None:
    found, reference = check(logit("arrays"), ["A", "B", "D"])
    assert reference.holds
    assert [column.name for column in found.columns] == ["A", "B", "D"]


def test_other_models_and_columns_are_refused() -> None:
    from statsmodels.formula import api as formulas

    with pytest.raises(UnsupportedError, match="a Probit of statsmodels"):
        read_object(formulas.probit("y ~ a", FRAME).fit(disp=0), None)
    with pytest.raises(UnsupportedError, match="a GLM of statsmodels"):
        read_object(formulas.glm("y ~ a", FRAME).fit(), None)
    for model in ("y ~ np.exp(a)", "y ~ a:b", "y ~ C(where, Sum)"):
        with pytest.raises(UnsupportedError, match="of a statsmodels formula cannot be carried"):
            read_object(formulas.logit(model, FRAME).fit(disp=0), None)
