"""Files of leads: scored by the SELECT, answered as asked, and gone afterwards."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest
from starlette.testclient import TestClient

import leadweights as lw
from leadweights.formula.sources import sources
from leadweights.formula.stages import row_outputs
from leadweights.model.file import load
from leadweights.serve.app import make_app
from leadweights.serve.service import Service
from leadweights.tables.cancellable import still_working
from tests.support.golden_files import deciding_model

MODEL, VALID = "outputs/model.json", "data/valid.csv"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the place of temporary files, of this test alone."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    return place


@pytest.fixture
def asked(folder: Path) -> Iterator[TestClient]:
    with TestClient(make_app(Service.of_model(MODEL))) as client:
        yield client
    assert not any(folder.iterdir())


def written(folder: Path, ending: str) -> bytes:
    """Write the example's rows in a format, by DuckDB."""
    path = folder.parent / f"rows{ending}"
    how = {
        ".csv": "FORMAT csv, HEADER",
        ".tsv": "FORMAT csv, HEADER, DELIMITER '\t'",
        ".parquet": "FORMAT parquet",
        ".jsonl": "FORMAT json",
    }
    duckdb.execute(f"COPY (SELECT * FROM '{VALID}') TO '{path}' ({how[ending]})")
    return path.read_bytes()


def scores_without_service() -> list[dict[str, Any]]:
    found = lw.score(load(MODEL), VALID)
    return [dict(zip(found.columns, row, strict=True)) for row in found.values.tolist()]


KINDS = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".parquet": "application/vnd.apache.parquet",
    ".jsonl": "application/x-ndjson",
}


@pytest.mark.parametrize("ending", KINDS)
def test_every_format_is_read_from_a_form_and_from_a_body(
    asked: TestClient, folder: Path, ending: str
) -> None:
    expected = scores_without_service()
    names = ",".join(name for name in expected[0] if name != "contact_id")
    content = written(folder, ending)
    form = asked.post(
        f"/v1/predict?columns={names}", files={"file": (f"My Leads{ending.upper()}", content)}
    )
    body = asked.post(
        f"/v1/predict?columns={names}", content=content, headers={"content-type": KINDS[ending]}
    )
    for answer in (form, body):
        assert answer.status_code == 200, answer.text
        document = answer.json()
        assert document["model"]["sha256"] == answer.headers["leadweights-model-sha256"]
        assert document["rows"] == len(expected) == 1200
        assert document["results"] == expected


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("", "*/*", "application/json"),
        ("", "text/csv", "text/csv; charset=utf-8"),
        ("", "image/png, application/vnd.apache.parquet;q=0.9", "application/vnd.apache.parquet"),
        ("?format=csv", "application/json", "text/csv; charset=utf-8"),
        ("?format=parquet", "*/*", "application/vnd.apache.parquet"),
    ],
)
def test_the_answer_is_written_as_asked(
    asked: TestClient, tmp_path: Path, query: str, accept: str, kind: str
) -> None:
    answer = asked.post(
        f"/v1/predict{query}",
        files={"file": ("leads.csv", Path(VALID).read_bytes())},
        headers={"accept": accept},
    )
    assert answer.headers["content-type"] == kind
    path = tmp_path / "scores"
    path.write_bytes(answer.content)
    readers: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "application/json": lambda: answer.json()["results"],
        "text/csv; charset=utf-8": lambda: read_rows(f"read_csv('{path}')"),
        "application/vnd.apache.parquet": lambda: read_rows(f"read_parquet('{path}')"),
    }
    rows = readers[kind]()
    assert len(rows) == 1200
    alone = asked.post("/v1/score", json=lead_of(rows[0]["contact_id"])).json()["results"][0]
    for name in ("contact_id", "lead_score", "log_odds", "probability", "score_100", "band"):
        assert rows[0][name] == alone[name]
    assert rows[0]["reason_1"] == alone["reasons"][0]["reason"]


