"""Numbers as people write them: the patterns of a form, and how a text of it is read.

The patterns are the same in Python and in SQL, so they have no backslash, no look-ahead, and in
brackets nothing but ASCII: engines match by bytes or by letters.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from math import nan

from leadweights.model.form import PLAIN, Form

NUMBER = " *[+-]?([0-9]{1,40}[.]?[0-9]{0,40}|[.][0-9]{1,40})([eE][+-]?[0-9]{1,2})? *"
"""What a plain number is, as far as all engines read it alike: none overflows."""

SPACES = (" ", "\u00a0", "\u2009", "\u202f")
MINUS = "\u2212"
_WRITTEN = {" ": SPACES, "'": ("'", "\u2019")}
_PLAIN = re.compile(NUMBER)


def patterns(form: Form) -> tuple[str, ...]:
    """Give what a whole text must match: a number with its sign in front; with a minus behind.

    Each optional part begins with what nothing before it can end with, so that no engine has two
    ways to match a text. How many digits there may be is for the plain number to say.
    """
    spaces = f"{any_of(SPACES)}*"
    unit = f"({any_of(_longest_first(form.units))}{spaces})?" if form.units else ""
    number = _digits(form)
    power = "([eE][+-]?[0-9]+)?"
    if not form.signs:
        return (f"{spaces}{unit}([+-]{spaces})?{unit}{number}{power}{spaces}{unit}",)
    signed = f"([+-]{spaces}|{MINUS}{spaces})?{unit}{number}{power}{spaces}{unit}"
    bare = f"{unit}{number}{spaces}{unit}"
    in_parentheses = f"[(]{spaces}{bare}[)]{spaces}{unit}"
    behind = f"{bare}{any_of(('-', MINUS))}{spaces}{unit}"
    return f"{spaces}{unit}({signed}|{in_parentheses})", f"{spaces}{behind}"


@lru_cache
def replacements(form: Form, *, behind: bool = False) -> tuple[tuple[str, str], ...]:
    """List what to replace, one after the other, to make a plain number of a text of the form.

    With the minus `behind`, it is taken off: the number is that without its sign.
    """
    found = [(unit, "") for unit in _longest_first(form.units)]
    found += [(space, "") for space in SPACES]
    if form.signs and behind:
        found += [(MINUS, ""), ("-", "")]
    elif form.signs:
        found += [(MINUS, "-"), ("(", "-"), (")", "")]
    if form.thousands and form.thousands != " ":
        found += [(mark, "") for mark in _WRITTEN.get(form.thousands, (form.thousands,))]
    if form.decimal != ".":
        found.append((form.decimal, "."))
    return tuple(found)


def in_one_way(form: Form, unit: str) -> list[tuple[str, str]]:
    """List what to replace, one after the other, to write each mark in one way, a unit as `unit`.

    A text that had `unit` before has another letter there that is in no number.
    """
    found = [(unit, "?"), *((own, unit) for own in _longest_first(form.units))]
    found += [(space, " ") for space in SPACES[1:]]
    found += [(MINUS, "-")] if form.signs else []
    return found + [(mark, form.thousands) for mark in _WRITTEN.get(form.thousands, ())[1:]]


def any_of(texts: Iterable[str]) -> str:
    """Write the pattern of one of several texts, the first that is there."""
    return f"({'|'.join(map(_escape, texts))})"


def reads_plain_beside(form: Form) -> bool:
    """Tell whether a plain number may be none of the form: then it is read beside."""
    return form.decimal != "."


def read(text: str, form: Form = PLAIN) -> float:
    """Read a text of a form, NaN where it is no number."""
    if form == PLAIN:
        return float(text) if _PLAIN.fullmatch(text) else nan
    for behind, pattern in enumerate(_compiled(form)):
        if pattern.fullmatch(text):
            plain = text
            for old, new in replacements(form, behind=bool(behind)):
                plain = plain.replace(old, new)
            return 0.0 - read(plain) if behind else read(plain)
    return read(text) if reads_plain_beside(form) else nan


def has_form(text: str, form: Form) -> bool:
    """Tell whether a text is a number of the form itself."""
    found = _compiled(form) if form != PLAIN else (_PLAIN,)
    return any(pattern.fullmatch(text) for pattern in found)


def describe(form: Form) -> str:
    """Say how the numbers of a column are written."""
    said = [f"{form.decimal!r} before decimals"] if form.decimal != "." else []
    said += [f"{form.thousands!r} between thousands"] if form.thousands else []
    said += [f"with {' or '.join(map(repr, form.units))}"] if form.units else []
    said += ["some negative by parentheses or a minus behind"] if form.signs else []
    return ", ".join(said)


def examples(form: Form) -> list[str]:
    """Write numbers in every way that a form knows, and some that are near to it."""
    grouped = form.thousands.join(("1", "234", "567"))
    found = [f"{grouped}{form.decimal}5", f"1{form.thousands}234", f"{form.decimal}5", "7e2"]
    found += [side for unit in form.units for side in (f"{unit}12", f"12 {unit}")]
    found += ["(12)", "12-", f"{MINUS}12", "(12", "-12-"] if form.signs else []
    return [*found, *(f"1{mark}234" for mark in _WRITTEN.get(form.thousands, ()))]


def _digits(form: Form) -> str:
    whole = "[0-9]+"
    if form.thousands:
        mark = any_of(_WRITTEN.get(form.thousands, (form.thousands,)))
        # In India 1,23,45,678.
        group = "[0-9]{2,3}" if form.thousands == "," else "[0-9]{3}"
        whole = f"([1-9][0-9]{{0,2}}({mark}{group})*{mark}[0-9]{{3}}|{whole})"
    point = f"[{form.decimal}]"
    return f"({whole}({point}[0-9]*)?|{point}[0-9]+)"


def _escape(text: str) -> str:
    return "".join(f"[{c}]" if c in "$.()" else c for c in text)


def _longest_first(units: Iterable[str]) -> list[str]:
    return sorted(units, key=lambda unit: (-len(unit), unit))


@lru_cache(maxsize=256)
def _compiled(form: Form) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, patterns(form)))
