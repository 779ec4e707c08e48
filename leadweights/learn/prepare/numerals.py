"""How a whole column of text writes its numbers, decided once, or what keeps that from it."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from leadweights.errors import DictionaryError, TableError
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.marks import MINUS, SPACES, describe, has_form, read
from leadweights.formula.texts import Texts
from leadweights.learn.prepare.codes import explain_texts, is_name_of_codes
from leadweights.learn.prepare.currencies import find_currency, has_thousandths
from leadweights.learn.prepare.dictionary import Dictionary, Entry, Kind
from leadweights.learn.prepare.unread_marks import find_marked
from leadweights.model.form import PLAIN, Decimal, Form, Thousands
from leadweights.tables.csv import GROUPED
from leadweights.tables.labelled import Rows
from leadweights.tables.table import Table

YES, NO = ("yes", "y", "true", "t", "1"), ("no", "n", "false", "f", "0")
SPREADSHEET_ERRORS = frozenset(
    (
        *("#n/a", "#div/0!", "#value!", "#ref!", "#name?", "#null!", "#num!", "#spill!", "#calc!"),
        *("#field!", "#getting_data", "#blocked!", "#connect!", "#unknown!", "#busy!", "#error!"),
        *("#nv", "#wert!", "#bezug!", "#zahl!", "#überlauf!", "#valeur!", "#nom?", "#nombre!"),
        *("#nul!", "#¡valor!", "#¡ref!", "#¿nombre?", "#¡num!", "#¡div/0!", "#¡nulo!", "#n/d"),
        *("#valore!", "#rif!", "#nome?", "#valor!", "#núm!", "#waarde!", "#verw!", "#naam?"),
        *("#getal!", "#arg!", "#adr!", "#nazwa?", "#liczba!", "#saknas!", "#värdefel!"),
    )
)
"""What a spreadsheet shows for a value that it could not work out, in lower case: missing."""

_SHOWN = 5
# A text is odd in a column where so many times as many distinct texts are numbers.
_NUMBERS_TO_ODD = 2
_GROUPED = re.compile(GROUPED)
_CORE = re.compile("[0-9](.*[0-9])?", re.DOTALL)
_OUTSIDE = "".join(SPACES) + "()+-" + MINUS


@dataclass(frozen=True, slots=True)
class Doubt:
    """What keeps a column from being read: something about a `text` in it, and what would help."""

    what: str
    text: str
    advice: str


@dataclass(frozen=True, slots=True)
class _Written:
    """The texts of a column that look like numbers, by the unit they have, and the others."""

    units: Mapping[str, str]
    signs: bool
    odd: Sequence[str]


def find_forms(table: Table, values: Mapping[str, Values], known: Dictionary) -> dict[str, Form]:
    """Say for the columns of text that hold numbers how they write them.

    Raises TableError where some texts are none, or can be read in two ways.
    """
    found = {}
    for name, held in values.items():
        if not isinstance(held, Texts):
            continue
        entry = known.entry(name)
        if entry.kind not in (None, "number"):
            continue
        levels = means_something(held, known.missing_in(name)[0]).levels
        form = find_form(levels, entry)
        if (
            _is_free(entry)
            and is_name_of_codes(name)
            and (form != PLAIN or explain_texts(name, levels))
        ):
            continue
        if isinstance(form, Doubt):
            place = table.place_of(name, form.text)
            raise TableError(
                f"{table.name}: column {name!r} {form.what} on {place}; {form.advice.format(name)}"
            )
        if form is not None:
            found[name] = form
    return found


def read_numbers(rows: Rows, forms: Mapping[str, Form]) -> dict[str, Floats]:
    """Read columns of texts that are numbers, codes among them."""
    numbers = {}
    for name, held in rows.values.items():
        if isinstance(held, Texts):
            form = forms.get(name, PLAIN)
            read_all = [read(level, form) for level in held.levels]
            if name in forms or (held.levels and not any(value != value for value in read_all)):
                numbers[name] = np.array([*read_all, np.nan])[held.codes] + 0.0
    return numbers


def refuse_grouped(table: Table, names: Iterable[str], known: Dictionary) -> None:
    """Raise TableError for a column of numbers whose every point may stand between thousands."""
    free = [name for name in names if known.entry(name).decimal is None]
    for name, (row, text) in table.find_grouped(free).items():
        if not is_name_of_codes(name) or known.entry(name).kind is not None:
            doubt = ambiguous(text, Form(",", "."), PLAIN)
            advice = doubt.advice.format(name)
            raise TableError(
                f"{table.name}: column {name!r} {doubt.what} on {table.place(row)}; {advice}"
            )


def describe_reading(held: Texts, known: Texts, form: Form) -> str:
    """Say how the numbers of a column are written, and what in it is missing though it is there."""
    errors = [level for level in held.levels if level.strip().casefold() in SPREADSHEET_ERRORS]
    others = [level for level in known.levels if read(level, form) != read(level, form)]
    said = [f"in text, {describe(form)}" if form != PLAIN else "in text"]
    for texts, what in ((errors, "means missing"), (others, "is no number and missing")):
        if texts:
            more = f" and {len(texts) - 1} more" if len(texts) > 1 else ""
            said.append(f"{texts[0]!r}{more} {what}")
    return "; ".join(said)


def _is_free(entry: Entry) -> bool:
    return entry.kind is None and implied_kind(entry) is None


def missing_texts(held: Texts, tokens: Collection[str]) -> set[str]:
    """List the texts of a column that mean missing.

    What means missing does so in other cases and between spaces too, and so do the errors of
    spreadsheets.
    """
    spelled = {token.strip().casefold() for token in tokens} | SPREADSHEET_ERRORS
    return {level for level in held.levels if level.strip().casefold() in spelled}


def means_something(held: Texts, tokens: Collection[str]) -> Texts:
    """Hide what means missing in a column."""
    return held.without({*tokens, *missing_texts(held, tokens)})


def find_form(levels: Sequence[str], entry: Entry) -> Form | Doubt | None:
    """Say how a column writes its numbers; None for a column of something else.

    What is no number is missing where the dictionary says that the column holds numbers.
    """
    asked = "number" in (entry.kind, implied_kind(entry))
    if not asked and (not levels or are_words_of_flags(levels)):
        return None
    if all(has_form(level, PLAIN) for level in levels) and not _look_grouped(levels):
        return PLAIN
    seen = _look(levels)
    odd = set(seen.odd)
    numbers = [level for level in levels if level not in odd]
    if not numbers:
        if asked and levels:
            advice = "no value of it is a number: say another kind, or none, in the dictionary"
            return Doubt(f"holds {levels[0]!r}", levels[0], advice)
        return PLAIN if asked else _refuse_marked(levels)
    if entry.kind is None and odd:
        few = len(numbers) >= _NUMBERS_TO_ODD * len(odd) and not any(map(is_padded, numbers))
        return _but_for(seen.odd) if few or asked else _refuse_marked(levels)
    return _mixed(numbers, seen.units) or _choose(numbers, seen, entry)


def implied_kind(entry: Entry) -> Kind | None:
    """Say what kind a column is if the dictionary names the marks of its numbers."""
    return "number" if (entry.decimal, entry.thousands) != (None, None) else None


def refuse_marks(entry: Entry, name: str) -> None:
    """Raise DictionaryError where it names the marks of what is no text."""
    if entry.decimal == "," or entry.thousands is not None:
        raise DictionaryError(
            f"dictionary: [{name}] holds numbers; decimal and thousands are for numbers in text"
        )


def are_words_of_flags(levels: Iterable[str]) -> bool:
    """Tell whether texts are words for yes and no, two or more."""
    words = {level.strip().casefold() for level in levels}
    return len(words) > 1 and words <= {*YES, *NO}


def is_padded(level: str) -> bool:
    """Tell whether a text is digits alone with a zero in front that a number has not."""
    return re.fullmatch(" *0[0-9]+ *", level) is not None


def _look_grouped(levels: Iterable[str]) -> bool:
    """Tell whether each mark may stand between thousands, and there is one."""
    return all(map(_GROUPED.fullmatch, levels)) and any("." in level for level in levels)


def _look(levels: Sequence[str]) -> _Written:
    """Tell numbers from other texts by what stands around their digits."""
    units: dict[str, str] = {}
    odd, signs = [], False
    for level in levels:
        core = _CORE.search(level)
        ends = (level[: core.start()], level[core.end() :]) if core else (level, level)
        own = [_bare(end) for end in ends]
        if core and all(unit is not None for unit in own):
            written = next(filter(None, own), "")
            form = Form(units=tuple(dict.fromkeys(filter(None, own))), signs=True)
            if any(has_form(level, one) for one in _every(form)):
                units[level] = written
                signs = signs or not has_any(level, replace(form, signs=False))
                continue
        odd.append(level)
    return _Written(units, signs, odd)


def has_any(level: str, form: Form) -> bool:
    """Tell whether a text is a number of the form with any marks."""
    return any(has_form(level, one) for one in _every(form))


def _bare(end: str) -> str | None:
    """Give the unit at one end of a number, "" where there is none, None for another text."""
    bare = end.strip(_OUTSIDE)
    if bare in ("", "%") or find_currency(bare):
        return bare
    # The decimal mark of `.5` or of `5,`.
    shorter = bare.strip(".,").strip(_OUTSIDE)
    return shorter if shorter in ("", "%") or find_currency(shorter) else None


def _every(form: Form) -> list[Form]:
    """List a form with all marks there are, the simplest first."""
    marks: list[tuple[Decimal, Thousands]] = [
        (decimal, thousands)
        for thousands in get_args(Thousands)
        for decimal in get_args(Decimal)
        if decimal != thousands
    ]
    return [replace(form, decimal=decimal, thousands=thousands) for decimal, thousands in marks]


def _but_for(odd: Sequence[str]) -> Doubt:
    shown = ", ".join(map(repr, odd[:_SHOWN])) + ", ..." * (len(odd) > _SHOWN)
    return Doubt(
        f"is numeric but for {odd[0]!r}",
        odd[0],
        "mend the value, leave it empty, exclude the column, or say in the dictionary that "
        f"missing = [{shown}] or kind = 'category'".replace("{", "{{").replace("}", "}}"),
    )


def _refuse_marked(levels: Sequence[str]) -> Doubt | None:
    """Refuse numbers with marks that are not read; None for texts that are something else."""
    marked = find_marked(levels)
    if marked is None:
        return None
    advice = (
        "write them as plain numbers, exclude the column, or say kind = 'category' in the "
        "dictionary"
    )
    return Doubt(f"holds numbers with marks that are not read, such as {marked!r}", marked, advice)


def _mixed(numbers: Sequence[str], units: Mapping[str, str]) -> Doubt | None:
    """Refuse shares beside numbers, and one currency beside another."""
    kinds: dict[str, str] = {}
    for level in numbers:
        unit = units[level]
        kinds.setdefault("%" if unit == "%" else find_currency(unit) or "", level)
    if "%" not in kinds:
        kinds.pop("", None)
    if len(kinds) < 2:
        return None
    first, second, *_ = kinds.values()
    return Doubt(
        f"holds {first!r} and {second!r}, which are not of one unit,",
        second,
        "mend the values, exclude the column, or say kind = 'category' in the dictionary",
    )


def _choose(numbers: Sequence[str], seen: _Written, entry: Entry) -> Form | Doubt:
    """Choose the marks by which all texts are numbers."""
    units = tuple(sorted({unit for unit in seen.units.values() if unit}))
    every = _every(Form(units=units, signs=seen.signs))
    asked = [
        form
        for form in every
        if entry.decimal in (None, form.decimal) and entry.thousands in (None, form.thousands)
    ]
    fitting = [form for form in asked if all(has_form(level, form) for level in numbers)]
    if not fitting:
        return _in_two_ways(numbers, asked)
    by_values: dict[tuple[float, ...], Form] = {}
    for form in fitting:
        by_values.setdefault(tuple(read(level, form) for level in numbers), form)
    currencies = {find_currency(unit) for unit in units if unit != "%"}
    if (
        len(by_values) > 1
        and currencies
        and not any(map(has_thousandths, filter(None, currencies)))
    ):
        # 1,640 of money is no amount and six tenths, or it would have two digits.
        by_values = {v: form for v, form in by_values.items() if form.thousands} or by_values
    if len(by_values) == 1:
        (chosen,) = by_values.values()
        return chosen
    (values, one), (others, other), *_ = by_values.items()
    place = next(i for i, (a, b) in enumerate(zip(values, others, strict=True)) if a != b)
    return ambiguous(numbers[place], one, other)


def ambiguous(text: str, *forms: Form) -> Doubt:
    """Say how differently a text is read."""
    one, other = sorted(forms, key=lambda form: form.thousands == "")
    mark = one.thousands
    return Doubt(
        f"can be read in two ways: {text!r}",
        text,
        f"it is {read(text, one):.15g} if {mark!r} stands between thousands and "
        f"{read(text, other):.15g} if it stands before decimals: say under [{{}}] in the "
        f"dictionary thousands = {_toml(mark)} or decimal = {_toml(mark)}",
    )


def _toml(text: str) -> str:
    return f'"{text}"'


def _in_two_ways(numbers: Sequence[str], asked: Sequence[Form]) -> Doubt:
    """Show one text that has the form of most others and one that has not."""
    fits = [[has_form(level, form) for level in numbers] for form in asked]
    most = max(fits, key=sum)
    odd = numbers[most.index(False)]
    if not any(most):
        advice = "say other marks in the dictionary, or none"
        return Doubt(f"has no number with the dictionary's marks: {odd!r}", odd, advice)
    usual = numbers[most.index(True)]
    return Doubt(
        f"writes its numbers in two ways, {usual!r} and {odd!r},",
        odd,
        "mend the values, exclude the column, or say kind = 'category' in the dictionary",
    )
