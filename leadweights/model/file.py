"""A model as a JSON document: readable, diffable, versioned, checked to the last field."""

import json
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NoReturn, get_args, get_origin, get_type_hints

from leadweights.errors import ModelError
from leadweights.files import read_text, write_text
from leadweights.model.model import ScoringModel

FORMAT = 1
"""The version of the document.

Raise it when an older leadweights would misread what a newer one writes: a new kind of term, a
field that changes its meaning. Then keep reading every older format here, with a test and a file
of that format under `tests/`, and say in CHANGELOG.md what changed.
"""


def to_json(model: ScoringModel) -> str:
    """Write a model as JSON; the same model gives the same bytes."""
    return json.dumps(as_document(model), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_document(model: ScoringModel) -> dict[str, Any]:
    """Give a model as plain data, what `to_json` writes."""
    return {"format": FORMAT, **_encoded(model)}


def from_json(text: str, source: str = "the model") -> ScoringModel:
    """Read a model back. Raises ModelError, which says what is wrong in `source`."""
    try:
        document = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as problem:
        raise ModelError(f"{source} is not a model: not JSON ({problem})") from None
    if not isinstance(document, dict) or "format" not in document:
        raise ModelError(f"{source} is not a model: it has no 'format'")
    version = document.pop("format")
    if type(version) is not int or version != FORMAT:
        newer = type(version) is int and version > FORMAT
        advice = "upgrade leadweights" if newer else "it was not written by leadweights"
        raise ModelError(f"{source} has format {version!r}, this reads {FORMAT}: {advice}")
    try:
        model = _decoded(document, ScoringModel, "")
    except ModelError as problem:
        raise ModelError(f"{source}: {problem}") from None
    assert isinstance(model, ScoringModel)
    return model


def load(path: str | Path) -> ScoringModel:
    """Read a model file. Raises ModelError."""
    return from_json(read_text(path, "a model", ModelError), str(path))


def save(model: ScoringModel, path: str | Path) -> None:
    """Write a model file, whole or not at all. Raises OutputError."""
    write_text({Path(path): to_json(model)})


def fingerprint(model: ScoringModel) -> str:
    """Hash what the model computes (SHA-256, hexadecimal), not where it comes from."""
    computed = {key: value for key, value in _encoded(model).items() if key != "provenance"}
    return sha256(json.dumps(computed).encode()).hexdigest()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number JSON has")


def _encoded(value: Any) -> Any:
    """Write a value as plain data; a field that has its default is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        kind = {"kind": type(value).__name__.lower()} if type(value) in _kinds() else {}
        held = {f.name: getattr(value, f.name) for f in fields(value)}
        usual = {f.name for f in fields(value) if f.default == held[f.name]}
        return kind | {name: _encoded(held[name]) for name in held if name not in usual}
    if isinstance(value, tuple):
        return [_encoded(item) for item in value]
    return value


@cache
def _kinds() -> frozenset[type]:
    """Collect the classes that stand for one another in a field and so need their name in it."""
    found: set[type] = set()
    unseen: list[Any] = [ScoringModel]
    while unseen:
        hint = unseen.pop()
        options = [option for option in get_args(hint) if option is not NoneType]
        if isinstance(hint, UnionType) and len(options) > 1:
            found.update(options)
        unseen.extend(options)
        if is_dataclass(hint):
            unseen.extend(get_type_hints(hint).values())
    return frozenset(found)


def _decoded(value: Any, hint: Any, where: str) -> Any:
    if isinstance(hint, UnionType):
        options = [option for option in get_args(hint) if option is not NoneType]
        if len(options) == 1:
            return None if value is None else _decoded(value, options[0], where)
        kinds = {kind.__name__.lower(): kind for kind in options}
        name = value.get("kind") if isinstance(value, dict) else None
        if not isinstance(name, str) or name not in kinds:
            raise ModelError(f"{where}.kind must be one of {', '.join(kinds)}, not {name!r}")
        rest = {key: item for key, item in value.items() if key != "kind"}
        return _decoded(rest, kinds[name], where)
    if is_dataclass(hint):
        return _decoded_fields(value, hint, where)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise ModelError(f"{where} must be a list, not {value!r}")
        item = get_args(hint)[0]
        return tuple(_decoded(v, item, f"{where}[{i}]") for i, v in enumerate(value))
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) < 10**300 else value
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ModelError(f"{where} must be {_WORDS[hint]}, not {value!r}")
    if isinstance(value, str) and not value.isprintable():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ModelError(f"{where} must be a text, not {value!r}") from None
    return value


_WORDS = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}


def _decoded_fields(value: Any, hint: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise ModelError(f"{where or 'the model'} must be an object, not {value!r}")
    hints = get_type_hints(hint)
    dot = f"{where}." if where else ""
    for field in fields(hint):
        if field.name not in value and field.default is MISSING:
            raise ModelError(f"{dot}{field.name} is missing")
    for name in value:
        if name not in hints:
            raise ModelError(f"{dot}{name} is not a field of a model")
    return hint(**{name: _decoded(value[name], hints[name], dot + name) for name in value})
