"""What is said of the dialects: all of them, in each of three forms, and nothing that is not so."""

import json
import re

from leadweights.sql.dialects import DIALECTS
from leadweights.tables.engines.registry import ENGINES
from tests.support.commands import invoke


def printed(*options: str) -> str:
    done = invoke(["dialects", *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_text_has_a_line_for_each_dialect_and_what_else_there_is_to_say() -> None:
    text = printed()
    first = re.findall(r"^(\w+)", text, flags=re.MULTILINE)
    assert first == ["dialect", *DIALECTS]
    assert all(len(line) <= 150 and line == line.rstrip() for line in text.splitlines())
    (sqlite,) = re.findall(r"^sqlite .*\n((?: .*\n)+)", text, flags=re.MULTILINE)
    assert sqlite.strip() == "cannot: casefold"
    (oracle,) = re.findall(r"^oracle .*\n((?: .*\n)+)", text, flags=re.MULTILINE)
    assert "unsure: how exactly a literal is read; " in oracle
    assert "names up to: 128 bytes" in oracle


def test_the_document_says_the_same_for_programs() -> None:
    document = json.loads(printed("--json"))["dialects"]
    assert [entry["dialect"] for entry in document] == list(DIALECTS)
    by_name = {entry["dialect"]: entry for entry in document}
    assert by_name["duckdb"]["engines"] == ["duckdb"]
    assert by_name["duckdb"]["longest_name"] is None
    assert by_name["risingwave"]["cannot"] == ["casefold"]
    assert by_name["tsql"] == {
        "dialect": "tsql",
        "engines": [],
        "checked": ["literals", "REGEXP_LIKE, which is too new"],
        "unsure": ["how exactly a literal is read", "whether steps are folded"],
        "longest_name": 128,
        "name_unit": "characters",
        "cannot": ["numbers in texts", "CASE in CASE 11 deep"],
    }


def test_no_engine_is_named_that_there_is_not() -> None:
    for entry in json.loads(printed("--json"))["dialects"]:
        assert set(entry["engines"]) <= set(ENGINES)
        assert entry["checked"]


def test_the_table_has_as_many_cells_in_each_row() -> None:
    rows = printed("--format", "markdown").splitlines()
    assert len(rows) == len(DIALECTS) + 2
    assert {row.count("|") for row in rows} == {7}
