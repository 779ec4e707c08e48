"""Learning alone, where rows are many; and what an engine is asked for it, to be read first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from leadweights.learn.in_engine.sample import Place
from leadweights.learn.in_engine.source import Written
from leadweights.learn.in_engine.source import place_of as placed
from leadweights.learn.in_engine.table import Told
from leadweights.learn.problem import SPLIT, Asked, parts, task_of
from leadweights.learn.row_weights import Weighing
from leadweights.learn.train import attempted, deciding
from leadweights.model.model import ScoringModel

if TYPE_CHECKING:
    import pandas as pd

    Source = str | Path | pd.DataFrame

Floats = NDArray[np.float64]


def fit_model(
    train: Source | None = None,
    *,
    label: str = "label",
    keys: Sequence[str] = (),
    exclude: Sequence[str] = (),
    dictionary: str | Path | Mapping[str, object] | None = None,
    c: float | Literal["auto"] = 1.0,
    seed: int = 42,
    split: str = SPLIT,
    time_column: str | None = None,
    group: str | None = None,
    weight: str | None = None,
    class_weight: float | Literal["balanced"] | None = None,
    negatives_kept: float = 1.0,
    engine: str | None = None,
    table: str | None = None,
    memory: str | None = None,
    scratch: bool = False,
    told: Told | None = None,
    look: Callable[[], object] | None = None,
) -> ScoringModel:
    """Learn as `fit` does, and nothing else: no comparison, no proof, no look for leaks.

    With `split` "all" from all rows, which leaves none to measure on. Raises what `fit` does.
    """
    every = split == "all"
    asked = Asked(
        label=label,
        keys=keys,
        exclude=exclude,
        c=c,
        seed=seed,
        split=SPLIT if every else split,
        time_column=time_column,
        group=group,
        scratch=scratch,
        weighing=Weighing(weight, class_weight, negatives_kept),
    )
    with placed(
        train, engine=engine, table=table, memory=memory, look=look or (lambda: None)
    ) as place:
        task = task_of(train, None, asked, dictionary, place, told or (lambda _: None), every=every)
        rows = task.rows if every else parts(task)[0].rows
        attempt = attempted(task, rows)
        return deciding(task, attempt.learnt.model, rows)


def queries(
    train: str | Path,
    *,
    dialect: str,
    table: str = "leads",
    label: str = "label",
    keys: Sequence[str] = (),
    exclude: Sequence[str] = (),
    dictionary: str | Path | Mapping[str, object] | None = None,
    c: float | Literal["auto"] = 1.0,
    seed: int = 42,
    split: str = SPLIT,
    time_column: str | None = None,
    group: str | None = None,
    weight: str | None = None,
    class_weight: float | Literal["balanced"] | None = None,
    negatives_kept: float = 1.0,
) -> list[str]:
    """Write down what `fit` would ask an engine with this dialect about its table, in order.

    The answers come from the file `train`, an extract of the table, in DuckDB: what is asked
    depends on what was answered before. Raises what `fit` does.
    """
    asked = Asked(
        label=label,
        keys=keys,
        exclude=exclude,
        c=c,
        seed=seed,
        split=split,
        time_column=time_column,
        group=group,
        weighing=Weighing(weight, class_weight, negatives_kept),
    )
    found: list[str] = []

    def written(place: Place) -> Place:
        return Written(place, dialect, table, found.append)

    with placed(train, engine="duckdb", written=written) as place:
        task = task_of(train, None, asked, dictionary, place)
        attempted(task, parts(task)[0].rows)
    return found
