"""The engines there are: by what name, in which room, and how to get them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from shutil import which

from leadweights.engines.engine import Engine
from leadweights.errors import EngineError, UnsupportedError


@dataclass(frozen=True, slots=True)
class Known:
    """An engine by its name: what it is, the modules and programs it needs, and how to get it.

    Its room `leadweights.engines.<name>` has a context manager `opened`.
    """

    name: str
    what: str
    needs: tuple[str, ...] = ()
    get: str = ""
    programs: tuple[str, ...] = ()

    @property
    def installed(self) -> bool:
        """Tell whether modules and programs are there; a server may be missing all the same."""
        modules = all(find_spec(module) is not None for module in self.needs)
        return modules and all(which(program) is not None for program in self.programs)


def _extra(name: str) -> str:
    return f'pip install "leadweights[{name}]"'


ENGINES = {
    known.name: known
    for known in (
        Known("duckdb", "DuckDB"),
        Known("sqlite", "SQLite, as in Python"),
        Known("clickhouse", "ClickHouse", ("chdb",), _extra("clickhouse")),
        Known("datafusion", "DataFusion", ("datafusion",), _extra("datafusion")),
        Known(
            *("spark", "Spark", ("pyspark", "pyarrow")),
            f"{_extra('spark')}, and Java 17 (apt install openjdk-17-jre-headless)",
            ("java",),
        ),
        Known("polars", "Polars", ("polars", "pyarrow"), _extra("polars")),
        Known("databend", "Databend", ("databend", "pyarrow"), _extra("databend")),
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
