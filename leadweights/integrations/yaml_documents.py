"""Plain data as YAML, as people write it by hand: the same data gives the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

Data = None | bool | int | float | str | Sequence["Data"] | Mapping[str, "Data"]

_PLAIN = re.compile(r"(\./)?[A-Za-z_/][\w./@-]*( [\w./@-]+)*")
# Words that YAML 1.1, which most tools read, takes for something else than a text.
_WORDS = {"", "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"}


def to_yaml(data: Mapping[str, Data]) -> str:
    """Write a document in blocks; lines of a text of several lines stay lines."""
    return "".join(f"{line}\n" for line in _mapping(data))


def _mapping(data: Mapping[str, Data]) -> Iterator[str]:
    for name, value in data.items():
        yield from _entry(f"{_scalar(name)}:", value)


def _entry(head: str, value: Data) -> Iterator[str]:
    """Write what stands behind a name, in its line or below."""
    match value:
        case str() if _is_block(value):
            yield f"{head} |"
            yield from (f"  {line}" for line in value.removesuffix("\n").split("\n"))
        case Mapping() if value:
            yield head
            yield from (f"  {line}" for line in _mapping(value))
        case list() | tuple() if value:
            yield head
            yield from (f"  {line}" for item in value for line in _item(item))
        case _:
            yield f"{head} {_scalar(value)}"


def _item(value: Data) -> Iterator[str]:
    """Write an item of a list, the first line behind its dash."""
    if isinstance(value, Mapping) and value:
        first, *others = _mapping(value)
        yield f"- {first}"
        yield from (f"  {line}" for line in others)
    else:
        yield f"- {_scalar(value)}"


def _is_block(text: str) -> bool:
    """Tell whether a text can stand as it is, line by line."""
    lines = text.split("\n")
    printable = all(line.isprintable() and line == line.rstrip() for line in lines)
    return len(lines) > 2 and text.endswith("\n") and printable and not text.startswith((" ", "\n"))


def _scalar(value: Data) -> str:
    """Write a value in one line: a text plain where nothing could take it for something else."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.isascii() and value.lower() not in _WORDS:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    # Letters that YAML would refuse, or take for the end of a line.
    return "".join(letter if letter.isprintable() else _escape(letter) for letter in quoted)


def _escape(letter: str) -> str:
    code = ord(letter)
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"
