"""Five wrong renderings: each is found on at least one engine that is always there."""

import pytest

from leadweights.tables.engines.registry import open_engine
from tests.support.mutations import FAULTS, found

ALWAYS = ("duckdb", "sqlite")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_rendering_is_found(fault: str) -> None:
    def finds(name: str) -> bool:
        with open_engine(name) as engine:
            return bool(found(fault, engine))

    assert any(map(finds, ALWAYS))
