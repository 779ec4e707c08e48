"""From a table to labelled rows: which columns are features, what the label says."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError
from leadweights.table import Table

Floats = NDArray[np.float64]

# Gradient boosting computes in single precision, which ends at 3e38.
LARGEST_VALUE = 1e30
_WANTED = "0 and 1, true and false, yes and no, y and n, or t and f"
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

    def without(self, dropped: Collection[str]) -> "Rows":
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
        elif table.is_empty(name):
            left_out.append(f"column {name!r} is left out: it is empty")
        else:
            if table.is_text(name):
                table.refuse_odd_text(name)
            left_out.append(f"column {name!r} is left out: it holds {table.kind(name)}")
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


def constant_columns(rows: Rows) -> dict[str, str]:
    """Find the columns that say nothing: why, in words, by name."""
    found = {}
    for name, column in zip(rows.columns, rows.x.T, strict=True):
        values = column[~np.isnan(column)]
        if len(values) == 0:
            found[name] = "it has no value"
        elif float(np.ptp(values)) == 0:
            found[name] = "it has one value only"
        elif float(np.ptp(values)) <= 1e-12 * float(np.abs(values).max()):
            found[name] = "it varies by less than the rounding of its numbers"
    return found


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
    where = f"{table.name}: label {label!r}"
    table.require(label)
    if not (table.is_number(label) or table.is_flag(label) or table.is_text(label)):
        raise TableError(f"{where} holds {table.kind(label)}; it needs {_WANTED}")
    values = table.values(label)
    missing = [row for row, value in enumerate(values) if value is None or value != value]
    if missing:
        raise TableError(
            f"{where} is missing in {len(missing)} rows, first on {table.place(missing[0])}"
        )
    levels = sorted(set(values))
    if len(levels) == 1:
        raise TableError(f"{where} has one value only, {_shown(levels[0])}; it needs two")
    spelled = {_spelled(level): level for level in levels}
    positive = next((word for word in _POSITIVE if word in spelled), None)
    if len(levels) != 2 or positive is None or _POSITIVE[positive] not in spelled:
        shown = ", ".join(_shown(level) for level in levels[:5])
        more = f" and {len(levels) - 5} more" if len(levels) > 5 else ""
        raise TableError(f"{where} has the values {shown}{more}; it needs two: {_WANTED}")
    value = spelled[positive]
    return np.array([level == value for level in values], dtype=np.float64), _shown(value)


def _spelled(level: Any) -> str:
    """Spell a label's value as one of the words it may be; 1.0 is 1, and nothing else is."""
    if isinstance(level, bool):
        return str(level).lower()
    if isinstance(level, int | float | Decimal):
        return str(int(level)) if level in (0, 1) else str(level)
    text = str(level).strip().lower()
    return {"1.0": "1", "0.0": "0"}.get(text, text)


def _shown(level: Any) -> str:
    return repr(level) if isinstance(level, str) else str(level)
