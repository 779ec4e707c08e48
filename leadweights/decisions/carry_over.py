"""What a champion decides by its score, carried over to a challenger's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leadweights.decisions.apply import set_threshold
from leadweights.decisions.asks import Precision
from leadweights.decisions.outcomes import Outcomes, compute_log_odds, read_outcomes
from leadweights.decisions.threshold import Unproven, choose_cut
from leadweights.errors import ModelError
from leadweights.formula.arrays import Floats
from leadweights.model.model import Identity, ScoringModel
from leadweights.model.rounding import round_digits
from leadweights.model.rules import Bands, Scale
from leadweights.tables.columns import open_for, read_columns
from leadweights.tables.label import Label
from leadweights.tables.open import Source


def carry_decisions(
    champion: ScoringModel, challenger: ScoringModel, rows: Source, label: Label
) -> tuple[ScoringModel, tuple[str, ...]]:
    """Give a challenger the champion's rules around the score; say what could not be carried over.

    Cuts of probabilities and points stay. Cuts that are shares of leads, and a threshold that was
    chosen by the size of a queue, move to where as many of the `rows` lie above them; a threshold
    that promised a precision is chosen anew by their outcomes, to keep the promise, and left out
    where these do not prove it. A calibration is of the champion's own log-odds and is left out.

    Raises TableError for rows that a model cannot read.
    """
    own = champion.decisions
    if isinstance(champion.link, Identity) or isinstance(challenger.link, Identity):
        return challenger, ()
    notes = []
    there, here = (_rank(model, rows) for model in (champion, challenger))
    known = {column.name for column in challenger.columns}
    found = replace(
        own,
        calibration=None,
        threshold=None,
        scale=_move_scale(own.scale, there, here),
        bands=challenger.decisions.bands,
        wordings=tuple(words for words in own.wordings if words.column in known),
    )
    if own.calibration is not None:
        notes.append("the champion's calibration is of its own log-odds, and is not carried over")
    try:
        found = replace(found, bands=_move_bands(own.bands, there, here))
    except ModelError:
        notes.append("the champion's bands would fall together: the challenger has its own")
    decided = replace(challenger, decisions=found)
    if own.threshold is None:
        return decided, tuple(notes)
    if own.threshold.promise is None:
        cut = _move(own.threshold.log_odds, there, here)
        words = f"as many leads as the champion calls, of {len(here):,} rows"
        return set_threshold(decided, cut, words), tuple(notes)
    promise = own.threshold.promise
    outcomes: Outcomes = read_outcomes(decided, rows, label)
    choice = choose_cut(
        outcomes.rows.y, outcomes.log_odds, Precision(promise.precision, promise.confidence)
    )
    if isinstance(choice, Unproven):
        notes.append("the outcomes do not prove the promised precision: there is no threshold")
        return decided, tuple(notes)
    words = f"{choice.asked}, on {choice.rows:,} rows"
    return set_threshold(decided, choice.cut, words, promise), tuple(notes)


def _rank(model: ScoringModel, rows: Source) -> Floats:
    """Compute what ranks rows before anything is done to single ones, sorted, shape (rows,)."""
    plain = replace(model, decisions=model.decisions.without_other_columns())
    return np.sort(compute_log_odds(plain, read_columns(open_for(plain, rows), plain)))


def _move(cut: float, there: Floats, here: Floats) -> float:
    """Move a cut to where as many rows of other, sorted scores lie below it."""
    below = int(np.searchsorted(there, cut, side="left"))
    if below >= len(here):
        return round_digits(float(here[-1]) + 1.0)
    found = float(here[below])
    return min(round_digits(found), found)


def _move_scale(scale: Scale | None, there: Floats, here: Floats) -> Scale | None:
    if scale is None or scale.by != "percentile":
        return scale
    return Scale(scale.by, tuple(sorted(_move(cut, there, here) for cut in scale.cuts)))


def _move_bands(bands: Bands | None, there: Floats, here: Floats) -> Bands | None:
    if bands is None or bands.by != "percentile":
        return bands
    return Bands(
        bands.by,
        tuple(
            band if band.low is None else replace(band, low=_move(band.low, there, here))
            for band in bands.bands
        ),
    )
