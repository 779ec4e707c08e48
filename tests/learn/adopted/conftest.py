from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small models take longest where threads wait for each other."""
    with threadpool_limits(1):
        yield
