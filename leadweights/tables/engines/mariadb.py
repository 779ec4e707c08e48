"""MariaDB: Debian's server, in a temporary folder, with its usual settings but for MyISAM."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pymysql

from leadweights.errors import EngineError
from leadweights.files.temporary import make_temporary_folder
from leadweights.tables.engines.dbapi import Rows
from leadweights.tables.engines.engine import (
    STANDARD_TYPES,
    UNSIGNED_TYPES,
    Engine,
    Holding,
    explain,
)
from leadweights.tables.engines.registry import find_program

_SECONDS = 60.0
"""How long a start may take; it takes half a second."""

_HOLDING = Holding(
    {
        **STANDARD_TYPES,
        **UNSIGNED_TYPES,
        "FLOAT": "FLOAT",
        "HUGEINT": "DECIMAL(39)",
        "VARCHAR": "LONGTEXT",
        "TIMESTAMP": "DATETIME(6)",
    },
    unheld=dict.fromkeys(("DOUBLE", "FLOAT"), "NOT isfinite({0})"),
)
"""No NaN and no infinity: an INSERT of one is an error."""


# InnoDB's tables have 1,017 columns at most, MyISAM's 4,096, and no transactions.
_WIDE = ("--skip-innodb", "--default-storage-engine=MyISAM")
# What is in a temporary folder need not outlive the server.
_FLEETING = ("--innodb-flush-log-at-trx-commit=0", "--innodb-fast-shutdown=3")


@contextmanager
def open_engine(*, transactions: bool = False) -> Iterator[Engine]:
    """Start a server that listens on no address, and remove it at the end."""
    with (
        make_temporary_folder() as folder,
        _server(folder, _FLEETING if transactions else _WIDE) as path,
        closing(_connect(path)) as connection,
    ):
        with connection.cursor() as cursor:
            # Letters without regard to case, accents or spaces at the end: the usual collation.
            cursor.execute("CREATE DATABASE leads CHARACTER SET utf8mb4")
            cursor.execute("USE leads")
            cursor.execute("SELECT VERSION()")
            (version,) = cursor.fetchone()
        # It reads and writes -0 as 0.
        yield engine(connection, f"MariaDB {version.split('-')[0]}", "mariadb", signed_zero=False)


def engine(connection: Any, title: str, dialect: str, *, signed_zero: bool = True) -> Engine:
    """Give the engine behind a connection of PyMySQL's."""
    return Rows(
        connection=connection,
        title=title,
        dialect=dialect,
        holding=_HOLDING,
        problems=(pymysql.Error,),
        signed_zero=signed_zero,
        quote="`",
        placeholder="%s",
    )


def _connect(path: Path) -> Any:
    with explain("MariaDB does not answer", pymysql.Error):
        return pymysql.connect(
            unix_socket=str(path), user="root", charset="utf8mb4", autocommit=True
        )


@contextmanager
def _server(folder: Path, options: Sequence[str]) -> Iterator[Path]:
    """Start a server without tables of users, and end it; give its socket."""
    data, path, log = folder / "data", folder / "socket", folder / "log"
    data.mkdir()
    command = [
        *(find_program("mariadbd") or "mariadbd", "--no-defaults", f"--user={os.getuid()}"),
        *(f"--datadir={data}", f"--socket={path}", f"--pid-file={folder / 'pid'}"),
        *("--skip-networking", "--skip-grant-tables", *options),
    ]
    with log.open("wb") as said:
        server = subprocess.Popen(command, stdout=said, stderr=said)  # noqa: S603
    try:
        latest = time.monotonic() + _SECONDS
        while not _answers(path):
            if server.poll() is not None or time.monotonic() > latest:
                last = log.read_text(errors="replace").splitlines()[-1:]
                raise EngineError(f"MariaDB does not start: {' '.join(last)}")
            time.sleep(0.05)
        yield path
    finally:
        server.terminate()
        try:
            server.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answers(path: Path) -> bool:
    # PyMySQL leaves a socket open where nobody answers.
    with socket.socket(socket.AF_UNIX) as plain:
        try:
            plain.connect(str(path))
        except OSError:  # also of a path that is too long; the server's log says it
            return False
    return True
