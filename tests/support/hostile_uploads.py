"""Two thousand requests that mean harm, those of leads and files in turn; the same on every run."""

from __future__ import annotations

import io
import json
import random
import struct
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import duckdb

from tests.support.hostile_requests import KINDS, LEAD, NUMBERS, Hostile, bomb, kind

COUNT = 2000


def hostile_requests(numbers: Iterable[int]) -> Iterator[Hostile]:
    """Draw requests by their numbers, below COUNT; the kinds come in turn."""
    for number in numbers:
        rng = random.Random(number)
        name, make = KINDS[number % len(KINDS)]
        yield replace(make(f"mark{number:05}q", rng), name=name)


def form(mark: str, content: bytes, file: str, kind: str = "text/csv") -> Hostile:
    """Send a file in a form."""
    head = f'Content-Disposition: form-data; name="file"; filename="{file}"\r\nContent-Type: {kind}'
    body = b"--%b\r\n%b\r\n\r\n%b\r\n--%b--\r\n" % (
        mark.encode(),
        head.encode(),
        content,
        mark.encode(),
    )
    said = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    return Hostile(mark, body, "/v1/predict", said)


def csv_text(mark: str, rows: int = 3) -> str:
    lines = [
        ",".join(LEAD),
        *(",".join([f"{mark}{n}", *map(str, list(LEAD.values())[1:])]) for n in range(rows)),
    ]
    return "\n".join(lines) + "\n"


_FILES = (
    "leads.csv",
    "../../leads.csv",
    "/etc/passwd.csv",
    "a\0b.csv",
    "x" * 3000 + ".csv",
    ".csv",
    "",
    "leads.csv.gz",
    "leads.xlsx",
    "leads.duckdb",
    "leads.csv; rm -rf",
    "C:\\\\x.csv",
    "leads.tsv",
    "leads.jsonl",
    "leads.parquet",
    "*.csv",
    "https://u:p@h/x.csv",
    "leads.pkl",
)


@kind
def odd_file_name(mark: str, rng: random.Random) -> Hostile:
    return form(mark, csv_text(mark).encode(), rng.choice(_FILES))


@kind
def odd_csv(mark: str, rng: random.Random) -> Hostile:
    good = csv_text(mark)
    text = rng.choice(
        (
            "",
            "\n",
            good.splitlines()[0],
            good + "x",
            good.replace(",", ";"),
            good + '"' + "x" * 9000,
            good.replace("\n", "\r"),
            good + "a,b\n",
            good.replace("recency_days", "contact_id"),
            good.replace("12", "=cmd|' /C calc'!A0"),
            good.replace("0.4", "1e999"),
            "\0" * 1000,
            good.replace("12", "0x1F"),
            ",".join(f"c{n}" for n in range(5000)) + "\n",
            csv_text(mark, 3000),
            "x" * 900_000,
            good.replace("0.4", "nan"),
            "\ufeff" + good,
            good.replace(mark, "é" * 50),
            good + "total,,,,,,,\n",
            '"' * 50_001,
            good.replace("0.1", ""),
            ",\n" * 9000,
        )
    )
    codec = rng.choice(("utf-8", "utf-8", "utf-16", "cp1252"))
    return form(mark, text.encode(codec, "replace"), "leads.csv")


@kind
def odd_lines(mark: str, rng: random.Random) -> Hostile:
    text = rng.choice(
        (
            "[" * 50_000,
            "{}\n" * 5000,
            json.dumps({**LEAD, "contact_id": mark}) * 3,
            "null\n",
            '{"a":' * 9000,
            json.dumps([LEAD] * 3),
            '{"contact_id": "' + mark + '", "recency_days": {"a": [1]}}\n',
            "1\n2\n",
            json.dumps(LEAD) + "\n" + json.dumps({**LEAD, "recency_days": "x"}) + "\n",
            "\x00",
            '{"a": NaN}\n',
        )
    )
    return form(mark, text.encode(), "leads.jsonl", "application/jsonl")


@kind
def odd_form(mark: str, rng: random.Random) -> Hostile:
    sent = form(mark, csv_text(mark).encode(), "leads.csv")
    part = b"--" + mark.encode() + b'\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n'
    body = rng.choice(
        (
            sent.body[:-9],
            sent.body[: len(sent.body) // 2],
            part * 2000 + sent.body,
            sent.body * 3,
            sent.body.replace(b"\r\n", b"\n"),
            sent.body.replace(b'name="file"', b'name="elif"'),
            b"",
            sent.body.replace(b"Content-Type", b"X-" + b"h" * 60_000),
            sent.body.replace(b"form-data", b"\xff"),
            b"--" + mark.encode() + b"--\r\n",
            b"\r\n" * 9000,
            sent.body[9:],
        )
    )
    headers = rng.choice(
        (
            sent.headers,
            {"Content-Type": "multipart/form-data"},
            {"Content-Type": f"multipart/form-data; boundary={'b' * 300}"},
            {"Content-Type": "multipart/mixed; boundary=" + mark},
        )
    )
    return Hostile(mark, body, "/v1/predict", headers)


@kind
def parquet_bomb(mark: str, rng: random.Random) -> Hostile:
    content = _parquet(rng.choice(("many rows", "a long text", "wide", "good")))
    return form(mark, content, "leads.parquet", "application/octet-stream")


@kind
def broken_parquet(mark: str, rng: random.Random) -> Hostile:
    content = bytearray(_parquet("good"))
    for _ in range(rng.randrange(1, 9)):
        # The footer is at the end: what is said of sizes and places is there.
        place = rng.choice((rng.randrange(len(content)), len(content) - 1 - rng.randrange(600)))
        content[place] = rng.randrange(256)
    if rng.randrange(4) == 0:
        content[-8:-4] = struct.pack("<I", rng.choice((0, 1, 2**31 - 1, 2**32 - 1)))
    cut = rng.choice((len(content), rng.randrange(len(content))))
    return form(mark, bytes(content[:cut]), "leads.parquet", "application/octet-stream")


@kind
def zipped(mark: str, rng: random.Random) -> Hostile:
    content = rng.choice((_zip_bomb(), bomb("a,b\n"), b"\x1f\x8b\x08" + b"\0" * 99))
    file = rng.choice(("leads.csv", "leads.xlsx", "leads.parquet", "leads.jsonl"))
    return form(mark, content, file)


@cache
def _zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<row>" * 4_000_000)
    return packed.getvalue()


@cache
def _parquet(kind: str) -> bytes:
    """Make a file that is small, and much larger once it is read."""
    columns = ", ".join(f"0.25 AS {name}" for name in NUMBERS)
    select = {
        "many rows": f"SELECT 'C1' AS contact_id, {columns} FROM range(5_000_000)",
        "a long text": f"SELECT repeat('x', 100_000_000) AS contact_id, {columns}",
        "wide": "SELECT " + ", ".join(f"1 AS c{n}" for n in range(3000)),
        "good": f"SELECT 'C' || range AS contact_id, {columns} FROM range(50)",
    }[kind]
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "leads.parquet"
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
        return path.read_bytes()
