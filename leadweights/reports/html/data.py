"""Everything a report says, as plain data: made in `reporting`, drawn and written elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass

from leadweights.decisions.metrics import Evaluation
from leadweights.decisions.ranking import BandRows, Called, Ranking, Slot
from leadweights.decisions.reliability import Reliability
from leadweights.learn.prepare.columns import Decision
from leadweights.model.model import ScoringModel
from leadweights.prove.parity import Parity
from leadweights.reports.html.typical_leads import Typical
from leadweights.reports.rules import Rule
from leadweights.reports.weights import Weight


@dataclass(frozen=True, slots=True)
class Finding:
    """A column that may be known only after the outcome, and what speaks for it."""

    column: str
    used: bool
    evidence: tuple[str, ...]
    advice: str


@dataclass(frozen=True, slots=True)
class Report:
    """One model, measured on one table.

    `rows` are those that have a score, `unscored_rows` the others: they are measured nowhere.
    `called` is what the model's own threshold calls, `called_from` the probability there. `bands`
    are the model's own, or else equal fifths of this table; `band_probabilities` are those at their
    lower ends. `all_sql`, with all that is decided, is None where it is no more than `sql`;
    `all_sql_bytes` says how large it is, `all_columns` what it has.

    `which_rows` says plainly which rows these are, `cautions` what they may not tell.
    `models` has the reported model under its name, which the others are compared with;
    `rankings` those of them whose rows were scored here. `findings` is None without the fit's own
    list of columns. `notes` say what is not shown, and why.
    """

    model: ScoringModel
    measured_sha256: str
    measured_on: str
    which_rows: str
    cautions: tuple[str, ...]
    rows: int
    positive_rows: int
    unscored_rows: int
    models: Mapping[str, Evaluation]
    rankings: Mapping[str, Ranking]
    weights: tuple[Weight, ...]
    reliability: Reliability
    slots: tuple[Slot, ...]
    rules: tuple[Rule, ...]
    called: Called | None
    called_from: float | None
    bands: tuple[BandRows, ...]
    band_probabilities: tuple[float | None, ...]
    columns: tuple[Decision, ...]
    findings: tuple[Finding, ...] | None
    typical: tuple[Typical, ...]
    parity: Parity
    sql: str
    all_sql: str | None
    all_sql_bytes: int
    all_columns: tuple[str, ...]
    notes: tuple[str, ...]
