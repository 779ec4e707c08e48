"""From a table to labelled rows: which columns are features, what the label says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError
from leadweights.table import Table

Floats = NDArray[np.float64]

# Squares of larger numbers would overflow in a variance.
LARGEST_VALUE = 1e150
_POSITIVE = {"1": "0", "yes": "no", "y": "n", "true": "false", "t": "f"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Labelled rows in an order that depends on their content alone.

    `x` has shape (rows, columns), NaN where missing; `y`, shape (rows,), is 1 for a positive row.
    """

    columns: tuple[str, ...]
    x: Floats
    y: Floats

    def sha256(self) -> str:
        """Hash names and values (SHA-256, hexadecimal): the same for rows in any order."""
        digest = sha256("\0".join(self.columns).encode())
        digest.update(np.ascontiguousarray(self.x).tobytes() + self.y.tobytes())
        return digest.hexdigest()

    def taken(self, chosen: NDArray[np.int64]) -> "Rows":
        """Keep the rows at these places, in the order of the rows."""
        kept = np.sort(chosen)
        return Rows(self.columns, self.x[kept], self.y[kept])

    def without(self, dropped: Sequence[str]) -> "Rows":
        """Leave columns out."""
        kept = [i for i, name in enumerate(self.columns) if name not in dropped]
        return Rows(tuple(self.columns[i] for i in kept), self.x[:, kept], self.y)


@dataclass(frozen=True, slots=True)
class Choice:
    """The columns to learn from, sorted by name; why others are left out, in words."""

    columns: tuple[str, ...]
    flags: frozenset[str]
    left_out: tuple[str, ...]


def choice(table: Table, label: str, keys: Sequence[str], exclude: Sequence[str]) -> Choice:
    """Choose every numeric and true/false column but the label, the keys and the excluded.

    Raises TableError for a name the table lacks, for no usable column, and for a column that is
    numeric but for some text.
    """
    for name in (label, *keys, *exclude):
        table.require(name)
    for name, role in [(k, "key") for k in keys] + [(e, "excluded column") for e in exclude]:
        if name == label:
            raise TableError(f"{table.name}: {name!r} is the label; it cannot be a {role} too")
    columns, left_out = [], []
    for name in sorted(set(table.types) - {label, *keys, *exclude}):
        if table.is_number(name) or table.is_flag(name):
            columns.append(name)
        elif not table.levels(name):
            left_out.append(f"column {name!r} is left out: it is empty")
        elif table.is_text(name):
            table.refuse_odd_text(name)
            left_out.append(f"column {name!r} is left out: it holds text")
        else:
            left_out.append(f"column {name!r} is left out: it holds {table.types[name]}")
    if not columns:
        raise TableError(f"{table.name} has no numeric or true/false column to learn from")
    flags = frozenset(name for name in columns if table.is_flag(name))
    return Choice(tuple(columns), flags, tuple(left_out))


def labelled_rows(table: Table, columns: Sequence[str], label: str) -> Rows:
    """Read the rows with their label, infinities as missing, sorted by content.

    Sorting makes every result independent of the order in which rows arrive.

    Raises TableError for a label that is not one and for values too large to square.
    """
    y = _labels(table, label)[0]
    numbers = table.numbers(columns)
    finite = [_finite(table, name, values) for name, values in numbers.items()]
    x = np.column_stack(finite) + 0.0  # -0.0 becomes 0.0
    order = np.lexsort((y, *x.T[::-1]))
    return Rows(tuple(columns), np.ascontiguousarray(x[order]), y[order])


def positive_label(table: Table, label: str) -> str:
    """Name the value of the label that counts as positive. Raises TableError."""
    return _labels(table, label)[1]


def constant_columns(rows: Rows) -> list[str]:
    """Name the columns with one value, or none, or rounding noise around one."""
    return [
        name
        for name, column in zip(rows.columns, rows.x.T, strict=True)
        if _is_constant(column[~np.isnan(column)])
    ]


def _is_constant(values: Floats) -> bool:
    return len(values) == 0 or float(np.ptp(values)) <= 1e-12 * float(np.abs(values).max())


def _finite(table: Table, column: str, values: Floats) -> Floats:
    values[np.isinf(values)] = np.nan
    large = np.flatnonzero(np.abs(values) > LARGEST_VALUE)
    if len(large):
        raise TableError(
            f"{table.name}: column {column!r} holds {values[large[0]]:.4g} on "
            f"{table.place(int(large[0]))}, too large to learn from; exclude or mend it"
        )
    return values


def _labels(table: Table, label: str) -> tuple[Floats, str]:
    levels = table.levels(table.require(label))
    where = f"{table.name}: label {label!r}"
    missing = table.rows - sum(levels.values())
    if missing:
        row = table.values(label).index(None)
        raise TableError(f"{where} is missing in {missing} rows, first on {table.place(row)}")
    if len(levels) == 1:
        raise TableError(f"{where} has one value only, {_shown(next(iter(levels)))}; it needs two")
    spelled = {_spelled(level): level for level in levels}
    positive = next((word for word in _POSITIVE if word in spelled), None)
    if len(levels) != 2 or positive is None or _POSITIVE[positive] not in spelled:
        shown = ", ".join(_shown(level) for level in list(levels)[:5])
        more = f" and {len(levels) - 5} more" if len(levels) > 5 else ""
        raise TableError(
            f"{where} has the values {shown}{more}; it needs two: 0 and 1, true and false, "
            "yes and no, y and n, or t and f"
        )
    value = spelled[positive]
    y = np.array([level == value for level in table.values(label)], dtype=np.float64)
    return y, _shown(value)


def _spelled(level: Any) -> str:
    if isinstance(level, bool):
        return str(level).lower()
    if isinstance(level, int | float):
        return f"{level:g}"
    return str(level).strip().casefold()


def _shown(level: Any) -> str:
    return repr(level) if isinstance(level, str | date) else str(level)
