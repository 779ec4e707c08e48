"""A file of leads, scored by the model's SELECT in DuckDB; nothing of it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from threading import Event
from typing import BinaryIO

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from leadweights.errors import LeadweightsError
from leadweights.files.temporary import open_temporary_folder
from leadweights.serve.answers import count_rows, taken
from leadweights.serve.in_force import InForce
from leadweights.serve.problems import GONE, Problem

MOST_ROWS = 1_000_000
"""How many rows an upload may have unless it is said otherwise."""
MOST_AT_ONCE = 2
"""How many uploads are scored at once: each takes memory of its own, and all the cores."""

_PIECE = 2**18
_ENDINGS = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/vnd.apache.parquet": ".parquet",
    "application/parquet": ".parquet",
    "application/x-parquet": ".parquet",
    "application/jsonl": ".jsonl",
    "application/x-jsonlines": ".jsonl",
    "application/x-ndjson": ".jsonl",
}
_READ = (".csv", ".tsv", ".parquet", ".jsonl")
_ALIKE = {".ndjson": ".jsonl"}
_WRITTEN = {
    "csv": ("scores.csv", "text/csv; charset=utf-8"),
    "parquet": ("scores.parquet", "application/vnd.apache.parquet"),
    "json": ("scores.jsonl", "application/json"),
}
_ACCEPTED = {
    "text/csv": "csv",
    "application/vnd.apache.parquet": "parquet",
    "application/parquet": "parquet",
    "application/x-parquet": "parquet",
    "application/json": "json",
    "application/*": "json",
    "*/*": "json",
}

router = APIRouter(prefix="/v1", tags=["scoring"])


class _GoneError(Exception):
    """Who asked is no longer there."""


class _Scores(StreamingResponse):
    """Sends a file of a folder that is removed then, or when who asked goes away."""

    def __init__(self, pieces: Iterator[bytes], folder: TemporaryDirectory[str], kind: str) -> None:
        super().__init__(pieces, media_type=kind)
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await asyncio.shield(asyncio.to_thread(self._folder.cleanup))


@router.post("/predict")
async def predict(request: Request) -> Response:
    """Score a file of leads: CSV, TSV, Parquet or JSON lines, in a form or as the body."""
    own, wanted = taken(request), choose_format(request)
    columns = _choose_columns(request)
    folder = await asyncio.to_thread(open_temporary_folder)
    try:
        path = await _receive(request, Path(folder.name))
        async with request.app.state.uploads, _watched(request) as gone:
            most = request.app.state.max_rows
            work = asyncio.create_task(
                asyncio.to_thread(_score, own, path, wanted, columns, most, gone)
            )
            try:
                rows, refused = await asyncio.shield(work)
            except asyncio.CancelledError:  # the folder is removed when nobody writes into it
                gone.set()
                await asyncio.gather(work, return_exceptions=True)
                raise
        await asyncio.to_thread(path.unlink)
        count_rows(request, rows, refused)
        name, media_type = _WRITTEN[wanted]
        scores = path.parent / name
        pieces = _as_document(scores, own, rows) if wanted == "json" else _pieces(scores)
        return _Scores(pieces, folder, media_type)
    except BaseException:
        await asyncio.shield(asyncio.to_thread(folder.cleanup))
        raise


def choose_format(request: Request) -> str:
    """Say in what the answer is written: `?format=`, else what is accepted first, else JSON."""
    asked = request.query_params.get("format")
    if asked is not None:
        if asked not in _WRITTEN:
            raise Problem(422, f"a format is {', '.join(_WRITTEN)}")
        return asked
    accepted = request.headers.get("accept", "*/*")
    kinds = [part.partition(";")[0].strip().lower() for part in accepted.split(",")]
    found = [_ACCEPTED[kind] for kind in kinds if kind in _ACCEPTED]
    if not found:
        raise Problem(406, "an answer is application/json, text/csv or Parquet")
    return found[0]


def _choose_columns(request: Request) -> tuple[str, ...] | None:
    asked = request.query_params.get("columns")
    return None if asked is None else tuple(name for name in asked.split(",") if name)


async def _receive(request: Request, folder: Path) -> Path:
    """Write what is sent into a folder, under a name of ours, piece by piece."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _receive_form(request, folder)
    if kind not in _ENDINGS:
        raise Problem(415, f"send a form with a field `file`, or a body of {', '.join(_ENDINGS)}")
    path = folder / f"leads{_ENDINGS[kind]}"
    with path.open("wb") as file:
        async for piece in request.stream():
            await asyncio.to_thread(file.write, piece)
    return path


async def _receive_form(request: Request, folder: Path) -> Path:
    try:
        form = await request.form(max_files=1, max_fields=10)
    except MultiPartException as problem:
        raise Problem(400, problem.message) from None
    try:
        sent = form.get("file")
        if not isinstance(sent, UploadFile):
            raise Problem(422, "the form has no file in its field `file`")
        ending = Path(sent.filename or "").suffix.lower()
        ending = _ALIKE.get(ending, ending)
        if ending not in _READ:
            ending = _ENDINGS.get((sent.content_type or "").partition(";")[0].strip().lower(), "")
        if not ending:
            raise Problem(415, f"the name of the file ends in none of {', '.join(_READ)}")
        path = folder / f"leads{ending}"
        await asyncio.to_thread(_copy, sent.file, path)
    finally:
        await form.close()
    return path


def _copy(source: BinaryIO, path: Path) -> None:
    with path.open("wb") as file:
        copyfileobj(source, file, _PIECE)


@asynccontextmanager
async def _watched(request: Request) -> AsyncIterator[Event]:
    """Give an event that is set when who asked goes away."""
    gone = Event()

    async def watch() -> None:
        while not gone.is_set():
            if (await request.receive())["type"] == "http.disconnect":
                gone.set()

    watching = asyncio.create_task(watch())
    try:
        yield gone
    finally:
        gone.set()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def _score(
    own: InForce,
    path: Path,
    wanted: str,
    columns: tuple[str, ...] | None,
    max_rows: int,
    gone: Event,
) -> tuple[int, int]:
    """Score a file into another; give how many rows it has, and how many without consent.

    Raises Problem, whose words have no name of our folder.
    """
    from leadweights.scoring.score import score_to_file
    from leadweights.tables.write import count_written

    names = own.results if columns is None else columns
    target = path.parent / _WRITTEN[wanted][0]

    def look(_: float) -> None:
        if gone.is_set():
            raise _GoneError

    def check(rows: int) -> None:
        if rows > max_rows:
            raise Problem(413, f"the file has {rows:,} rows, and may have {max_rows:,}")

    try:
        rows = score_to_file(
            own.model, path, target, columns=names, progress=look, check_rows=check
        )
        refused = count_written(target, "status", "no_consent") if "status" in names else 0
        return rows, refused
    except _GoneError:
        raise Problem(GONE, "who asked is gone") from None
    except LeadweightsError as problem:
        said = str(problem).replace(str(path), "the file").replace(str(path.parent), "")
        raise Problem(422, said) from None


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _as_document(path: Path, own: InForce, rows: int) -> Iterator[bytes]:
    """Write JSON lines as one document, piece by piece."""
    yield b'{"model":%b,"rows":%d,"results":[' % (to_json(own.stamp), rows)
    with path.open("rb") as file:
        lines, behind = list[bytes](), b""
        size = 0
        for line in file:
            lines.append(line.rstrip(b"\n"))
            size += len(line)
            if size >= _PIECE:
                yield behind + b",".join(lines)
                lines, behind, size = [], b",", 0
        if lines:
            yield behind + b",".join(lines)
    yield b"]}"
