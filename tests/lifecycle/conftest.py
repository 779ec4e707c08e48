"""One fit with every kind of column, for all tests of a model in service."""

from pathlib import Path

import pytest

from leadweights.learn.fit import Fit
from leadweights.learn.recipe import Limits
from tests.lifecycle.every_kind import DICTIONARY, make_leads
from tests.support.learning import fit


@pytest.fixture(scope="session")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Fit:
    path: Path = tmp_path_factory.mktemp("every_kind") / "dictionary.toml"
    path.write_text(DICTIONARY)
    return fit(
        make_leads(3000, 1),
        label="label",
        keys=["lead"],
        exclude=["weight"],
        dictionary=path,
        limits=Limits(resamples=100, boosted_trees=1, rival_values=0, values_for_trees=0),
    )
