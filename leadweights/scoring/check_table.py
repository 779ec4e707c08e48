"""Check a table in a warehouse before anybody scores it there: its types, and what its rows hit."""

from collections.abc import Mapping
from dataclasses import replace

from leadweights.errors import TableError
from leadweights.formula.stages import rename_sources, stages
from leadweights.model.model import ScoringModel
from leadweights.scoring.check_input import InputCheck, count_hits
from leadweights.sql.select import sample
from leadweights.tables.columns import read_cells, sources
from leadweights.tables.engines.registry import open_tables
from leadweights.tables.held import find_held


def check_table(
    model: ScoringModel, url: str, table: str, *, rows: int = 10_000, dialect: str = ""
) -> InputCheck:
    """Check the types of a table's columns, and count which rules `rows` of its rows hit.

    The rows are chosen by the digits of their score; none is read where a column is not there or
    cannot be read, which is listed, not raised: ask the result whether it is `scorable`. A column
    that is there as another kind, `held_otherwise`, is read as what it is.
    `dialect` is for a database that speaks another than its URL says.

    Raises UnsupportedError for a URL or table that cannot be, EngineError for a database that does
    not answer, TableError for a table without rows.
    """
    with open_tables(url, dialect) as database:
        held = find_held(model, database.held_in(table), table)
        if held.problems:
            return _list_problems(model, table, held.problems)
        read = sources(held.model)
        chain = rename_sources(stages(held.model, "raw", ["lead_score"]), held.names)
        keys = {name: held.names.get(name, name) for name in read}
        _, found = database.rows(sample(chain, database.dialect, table, keys, "digits", rows))
    if not found:
        raise TableError(f"{table} has no rows")
    # By place: a warehouse may spell names its own way. The score, which comes last, is not read.
    cells = zip(*found, strict=True)
    values = {
        name: read_cells(name, kind, own)
        for (name, kind), own in zip(read.items(), cells, strict=False)
    }
    checked = count_hits(held.model, f"a sample of {table}", len(found), values, {})
    return replace(checked, held_otherwise=held.others)


def _list_problems(model: ScoringModel, table: str, problems: Mapping[str, str]) -> InputCheck:
    """Give a check of no rows, as none can be read."""
    nothing = dict.fromkeys(sources(model), "")
    found = count_hits(model, table, 1, {}, {**nothing, **problems})
    columns = tuple(replace(column, hits=()) for column in found.columns)
    return replace(found, rows=0, columns=columns)
