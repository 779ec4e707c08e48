"""What the dictionary may ask of a column of each kind."""

from collections.abc import Mapping

from leadweights.errors import DictionaryError
from leadweights.learn.prepare.dictionary import Entry

_MARKS = ("decimal", "thousands")
_NUMBERS, _LISTS, _CATEGORIES, _DATES = (
    dict.fromkeys(("fill", "transform", "range", *_MARKS), "numbers"),
    {"delimiter": "lists"},
    {**dict.fromkeys(("levels", "trim", "casefold"), "categories"), "delimiter": "lists"},
    dict.fromkeys(("since", "format"), "dates"),
)
# The days since a date are filled; a flag has a range where all columns weigh alike.
_NOT_FOR: Mapping[str, Mapping[str, str]] = {
    "number": _CATEGORIES | _DATES,
    "flag": dict.fromkeys(("fill", "transform", "missing_weight", *_MARKS), "numbers")
    | _CATEGORIES
    | _DATES,
    "category": _NUMBERS
    | _LISTS
    | _DATES
    | dict.fromkeys(("direction", "monotone"), "numbers and flags"),
    "list": _NUMBERS
    | _DATES
    | {"missing_weight": "numbers"}
    | dict.fromkeys(("direction", "monotone", "reason_high", "reason_low"), "numbers and flags"),
    "date": dict.fromkeys(("transform", "missing_weight", *_MARKS), "numbers")
    | _CATEGORIES
    | {"monotone": "numbers and flags"},
}


def check_asked(entry: Entry, name: str, kind: str) -> None:
    """Refuse what cannot be meant for a column of this kind."""
    for word, meant_for in _NOT_FOR[kind].items():
        if getattr(entry, word) not in (None, False, ""):
            raise DictionaryError(f"dictionary: [{name}] is a {kind}; {word} is for {meant_for}")
    if entry.monotone and entry.direction is None:
        raise DictionaryError(f"dictionary: [{name}] is monotone; say in which direction")
    if entry.monotone and entry.transform == "curve":
        raise DictionaryError(f"dictionary: [{name}] is monotone; a curve may turn")
