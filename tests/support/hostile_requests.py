"""Two thousand requests that mean harm, each with a mark of its own; the same on every run."""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

COUNT = 2000
LEAD: dict[str, Any] = {
    "contact_id": "C1",
    "recency_days": 12,
    "fatigue_score": 0.4,
    "sentiment_score": -0.3,
    "engagement_rate_30d": 0.5,
    "reply_rate_90d": 0.2,
    "opt_out_risk": 0.1,
    "mms_affinity": 0.6,
}
NUMBERS = [name for name in LEAD if name != "contact_id"]
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Hostile:
    """One request: what is sent where, and the mark that no other answer may have."""

    name: str
    mark: str
    body: bytes = field(repr=False)
    path: str = "/v1/score"
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"


def hostile_requests(count: int = COUNT) -> Iterator[Hostile]:
    """Draw requests of all kinds in turn."""
    for number in range(count):
        rng = random.Random(number)
        name, make = KINDS[number % len(KINDS)]
        yield make(name, f"mark{number:05}q", rng)


Make = Callable[[str, str, random.Random], Hostile]
KINDS: list[tuple[str, Make]] = []


def kind(make: Make) -> Make:
    KINDS.append((make.__name__, make))
    return make


def lead(mark: str, **other: Any) -> bytes:
    return json.dumps({**LEAD, "contact_id": mark, **other}).encode()


def raw_lead(mark: str, name: str, text: str) -> bytes:
    """Write a lead with a value that json.dumps would not write."""
    return lead(mark, **{name: "@@"}).replace(b'"@@"', text.encode("utf-8", "surrogatepass"))


_ODD_NUMBERS = (
    *("NaN", "Infinity", "-Infinity", "nan", "inf", "1e999", "-1e999", "1e-999", "-0", "-0.0"),
    *("0x10", "1_000", "1,5", "01", "+1", ".5", "5.", "1e", "--1", "1e308", "1.7976931348623159e308"),
    *("9" * 30, "9" * 400, "9" * 5000, "1" + "0" * 100_000, "0." + "1" * 50_000, "1e" + "9" * 400),
    *("5e-324", "9007199254740993", "true", "null", '"12"', '"NaN"', '""', "[]", "{}", "[1]", '"\\u0000"'),
)  # fmt: skip


@kind
def odd_number(name: str, mark: str, rng: random.Random) -> Hostile:
    text = rng.choice(_ODD_NUMBERS)
    return Hostile(name, mark, raw_lead(mark, rng.choice(NUMBERS), text), headers=JSON)


@kind
def odd_key(name: str, mark: str, rng: random.Random) -> Hostile:
    text = rng.choice(('"\\ud800"', '"\\u0000"', "1e400", "9" * 5000, "1.5", '"' + "k" * 90_000 + '"',
                       "[]", "{}", "true", '"\\u202e"', '"<script>"', "-0", "null"))  # fmt: skip
    return Hostile(name, mark, raw_lead(mark, "contact_id", text), headers=JSON)


@kind
def nested(name: str, mark: str, rng: random.Random) -> Hostile:
    depth = rng.choice((10, 200, 1000, 5000, 100_000, 400_000))
    opening, closing = rng.choice((("[", "]"), ('{"leads":', "}"), ('{"a":[', "]}")))
    text = opening * depth + "1" + closing * depth * rng.randrange(2)
    body = text.encode()[: rng.choice((900_000, 1_200_000))]
    if rng.randrange(2):
        body = raw_lead(mark, rng.choice(NUMBERS), body[:900_000].decode())
    return Hostile(name, mark, body, headers=JSON)


@kind
def sized(name: str, mark: str, rng: random.Random) -> Hostile:
    size = rng.choice((0, 1, 2, 1000, 65_535, 65_536, 2**20 - 1, 2**20, 2**20 + 1, 2**21))
    filler = rng.choice((b" ", b"\0", b"{", b'"', b"\xff", b"1", b"\n"))
    text = lead(mark)
    body = (text + filler * size)[: max(size, 1)] if rng.randrange(2) else filler * size
    return Hostile(name, mark, body, headers=JSON)


@kind
def encoded(name: str, mark: str, rng: random.Random) -> Hostile:
    codec = rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-7", "cp037", "utf-8-sig", "latin-1"))
    text = json.dumps({**LEAD, "contact_id": mark + "é"}, ensure_ascii=False)
    charset = rng.choice(("", f"; charset={codec}", "; charset=nonsense"))
    return Hostile(
        name, mark, text.encode(codec), headers={"Content-Type": f"application/json{charset}"}
    )


