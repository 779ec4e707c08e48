"""From a table to labelled rows: what its columns hold, what the label says."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.texts import Texts
from leadweights.model.names import quote
from leadweights.tables.columns import Kind as Kind
from leadweights.tables.columns import read
from leadweights.tables.table import Table

# Gradient boosting computes in single precision, which ends at 3e38.
LARGEST_VALUE = 1e30
_WANTED = "0 and 1, true and false, yes and no, y and n, or t and f"
_WON = re.compile(
    r"\b(won|convert\w*|customer|yes|success\w*|sold|accept\w*|paid|signed|gewonnen|ja|oui|sure)\b",
    re.IGNORECASE,
)
_LOST = re.compile(
    r"\b(lost|reject\w*|no|dead|churn\w*|fail\w*|verloren|nein|non|declined|refused)\b",
    re.IGNORECASE,
)
_POSITIVE = {"1": "0", "yes": "no", "y": "n", "true": "false", "t": "f"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Labelled rows in an order that depends on their content alone.

    `values` has a column each: of numbers, flags (1 and 0) and dates (days since 1970-01-01) with
    shape (rows,), NaN where missing, or of texts. `held_as` says which of these the table holds.
    `y`, shape (rows,), is 1 for a positive row; `places`, if known, are the rows' in their table.
    """

    values: Mapping[str, Values]
    held_as: Mapping[str, Kind]
    y: Floats
    places: NDArray[np.int64] | None = None

    def sha256(self, columns: Sequence[str]) -> str:
        """Hash columns (SHA-256, hexadecimal): the same for rows in any order.

        Other columns do not matter, nor that the rows came in an order that they decided.
        """
        own = _sorted({name: self.values[name] for name in columns}, self.held_as, self.y)
        digest = sha256("\0".join(columns).encode())
        for name in columns:
            values = own.values[name]
            if isinstance(values, Texts):
                digest.update("\0".join(values.levels).encode() + values.codes.tobytes())
            else:
                digest.update(np.ascontiguousarray(values).tobytes())
        digest.update(own.y.tobytes())
        return digest.hexdigest()

    def sorted_by(self, read: Mapping[str, Values]) -> "Rows":
        """Sort the rows by content again, some columns by what is read from their texts."""
        by = [v.codes if isinstance(v, Texts) else v for v in {**self.values, **read}.values()]
        return self.put_in_order(np.lexsort((self.y, *by[::-1])))

    def taken(self, chosen: NDArray[np.int64]) -> "Rows":
        """Keep the rows at these places, in the order of the rows."""
        return self.put_in_order(np.sort(chosen))

    def put_in_order(self, order: NDArray[np.int64]) -> "Rows":
        """Take the rows at these places, in this order."""
        values = {name: column[order] for name, column in self.values.items()}
        places = None if self.places is None else self.places[order]
        return Rows(values, self.held_as, self.y[order], places)


def held_as(table: Table, names: Iterable[str]) -> dict[str, Kind]:
    """Say as what a table holds its columns; others than these four are not among them."""
    found: dict[str, Kind] = {}
    for name in names:
        if table.is_flag(name):
            found[name] = "flag"
        elif table.is_number(name):
            found[name] = "number"
        elif table.is_text(name) or table.is_empty(name):
            found[name] = "text"
        elif table.is_date(name):
            found[name] = "date"
    return found


def labelled_rows(
    table: Table, kinds: Mapping[str, Kind], label: str, *, alike: bool = False
) -> Rows:
    """Read the rows with their label, infinities as missing, sorted by content.

    Sorting makes every result independent of the order in which rows arrive. All labels may be
    `alike` if that is said, as long as theirs is a word that is known.

    Raises TableError for a label that is not one, a column of another kind, and values too large
    to square.
    """
    y = _labels(table, label, alike=alike)[0]
    values = read(table, kinds)
    for name, column in values.items():
        if kinds[name] in ("number", "flag") and not isinstance(column, Texts):
            column[np.isinf(column)] = np.nan
            large = np.flatnonzero(np.abs(column) > LARGEST_VALUE)
            if len(large):
                raise TableError(
                    f"{table.name}: column {table.require(name)!r} holds {column[large[0]]:.4g} on "
                    f"{table.place(int(large[0]))}, too large to learn from; exclude or mend it"
                )
            values[name] = column + 0.0  # -0.0 becomes 0.0
    return _sorted(values, kinds, y)


