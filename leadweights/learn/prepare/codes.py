"""Numbers that are names, not quantities: postcodes, phone numbers, ids of owners and agents."""

import re
from collections.abc import Iterable
from math import gcd

import numpy as np

from leadweights.formula.arrays import Floats
from leadweights.formula.texts import Texts
from leadweights.learn.prepare.numbers import ColumnLosses, is_gain

_STEMS = (
    "account|agent|branch|campaign|client|company|contact|customer|department|dept|group|item|lead|"
    "org|owner|partner|product|region|rep|seller|shop|store|team|user|vendor"
)
NEARLY_UNIQUE = 0.50
"""Of the values of a column, more than this share in one row each: ids, or free text."""

_FEW_ROWS = 10
_ID_ROWS = 1000
_ID_NAME = re.compile(r"(^|[^a-z])(id|ids|uuid|guid|key|number|no|nr|code|index)($|[^a-z])", re.I)
NAMES = {
    0: (
        "id",
        "ids",
        "uuid",
        "guid",
        "code",
        "codes",
        "sku",
        *(f"{s}id" for s in _STEMS.split("|")),
    ),
    100: ("zip", "zips", "zipcode", "postal", "postcode", "plz", "postleitzahl"),
    10_000: ("phone", "telephone", "telefon", "tel", "mobile", "cell", "fax"),
}
"""The last words of names of codes, by what half of these codes are at least."""

BEHIND_NAMES = ("number", "num", "no", "nr", "code")
"""What may stand behind such a word: phone_calls are a quantity."""

_PATTERNS = {
    least: re.compile(rf"(^| )({'|'.join(words)})( ({'|'.join(BEHIND_NAMES)}))?$|^id ")
    for least, words in NAMES.items()
}
_WHOLE = re.compile("(0|[1-9][0-9]{0,14})([.]0)?")
_WITH_PLUS = re.compile(" *[+][1-9][0-9]{6,14} *")
"""A phone number as E.164 has it."""
_DIGITS = 15
_LARGEST = 10.0**_DIGITS

# What a column of codes by its numbers alone is like: few of them, far apart, of as many digits.
_LEAST_CODE, _FEWEST, _MOST, _ROWS_EACH, _FILLED = 100, 4, 100, 20, 0.1
_LEAST_NAMED = 3


def is_name_of_codes(name: str) -> bool:
    """Tell whether a column is called as columns of codes are."""
    return any(pattern.search(_words(name)) for pattern in _PATTERNS.values())


def are_named(name: str, values: Floats) -> bool:
    """Tell whether numbers, none missing, are codes by their column's name.

    A zip is no small number, and no phone number has fewer than five digits.
    """
    words = _words(name)
    least = [least for least, pattern in _PATTERNS.items() if pattern.search(words)]
    if not least or not _are_whole(values) or len(np.unique(values)) < _LEAST_NAMED:
        return False
    return bool(np.median(values) >= min(least))


def explain_codes(
    name: str, values: Floats, y: Floats, losses: ColumnLosses, seed: int
) -> str | None:
    """Say why numbers, shape (rows,), NaN where missing, are codes; None for quantities.

    They are by their column's name, or if few numbers of as many digits lie far apart in their
    range, the label's rate goes up and down between them, and they say more of it out of fold as
    levels than as a number.
    """
    known = values[~np.isnan(values)]
    if are_named(name, known):
        return "codes by its name"
    if not _lie_far_apart(known) or not _goes_up_and_down(values, y):
        return None
    filled = np.where(np.isnan(values), np.median(known), values)
    knots = np.unique(filled)
    found = losses({"number": (filled, False), "levels": (filled, knots)}, y, seed)
    if not is_gain(found["number"], found["levels"]):
        return None
    return (
        f"codes: {len(np.unique(known))} numbers between {known.min():.0f} and {known.max():.0f}, "
        f"log-loss by itself {found['levels'].mean():.4f} as levels, not "
        f"{found['number'].mean():.4f}"
    )


def is_id(name: str, values: Floats) -> bool:
    """Tell whether whole numbers, each in one row, are an id: by its name, or in a long table."""
    whole = bool(np.all(values == np.floor(values)))
    unique = len(np.unique(values)) == len(values) > 1
    words = re.sub("(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return whole and unique and (len(values) >= _ID_ROWS or _ID_NAME.search(words) is not None)


def explain_texts(name: str, levels: Iterable[str]) -> str:
    """Say why texts are codes; "" where they are not: by name, or digits that no number has."""
    found = list(levels)
    if found and all(map(_WITH_PLUS.fullmatch, found)):
        return "codes: phone numbers with + in front"
    if not all(re.fullmatch(" *[0-9]+ *", level) for level in found):
        return "codes by its name" if is_name_of_codes(name) else ""
    if any(re.match(" *0[0-9]", level) for level in found):
        return "codes: digits with leading zeros"
    if any(len(level.strip()) > _DIGITS for level in found):
        return f"codes: more than {_DIGITS} digits"
    return "codes by its name" if are_named(name, np.array(found, dtype=np.float64)) else ""


def are_codes(values: Floats) -> bool:
    """Tell whether numbers, NaN where missing, may be codes: whole, and none is negative."""
    return _are_whole(values[~np.isnan(values)])


def are_nearly_unique(known: Texts) -> bool:
    """Tell whether most values of a column, more than ten, stand in one row only."""
    rows = int((~known.missing()).sum())
    return bool((known.counts() == 1).sum() > NEARLY_UNIQUE * rows and rows > _FEW_ROWS)


def describe_unique(what: str, known: Texts) -> str:
    """Say what a column of such values is."""
    share = (known.counts() == 1).sum() / (~known.missing()).sum()
    return f"{what}: {share:.0%} of its values stand in one row only"


def are_whole_texts(texts: Iterable[str]) -> bool:
    """Tell whether texts are whole numbers, as they are written or with `.0` behind."""
    found = list(texts)
    return bool(found) and all(map(_WHOLE.fullmatch, found))


def _words(name: str) -> str:
    """Write a name as words in lower case, without a number at its end: `ownerId_2` is owner id."""
    apart = re.sub("(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.findall("[a-z]+", apart.lower())
    return " ".join(words)


def _are_whole(values: Floats) -> bool:
    return bool(np.all((values == np.floor(values)) & (values >= 0) & (values < _LARGEST)))


def _goes_up_and_down(values: Floats, y: Floats) -> bool:
    """Tell whether the rate of the label turns twice at least: of few quantities it does not."""
    known = ~np.isnan(values)
    _, place = np.unique(values[known], return_inverse=True)
    rates = np.bincount(place, weights=y[known]) / np.bincount(place)
    steps = np.sign(np.diff(rates))
    return bool(np.count_nonzero(np.diff(steps[steps != 0])) > 1)


def _lie_far_apart(values: Floats) -> bool:
    if not len(values) or not _are_whole(values) or values.min() < _LEAST_CODE:
        return False
    held = np.unique(values).astype(np.int64)
    if not _FEWEST <= len(held) <= min(_MOST, len(values) / _ROWS_EACH):
        return False
    if len(str(held[0])) != len(str(held[-1])):
        return False
    # Prices in steps of ten are far apart for another reason.
    places = (held[-1] - held[0]) // gcd(*np.diff(held).tolist()) + 1
    return bool(len(held) <= _FILLED * places)
