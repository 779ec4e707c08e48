"""Check a table in a warehouse before anybody scores it there: its types, and what its rows hit."""

from collections.abc import Mapping
from dataclasses import replace

from leadweights.errors import TableError
from leadweights.formula.stages import stages
from leadweights.model.model import ScoringModel
from leadweights.scoring.check_input import InputCheck, count_hits
from leadweights.sql.select import sample
from leadweights.tables.columns import Kind, read_cells, sources
from leadweights.tables.engines.url import open_engine

_MAY_HOLD: Mapping[Kind, tuple[Kind, ...]] = {
    "number": ("number",),
    "flag": ("flag", "number"),
    "text": ("text", "number"),
    "date": ("date",),
    "date in text": ("text", "date", "number"),
}
"""What a column may hold for the SELECT to read it; a number is cast to its text."""

_WORDS: Mapping[Kind, str] = {
    "number": "numbers",
    "flag": "true and false",
    "text": "text",
    "date": "dates",
    "date in text": "dates, or text with dates in it",
}


def check_table(
    model: ScoringModel, url: str, table: str, *, rows: int = 10_000, dialect: str = ""
) -> InputCheck:
    """Check the types of a table's columns, and count which rules `rows` of its rows hit.

    The rows are chosen by the digits of their score; none is read where a column is not there or
    holds another kind, which is listed, not raised: ask the result whether it is `scorable`.
    `dialect` is for a database that speaks another than its URL says.

    Raises UnsupportedError for a URL or table that cannot be, EngineError for a database that does
    not answer, TableError for a table without rows.
    """
    read = sources(model)
    with open_engine(url, dialect) as database:
        problems = _find_problems(read, database.kinds_of(table), table)
        if problems:
            return _list_problems(model, table, problems)
        chain = stages(model, "raw", ["lead_score"])
        asked = sample(chain, database.dialect, table, list(read), "digits", rows)
        _, found = database.rows(asked)
    if not found:
        raise TableError(f"{table} has no rows")
    # By place: a warehouse may spell names its own way. The score, which comes last, is not read.
    cells = zip(*found, strict=True)
    values = {
        name: read_cells(name, kind, own)
        for (name, kind), own in zip(read.items(), cells, strict=False)
    }
    return count_hits(model, f"a sample of {table}", len(found), values, {})


def _find_problems(
    read: Mapping[str, Kind], there: Mapping[str, Kind], table: str
) -> dict[str, str]:
    """Say for columns why the SELECT could not read them, or would read something else."""
    by_name = {name.lower(): kind for name, kind in there.items()}
    problems = {}
    for name, kind in read.items():
        held = by_name.get(name.lower())
        if held is None:
            problems[name] = f"{table} has no column {name!r} of a type that is known"
        elif held not in _MAY_HOLD[kind]:
            problems[name] = (
                f"{table}: column {name!r} must hold {_WORDS[kind]}, not {_WORDS[held]}: cast it "
                "in a view, to what the model was learnt from"
            )
    return problems


def _list_problems(model: ScoringModel, table: str, problems: Mapping[str, str]) -> InputCheck:
    """Give a check of no rows, as none can be read."""
    nothing = dict.fromkeys(sources(model), "")
    found = count_hits(model, table, 1, {}, {**nothing, **problems})
    columns = tuple(replace(column, hits=()) for column in found.columns)
    return replace(found, rows=0, columns=columns)
