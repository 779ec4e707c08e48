"""What DuckDB raises, in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EIO, ENOSPC
from pathlib import Path

import duckdb

from leadweights.errors import EngineError, LeadweightsError, TableError


@contextmanager
def explain_reading(name: str | Path) -> Iterator[None]:
    """Raise TableError for what DuckDB raises while reading a table."""
    try:
        yield
    except (duckdb.Error, RuntimeError) as problem:
        raise _explain(problem, TableError, f"cannot read {name}") from None


@contextmanager
def explain_select() -> Iterator[None]:
    """Raise EngineError for what DuckDB raises while running a SELECT, OSError for a full disk."""
    try:
        yield
    except (duckdb.Error, RuntimeError) as problem:
        if isinstance(problem, duckdb.IOException | duckdb.OutOfMemoryException):
            if "No space left" in str(problem):
                raise OSError(ENOSPC, "no space left on the device") from None
            if "offload" in str(problem):
                raise OSError(ENOSPC, "no space left on the device to sort the rows on") from None
        if isinstance(problem, duckdb.IOException):
            raise OSError(EIO, _one_line(problem)) from None
        raise _explain(problem, EngineError, "DuckDB says") from None


@contextmanager
def explain_answer() -> Iterator[None]:
    """Raise EngineError for whatever keeps DuckDB from giving the answer of a SELECT."""
    try:
        with explain_select():
            yield
    except OSError as problem:  # a damaged file, or no space to sort on
        raise EngineError(f"DuckDB says: {problem.strerror}") from None


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
    return kind(f"{where}: {_one_line(problem)}")


def _one_line(problem: Exception) -> str:
    """Keep what an engine says before it lists what could be done."""
    said = str(problem).split("Possible ")[0].split("\n\n")[0]
    return " ".join(said.split())
