"""The order of the rows: by what they hold, whoever learns from which columns."""

from __future__ import annotations

from collections.abc import Mapping

from leadweights.errors import LeadweightsError
from leadweights.formula.arrays import Floats, Values
from leadweights.learn.prepare.columns import Survey
from leadweights.learn.prepare.dictionary import Dictionary
from leadweights.tables.columns import read
from leadweights.tables.labelled import Rows, held_as
from leadweights.tables.row_hashes import hash_rows, order_by_hash
from leadweights.tables.table import Table


def put_in_order(
    rows: Rows,
    table: Table,
    label: str,
    known: Dictionary,
    seed: int,
    read_texts: Mapping[str, Values],
) -> Rows:
    """Put a table's rows in the order of a hash of their content; those of a sample have one.

    Parts, folds and draws are cut from this order. All columns count, keys and excluded ones, too,
    as they are understood: so which of them are learnt from changes no part, nor does the way in
    which a file writes a number or a date: `read_texts` are those of texts. What holds neither
    numbers, texts, dates nor flags does not count.
    """
    if rows.places is None:
        return rows
    label = table.require(label)
    others = [name for name in table.types if name != label and name not in rows.values]
    kinds = held_as(table, others)
    beside = {name: held[rows.places] for name, held in read(table, kinds).items()}
    every = Rows({**rows.values, **beside}, {**rows.held_as, **kinds}, rows.y)
    columns = [
        read_texts[name] if name in read_texts else _understand(every, name, known)
        for name in sorted(every.values, key=lambda name: (name.lower(), name))
    ]
    return order_by_hash(rows, hash_rows([*columns, rows.y], f"rows {seed}"))


def _understand(rows: Rows, name: str, known: Dictionary) -> Values:
    """Read one column as it is decided on; as it stands where that cannot be told."""
    held = rows.values[name]
    one = Rows({name: held}, {name: rows.held_as[name]}, rows.y)
    try:
        return Survey(one, known, _no_losses, 0).understand()[name]
    except LeadweightsError:  # if it is learnt from, whoever decides on it will say so
        return held


def _no_losses(*_: object) -> dict[str, Floats]:
    return {}
