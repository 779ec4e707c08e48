"""What a model's columns and scores looked like when it was learnt: counts in frozen bins."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any

from leadweights.errors import ModelError
from leadweights.files.manifest import has_file
from leadweights.files.read import read_text
from leadweights.files.remote import as_path
from leadweights.files.write import write_text
from leadweights.model.convert import Document
from leadweights.model.file import fingerprint, name_spot, parse_object
from leadweights.model.model import Choice, Missing, ScoringModel
from leadweights.model.rules import Decisions
from leadweights.model.terms import Levels

NAME = "baseline.json"
"""The file beside a model that says what its columns and scores looked like."""

FORMAT = 1
_ABOUT = (
    "how many training rows fell into each bin of each column and of the score: there is no row "
    "and no key in it"
)


@dataclass(frozen=True, slots=True)
class CutCounts:
    """Rows of a column of numbers by rising `cuts`, and without a value.

    The first bin lies below the first cut, each further one begins at a cut; the last of `rows`,
    two more than cuts, counts missing values. The ends are the range, rounded outwards, so that
    the first and the last bin are for values out of it. A yes or no is cut at a half.
    """

    column: str
    cuts: tuple[float, ...]
    rows: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be counted. Raises ModelError."""
        if not self.cuts or any(a >= b for a, b in pairwise(self.cuts)):
            raise ModelError(f"the cuts of {self.column!r} must be one or more, and rise")
        _check_rows(self, len(self.cuts) + 2)


@dataclass(frozen=True, slots=True)
class LevelCounts:
    """Rows of a column by its levels; the last two of `rows` are another value, and missing."""

    column: str
    levels: tuple[str, ...]
    rows: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be counted. Raises ModelError."""
        if len(set(self.levels)) < len(self.levels):
            raise ModelError(f"a level of {self.column!r} stands twice")
        _check_rows(self, len(self.levels) + 2)


Counts = CutCounts | LevelCounts


def _check_rows(counts: Counts, bins: int) -> None:
    if len(counts.rows) != bins or not all(isfinite(n) and n >= 0 for n in counts.rows):
        raise ModelError(f"the rows of {counts.column!r} must be {bins} counts")
    if not sum(counts.rows):
        raise ModelError(f"no row of {counts.column!r} is counted")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95% interval; None where it is not known."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        """Refuse an interval that falls, and half of one. Raises ModelError."""
        ends = [end for end in (self.low, self.high) if end is not None]
        if len(ends) == 1 or ends != sorted(ends) or (ends and self.value is None):
            raise ModelError("an interval has a value, and two ends that rise")


@dataclass(frozen=True, slots=True)
class BandOutcome:
    """How many rows a band had, and how many of them were positive; the lowest has no `low`."""

    name: str
    rows: int
    positive_rows: int
    low: float | None = None

    def __post_init__(self) -> None:
        """Refuse counts that contradict themselves. Raises ModelError."""
        _check_positive(self.rows, self.positive_rows)


@dataclass(frozen=True, slots=True)
class Performance:
    """What a model was worth on labelled rows: `in_the_large` and `slope` of its calibration.

    0 and 1 are perfect; see `decisions.reliability.Cox`. Bands are the best first.
    """

    rows: int
    positive_rows: int
    auc_roc: Estimate = Estimate()
    pr_auc: Estimate = Estimate()
    brier: Estimate = Estimate()
    in_the_large: Estimate = Estimate()
    slope: Estimate = Estimate()
    bands: tuple[BandOutcome, ...] = ()

    def __post_init__(self) -> None:
        """Refuse counts that contradict themselves. Raises ModelError."""
        _check_positive(self.rows, self.positive_rows)


def _check_positive(rows: int, positive_rows: int) -> None:
    if not 0 <= positive_rows <= rows:
        raise ModelError(f"of {rows:,} rows, {positive_rows:,} cannot be positive")


@dataclass(frozen=True, slots=True)
class Baseline:
    """What current rows are held against: bound to a model by the hash of what it learnt.

    Where rows are weighted, so are counts: `effective_rows` alike in weight tell as much. `share`
    is that of the training rows which were counted, below 1 for a sample. `base_rate` is that of
    the training rows, `performance` was measured on others.
    """

    model_sha256: str
    rows: int
    effective_rows: float
    columns: tuple[Counts, ...]
    score: CutCounts
    base_rate: float | None = None
    mean_probability: float | None = None
    performance: Performance | None = None
    share: float = 1.0

    def __post_init__(self) -> None:
        """Refuse counts that contradict themselves. Raises ModelError."""
        names = [counts.column for counts in self.columns]
        if len(set(names)) < len(names):
            raise ModelError("a column stands twice")
        if self.rows < 1 or not 0 < self.effective_rows <= self.rows * (1 + 1e-9):
            raise ModelError("a baseline counts one row at least")
        if not 0 < self.share <= 1:
            raise ModelError(f"a share is above 0 and 1 at most, not {self.share:g}")
        for name, rate in (("rate", self.base_rate), ("mean probability", self.mean_probability)):
            if rate is not None and not 0 <= rate <= 1:
                raise ModelError(f"a {name} is between 0 and 1, not {rate:g}")


_DOCUMENT = Document(Baseline, ModelError)


def hash_learnt(model: ScoringModel) -> str:
    """Hash what a model learnt, without what was decided on top: a new threshold changes nothing.

    Consent is no exception: where it is refused there is no score, which is a bin of its own.
    """
    return fingerprint(replace(model, decisions=Decisions()))


def baseline_json(baseline: Baseline) -> str:
    """Write a baseline as JSON; the same one gives the same bytes."""
    document: dict[str, Any] = {"format": FORMAT, "about": _ABOUT, **_DOCUMENT.write(baseline)}
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_baseline(text: str, source: str = "the baseline") -> Baseline:
    """Read a baseline back. Raises ModelError, which says what is wrong in `source`."""
    document = parse_object(text, source, "a baseline", FORMAT)
    document.pop("about", None)
    try:
        return _DOCUMENT.read(document, name_spot)
    except ModelError as problem:
        raise ModelError(f"{source}: {problem}") from None


def load_baseline(path: str | Path) -> Baseline:
    """Read a baseline's file, or that in the folder that `fit` wrote. Raises ModelError."""
    place = as_path(path)
    file = place / NAME if place.is_dir() else place
    return read_baseline(read_text(file, "a baseline", ModelError), str(file))


