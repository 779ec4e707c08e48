"""From a model to the SQL people paste: stages rendered for one dialect."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from leadweights.errors import UnsupportedError
from leadweights.formula import nodes
from leadweights.formula.columns import formats_of
from leadweights.formula.nodes import read_by
from leadweights.formula.promises import Promise, rely_on
from leadweights.formula.stages import BY_WEIGHTS, Shape, flatten, rename_sources, stages
from leadweights.formula.stored_weights import SCORES, stored_shape
from leadweights.model import names as naming
from leadweights.model.date_formats import NUMBERS
from leadweights.model.file import fingerprint
from leadweights.model.held import Held, read_as
from leadweights.model.model import Listed, ScoringModel
from leadweights.model.names import spell_as
from leadweights.sql.select import scalar, select
from leadweights.sql.stored_weights import WEIGHTS, select_by_weights

_IN_ONE_EXPRESSION = ("lead_score", "log_odds", "calibrated_log_odds", "probability")


def render(
    model: ScoringModel,
    *,
    dialect: str = "duckdb",
    table: str = "leads",
    keys: Sequence[str] | None = None,
    shape: Shape | Literal["table"] = "standardized",
    columns: Sequence[str] | None = None,
    held: Mapping[str, Held | None] | None = None,
    promised: Mapping[str, Promise] | None = None,
) -> str:
    """Write the model as one SELECT over `table`; the same model gives the same bytes.

    `keys` are columns that pass through, by default those named when the model was learnt.
    `columns` chooses among `results.outputs` and `results.LISTS`, by default the scores, what the
    rules around them change, the status and the decision. Shape `standardized` shows means,
    standard deviations and weights, one common table expression a step; shape `raw` has one
    multiplication a column, is flat where nothing follows the sum, knows no reasons, and has the
    probability only where it is asked for. Shape `table` reads the constants of the active version
    from `leadweights_weights`, the table of a store; it knows the score, the log-odds and the
    probability, and gives NULL where the active version has other columns than this model.

    `held` says what the columns of the table hold, where that is another kind than the model was
    learnt from, by the names that they have there, also in other cases; None is for a column that
    is as it was. The results keep the model's names. `promised` says, by the same names, what
    their types promise: a guard that can never be needed is not written, and the header says for
    which column that is so. The bits are the same wherever the promises hold.

    Raises UnsupportedError for a dialect, shape, table, key or column that cannot be, and for a
    column that cannot be read as what it holds.
    """
    chosen = None if columns is None else naming.read_names(columns, "columns")
    passed = model.keys if keys is None else naming.read_keys(keys)
    if shape == BY_WEIGHTS:
        # One text for every version: it relies on nothing.
        return _render_by_weights(model, dialect, table, passed, chosen, held)
    read = read_as(model, held or {})
    own = spell_as([*(r.name for r in read_by(stages(read)[0])), *passed], held or {})
    chain, relied = rely_on(rename_sources(stages(read, shape, chosen), own), promised or {})
    header = f"leadweights {model.name}, model {fingerprint(model)[:12]}, {shape}"
    written = formats_of(read.columns, read.decisions.decay)
    formats = {own.get(name, name): kind for name, kind in written.items() if kind}
    lists = {
        own.get(c.column, c.column): c.delimiter for c in read.columns if isinstance(c, Listed)
    }
    lines = [header, *_describe_sources(chain[0], formats, lists, relied)]
    spelled = {key: own.get(key, key) for key in passed}
    return select(chain, dialect, table, spelled, "\n".join(lines))


def _render_by_weights(
    model: ScoringModel,
    dialect: str,
    table: str,
    keys: Sequence[str],
    columns: tuple[str, ...] | None,
    held: Mapping[str, Held | None] | None,
) -> str:
    if held:
        raise UnsupportedError("by a table of weights, columns are read as what the model knows")
    written = stored_shape(model, SCORES if columns is None else columns)
    lines = [
        f"leadweights {model.name}, by the active weights of {WEIGHTS}",
        *_describe_sources(written.read, {}, {}, {}),
    ]
    return select_by_weights(written, dialect, table, keys, "\n".join(lines))


_READ_AS: Mapping[type, str] = {
    nodes.NumberColumn: "a number",
    nodes.FlagColumn: "true or false, or 1 or 0",
    nodes.NumberInText: "a text with a number",
    nodes.TextHash: "a text",
    nodes.TextColumn: "a text, or a whole number",
    nodes.DayColumn: "a date, or a timestamp without a time zone",
    nodes.MonthColumn: "a date, or a timestamp without a time zone",
}


def _describe_sources(
    stage: nodes.Stage,
    formats: Mapping[str, str],
    lists: Mapping[str, str],
    relied: Mapping[str, Promise],
) -> Iterator[str]:
    """Say as what each column of the table is read, and what of its type is relied on.

    Dates are told by their format, lists by their delimiter.
    """
    found = {read.name: _READ_AS[type(read)] for read in read_by(stage)}
    for name in lists.keys() & found.keys():
        between = repr(lists[name])
        found[name] = f"a list in a text, its values between {between}"
    for name in formats.keys() & found.keys():
        written = formats[name]
        typed = "" if written in NUMBERS else ", or a date by its type"
        found[name] = f"{found[name].split(',')[0]}, a date as {written}{typed}"
    for name, promise in relied.items():
        never = "NULL, NaN or an infinity" if promise.required else "NaN or an infinity"
        found[name] += f"; by its type, never {never}"
    width = max(map(len, found), default=0)
    for name, kind in found.items():
        yield f"  {name:<{width}}  {kind}"


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
