"""By which columns the rows of a result are sorted."""

from collections.abc import Sequence

import duckdb

from leadweights.errors import UnsupportedError


def sort(rows: duckdb.DuckDBPyRelation, order_by: Sequence[str]) -> duckdb.DuckDBPyRelation:
    """Put rows in order, by every other column where those named are equal, if any are named."""
    if not order_by:
        return rows
    columns = {n: duckdb.ColumnExpression(n) for n in rows.columns}
    falling = directions(order_by, rows.columns)
    ends = (columns[name].desc() if down else columns[name] for name, down in falling.items())
    return rows.sort(*(end.nulls_last() for end in ends))


def directions(order_by: Sequence[str], columns: Sequence[str]) -> dict[str, bool]:
    """Give the columns to sort by, and whether each falls: those named, then all the others.

    `lead_score desc` falls. Rows that are still equal are the same from end to end, so that the
    order is one, however many threads sort. Raises UnsupportedError for a name there is not.
    """
    falling: dict[str, bool] = {}
    for text in order_by:
        name, down = _column(text, columns), False
        if name is None and text.lower().endswith((" asc", " desc")):
            name, down = _column(text.rpartition(" ")[0], columns), text.lower().endswith(" desc")
        if name is None:
            raise UnsupportedError(
                f"cannot order by {text!r}; the result has: {', '.join(columns)} "
                "(a column of the table must be a key); ' desc' after the name turns it round"
            )
        if name in falling:
            raise UnsupportedError(f"order by {name!r} stands twice")
        falling[name] = down
    return falling | {name: False for name in columns if name not in falling}


def _column(text: str, columns: Sequence[str]) -> str | None:
    """Find a column by its name, or but for upper and lower case."""
    wanted = text.strip().lower()
    return text if text in columns else next((c for c in columns if c.lower() == wanted), None)