def _sorted(
    values: Mapping[str, Values],
    kinds: Mapping[str, Kind],
    y: Floats,
) -> Rows:
    by = [v.codes if isinstance(v, Texts) else v for v in values.values()]
    order = np.lexsort((y, *by[::-1]))
    return Rows(values, kinds, y, np.arange(len(y))).put_in_order(order)


def positive_label(table: Table, label: str) -> str:
    """Name the value of the label that counts as positive. Raises TableError."""
    return _labels(table, label)[1]


def _labels(table: Table, label: str, *, alike: bool = False) -> tuple[Floats, str]:
    where = f"{table.name}: label {label!r}"
    table.require(label)
    kinds = (table.is_number, table.is_flag, table.is_text, table.is_empty)
    if not any(holds(label) for holds in kinds):
        raise TableError(
            f"{where} holds {table.kind(label)}; it needs {_WANTED}, or an expression such as "
            f"--label '{quote(label)} IS NOT NULL'"
        )
    values = table.values(label)
    missing = [row for row, value in enumerate(values) if value is None or value != value]
    if missing:
        raise TableError(
            f"{where} is missing in {len(missing)} rows, first on {table.place(missing[0])}; where "
            "the values that count are named with --positive and --negative, other rows are left "
            "out"
        )
    levels = sorted(set(values))
    spelled = {*map(_spelled, levels)}
    if alike and len(spelled) == 1 and spelled <= {*_POSITIVE, *_POSITIVE.values()}:
        return np.full(len(values), float(spelled <= _POSITIVE.keys())), str(values[0])
    values_meant = _positive(levels, where)
    is_positive = np.array([level in values_meant for level in values], dtype=np.float64)
    return is_positive, _shown(values_meant[0])


def positive_of(levels: Mapping[str | None, int], where: str) -> tuple[str, ...]:
    """Say which texts of a label count as positive, of these with their rows. Raises TableError."""
    missing = sum(rows for level, rows in levels.items() if level is None or level == "nan")
    if missing:
        raise TableError(f"{where} is missing in {missing:,} rows")
    known = sorted(level for level in levels if level is not None)
    return tuple(map(str, _positive(known, where)))


def _positive(levels: Sequence[Any], where: str) -> list[Any]:
    """Choose the levels that count as positive: one word, in whatever case."""
    if len(levels) == 1:
        raise TableError(f"{where} has one value only, {_shown(levels[0])}; it needs two")
    spelled = set(map(_spelled, levels))
    positive = next((word for word in _POSITIVE if word in spelled), None)
    if len(spelled) != 2 or positive is None or _POSITIVE[positive] not in spelled:
        shown = ", ".join(_shown(level) for level in levels[:5])
        more = f" and {len(levels) - 5} more" if len(levels) > 5 else ""
        raise TableError(
            f"{where} has the values {shown}{more}; it needs two: {_WANTED}; or name those that "
            f"count: {_advise_naming(levels)}"
        )
    return [level for level in levels if _spelled(level) == positive]


def _advise_naming(levels: Sequence[Any]) -> str:
    """Write how values would be named: by their words, as far as they tell, else one of them."""
    names = list(map(str, levels))
    by_word = [level for level in levels if _spelled(level) in _POSITIVE]
    least_or_most = names[0] if any(isinstance(level, str) for level in levels) else names[-1]
    meant = str(by_word[0]) if by_word else least_or_most
    won = next((name for name in names if _WON.search(name)), meant)
    lost = next((name for name in names if name != won and _LOST.search(name)), None)
    if lost is None and by_word:
        no = _POSITIVE[_spelled(by_word[0])]
        lost = next((str(level) for level in levels if _spelled(level) == no), None)
    named = [f"--positive {shlex.quote(won)}"]
    if lost is not None and len(names) > 2:
        named.append(f"--negative {shlex.quote(lost)}")
    elif len(names) > 2 and not any(isinstance(level, str) for level in levels):
        named.append("or an expression, as in --label 'spend > 0'")
    return " ".join(named)


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
