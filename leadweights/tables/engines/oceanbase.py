"""OceanBase in MySQL's mode: seekdb, which its package carries and starts in a temporary folder."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pylibseekdb
import pymysql

from leadweights.files.temporary import make_temporary_folder
from leadweights.tables.engines import mariadb
from leadweights.tables.engines.engine import Engine, explain


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Start a server that listens on no address, and remove it at the end."""
    with make_temporary_folder() as folder:
        with explain("seekdb does not start", pylibseekdb.SeekdbError):
            server = pylibseekdb.open(db_dir=f"{folder}/data")
        options = {"database": "test", "charset": "utf8mb4", "autocommit": True}
        with (
            closing(server),
            closing(pymysql.connect(**server.connection_options(), **options)) as connection,
        ):
            with connection.cursor() as cursor:
                # A wide model takes it longer than the usual ten seconds to plan; in microseconds.
                cursor.execute("SET ob_query_timeout = 600000000")
                cursor.execute("SELECT VERSION()")
                (version,) = cursor.fetchone()
            title = f"OceanBase {version.rpartition('OceanBase ')[2]}"
            yield mariadb.engine(connection, title, "oceanbase")
