"""The engines there are: by what name, in which room, and how to get them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from leadweights.engines.engine import Engine
from leadweights.errors import EngineError, UnsupportedError


@dataclass(frozen=True, slots=True)
class Known:
    """An engine by its name: what it is, the modules and files it needs, how to get them.

    Its room `leadweights.engines.<name>` has a context manager `opened`.
    """

    name: str
    what: str
    needs: tuple[str, ...] = ()
    get: str = ""
    files: tuple[str, ...] = ()

    @property
    def installed(self) -> bool:
        """Tell whether modules and files are there; a server may be missing all the same."""
        modules = all(find_spec(module) is not None for module in self.needs)
        return modules and all(Path(file).exists() for file in self.files)


def _extra(name: str) -> str:
    return f'pip install "leadweights[{name}]"'


ENGINES = {
    known.name: known
    for known in (
        Known("duckdb", "DuckDB"),
        Known("sqlite", "SQLite, as in Python"),
        Known("apsw", "SQLite, as in APSW", ("apsw",), _extra("apsw")),
        Known("googlesql", "GoogleSQL, BigQuery's SQL", ("zetasql",), _extra("googlesql")),
        Known(
            *("h2", "H2", ("jpype",)),
            get=f"apt-get install libh2-java default-jre-headless; {_extra('h2')}",
            files=("/usr/share/java/h2.jar",),
        ),
    )
}


@contextmanager
def opened(name: str) -> Iterator[Engine]:
    """Open an engine by its name.

    Raises UnsupportedError for a name there is not, EngineError for one that is not installed or
    does not start.
    """
    known = ENGINES.get(name.lower())
    if known is None:
        raise UnsupportedError(f"no engine {name!r}; there are: {', '.join(ENGINES)}")
    if not known.installed:
        raise EngineError(f"{known.what} is not installed: {known.get}")
    with import_module(f"leadweights.engines.{known.name}").opened() as engine:
        yield engine
