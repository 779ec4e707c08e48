"""Levels of a category as other libraries hold them, written as texts."""

from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

from leadweights.errors import UnsupportedError

LARGEST_CODE = 10**15


def write_levels(values: Sequence[Any], column: str) -> tuple[tuple[str, ...], bool]:
    """Write levels as texts, and tell whether they are codes of digits.

    Raises UnsupportedError for what is neither texts nor whole numbers.
    """
    if all(isinstance(value, str) for value in values):
        return tuple(values), False
    codes = tuple(write_code(value, column) for value in values)
    return codes, True


def are_codes(levels: Iterable[str]) -> bool:
    """Tell whether texts are whole numbers, as a column of such would be written."""
    return all(level.isdecimal() and level == str(int(level)) for level in levels)


def write_code(value: Any, column: str) -> str:
    """Write a level that is a whole number. Raises UnsupportedError for another."""
    whole = isinstance(value, Integral) or (isinstance(value, Real) and float(value).is_integer())
    if not whole or isinstance(value, bool) or not 0 <= int(value) < LARGEST_CODE:
        raise UnsupportedError(
            f"level {value!r} of {column!r} cannot be carried: levels are texts, or whole numbers "
            "from 0"
        )
    return str(int(value))
