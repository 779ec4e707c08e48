"""Names and values that would move a cursor, turn text around or fill a screen, as shown."""

import tempfile
from pathlib import Path

import duckdb
from hypothesis import strategies as st

from leadweights.errors.shown import LONGEST, escape
from tests.support.commands import invoke

_MARKS = "\x00\x07\x1b[31m\r\n\t\u200e\u202e\u2066\u2028\x85\x9b\ufeff'\"`\\|, "
hostile = st.one_of(
    st.text(alphabet=_MARKS + "ab", min_size=1, max_size=12),
    st.text(min_size=1, max_size=20),
    st.integers(1, 5000).map(lambda size: "x" * size),
    st.integers(1, 900).map(lambda size: "a b'" * size),
)

COMMANDS = 11
"""How many commands are given a hostile table."""


def check_lines(text: str, longest: int | None = None) -> None:
    """Find no mark that is not shown escaped, and no line that is longer."""
    for line in text.split("\n"):
        assert escape(line) == line
        assert longest is None or len(line) <= longest + len("Error: ")


def check_commands(name: str, level: str) -> None:
    """Give commands a table with such a column and level."""
    name, level = name.replace("\0", "_"), level.replace("\0", "_")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "leads.parquet")
        connection = duckdb.connect()
        connection.execute("SET threads = 1")
        quoted = '"' + name.encode("utf-8", "replace").decode().replace('"', '""') + '"'
        text = level.encode("utf-8", "replace").decode()
        rows = connection.sql(
            f"SELECT CASE WHEN range % 3 = 0 THEN ? ELSE 'b' END AS {quoted}, "
            "range % 7 AS n1, (range % 5 + range % 7) // 6 AS label_1 FROM range(60)",
            params=[text],
        )
        rows.write_parquet(str(path))
        connection.close()
        commands = (
            ["columns", str(path), "--label", "label_1"],
            ["columns", str(path), "--label", name],
            ["columns", str(path)],
            ["columns", str(path), "--label", "label_1", "--exclude", level],
            ["check-input", "outputs/model.json", str(path)],
            ["score", "outputs/model.json", str(path), "--key", name],
            ["verify", "outputs/model.json", str(path), "--engine", level],
            ["sql", "outputs/model.json", "--table", name, "--columns", level],
            ["sql", "outputs/model.json", "--dialect", level],
            ["weights", name],
            [level],
        )
        assert len(commands) == COMMANDS
        for asked in commands:
            done = invoke(asked)
            assert isinstance(done.exception, SystemExit | None), (asked, done.exception)
            check_lines(done.stderr, LONGEST)
            if asked[0] == "columns":
                check_lines(done.stdout)