@kind
def broken_text(name: str, mark: str, rng: random.Random) -> Hostile:
    body = bytearray(lead(mark))
    for _ in range(rng.randrange(1, 6)):
        body[rng.randrange(len(body))] = rng.randrange(256)
    return Hostile(
        name, mark, bytes(body[: rng.choice((len(body), rng.randrange(len(body))))]), headers=JSON
    )


@kind
def many_names(name: str, mark: str, rng: random.Random) -> Hostile:
    count = rng.choice((10, 1000, 20_000))
    odd = rng.choice(("__proto__", "__class__", "leads", "contact_id", "a.b", "a/b~c", "", "\0"))
    names = {f"{odd}{n if n else ''}": mark for n in range(count)}
    return Hostile(name, mark, lead(mark, **names)[: 2**20], headers=JSON)


@kind
def twice(name: str, mark: str, rng: random.Random) -> Hostile:
    pairs = ", ".join(f'"{rng.choice(NUMBERS)}": {rng.random()}' for _ in range(500))
    return Hostile(name, mark, f'{{"contact_id": "{mark}", {pairs}}}'.encode(), headers=JSON)


@kind
def odd_list(name: str, mark: str, rng: random.Random) -> Hostile:
    one = {**LEAD, "contact_id": mark}
    leads: Any = rng.choice(
        ([], None, {}, "x", 7, [None], [[]], [one, 7], [one] * 3, [{}] * 10_001, [one] * 3000,
         [{"leads": [one]}], {"leads": [one]}, [mark] * 100, [{mark: 1}] * 200)
    )  # fmt: skip
    document = rng.choice(({"leads": leads}, leads, {"leads": leads, "other": 1}))
    return Hostile(name, mark, json.dumps(document).encode(), headers=JSON)


@kind
def packed(name: str, mark: str, rng: random.Random) -> Hostile:
    coding = rng.choice(("gzip", "deflate", "gzip, gzip", "br", "zstd", "x-gzip"))
    pack = zlib.compress if coding == "deflate" else gzip.compress
    body = pack(lead(mark)) if rng.randrange(2) else _bomb(" ")
    path = rng.choice(("/v1/score", "/v1/predict"))
    return Hostile(name, mark, body[: 2**20], path, {**JSON, "Content-Encoding": coding})


@kind
def odd_type(name: str, mark: str, rng: random.Random) -> Hostile:
    said = rng.choice(("", "text/plain", "application/xml", "application/x-www-form-urlencoded",
                       "multipart/form-data", "multipart/form-data; boundary=", "*/*", "é",
                       "application/json;" * 500, "image/png", "text/csv"))  # fmt: skip
    headers = {"Content-Type": said.encode("ascii", "replace").decode()} if said else {}
    accept = rng.choice(("", "text/html", "a" * 5000, "*/*;q=nan", "application/json"))
    headers |= {"Accept": accept} if accept else {}
    return Hostile(name, mark, lead(mark), rng.choice(("/v1/score", "/v1/predict")), headers)


