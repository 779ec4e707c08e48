"""One table, written in any of the ways it is read, gives one model."""

import csv
import gzip
import io
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import leadweights as lw
from tests.support.hostile import fuzz
from tests.support.workbooks import Rows, write_ods, write_xlsx

Row = dict[str, object]


def has_one_encoding(level: str) -> bool:
    """Tell whether a text's Windows-1252 is no UTF-8: of a whole file that is, UTF-8 is meant."""
    try:
        level.encode("cp1252").decode()
    except UnicodeDecodeError:
        return True
    return level.isascii()


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """Draw a table of all kinds of values; only its levels are odd, so that there is a model."""
    chance = random.Random(draw(st.integers(0, 10**6)))
    texts = st.text("abÄ ß;,\"'é€", min_size=1, max_size=4).filter(has_one_encoding)
    levels = draw(st.lists(texts, min_size=2, max_size=4))
    levels = [f"x{level}x" for level in levels]
    rows: list[Row] = []
    for number in range(draw(st.integers(60, 120))):
        visits = chance.randrange(9)
        rows.append(
            {
                "key": f"L{number:04d}",
                "visits": visits,
                "spend": None
                if chance.random() < 0.1
                else round(chance.uniform(-9, 99), 2) + 0.001,
                "seen": date(2026, 1, 1) + timedelta(days=chance.randrange(90)),
                "agreed": chance.random() < 0.5,
                "source": chance.choice([*levels, None]),
                "label": int(chance.random() < 0.2 + 0.06 * visits),
            }
        )
    rows[0]["label"], rows[1]["label"] = 0, 1
    return rows


def cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def text(rows: list[Row], delimiter: str, end: str) -> str:
    with io.StringIO(newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=end)
        writer.writerows([list(rows[0]), *([cell(v) for v in row.values()] for row in rows)])
        return file.getvalue()


def ways(folder: Path, rows: list[Row]) -> list[Callable[[], object]]:
    """Write the table in every way."""
    lines: Rows = [list(rows[0]), *(list(row.values()) for row in rows)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}

    def written(name: str, content: bytes) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    plain = text(rows, ";", "\n")
    mixed = "".join(
        line + ("\r\n", "\n", "\r")[place % 3] for place, line in enumerate(plain.splitlines())
    )
    return [
        lambda: written("sep.csv", ("sep=;\r\n" + text(rows, ";", "\r\n")).encode("utf-8-sig")),
        lambda: written("unicode.txt", text(rows, "\t", "\r\n").encode("utf-16")),
        lambda: written("packed.csv.gz", gzip.compress(plain.encode("utf-16-le"))),
        lambda: written("mixed.csv", mixed.encode()),
        lambda: lw.File(written("western.csv", plain.encode("cp1252")), encoding="windows-1252"),
        lambda: lw.File(written("total.csv", f"{plain}Total;9;;;;;\n".encode()), skip_footer=1),
        lambda: write_xlsx(folder / "leads.xlsx", {"Leads": lines}),
        lambda: str(write_ods(folder / "leads.ods", {"Leads": lines, "x": [["y"]]})) + "#Leads",
        lambda: rows,
        lambda: columns,
        lambda: pa.Table.from_pylist(rows),
    ]


@pytest.mark.sweep
@fuzz(4)
@given(rows=tables())
def test_a_table_gives_one_model_however_it_is_written(
    tmp_path_factory: object, rows: list[Row]
) -> None:
    folder: Path = tmp_path_factory.mktemp("ways")  # type: ignore[attr-defined]
    (folder / "plain.csv").write_text(text(rows, ",", "\n"), encoding="utf-8", newline="")
    expected = lw.fit_model(folder / "plain.csv", keys=["key"])
    scores = lw.score(expected, folder / "plain.csv").to_csv()
    for write in ways(folder, rows):
        source = write()
        assert lw.fit_model(source, keys=["key"]) == expected, source  # type: ignore[arg-type]
        scored = lw.score(expected, source)  # type: ignore[call-overload]
        found = scored.to_pandas() if isinstance(scored, pa.Table) else scored
        assert found.to_csv() == scores
