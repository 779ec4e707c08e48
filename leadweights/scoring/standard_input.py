"""Leads from standard input, as JSON or CSV: in a file for as long as they are read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from leadweights.errors import LeadweightsError, TableError
from leadweights.files.temporary import make_temporary_folder

NAME = "standard input"
_BOM = b"\xef\xbb\xbf"
_SPACES = re.compile(r"\s*")
_ABSENT = " has no column"


@contextmanager
def hold(stream: BinaryIO) -> Iterator[Path]:
    """Give a file with the leads of a stream, which errors call by the stream's name.

    One JSON object is one lead, on one line or on several; so are objects one after another, such
    as JSON lines, and those of a list. All else is a text file, such as CSV. Raises TableError.
    """
    first = next((line for line in stream if line.strip()), b"").removeprefix(_BOM)
    if not first.strip():
        raise TableError(f"{NAME} is empty; give it one lead as JSON, JSON lines, or CSV")
    is_json = first.lstrip()[:1] in (b"{", b"[")
    with make_temporary_folder() as folder:
        path = folder / ("leads.jsonl" if is_json else "leads.csv")
        with path.open("wb") as file:
            if is_json and not _is_object(first):
                whole = first + stream.read()
                file.writelines(f"{lead}\n".encode() for lead in _objects(whole))
            else:
                file.write(first)
                copyfileobj(stream, file)
        try:
            yield path
        except LeadweightsError as problem:
            said = str(problem).replace(str(path), NAME)
            if is_json and _ABSENT in said:
                said += "; a value that is not known is given as null"
            raise type(problem)(said) from None


def _is_object(line: bytes) -> bool:
    """Tell whether a line is one object: so are those after it, and they need not be looked at."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _objects(whole: bytes) -> Iterator[str]:
    """Write each object of a JSON text in a line of its own. Raises TableError."""
    try:
        text = whole.decode()
        place = _after_spaces(text, 0)
        while place < len(text):
            value, end = json.JSONDecoder().raw_decode(text, place)
            if isinstance(value, dict):
                # As it is written: in JSON, a line breaks between values only.
                yield re.sub(r"[\r\n]", " ", text[place:end])
            elif isinstance(value, list) and all(isinstance(lead, dict) for lead in value):
                yield from (json.dumps(lead, ensure_ascii=False) for lead in value)
            else:
                raise TableError(f"{NAME} must hold JSON objects, one for each lead")
            place = _after_spaces(text, end)
    except UnicodeDecodeError as problem:
        raise TableError(f"{NAME} is not UTF-8 text (byte {whole[problem.start]:#04x})") from None
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise TableError(f"{NAME} is no JSON at {where}: {problem.msg}") from None
    except RecursionError:
        raise TableError(f"{NAME} is JSON too deep to read") from None


def _after_spaces(text: str, place: int) -> int:
    found = _SPACES.match(text, place)
    return place if found is None else found.end()
