"""What DuckDB raises, in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EIO, ENOSPC
from pathlib import Path

import duckdb

from leadweights.errors import EngineError, LeadweightsError, OutputError, TableError
from leadweights.files.object_stores import find_failure
from leadweights.files.temporary import ADVICE

LINE_TOO_LONG = "Maximum line size"
"""What DuckDB says of a line of a text file that it does not read."""


@contextmanager
def explain_reading(name: str | Path) -> Iterator[None]:
    """Raise TableError for what DuckDB raises while reading; OutputError for a full disk."""
    try:
        yield
    except (duckdb.Error, RuntimeError) as problem:
        if full := _is_full(problem):
            raise OutputError(f"cannot hold the rows of {name}: {full}; {ADVICE}") from None
        raise _explain(problem, TableError, f"cannot read {name}") from None


@contextmanager
def explain_writing(name: str | Path, *places: str | Path) -> Iterator[None]:
    """Raise what DuckDB raises while it reads the table `name` and writes to `places`.

    OSError for a full disk and whatever else keeps DuckDB from writing to those, TableError for a
    table that cannot be read, EngineError for all else.
    """
    try:
        yield
    except (duckdb.Error, RuntimeError) as problem:
        if full := _is_full(problem):
            raise OSError(ENOSPC, full) from None
        if find_failure(str(problem)):
            raise _explain(problem, TableError, f"cannot read {name}") from None
        if isinstance(problem, duckdb.IOException):
            if any(place and str(place) in str(problem) for place in places):
                raise OSError(EIO, _one_line(problem)) from None
            raise _explain(problem, TableError, f"cannot read {name}") from None
        raise _explain(problem, EngineError, "DuckDB says") from None


@contextmanager
def explain_answer() -> Iterator[None]:
    """Raise EngineError for whatever keeps DuckDB from giving the answer of a SELECT."""
    try:
        yield
    except (duckdb.Error, RuntimeError) as problem:
        if full := _is_full(problem):
            raise EngineError(f"DuckDB says: {full}; {ADVICE}") from None
        raise _explain(problem, EngineError, "DuckDB says") from None


def _is_full(problem: Exception) -> str:
    """Say what a disk has no space for, if that is the problem."""
    said = str(problem)
    if isinstance(problem, duckdb.IOException | duckdb.OutOfMemoryException):
        if "No space left" in said:
            return "no space left on the device"
        if "failed to offload" in said:
            return "no space left on the device to sort the rows on"
    return ""


def _explain(
    problem: Exception, kind: type[LeadweightsError], where: str
) -> LeadweightsError | KeyboardInterrupt:
    """Make one line of a problem; an interrupt stays one, a defect is raised."""
    if "interrupted" in str(problem).lower():
        return KeyboardInterrupt()
    if "nanobind::str()" in str(problem):
        return kind(f"{where}: it holds text that is not UTF-8; it is damaged, make it again")
    if not isinstance(problem, duckdb.Error):
        raise problem
    if failed := find_failure(str(problem)):
        return kind(f"{where}: {failed}")
    if LINE_TOO_LONG in str(problem):
        return kind(
            f"{where}: a line has more than 2,000,000 bytes; shorten its longest value, or write "
            "the table as Parquet"
        )
    if isinstance(problem, duckdb.OutOfMemoryException):
        return kind(f"{where}: too little memory; fit --engine duckdb and score -o need less")
    return kind(f"{where}: {_one_line(problem)}")


def _one_line(problem: Exception) -> str:
    """Keep what an engine says before it lists what could be done."""
    said = str(problem).split("Possible ")[0].split("\n\n")[0]
    return " ".join(said.split())
