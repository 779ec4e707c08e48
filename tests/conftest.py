"""Settings shared by all tests."""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

# Spark's Java lives for a minute: what is compiled best is not worth its compiling.
os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

# Where it is set, what fails when a process writes the last of its output is not seen.
os.environ.pop("PYTHONUNBUFFERED", None)

# One process a core runs the tests: threads of each that wait for a turn by spinning take it from
# the others. Must be set before numpy and scikit-learn are imported.
if "PYTEST_XDIST_WORKER" in os.environ:
    for library in ("OMP", "OPENBLAS"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# The same examples on every run in CI, other ones on every run at a desk.
settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.register_profile("desk", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of foreign tools, and further cases, so that -m chooses among them."""
    from tests.support.release import sweep_further_cases
    from tests.support.tools import tools_of

    for item in items:
        if any(tool.foreign for tool in tools_of(item)):
            item.add_marker("foreign")
    sweep_further_cases(items)


def pytest_collection_finish() -> None:
    """Let the garbage collector leave alone what was imported: looking through it takes time."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let it have all at the end: a library says what is left."""
    gc.unfreeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose tools are not there, or not asked for, or that the sweep alone runs."""
    from tests.support.release import SWEEP, is_left_out
    from tests.support.tools import check_tools, tools_of

    if is_left_out(item):
        pytest.skip(SWEEP)
    check_tools(tools_of(item), os.environ.get("LEADWEIGHTS_TOOLS", ""))
