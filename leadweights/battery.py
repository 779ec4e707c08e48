"""The values that break scoring queries, in every numeric type: a built-in adversary."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import inf, nextafter
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from leadweights.evaluate import evaluated
from leadweights.formulate import column_value, limits, outputs, stages
from leadweights.model import Flag, Identity, Logit, Number, ScoringModel, Term
from leadweights.opening import typed
from leadweights.table import Table

Floats = NDArray[np.float64]

_INTEGERS_ABOVE_2_53 = ["9007199254740993", "-9007199254740993", "4611686018427387905"]

# Each type with the text of its values; None is NULL. `float` of the text, through the type's own
# precision, is what a column of that type must be read as.
_NUMBERS: Mapping[str, Sequence[str | None]] = {
    "DOUBLE": (
        *(None, "nan", "inf", "-inf", "0.0", "-0.0", "1.0", "-1.0", "0.1"),
        *("5e-324", "-5e-324", "2.225073858507201e-308", "2.2250738585072014e-308", "1e-300"),
        *("1e308", "-1e308", "1.7976931348623157e308", "-1.7976931348623157e308"),
        *("9007199254740993", "1e22", "1e99", "-1e99", "1e150"),
    ),
    "FLOAT": (
        *(None, "nan", "inf", "-inf", "0.0", "-0.0", "0.1", "-0.1"),
        *("1e-45", "3.4028234663852886e38", "16777217", "33.3"),
    ),
    "INTEGER": (None, "0", "1", "-1", "2147483647", "-2147483648"),
    "BIGINT": (
        *(None, "0", *_INTEGERS_ABOVE_2_53),
        *("9223372036854775807", "-9223372036854775808"),
    ),
    "UBIGINT": (None, "0", "18446744073709551615"),
    "HUGEINT": (None, "0", *_INTEGERS_ABOVE_2_53, "18446744073709551616"),
    "DECIMAL(18, 4)": (None, "0.1", "-0.0001", "30.5", "99999999999999.9999"),
    "DECIMAL(38, 10)": (None, "0.1", "-0.0000000001", "9007199254740993.0000000001"),
}
_FLAGS: Mapping[str, Sequence[str | None]] = {
    "BOOLEAN": (None, "true", "false"),
    "INTEGER": (None, "1", "0"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A table to compare on, the doubles Python reads its columns as, and what to compare."""

    rows_of: str
    table: Table
    numbers: Mapping[str, Floats]
    columns: tuple[str, ...]


# Where the probability changes its formula or leaves the range of exp, and between.
_LOG_ODDS = (
    *(-1e90, -1e6, -750.0, -708.5, -708.0, -707.5, -650.0, -300.0, -40.0, -33.0, -5.0, -1e-9, 0.0),
    *(1e-9, 1e-3, 5.0, 33.0, 36.0, 36.75, 37.0, 37.5, 40.0, 650.0, 708.0, 708.5, 750.0, 1e6, 1e90),
)
_SHARES = (-1e6, -0.1, -1e-12, 0.0, 1e-12, 0.5, 1.0 - 1e-12, 1.0, 1.0 + 1e-12, 1.1, 1e6)


def cases(model: ScoringModel) -> Iterator[Case]:
    """Make a table per numeric type for the columns of a model, and one for its probability.

    The rows of a type: every value in all columns at once, then the values rotated, so that each
    column meets each value beside others. The rows for the probability walk through all its
    branches, by the strongest numeric column; the other columns are missing. Only there the
    probability is compared: it sees nothing of a column's type.
    """
    bounds = limits(model)
    for kind, values in _NUMBERS.items():
        flag_kind = "INTEGER" if kind == "INTEGER" else "BOOLEAN"
        columns: dict[str, tuple[str, Sequence[str | None]]] = {}
        for position, column in enumerate(model.columns):
            match column:
                case Number():
                    own = (*values, *_borders(bounds[column.name])) if kind == "DOUBLE" else values
                    columns[column.name] = (kind, _rotated(own, position))
                case Flag():
                    flags = _FLAGS[flag_kind]
                    size = len(values) + (2 if kind == "DOUBLE" else 0)
                    repeated = [flags[i % len(flags)] for i in range(size)]
                    columns[column.name] = (flag_kind, _rotated(repeated, position))
        yield Case(
            f"the {kind} battery", typed(columns, kind), _numbers(columns), outputs(model)[:-1]
        )
    strongest = _strongest_number(model)
    if strongest is not None:
        values = [repr(column_value(strongest, c)) for c in _contributions(model, strongest)]
        walked = {
            column.name: (
                "BOOLEAN" if isinstance(column, Flag) else "DOUBLE",
                values if column.name == strongest.column else [None] * len(values),
            )
            for column in model.columns
        }
        yield Case(
            "the probability battery", typed(walked, "DOUBLE"), _numbers(walked), outputs(model)
        )


def _strongest_number(model: ScoringModel) -> Term | None:
    numbers = {column.name for column in model.columns if isinstance(column, Number)}
    terms = [term for term in model.terms if term.column in numbers and term.weight]
    return max(terms, key=lambda term: abs(term.weight), default=None)


def _contributions(model: ScoringModel, term: Term) -> list[float]:
    """Say what a term must contribute to walk through the probability, all else missing."""
    row = {column.name: np.array([np.nan]) for column in model.columns}
    row[term.column] = np.array([column_value(term, 0.0)])
    others = float(evaluated(stages(model, columns=["lead_score"]), row)["lead_score"][0])
    match model.link:
        case Logit(intercept, scale):
            return [(log_odds - intercept) / scale - others for log_odds in _LOG_ODDS]
        case Identity():
            return [share - others for share in _SHARES]
        case _:
            assert_never(model.link)


def _numbers(columns: Mapping[str, tuple[str, Sequence[str | None]]]) -> dict[str, Floats]:
    return {
        name: np.array([_double(text, sql_type) for text in texts])
        for name, (sql_type, texts) in columns.items()
    }


def _borders(bound: float) -> tuple[str, str]:
    return repr(bound), repr(nextafter(bound, inf))


def _rotated(values: Sequence[str | None], by: int) -> list[str | None]:
    shift = by % len(values)
    return [*values, *values[shift:], *values[:shift]]


def _double(text: str | None, sql_type: str) -> float:
    if text is None:
        return float("nan")
    if sql_type == "BOOLEAN":
        return float(text == "true")
    if sql_type == "FLOAT":
        return float(np.float32(text))
    return float(Decimal(text))