def read_rows(table: str) -> list[dict[str, Any]]:
    found = duckdb.execute(f"SELECT * FROM {table}")
    names = [name for name, *_ in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def lead_of(key: str) -> dict[str, Any]:
    """Read one row of the example, but for its label."""
    (row,) = read_rows(f"'{VALID}' WHERE contact_id = '{key}'")
    names = {*(column.name for column in load(MODEL).columns), "contact_id"}
    return {name: value for name, value in row.items() if name in names}


@pytest.mark.parametrize(
    ("content", "kind", "status", "said"),
    [
        (b"", "text/csv", 422, "the file is empty"),
        (b"a,b\n1,2\n", "text/csv", 422, "the file has no column 'contact_id'"),
        (b"not parquet", "application/parquet", 422, "cannot read the file"),
        (b"{}", "application/pdf", 415, "send a form with a field `file`"),
        (b"{}", "", 415, "send a form with a field `file`"),
        (b"--x", "multipart/form-data", 400, "boundary"),
    ],
)
def test_what_cannot_be_scored_is_a_problem_that_names_no_place_of_ours(
    asked: TestClient, folder: Path, content: bytes, kind: str, status: int, said: str
) -> None:
    answer = asked.post("/v1/predict", content=content, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert str(folder) not in answer.text
    assert "leadweights-" not in answer.text.replace("leadweights-model", "")


def test_a_form_without_a_file_or_with_a_strange_one_is_a_problem(asked: TestClient) -> None:
    no_file = asked.post("/v1/predict", data={"file": "a"}, files={"other": ("a.csv", b"a")})
    assert no_file.status_code == 422
    strange = asked.post("/v1/predict", files={"file": ("../../a.exe", b"a")})
    assert strange.status_code == 415
    many = asked.post("/v1/predict", files=[("file", ("a.csv", b"a"))] * 2)
    assert many.status_code == 400


def test_a_value_of_another_kind_is_told_with_its_line(asked: TestClient) -> None:
    lines = Path(VALID).read_text().splitlines()
    place = lines[0].split(",").index("recency_days")
    cells = lines[2].split(",")
    cells[place] = "soon"
    lines[2] = ",".join(cells)
    answer = asked.post("/v1/predict", files={"file": ("leads.csv", "\n".join(lines).encode())})
    assert answer.status_code == 422
    assert "recency_days" in answer.json()["detail"]
    assert "line 3" in answer.json()["detail"]


def test_more_rows_than_may_be_are_refused(folder: Path) -> None:
    with TestClient(make_app(Service.of_model(MODEL), max_rows=1199)) as asked:
        answer = asked.post("/v1/predict", files={"file": ("leads.csv", Path(VALID).read_bytes())})
    assert answer.status_code == 413
    assert answer.json()["detail"] == "the file has 1,200 rows, and may have 1,199"
    assert not any(folder.iterdir())


def test_formats_and_columns_there_are_not_are_refused(asked: TestClient) -> None:
    file = {"file": ("leads.csv", Path(VALID).read_bytes())}
    assert asked.post("/v1/predict?format=xml", files=file).status_code == 422
    assert asked.post("/v1/predict", files=file, headers={"accept": "image/png"}).status_code == 406
    answer = asked.post("/v1/predict?columns=lead_score,nope", files=file)
    assert answer.status_code == 422
    assert "'nope'" in answer.json()["detail"]


def test_ranks_of_an_upload_are_given_when_asked(asked: TestClient) -> None:
    file = {"file": ("leads.csv", Path(VALID).read_bytes())}
    rows = asked.post("/v1/predict?columns=log_odds,rank", files=file).json()["results"]
    by_rank = sorted(rows, key=lambda row: row["rank"])
    assert [row["rank"] for row in by_rank] == list(range(1, 1201))
    log_odds = [row["log_odds"] for row in by_rank]
    assert log_odds == sorted(log_odds, reverse=True)


def test_rows_without_consent_are_counted(folder: Path) -> None:
    model = deciding_model()
    assert model.decisions.consent is not None
    column, yes = model.decisions.consent.column, model.decisions.consent.yes
    agreed = yes[0] if yes else True
    names = {*sources(model, row_outputs(model, "standardized")), *model.keys}
    rows = [
        dict.fromkeys(names) | {"id": str(n), column: agreed if n < 3 else None} for n in range(5)
    ]
    lines = "\n".join(map(json.dumps, rows)).encode()
    with TestClient(make_app(Service.of_model(model))) as asked:
        answer = asked.post("/v1/predict", files={"file": ("leads.jsonl", io.BytesIO(lines))})
        assert answer.status_code == 200, answer.text
        statuses = [row["status"] for row in answer.json()["results"]]
        for other in ("csv", "parquet"):
            file = {"file": ("leads.jsonl", io.BytesIO(lines))}
            assert asked.post(f"/v1/predict?format={other}", files=file).status_code == 200
        counted = asked.get("/metrics").text
    assert statuses == ["scored"] * 3 + ["no_consent"] * 2
    assert 'leadweights_rows_total{status="no_consent"} 6.0' in counted
    assert 'leadweights_rows_total{status="scored"} 9.0' in counted
    assert not any(folder.iterdir())


def test_an_upload_that_is_cancelled_leaves_nothing(folder: Path) -> None:
    """The server ends while a file is scored: the work is broken off, then the folder removed."""
    content = Path(VALID).read_bytes()
    head, rows = content.split(b"\n", 1)
    app = make_app(Service.of_model(MODEL))
    kind = [(b"content-type", b"text/csv")]
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/v1/predict",
        "headers": kind,
    }
    scope |= {"query_string": b"", "http_version": "1.1", "scheme": "http", "root_path": ""}
    messages = [{"type": "http.request", "body": head + b"\n" + rows * 200, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(message: Any) -> None:
        raise AssertionError(message)

    async def cancel_while_scored() -> None:
        task = asyncio.create_task(app(scope, receive, send))
        while not still_working():
            assert not task.done()
            await asyncio.sleep(0.005)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()
        deadline = time.monotonic() + 30
        while still_working():  # what DuckDB cannot break off goes on to its end, in no folder
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)

    asyncio.run(cancel_while_scored())
    assert not any(folder.iterdir())
