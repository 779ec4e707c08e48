"""From a table of leads to a proven model: learn, compare, prove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from leadweights.dictionary import Dictionary, entries
from leadweights.errors import ParityError, TableError, UnsupportedError
from leadweights.evaluate import evaluated
from leadweights.formulate import outputs, stages
from leadweights.learn import (
    Context,
    CPath,
    Learnt,
    c_path,
    equal_weights,
    gradient_boosting,
    logistic_regression,
    split,
)
from leadweights.metrics import Evaluation, Scored, evaluations
from leadweights.model import ScoringModel
from leadweights.opening import opened
from leadweights.prove import Parity, failure, parity, reference_check
from leadweights.table import Table
from leadweights.training import (
    Rows,
    choice,
    constant_columns,
    labelled_rows,
    positive_label,
)

if TYPE_CHECKING:
    import pandas as pd

    Source = str | Path | pd.DataFrame

Floats = NDArray[np.float64]

CHAMPION = "logistic_regression"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The approaches, measured on rows none of them was learnt from."""

    train_rows: int
    valid_rows: int
    valid_positive_rows: int
    held_back: bool
    seed: int
    models: Mapping[str, Evaluation]


@dataclass(frozen=True, slots=True)
class Fit:
    """A learnt model, the baselines beside it, its proof and what a reader should know."""

    model: ScoringModel
    equal_weights: ScoringModel
    comparison: Comparison
    parity: Parity
    c_path: CPath | None
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Study:
    """Everything known once the models are learnt and measured."""

    tables: Mapping[str, Table]
    valid: Rows
    learnt: Learnt
    equal_weights: ScoringModel
    comparison: Comparison
    c_path: CPath | None
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def fit(
    train: Source,
    *,
    valid: Source | None = None,
    label: str = "label",
    keys: Sequence[str] = (),
    exclude: Sequence[str] = (),
    dictionary: str | Path | Mapping[str, object] | None = None,
    c: float | Literal["auto"] = 1.0,
    seed: int = 42,
) -> Fit:
    """Learn a scoring model from labelled rows, compare it with the baselines and prove its SQL.

    `train` and `valid` are file names or DataFrames; without `valid` a stratified fifth of the
    rows is held back. `keys` pass through the SELECT; they and `exclude` are not learnt from.
    `dictionary` is a TOML file of descriptions, directions and
    ranges, or the same as a mapping. `c` is the inverse strength
    of the L2 penalty, or "auto" to choose it by cross-validation; `seed` drives the split, the
    folds, the bootstrap and gradient boosting.

    Raises TableError or DictionaryError for input that cannot be used, and ParityError, with the
    first differing row, if SQL and Python disagree.
    """
    study = _study(train, valid, label, keys, exclude, dictionary, c, seed)
    model = study.learnt.model
    x = dict(zip(study.valid.columns, study.valid.x.T, strict=True))
    reference = reference_check(
        model, "scikit-learn", x, study.learnt.reference_log_odds(study.valid.x)
    )
    proof = parity(model, study.tables, reference)
    if not proof.holds:
        raise ParityError(failure(proof))
    return Fit(
        model,
        study.equal_weights,
        study.comparison,
        proof,
        study.c_path,
        study.notes,
        study.warnings,
    )


def compare(
    train: Source,
    *,
    valid: Source | None = None,
    label: str = "label",
    keys: Sequence[str] = (),
    exclude: Sequence[str] = (),
    dictionary: str | Path | Mapping[str, object] | None = None,
    c: float | Literal["auto"] = 1.0,
    seed: int = 42,
) -> Comparison:
    """Compare equal weights, logistic regression and gradient boosting; see `fit`."""
    return _study(train, valid, label, keys, exclude, dictionary, c, seed).comparison


def _study(
    train: Source,
    valid: Source | None,
    label: str,
    keys: Sequence[str],
    exclude: Sequence[str],
    words: str | Path | Mapping[str, object] | None,
    c: float | Literal["auto"],
    seed: int,
) -> _Study:
    if c != "auto" and not (isinstance(c, int | float) and 0 < c < float("inf")):
        raise UnsupportedError(f"C must be a positive number, not {c}")
    if isinstance(keys, str) or isinstance(exclude, str):
        raise UnsupportedError("keys and exclude are lists of names, not one text")
    if not (isinstance(seed, int) and 0 <= seed < 2**32):
        raise UnsupportedError(f"the seed must be a whole number below 2**32, not {seed!r}")
    known = {} if words is None else entries(words)
    train_table = opened(train, keys)
    chosen = choice(train_table, label, keys, exclude)
    rows = labelled_rows(train_table, chosen.columns, label)
    tables = {"training rows": train_table}
    if valid is None:
        rows, valid_rows = split(rows, seed)
    else:
        tables["validation rows"] = valid_table = opened(valid, keys)
        valid_rows = labelled_rows(valid_table, chosen.columns, label)
    constant = constant_columns(rows)
    if len(constant) == len(rows.columns):
        raise TableError(f"{train_table.name} has no usable column: none varies")
    rows, valid_rows = rows.without(constant), valid_rows.without(constant)
    context = Context(
        tuple(keys),
        chosen.flags,
        label,
        positive_label(train_table, label),
        f"leadweights {version('leadweights')}",
    )
    path = c_path(rows, seed) if c == "auto" else None
    learnt = logistic_regression(rows, path.chosen.c if path else float(c), context)
    equal = equal_weights(rows, known, context)
    boosted = gradient_boosting(rows, seed)(valid_rows.x)
    models = {
        "equal_weights": _scored(equal, valid_rows),
        CHAMPION: _scored(learnt.model, valid_rows),
        "gradient_boosting": Scored(boosted, boosted),
    }
    comparison = Comparison(
        len(rows.y),
        len(valid_rows.y),
        int(valid_rows.y.sum()),
        valid is None,
        seed,
        evaluations(valid_rows.y, models, CHAMPION, seed),
    )
    notes = [f"column {name!r} is left out: {why}" for name, why in constant.items()]
    if path:
        notes.append(_choice_of_c(path))
    warnings = [
        *chosen.left_out,
        *(
            f"dictionary: the table has no column {n!r}"
            for n in known
            if n not in train_table.types
        ),
        *learnt.warnings,
        *_contradictions(learnt.model, known),
    ]
    return _Study(
        tables, valid_rows, learnt, equal, comparison, path, tuple(notes), tuple(warnings)
    )


def _scored(model: ScoringModel, rows: Rows) -> Scored:
    names = outputs(model)
    found = evaluated(stages(model, columns=names), dict(zip(rows.columns, rows.x.T, strict=True)))
    return Scored(found[names[-2]], found["probability"])


def _contradictions(model: ScoringModel, known: Dictionary) -> list[str]:
    """Say where a learnt sign is not the one people expect."""
    found = []
    for term in model.terms:
        direction = known[term.column].direction if term.column in known else None
        learnt = "higher" if term.weight > 0 else "lower"
        if direction is not None and term.weight != 0 and direction != learnt:
            found.append(
                f"{term.column!r} has weight {term.weight:+.4f}, but the dictionary says "
                f"{direction} is better"
            )
    return found


def _choice_of_c(path: CPath) -> str:
    chosen, best = path.chosen, path.best
    return (
        f"C={chosen.c:g} is chosen by cross-validated log-loss: {chosen.log_loss:.4f}, within one "
        f"standard error ({best.standard_error:.4f}) of the best, {best.log_loss:.4f} at "
        f"C={best.c:g}"
    )
