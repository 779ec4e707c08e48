"""From a model to the SQL people paste: stages rendered for one dialect."""

from collections.abc import Sequence

from leadweights.errors import UnsupportedError
from leadweights.formula.stages import Shape, flatten, stages
from leadweights.model import names as naming
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.sql.select import scalar, select

_IN_ONE_EXPRESSION = ("lead_score", "log_odds", "calibrated_log_odds", "probability")


def render(
    model: ScoringModel,
    *,
    dialect: str = "duckdb",
    table: str = "leads",
    keys: Sequence[str] | None = None,
    shape: Shape = "standardized",
    columns: Sequence[str] | None = None,
) -> str:
    """Write the model as one SELECT over `table`; the same model gives the same bytes.

    `keys` are columns that pass through, by default those named when the model was learnt.
    `columns` chooses among `results.outputs` and `results.LISTS`, by default the scores, what the
    rules around them change, the status and the decision. Shape `standardized` shows means,
    standard deviations and weights, one common table expression a step; shape `raw` has one
    multiplication a column, is flat where nothing follows the sum, knows no reasons, and has the
    probability only where it is asked for.

    Raises UnsupportedError for a dialect, shape, table, key or column that cannot be.
    """
    header = f"leadweights {model.name}, model {fingerprint(model)[:12]}, {shape}"
    chosen = None if columns is None else naming.read_names(columns, "columns")
    passed = model.keys if keys is None else naming.read_keys(keys)
    return select(stages(model, shape, chosen), dialect, table, passed, header)


def expression(
    model: ScoringModel,
    *,
    dialect: str = "duckdb",
    shape: Shape = "standardized",
    column: str = "lead_score",
) -> str:
    """Write one result column as a scalar expression to paste into a SELECT of your own.

    Raises UnsupportedError for a dialect, shape or column that cannot be.
    """
    if column not in _IN_ONE_EXPRESSION:
        raise UnsupportedError(
            f"{column!r} takes more steps than one expression has; of these there are: "
            f"{', '.join(_IN_ONE_EXPRESSION)}"
        )
    return scalar(flatten(stages(model, shape, [column])).columns[0].formula, dialect)
