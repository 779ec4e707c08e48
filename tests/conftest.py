"""Settings shared by all tests."""

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from leadweights.decisions.metrics import evaluations
from leadweights.learn import compare as comparing

# The same examples on every run in CI, other ones on every run at a desk.
settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.register_profile("desk", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture
def quick_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out gradient boosting, and most of the bootstrap, for tests about neither."""

    def none(*_: object) -> object:
        return lambda rows: np.full(len(next(iter({**rows.numbers, **rows.levels}.values()))), 0.5)

    monkeypatch.setattr(comparing, "gradient_boosting", none)

    def quick(*given: Any, **named: Any) -> Any:
        return evaluations(*given, **{"resamples": 5, **named})

    monkeypatch.setattr(comparing, "evaluations", quick)
