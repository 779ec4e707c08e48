"""The feature dictionary: what each column means, in the words of the people who fill it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from leadweights.errors import DictionaryError

Direction = Literal["higher", "lower"]
LARGEST = 1e30
_FIELDS = ("description", "direction", "range")


@dataclass(frozen=True, slots=True)
class Entry:
    """One column: its description, its better direction and the range it can have."""

    description: str = ""
    direction: Direction | None = None
    range: tuple[float, float] | None = None


Dictionary = Mapping[str, Entry]


def entries(source: str | Path | Mapping[str, object]) -> dict[str, Entry]:
    """Read a dictionary: a TOML file with a table for each column, or the same as a mapping.

    Raises DictionaryError, which names the column and the field.
    """
    if isinstance(source, Mapping):
        return {name: _entry(table, f"dictionary: [{name}]") for name, table in source.items()}
    document = _document(source)
    return {name: _entry(table, f"{source}: [{name}]") for name, table in document.items()}


def _document(path: str | Path) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DictionaryError(f"no such file: {path}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise DictionaryError(f"{path} is not TOML: {problem}") from None
    except OSError as problem:
        raise DictionaryError(f"cannot read {path}: {problem.strerror}") from None


def _entry(table: Any, where: str) -> Entry:
    if isinstance(table, Entry):
        return table
    if not isinstance(table, Mapping):
        raise DictionaryError(f"{where} must be a table of {', '.join(_FIELDS)}")
    for field in table:
        if field not in _FIELDS:
            raise DictionaryError(f"{where} has no field {field!r}; it has: {', '.join(_FIELDS)}")
    description = table.get("description", "")
    if not isinstance(description, str):
        raise DictionaryError(f"{where} description must be a text, not {description!r}")
    direction = table.get("direction")
    if direction is not None and direction not in get_args(Direction):
        raise DictionaryError(f"{where} direction must be 'higher' or 'lower', not {direction!r}")
    return Entry(description, direction, _range(table.get("range"), where))


def _range(value: Any, where: str) -> tuple[float, float] | None:
    if value is None:
        return None
    numbers = isinstance(value, list | tuple) and all(
        isinstance(end, int | float) and not isinstance(end, bool) for end in value
    )
    if not numbers or len(value) != 2 or not -LARGEST < value[0] < value[1] < LARGEST:
        raise DictionaryError(f"{where} range must be two rising numbers, not {value!r}")
    low, high = float(value[0]), float(value[1])
    if high - low < max(1 / LARGEST, 1e-15 * max(abs(low), abs(high))):
        raise DictionaryError(f"{where} range is too narrow for its numbers: {value!r}")
    return low, high
