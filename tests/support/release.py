"""How much is tried: a part by the README's command, more by the gate, all before a release."""

import os
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pytest
from hypothesis import seed, settings

T = TypeVar("T")

MODELS = int(os.environ.get("LEADWEIGHTS_MODELS", "12"))
"""Random models on each engine; LEADWEIGHTS_MODELS=1000 is a release run."""

RELEASE = MODELS >= 1000


def some(cases: Iterable[T], every: int, first: int = 0) -> list[T]:
    """List all cases before a release; on a commit one in `every` so many, from `first` on."""
    return list(cases) if RELEASE else list(cases)[first % every :: every]


MORE = ("LEADWEIGHTS_MODELS", "LEADWEIGHTS_FUZZ", "LEADWEIGHTS_KILLS")
"""Variables that ask for more than a commit tries."""

SWEEP = "a further case, or one that takes seconds: pytest -m sweep runs it, as .ci/run does"
"""Why the README's command skips a test that bears this mark."""

CASES = 2
"""So many cases of a test the README's command runs, and the sweep the others."""


def sweep(cases: Iterable[Any], every: int, first: int = 0) -> list[Any]:
    """List cases as parameters: one in `every` so many is for all runs, the others are swept.

    A case is a value, a tuple of values, or a parameter with an id and marks of its own.
    """
    return [
        case if place % every == first % every else swept(case) for place, case in enumerate(cases)
    ]


def swept(case: Any) -> Any:
    """Make a parameter that the sweep alone tries."""
    if isinstance(case, pytest.ParameterSet):
        return pytest.param(*case.values, marks=[*case.marks, pytest.mark.sweep], id=case.id)
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.sweep)


def sweep_further_cases(items: Iterable[pytest.Item]) -> None:
    """Leave of each test with more cases than `CASES` the first, and others as far apart.

    A test that is marked `every_case` keeps them all.
    """
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if not any(map(item.get_closest_marker, ("sweep", "foreign", "every_case"))):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for own in cases.values():
        kept = {len(own) * place // CASES for place in range(CASES)}
        for place, item in enumerate(own):
            if len(own) > CASES and place not in kept:
                item.add_marker("sweep")


def try_part(
    check: Callable[[], object], part: int, *, same: bool = settings().derandomize
) -> None:
    """Try a part of a property's examples, the `same` ones each time as in CI, or others."""
    (seed(part)(check) if same else check)()


def is_left_out(item: pytest.Item) -> bool:
    """Tell whether a test is for the sweep, and neither that nor more than on a commit is run.

    Who names a test gets it: by its own name, or by words of it (-k).
    """
    option = item.config.option
    asked = "sweep" in option.markexpr or bool(option.keyword) or any(map(os.environ.get, MORE))
    named = any("::" in word for word in item.config.args)
    return item.get_closest_marker("sweep") is not None and not (asked or named)
