"""Numbers with marks that are not read, such as `12.5 kg`: to be refused, never taken for an id."""

import re
from collections.abc import Sequence

from leadweights.learn.prepare.currencies import find_currency

# A number in digits of any script, nothing but signs before it, and behind it a word or signs.
_MARKED = re.compile(
    r"(?P<before>[^\w#№]{0,4}(?P<currency>[^\W\d_]{1,4}[.]?)?[^\w#№]{0,4})"
    r"(?P<number>\d{1,3}([.,'’_·٬\s]\d{2,3})+([.,٫．]\d+)?|\d+([.,٫．]\d+)?)"
    r"(?P<behind>[^\w#]{0,4}[^\W\d_]{0,12}[^\w#]{0,4})"
)
_NEARLY_ALL = 2 / 3
# As levels, fewer are a category that says something: 36 months and 60 months.
_FEWEST = 50
_MOST_MARKS = 5


def find_marked(levels: Sequence[str]) -> str | None:
    """Give the first of many different texts that are numbers with few marks; None if they are not.

    An id has its letters in front, or has many.
    """
    if len(levels) <= _FEWEST:
        return None
    found = {
        level: match
        for level in levels
        if (match := _MARKED.fullmatch(level.strip()))
        and (match["currency"] is None or find_currency(match["currency"]))
    }
    marks = {(match["before"].strip(), match["behind"].strip()) for match in found.values()}
    if len(found) <= _NEARLY_ALL * len(levels) or len(marks) > _MOST_MARKS:
        return None
    marked = (level for level, match in found.items() if match["number"] != level)
    odd = (level for level in found if not re.fullmatch("[0-9.,]+", level))
    return next(marked, None) or next(odd, None) or next(iter(found))
