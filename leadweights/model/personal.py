"""Personal data in what a model publishes: its levels, flags and words stand in every SELECT.

A text is personal by its form, or by the name of the column that has it as a value. Forms are kept
narrow: a number is a telephone number only as people write one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass

from leadweights.model.model import InputColumn, ScoringModel


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Where a text stands that is, or may be, personal; what it is; what may be shown of it."""

    where: str
    kind: str
    shown: str


_EMAIL = re.compile(r"[\w.+%'-]{1,64}@(?:[\w-]+\.)+[^\W\d_]{2,}")
_INTERNATIONAL = re.compile(r"(?<![\w.])\+[1-9](?:[ ./()-]{0,3}\d){8,14}(?!\w)")
_PHONES = (
    re.compile(r"00[1-9]\d?[ ./-](?:[ ./()-]{0,3}\d){7,13}"),
    # 0170 1234567, (030) 1234-567, 06.12.34.56.78, 01701234567; no date and no decimal number
    re.compile(r"(?!\d+\.\d+$|\d\d([./-])\d\d\1)\(?0[1-9]\d{0,4}\)?(?:[ ./-]{0,2}\d\d+)+"),
    # 06.12.34.56.78 and 06 12 34 56 78
    re.compile(r"0[1-9]([ .-])\d\d(?:\1\d\d){3}"),
    # 555-123-4567, (555) 123 4567
    re.compile(r"\(?[2-9]\d\d\)?[ .-]{1,2}[2-9]\d\d[ .-]\d{4}"),
)
_CARD = re.compile(r"[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{4}|3[47]\d\d([ -]?)\d{6}\2\d{5}")
_IBAN = re.compile(r"[A-Z]{2}\d\d(?: ?[A-Z0-9]){11,30}")
_SOCIAL_SECURITY = re.compile(r"(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}")

_WHOSE = (
    "account manager|agent|assignee|assistant|borrower|buyer|caller|client|contact|customer|"
    "employee|family|father|first|full|given|last|lead|maiden|manager|middle|mother|nick|owner|"
    "parent|patient|person|rep|representative|sales ?person|seller|spouse|student|subscriber|user"
)
_NAMES = {
    "a person's name": re.compile(
        rf"(?:^| )(?:(?:{_WHOSE}) ?name|surname|forename|vorname|nachname|familienname|"
        r"ansprechpartner|pr[eé]nom|nom de famille|apellidos?|cognome|sobrenome|achternaam)$"
    ),
    "an address": re.compile(
        r"(?:^| )(?:(?:home|street|postal|mailing|billing|shipping|private) address|address"
        r"(?: line)?(?: ?\d)?|street(?: name)?|stra(?:ss|ß)e|anschrift|adresse|direcci[oó]n|"
        r"indirizzo)$"
    ),
    "a date of birth": re.compile(
        r"(?:^| )(?:birth ?(?:day|date)|date of birth|d ?o ?b|geburts(?:tag|datum)|"
        r"date de naissance|fecha de nacimiento|data di nascita)$"
    ),
    "a telephone number": re.compile(
        r"(?:^| )(?:(?:tele)?phone|mobile|cell|fax|telefono?|tel|handy)"
        r"(?: (?:number|num|no|nr))?(?: ?\d)?$"
    ),
    "an identity number": re.compile(
        r"(?:^| )(?:ssn|social security(?: (?:number|no))?|passport(?: (?:number|no))?|"
        r"national (?:id|insurance)(?: (?:number|no))?|tax id|nino?|iban|driving licen[cs]e)$"
    ),
}
_FEWEST_DIGITS = 5  # of a telephone number: the levels of `mobile` may be yes and no
_ANSWERS = re.compile(r"(?:y|n|yes|no|true|false|unknown|none|other|missing|\d|)", re.IGNORECASE)
# The fields of a model that hold values of a column; the others hold its name, or settings.
_VALUES = {"value", "yes", "no", "level", "levels"}


