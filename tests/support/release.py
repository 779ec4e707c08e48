"""How much is tried: a part of it on every commit, all of it before a release."""

import os
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")

MODELS = int(os.environ.get("LEADWEIGHTS_MODELS", "12"))
"""Random models on each engine; LEADWEIGHTS_MODELS=1000 is a release run."""

RELEASE = MODELS >= 1000


def some(cases: Iterable[T], every: int, first: int = 0) -> list[T]:
    """List all cases before a release; on a commit one in `every` so many, from `first` on."""
    return list(cases) if RELEASE else list(cases)[first % every :: every]