def save_baseline(baseline: Baseline, path: str | Path) -> None:
    """Write a baseline's file, whole or not at all. Raises OutputError."""
    write_text({as_path(path): baseline_json(baseline)})


def find_baseline(
    model: ScoringModel, path: str | Path, *, pass_over_others: bool = False
) -> Baseline | None:
    """Read the baseline beside a model's file, or in its folder; None where there is none.

    Raises ModelError for one that cannot be read and for that of another model, unless such ones
    are passed over.
    """
    place = as_path(path)
    file = (place if place.is_dir() else place.parent) / NAME
    if not has_file(file):
        return None
    found = load_baseline(file)
    if pass_over_others and found.model_sha256 != hash_learnt(model):
        return None
    check_baseline(model, found, str(file))
    return found


def levels_of(model: ScoringModel, column: Choice) -> tuple[str, ...]:
    """List the levels that a model knows of a column."""
    term = next(term for term in model.terms if term.column == column.name)
    assert isinstance(term, Levels)
    return tuple(level.value for level in term.levels)


def check_baseline(model: ScoringModel, baseline: Baseline, source: str = "the baseline") -> None:
    """Raise ModelError for the baseline of another model, and for one that lacks its columns."""
    if baseline.model_sha256 != hash_learnt(model):
        raise ModelError(
            f"{source} is the baseline of another model ({baseline.model_sha256[:12]}, not "
            f"{hash_learnt(model)[:12]}): take the one that fit wrote beside this model"
        )
    counted = {own.column: own for own in baseline.columns}
    watched = [column for column in model.columns if not isinstance(column, Missing)]
    for column in watched:
        own = counted.pop(column.name, None)
        levels = levels_of(model, column) if isinstance(column, Choice) else None
        if own is None or (own.levels if isinstance(own, LevelCounts) else None) != levels:
            raise ModelError(f"{source} does not count {column.name!r} as its model reads it")
    if counted:
        raise ModelError(f"{source} counts {next(iter(counted))!r}, which its model does not read")
