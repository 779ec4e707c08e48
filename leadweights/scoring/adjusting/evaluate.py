"""Whether the factor helps: measured on labelled rows, beside the same scores without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from leadweights.decisions.fresh_rows import read_fresh_rows
from leadweights.decisions.metrics import Interval, Scored, evaluate_models
from leadweights.errors import TableError
from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import decided_probability, ranked_by, stages
from leadweights.model import names as naming
from leadweights.model.model import ScoringModel
from leadweights.model.rules import Adjustment
from leadweights.scoring.adjusting.adjust import (
    Asked,
    Progress,
    ask_all,
    factor_column,
    find_best,
    read_texts,
    score_plainly,
    without_adjustment,
    write_questions,
)
from leadweights.scoring.adjusting.ask import Endpoint
from leadweights.scoring.adjusting.facts import choose_columns
from leadweights.tables.open import Source

_BASE, _ADJUSTED = "base", "adjusted"


@dataclass(frozen=True, slots=True)
class AdjustmentEffect:
    """What a factor from outside does to a model's scores, on labelled rows.

    `base` and `adjusted` are metrics of the scores without and with the factor; `differences` are
    paired, adjusted minus base, with 95% intervals by bootstrap. `moved` counts the rows whose
    factor is not 1.
    """

    table: str
    rows: int
    positive_rows: int
    moved: int
    base: dict[str, Interval]
    adjusted: dict[str, Interval]
    differences: dict[str, Interval]
    asked: Asked
    warnings: tuple[str, ...]

    @property
    def helps(self) -> bool:
        """Tell whether the factor ranks better beyond noise: by AUC-ROC."""
        low = self.differences["auc_roc"].low
        return low is not None and low > 0

    @property
    def harms(self) -> bool:
        """Tell whether it ranks worse beyond noise."""
        high = self.differences["auc_roc"].high
        return high is not None and high < 0


def evaluate_adjustment(
    model: ScoringModel,
    valid: Source | None,
    endpoint: Endpoint,
    *,
    top: int = 200,
    send: Sequence[str] = (),
    label: str | None = None,
    folder: str | Path | None = None,
    cache: str = "",
    seed: int = 42,
    progress: Progress | None = None,
) -> AdjustmentEffect:
    """Ask for factors for the `top` of labelled rows, and measure what they do to the ranking.

    Rows are those of `valid`, or without it what `fit` held back in its `folder`. All rows are
    measured on; those below the `top` keep their scores, as they would in use. The factor moves the
    odds by the model's own formulas. The other options are those of `adjust`.

    Raises TableError for rows the model has learnt from, and what `adjust` raises.
    """
    plain = without_adjustment(model)
    sent = choose_columns(plain, naming.read_names(send, "send"), model.keys)
    measured = read_fresh_rows(plain, valid, label, folder)
    rows, table = measured.known.rows, measured.known.table
    assert rows.places is not None
    # In the table's order, so that of equal scores those are asked about that `adjust` would.
    rows = rows.put_in_order(np.argsort(rows.places))
    assert rows.places is not None
    base, probability = score_plainly(plain, rows.values)
    places = find_best(base, top)
    texts = {
        name: [column[place] for place in rows.places]
        for name, column in read_texts(table, sent).items()
    }
    questions = write_questions(model, sent, rows.values, texts, probability, places)
    judgements, asked = ask_all(endpoint, questions, cache, progress)
    factors = np.ones(len(base))
    factors[places] = [own.factor for own in judgements]
    own = model.decisions.adjustment or Adjustment(factor_column(model))
    adjusted = replace(model, decisions=replace(model.decisions, adjustment=own))
    by, share = ranked_by(adjusted), decided_probability(adjusted)
    found = evaluate(stages(adjusted, columns=[by, share]), {**rows.values, own.column: factors})
    known = ~np.isnan(base)
    y = rows.y[known]
    if int(y.sum()) in (0, len(y)):
        raise TableError(
            f"{table.name}: all {len(y):,} rows that are scored have one outcome: whether a factor "
            "helps is told by rows of both kinds"
        )
    scored = {
        _BASE: Scored(base[known], probability[known]),
        _ADJUSTED: Scored(found[by][known], found[share][known]),
    }
    metrics = evaluate_models(y, scored, _BASE, seed)
    differences = metrics[_ADJUSTED].differences
    assert differences is not None
    return AdjustmentEffect(
        table.name,
        len(y),
        int(y.sum()),
        int(np.count_nonzero(factors != 1)),
        dict(metrics[_BASE].metrics),
        dict(metrics[_ADJUSTED].metrics),
        dict(differences),
        asked,
        measured.warnings,
    )
