"""What became of leads, joined to what was scored: labelled rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from leadweights.decisions.guarantee import measure_share
from leadweights.decisions.metrics import Interval
from leadweights.errors import UnsupportedError
from leadweights.files.remote import as_path
from leadweights.files.write import is_same, make_scratch_folder, replace_file
from leadweights.lifecycle.challenger.delong import measure_auc
from leadweights.lifecycle.outcomes.join import OutcomeJoin
from leadweights.lifecycle.outcomes.request import (
    Asked,
    Conflicts,
    read_day,
    read_window,
    read_words,
)
from leadweights.lifecycle.store.store import Store
from leadweights.lifecycle.store.stored_rows import read_store_outcomes, read_store_scores
from leadweights.model import names as naming
from leadweights.model.model import ScoringModel
from leadweights.model.shown import Shown
from leadweights.tables.cancellable import finish
from leadweights.tables.file import path_of
from leadweights.tables.open import Source, connect

if TYPE_CHECKING:
    import duckdb

FORMATS = (".csv", ".parquet")
_FEW_MATCHED = 0.5


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How labels go with a score the leads came with: its AUC, and the labels at its ends.

    `lost_on_top` are lost leads among the `rows_at_end` highest scores, a tenth, `won_below` won
    ones among the lowest.
    """

    score: str
    auc: Interval
    rows_at_end: int
    lost_on_top: int
    won_below: int


@dataclass(frozen=True, slots=True, repr=False)
class Merged(Shown):
    """What a merge of outcomes found; the labelled rows are in its file.

    Each lead is in one of `labelled`, `undated`, `young`, `unmatched_leads` and `open`: without a
    day, too young by the window to be known, not among the outcomes, or not decided yet.
    `matched_leads` are all that the outcomes have. `duplicates` are outcome rows beyond the first
    of a key that say the same; `contradictions` keys that are both won and lost. `rate` is the
    share that is won, with its exact 95% interval; `expected_rate` what the model was learnt with,
    or the mean of the leads' probabilities, as `expected_by` says.
    """

    leads: int
    outcomes: int
    labelled: int
    won: int
    undated: int
    young: int
    unmatched_leads: int
    open: int
    matched_leads: int
    unmatched_outcomes: int
    outcomes_without_key: int
    duplicates: int
    contradictions: int
    conflicts: Conflicts
    known_until: date | None
    rate: Interval
    expected_rate: float | None
    expected_by: str
    disagreement: Disagreement | None
    warnings: tuple[str, ...]

    @property
    def match_rate(self) -> float:
        """Give the share of the leads that the outcomes have."""
        return self.matched_leads / self.leads


def merge_outcomes(
    leads: Source | Store,
    outcomes: Source | Store,
    output: str | Path,
    *,
    key: str | Sequence[str],
    outcome: str | None = None,
    won: Sequence[str] = (),
    lost: Sequence[str] = (),
    open_values: Sequence[str] = (),
    by: date | str | None = None,
    window: str | int | None = None,
    scored_at: str | None = None,
    closed_at: str | None = None,
    conflicts: Conflicts = "refuse",
    label: str = "label",
    number_rows: bool = False,
    model: ScoringModel | None = None,
) -> Merged:
    """Join what became of leads to the leads, and write those whose outcome is known, with a label.

    `outcome` is the column of outcomes, whose `won` and `lost` values are named, or are words such
    as won and lost, yes and no, 1 and 0; a row without a value, or with one of `open_values`, is a
    deal that is not decided. A key that is won in one row and lost in another is refused, unless
    `conflicts` says that the "last" row counts, or the "first": by `closed_at`, a column of days of
    the outcomes, or else as they stand.

    With a `window`, such as "30d", leads scored less than that before the day `by` are left out,
    whatever their outcome: of others as young it is not known yet, and the early ones are no fair
    sample. `scored_at` is the leads' column of days; `by` is by default the last day of
    `closed_at` on which one was won or lost, and outcomes closed after it count as open.

    A store stands for the scores its active version gave, or for the outcomes it holds.
    `number_rows` numbers the rows of tables without the key: row 7 of one is row 7 of the other.
    The file, .csv or .parquet, has all columns of the leads and the `label`, 1 for won.

    Raises TableError, UnsupportedError, StoreError, OutputError; then nothing is written.
    """
    target = as_path(output)
    if target.suffix.lower() not in FORMATS:
        raise UnsupportedError(
            f"cannot write {output}: its name must end in {' or '.join(FORMATS)}"
        )
    keys = naming.read_keys([key] if isinstance(key, str) else key)
    if not keys:
        raise UnsupportedError("name a key by which leads and outcomes know each other")
    if isinstance(leads, Store):
        leads = read_store_scores(leads, keys[0])
    if isinstance(outcomes, Store):
        outcomes = read_store_outcomes(outcomes, keys[0])
    for source in (leads, outcomes):
        read = path_of(source)
        if read is not None and is_same(target, read):
            raise UnsupportedError(f"{output} is read; write to another file")
    if conflicts not in get_args(Conflicts):
        raise UnsupportedError(f"conflicts are refuse, last or first, not {conflicts!r}")
    asked = Asked(
        keys,
        outcome,
        read_words(won, lost, open_values),
        read_day(by),
        read_window(window),
        scored_at,
        closed_at,
        conflicts,
        naming.check_name(label, "label"),
        number_rows,
    )
    with connect(make_scratch_folder(target)) as connection, replace_file(target) as file:
        return finish(
            lambda: _merge(connection, leads, outcomes, asked, file, model), connection.interrupt
        )


