"""Requests that mean harm, each with a mark of its own: leads, lists, paths, types."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

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

    mark: str
    body: bytes = field(repr=False)
    path: str = "/v1/score"
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    name: str = ""


Make = Callable[[str, random.Random], Hostile]
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
    *(
        "0x10",
        "1_000",
        "1,5",
        "01",
        "+1",
        ".5",
        "5.",
        "1e",
        "--1",
        "1e308",
        "1.7976931348623159e308",
    ),
    *("9" * 30, "9" * 400, "9" * 5000, "1" + "0" * 100_000, "0." + "1" * 50_000, "1e" + "9" * 400),
    *(
        "5e-324",
        "9007199254740993",
        "true",
        "null",
        '"12"',
        '"NaN"',
        '""',
        "[]",
        "{}",
        "[1]",
        '"\\u0000"',
    ),
)


@kind
def odd_number(mark: str, rng: random.Random) -> Hostile:
    text = rng.choice(_ODD_NUMBERS)
    return Hostile(mark, raw_lead(mark, rng.choice(NUMBERS), text), headers=JSON)


@kind
def odd_key(mark: str, rng: random.Random) -> Hostile:
    text = rng.choice(
        (
            '"\\ud800"',
            '"\\u0000"',
            "1e400",
            "9" * 5000,
            "1.5",
            '"' + "k" * 90_000 + '"',
            "[]",
            "{}",
            "true",
            '"\\u202e"',
            '"<script>"',
            "-0",
            "null",
        )
    )
    return Hostile(mark, raw_lead(mark, "contact_id", text), headers=JSON)


@kind
def nested(mark: str, rng: random.Random) -> Hostile:
    depth = rng.choice((10, 200, 1000, 5000, 100_000, 400_000))
    opening, closing = rng.choice((("[", "]"), ('{"leads":', "}"), ('{"a":[', "]}")))
    text = opening * depth + "1" + closing * depth * rng.randrange(2)
    body = text.encode()[: rng.choice((900_000, 1_200_000))]
    if rng.randrange(2):
        body = raw_lead(mark, rng.choice(NUMBERS), body[:900_000].decode())
    return Hostile(mark, body, headers=JSON)


@kind
def sized(mark: str, rng: random.Random) -> Hostile:
    size = rng.choice((0, 1, 2, 1000, 65_535, 65_536, 2**20 - 1, 2**20, 2**20 + 1, 2**21))
    filler = rng.choice((b" ", b"\0", b"{", b'"', b"\xff", b"1", b"\n"))
    text = lead(mark)
    body = (text + filler * size)[: max(size, 1)] if rng.randrange(2) else filler * size
    return Hostile(mark, body, headers=JSON)


@kind
def encoded(mark: str, rng: random.Random) -> Hostile:
    codec = rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-7", "cp037", "utf-8-sig", "latin-1"))
    text = json.dumps({**LEAD, "contact_id": mark + "é"}, ensure_ascii=False)
    charset = rng.choice(("", f"; charset={codec}", "; charset=nonsense"))
    return Hostile(mark, text.encode(codec), headers={"Content-Type": f"application/json{charset}"})


@kind
def broken_text(mark: str, rng: random.Random) -> Hostile:
    body = bytearray(lead(mark))
    for _ in range(rng.randrange(1, 6)):
        body[rng.randrange(len(body))] = rng.randrange(256)
    return Hostile(
        mark, bytes(body[: rng.choice((len(body), rng.randrange(len(body))))]), headers=JSON
    )


@kind
def many_names(mark: str, rng: random.Random) -> Hostile:
    count = rng.choice((10, 1000, 20_000))
    odd = rng.choice(("__proto__", "__class__", "leads", "contact_id", "a.b", "a/b~c", "", "\0"))
    names = {f"{odd}{n if n else ''}": mark for n in range(count)}
    return Hostile(mark, lead(mark, **names)[: 2**20], headers=JSON)


@kind
def twice(mark: str, rng: random.Random) -> Hostile:
    pairs = ", ".join(f'"{rng.choice(NUMBERS)}": {rng.random()}' for _ in range(500))
    return Hostile(mark, f'{{"contact_id": "{mark}", {pairs}}}'.encode(), headers=JSON)


@kind
def odd_list(mark: str, rng: random.Random) -> Hostile:
    one = {**LEAD, "contact_id": mark}
    leads: Any = rng.choice(
        (
            [],
            None,
            {},
            "x",
            7,
            [None],
            [[]],
            [one, 7],
            [one] * 3,
            [{}] * 10_001,
            [one] * 3000,
            [{"leads": [one]}],
            {"leads": [one]},
            [mark] * 100,
            [{mark: 1}] * 200,
        )
    )
    document = rng.choice(({"leads": leads}, leads, {"leads": leads, "other": 1}))
    return Hostile(mark, json.dumps(document).encode(), headers=JSON)


@kind
def packed(mark: str, rng: random.Random) -> Hostile:
    coding = rng.choice(("gzip", "deflate", "gzip, gzip", "br", "zstd", "x-gzip"))
    pack = zlib.compress if coding == "deflate" else gzip.compress
    body = pack(lead(mark)) if rng.randrange(2) else bomb(" ")
    path = rng.choice(("/v1/score", "/v1/predict"))
    return Hostile(mark, body[: 2**20], path, {**JSON, "Content-Encoding": coding})


@kind
def odd_type(mark: str, rng: random.Random) -> Hostile:
    said = rng.choice(
        (
            "",
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "*/*",
            "é",
            "application/json;" * 500,
            "image/png",
            "text/csv",
        )
    )
    headers = {"Content-Type": said.encode("ascii", "replace").decode()} if said else {}
    accept = rng.choice(("", "text/html", "a" * 5000, "*/*;q=nan", "application/json"))
    headers |= {"Accept": accept} if accept else {}
    return Hostile(mark, lead(mark), rng.choice(("/v1/score", "/v1/predict")), headers)


_PATHS = (
    *("/v1/model/sql?dialect=%00", "/v1/model/sql?dialect=duckdb&table=x%22;DROP%20TABLE%20y;--"),
    *(
        "/v1/model/sql?table=" + "t" * 9000,
        "/v1/model/sql?table=%F0%9F%92%A9",
        "/v1/model/sql?table=",
    ),
    *(
        "/v1//score",
        "/v1/score/",
        "/v1/../v1/score",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2fx",
    ),
    *(
        "/assets/../app.py",
        "/assets/%00",
        "/v1/people/%00",
        "/v1/people/" + "x" * 5000,
        "/v1/admin",
    ),
    *("/v1/score?contributions=" + "1" * 9000, "/v1/score?contributions=true&contributions=false"),
    *(
        "/v1/predict?format=../../x",
        "/v1/predict?columns=" + "a," * 4000,
        "/v1/predict?columns=%00",
    ),
    *(
        "/?" + "a=b&" * 5000,
        "/openapi.json?%ff",
        "/metrics?x",
        "/docs/..",
        "/v1/model%2fsql",
        "/%ff%fe",
    ),
)


@kind
def odd_path(mark: str, rng: random.Random) -> Hostile:
    method = rng.choice(("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"))
    return Hostile(mark, lead(mark), rng.choice(_PATHS), {**JSON, "X-Mark": mark}, method)


@cache
def bomb(text: str) -> bytes:
    return gzip.compress(text.encode() * (40_000_000 // len(text)), 1)
