"""A model as a JSON document: readable, diffable, versioned, checked to the last field."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

from leadweights.errors import ModelError
from leadweights.files.read import read_text
from leadweights.files.remote import as_path
from leadweights.files.write import write_text
from leadweights.model.convert import Document, Place
from leadweights.model.model import ScoringModel

_DOCUMENT = Document(ScoringModel, ModelError)
NAME = "model.json"
"""How a model file is called in the folder that `fit` writes."""

FORMAT = 1
"""The version of the document.

Raise it when an older leadweights would misread what a newer one writes, as where a field changes
its meaning; a kind of term or a field that it does not know it refuses by name. Then keep reading
every older format here, with a test and a file of that format under `tests/`, and say in
CHANGELOG.md what changed.
"""


def to_json(model: ScoringModel) -> str:
    """Write a model as JSON; the same model gives the same bytes."""
    return json.dumps(as_document(model), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_document(model: ScoringModel) -> dict[str, Any]:
    """Give a model as plain data, what `to_json` writes."""
    return {"format": FORMAT, **_DOCUMENT.write(model)}


def from_json(text: str, source: str = "the model") -> ScoringModel:
    """Read a model back. Raises ModelError, which says what is wrong in `source`."""
    document = parse_object(text, source, "a model", FORMAT)
    try:
        return _DOCUMENT.read(document, name_spot)
    except ModelError as problem:
        raise ModelError(f"{source}: {problem}") from None


def parse_object(text: str, source: str, what: str, version: int) -> dict[str, Any]:
    """Read the JSON of a document of ours and take its `format` away. Raises ModelError."""
    try:
        document = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as problem:
        raise ModelError(f"{source} is not {what}: not JSON ({problem})") from None
    if not isinstance(document, dict) or "format" not in document:
        raise ModelError(f"{source} is not {what}: it has no 'format'")
    found = document.pop("format")
    if type(found) is not int or found != version:
        newer = type(found) is int and found > version
        advice = "upgrade leadweights" if newer else "it was not written by leadweights"
        raise ModelError(f"{source} has format {found!r}, this reads {version}: {advice}")
    return document


def load(path: str | Path) -> ScoringModel:
    """Read a model file, or that of the folder that `fit` wrote. Raises ModelError."""
    file = find_model(as_path(path))
    return from_json(read_text(file, "a model", ModelError), str(file))


def find_model(path: Path) -> Path:
    """Find the model file in a folder; a file is one itself."""
    try:
        return path / NAME if path.is_dir() else path
    except (OSError, ValueError):  # who reads it will say so
        return path


def save(model: ScoringModel, path: str | Path) -> None:
    """Write a model file, whole or not at all. Raises OutputError."""
    write_text({as_path(path): to_json(model)})


def fingerprint(model: ScoringModel) -> str:
    """Hash what the model computes (SHA-256, hexadecimal), not where it comes from."""
    computed = _DOCUMENT.write(model)
    del computed["provenance"]
    return sha256(json.dumps(computed).encode()).hexdigest()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(n for n, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"{twice!r} stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number JSON has")


def name_spot(place: Place) -> str:
    """Name a spot in a document of JSON."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(steps).removeprefix(".") or "the document"