def _merge(
    connection: duckdb.DuckDBPyConnection,
    leads: Source,
    outcomes: Source,
    asked: Asked,
    file: Path,
    model: ScoringModel | None,
) -> Merged:
    join = OutcomeJoin.open(connection, leads, outcomes, asked)
    join.check()
    counts = join.count()
    join.write(file)
    expected_rate, expected_by = _expect(join, model)
    rate = measure_share(counts["labelled"], counts["won"])
    disagreement = _find_disagreement(join)
    found = Merged(
        leads=join.leads.rows,
        outcomes=join.outcomes.rows,
        **counts,
        conflicts=asked.conflicts,
        known_until=join.known_until,
        rate=rate,
        expected_rate=expected_rate,
        expected_by=expected_by,
        disagreement=disagreement,
        warnings=(),
    )
    warnings = (*join.warnings, *_list_warnings(found))
    return replace(found, warnings=warnings)


def _expect(join: OutcomeJoin, model: ScoringModel | None) -> tuple[float | None, str]:
    """Say which share would be won as far as the model, or the leads' own probabilities, know."""
    if model is not None and model.provenance.rows:
        origin = model.provenance
        return origin.positive_rows / origin.rows, "of the rows the model was learnt from"
    mean = join.mean_probability()
    return mean, "" if mean is None else "by the leads' own probabilities"


def _find_disagreement(join: OutcomeJoin) -> Disagreement | None:
    found = join.read_scores()
    if found is None:
        return None
    name, y, score = found
    if not 0 < y.sum() < len(y):
        return None
    rows = max(1, len(y) // 10)
    order = np.lexsort((y, score))
    return Disagreement(
        name,
        measure_auc(y, score),
        rows,
        int(rows - y[order[-rows:]].sum()),
        int(y[order[:rows]].sum()),
    )


def _list_warnings(found: Merged) -> list[str]:
    warnings = []
    if found.match_rate < _FEW_MATCHED:
        warnings.append(
            f"only {found.match_rate:.1%} of the leads are among the outcomes: are the keys "
            "written alike in both?"
        )
    if not found.labelled:
        warnings.append("no lead is left with a known outcome: the file has no rows")
    elif found.won in (0, found.labelled):
        which = "won" if found.won else "lost"
        warnings.append(f"all {found.labelled:,} labelled leads are {which}: nothing can be learnt")
    own = found.rate
    expected, low, high = found.expected_rate, own.low, own.high
    known = expected is not None and low is not None and high is not None
    if known and not low <= expected <= high:  # type: ignore[operator]
        warnings.append(
            f"the base rate has shifted: {own.value:.1%} are won ({low:.1%} to {high:.1%}), "
            f"{expected:.1%} {found.expected_by}"
        )
    against = found.disagreement
    if against is not None and against.auc.low is not None and against.auc.low <= 0.5:
        warnings.append(
            f"the labels do not go with {against.score}: its AUC on them is "
            f"{against.auc.value:.3f} ({against.auc.low:.3f} to {against.auc.high:.3f}), where 0.5 "
            "is chance; a wrong join, other values or a wrong key look so"
        )
    return warnings