def find_personal(model: ScoringModel) -> tuple[PersonalData, ...]:
    """List the personal data that a model publishes, each text once, with its column.

    A text counts by its form, wherever in the model it stands, and a value of a column by the
    column's name, if that says that persons' names, addresses, dates of birth, telephone or
    identity numbers stand in it.
    """
    found: dict[tuple[str, str], PersonalData] = {}
    for column, is_value, text in _texts(model, ""):
        where = f"column {mask(column) if recognize(column) else column!r}" if column else "words"
        one = recognize(text, where)
        if one is None and is_value:
            one = _recognize_by_name(column, text, where)
        if one is not None:
            found.setdefault((column, text), one)
    return tuple(found.values())


def recognize(text: str, where: str = "") -> PersonalData | None:
    """Say what personal data a text has, or is, by its form; None for any other text."""
    for kind, form in (("an e-mail address", _EMAIL), ("a telephone number", _INTERNATIONAL)):
        inside = form.search(text)
        if inside:
            return PersonalData(where, kind, mask(inside[0]))
    what = _name_form(text.strip())
    return PersonalData(where, what, mask(text)) if what else None


def describe_personal(found: Sequence[PersonalData]) -> list[str]:
    """Say in a line for each place and kind what stands there, and what would do."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for one in found:
        kinds.setdefault((one.where, one.kind), []).append(one.shown)
    return [
        f"{where}: {kind}, {shown[0]}" + (f", and {len(shown) - 1} more" if shown[1:] else "")
        for (where, kind), shown in kinds.items()
    ]


def _name_form(text: str) -> str | None:
    digits = re.sub(r"\D", "", text)
    if _SOCIAL_SECURITY.fullmatch(text):
        return "a social security number"
    if _CARD.fullmatch(text) and _passes_luhn(digits):
        return "a card number"
    if _IBAN.fullmatch(text) and _passes_mod_97(text.replace(" ", "")):
        return "a bank account number"
    if 9 <= len(digits) <= 15 and any(form.fullmatch(text) for form in _PHONES):
        return "a telephone number"
    return None


def recognize_name(column: str) -> str | None:
    """Say what personal data a column is for, by its name; None for any other column."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", column)
    words = re.sub(r"[\W_]+", " ", words).strip().lower()
    return next((kind for kind, names in _NAMES.items() if names.search(words)), None)


def conceal(text: str) -> str:
    """Put what it is in the place of each personal part of a text that has a form of its own."""
    for kind, form in (("an e-mail address", _EMAIL), ("a telephone number", _INTERNATIONAL)):
        text = form.sub(f"[{kind}]", text)
    for form in (_SOCIAL_SECURITY, _CARD, _IBAN, *_PHONES):
        inside = rf"(?<![\w+])(?:{form.pattern})(?!\w)"
        text = re.sub(inside, lambda part: _name_in_brackets(part[0]), text)
    return text


def _name_in_brackets(text: str) -> str:
    kind = _name_form(text)
    return f"[{kind}]" if kind else text


def _recognize_by_name(column: str, text: str, where: str) -> PersonalData | None:
    kind = recognize_name(column)
    if kind is None or _ANSWERS.fullmatch(text.strip()):
        return None
    if kind != "a telephone number" or len(re.findall(r"\d", text)) >= _FEWEST_DIGITS:
        return PersonalData(where, kind, mask(text))
    return None


def mask(text: str) -> str:
    """Show of each word the first letter: enough to find it, too little to publish it."""
    return re.sub(r"(\w)\w*", r"\1***", text.strip())[:60]


def _texts(part: object, column: str) -> Iterator[tuple[str, bool, str]]:
    """Give each text of a part of a model with its column, and whether it is a value of that."""
    if isinstance(part, InputColumn):
        column = part.name
    elif is_dataclass(part):
        column = getattr(part, "column", column)
    for field in fields(part) if is_dataclass(part) else ():
        value = getattr(part, field.name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, str):
                yield column, field.name in _VALUES, one
            elif is_dataclass(one):
                yield from _texts(one, column)


def _passes_luhn(digits: str) -> bool:
    """Check a card number's last digit (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _passes_mod_97(account: str) -> bool:
    """Check an IBAN's two check digits (ISO 13616, ISO 7064)."""
    return int("".join(str(int(c, 36)) for c in account[4:] + account[:4])) % 97 == 1