_PATHS = (
    *("/v1/model/sql?dialect=%00", "/v1/model/sql?dialect=duckdb&table=x%22;DROP%20TABLE%20y;--"),
    *("/v1/model/sql?table=" + "t" * 9000, "/v1/model/sql?table=%F0%9F%92%A9", "/v1/model/sql?table="),
    *("/v1//score", "/v1/score/", "/v1/../v1/score", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fx"),
    *("/assets/../app.py", "/assets/%00", "/v1/people/%00", "/v1/people/" + "x" * 5000, "/v1/admin"),
    *("/v1/score?contributions=" + "1" * 9000, "/v1/score?contributions=true&contributions=false"),
    *("/v1/predict?format=../../x", "/v1/predict?columns=" + "a," * 4000, "/v1/predict?columns=%00"),
    *("/?" + "a=b&" * 5000, "/openapi.json?%ff", "/metrics?x", "/docs/..", "/v1/model%2fsql", "/%ff%fe"),
)  # fmt: skip


@kind
def odd_path(name: str, mark: str, rng: random.Random) -> Hostile:
    method = rng.choice(("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"))
    return Hostile(name, mark, lead(mark), rng.choice(_PATHS), {**JSON, "X-Mark": mark}, method)


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
    return Hostile("form", mark, body, "/v1/predict", said)


def csv_text(mark: str, rows: int = 3) -> str:
    lines = [
        ",".join(LEAD),
        *(",".join([f"{mark}{n}", *map(str, list(LEAD.values())[1:])]) for n in range(rows)),
    ]
    return "\n".join(lines) + "\n"


_FILES = ("leads.csv", "../../leads.csv", "/etc/passwd.csv", "a\0b.csv", "x" * 3000 + ".csv", ".csv", "",
          "leads.csv.gz", "leads.xlsx", "leads.duckdb", "leads.csv; rm -rf", "C:\\\\x.csv", "leads.tsv",
          "leads.jsonl", "leads.parquet", "*.csv", "https://u:p@h/x.csv", "leads.pkl")  # fmt: skip


@kind
def odd_file_name(name: str, mark: str, rng: random.Random) -> Hostile:
    return form(mark, csv_text(mark).encode(), rng.choice(_FILES))


@kind
def odd_csv(name: str, mark: str, rng: random.Random) -> Hostile:
    good = csv_text(mark)
    text = rng.choice(
        ("", "\n", good.splitlines()[0], good + "x", good.replace(",", ";"), good + '"' + "x" * 9000,
         good.replace("\n", "\r"), good + "a,b\n", good.replace("recency_days", "contact_id"),
         good.replace("12", "=cmd|' /C calc'!A0"), good.replace("0.4", "1e999"), "\0" * 1000,
         good.replace("12", "0x1F"), ",".join(f"c{n}" for n in range(5000)) + "\n", csv_text(mark, 3000),
         "x" * 900_000, good.replace("0.4", "nan"), "\ufeff" + good, good.replace(mark, "é" * 50),
         good + "total,,,,,,,\n", '"' * 50_001, good.replace("0.1", ""), ",\n" * 9000)
    )  # fmt: skip
    codec = rng.choice(("utf-8", "utf-8", "utf-16", "cp1252"))
    return form(mark, text.encode(codec, "replace"), "leads.csv")


@kind
def odd_lines(name: str, mark: str, rng: random.Random) -> Hostile:
    text = rng.choice(
        ("[" * 50_000, "{}\n" * 5000, json.dumps({**LEAD, "contact_id": mark}) * 3, "null\n", '{"a":' * 9000,
         json.dumps([LEAD] * 3), '{"contact_id": "' + mark + '", "recency_days": {"a": [1]}}\n', "1\n2\n",
         json.dumps(LEAD) + "\n" + json.dumps({**LEAD, "recency_days": "x"}) + "\n", "\x00", '{"a": NaN}\n')
    )  # fmt: skip
    return form(mark, text.encode(), "leads.jsonl", "application/jsonl")


@kind
def odd_form(name: str, mark: str, rng: random.Random) -> Hostile:
    sent = form(mark, csv_text(mark).encode(), "leads.csv")
    part = b"--" + mark.encode() + b'\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n'
    body = rng.choice(
        (sent.body[:-9], sent.body[: len(sent.body) // 2], part * 2000 + sent.body, sent.body * 3,
         sent.body.replace(b"\r\n", b"\n"), sent.body.replace(b'name="file"', b'name="elif"'), b"",
         sent.body.replace(b"Content-Type", b"X-" + b"h" * 60_000), sent.body.replace(b"form-data", b"\xff"),
         b"--" + mark.encode() + b"--\r\n", b"\r\n" * 9000, sent.body[9:])
    )  # fmt: skip
    headers = rng.choice((sent.headers, {"Content-Type": "multipart/form-data"},
                          {"Content-Type": f"multipart/form-data; boundary={'b' * 300}"},
                          {"Content-Type": "multipart/mixed; boundary=" + mark}))  # fmt: skip
    return Hostile(name, mark, body, "/v1/predict", headers)


@kind
def parquet_bomb(name: str, mark: str, rng: random.Random) -> Hostile:
    content = _parquet(rng.choice(("many rows", "a long text", "wide", "good")))
    return form(mark, content, "leads.parquet", "application/octet-stream")


@kind
def broken_parquet(name: str, mark: str, rng: random.Random) -> Hostile:
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
def zipped(name: str, mark: str, rng: random.Random) -> Hostile:
    content = rng.choice((_zip_bomb(), _bomb("a,b\n"), b"\x1f\x8b\x08" + b"\0" * 99))
    file = rng.choice(("leads.csv", "leads.xlsx", "leads.parquet", "leads.jsonl"))
    return form(mark, content, file)


@cache
def _bomb(text: str) -> bytes:
    return gzip.compress(text.encode() * (40_000_000 // len(text)), 1)


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
