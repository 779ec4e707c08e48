"""The tables of docs/reading.md: what is read, as what, and what is refused, by the code's lists.

Each example is written here by other means than the code reads it; `tests/test_reading.py` tries
them all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import permutations, product
from typing import assert_never, get_args

from leadweights.learn.prepare.codes import BEHIND_NAMES, NAMES
from leadweights.learn.prepare.currencies import CODES, SIGNS, WORDS
from leadweights.learn.prepare.dictionary import MISSING_TEXTS
from leadweights.learn.prepare.lists import DELIMITERS
from leadweights.learn.prepare.numerals import NO, SPREADSHEET_ERRORS, YES
from leadweights.model.date_formats import ISO, NUMBERS, ORDERS, SEPARATORS
from leadweights.model.form import Decimal, Thousands
from leadweights.model.held import WORDS as HELD_WORDS
from leadweights.model.held import Held, hold_as
from leadweights.model.model import (
    Category,
    DaysSince,
    Flag,
    InputColumn,
    InText,
    Listed,
    Logit,
    Missing,
    Month,
    Number,
    Plain,
    ScoringModel,
    Weekday,
)
from leadweights.model.provenance import Provenance
from leadweights.model.terms import Level, Levels, Standardized
from leadweights.tables import excel, lines
from leadweights.tables.content import BINARY
from leadweights.tables.dates import decide_format
from leadweights.tables.encoding import MARKS
from leadweights.tables.footer import TOTALS
from leadweights.tables.open import DATABASES, JSON_LINES, PARQUET

DAY = date(1998, 12, 31)
"""A day of which no part could be another: 31 is no month, 98 no day."""

_WORDS = {"day": ("%d",), "month": ("%m", "%b"), "year": ("%Y", "%y")}
_IN_WORDS = {"\t": "tabs", "|": "vertical bars", ",": "commas", ";": "semicolons"}


def files_table() -> str:
    """List the endings of files, and what stands between values."""
    between = ", ".join(_IN_WORDS[mark] for mark in lines.DELIMITERS)
    return _table(
        ("ending", "read as"),
        [
            ("any other, also with `.gz`", f"text with {between} between values"),
            (_code(excel.ENDINGS), "one sheet, by the extra `excel`"),
            (_code(PARQUET), "Parquet"),
            (_code(JSON_LINES), "JSON lines"),
            (_code(DATABASES), "a database of DuckDB, for `fit --table`"),
        ],
    )


def contents_table() -> str:
    """List what files are refused as, by their first bytes."""
    rows = [
        (_code([mark.hex(" ")]), what, advice) for mark, (what, advice) in sorted(BINARY.items())
    ]
    return _table(("first bytes", "refused as", "what to do"), rows)


def encodings_table() -> str:
    """List the byte order marks."""
    rows = [
        (_code([mark.hex(" ")]), name.removesuffix("-sig").upper()) for mark, name in MARKS.items()
    ]
    return _table(("first bytes", "read as"), rows)


def totals_table() -> str:
    """List the words that a row of totals begins with."""
    return _table(("a last row that begins with", "is"), [(_code(sorted(TOTALS)), "a total")])


def dates_table() -> str:
    """List formats that are found without a word in the dictionary, and orders that are none."""
    rows = []
    for order in ORDERS:
        for words in product(*(_WORDS[part] for part in order)):
            found = list(filter(is_found, _formats(words)))
            if found:
                rows.append((_code(DAY.strftime(form) for form in found), _code(found)))
    rows.append((f"with {_code(SEPARATORS[1:])} between two parts", "read, too"))
    for odd in permutations(_WORDS):
        if list(odd) not in ORDERS:
            form = "/".join(_WORDS[part][0] for part in odd)
            rows.append((_code([DAY.strftime(form)]), f"refused: {', '.join(odd)}"))
    return _table(("written", "format"), rows)


def is_found(form: str) -> bool:
    """Tell whether a date as strftime writes it in a format is found to be in it."""
    return decide_format({DAY.strftime(form): 1}) == form


def _formats(words: tuple[str, ...]) -> Iterator[str]:
    """Write a format with the separators that are one letter, and with a comma before the year."""
    first, second, third = words
    for separator in SEPARATORS:
        if len(separator) == 1 and separator != ",":
            yield f"{first}{separator}{second}{separator}{third}"
    if "%b" in words[:2] and third.lower() == "%y":
        yield f"{first} {second}, {third}"


def numbers_table() -> str:
    """Write a number with all marks there are."""
    by_value: dict[str, list[str]] = {"1640.57": [], "-1640.57": [], "1640": [], "12": []}
    for decimal, thousands in product(get_args(Decimal), get_args(Thousands)):
        if decimal != thousands:
            by_value["1640.57"].append(f"1{thousands}640{decimal}57")
    by_value["-1640.57"] = ["(1,640.57)", "1640.57-", "\u22121640.57", "- 1640.57", "$-1,640.57"]
    by_value["1640"] = ["$1,640", "1.640 \u20ac", "EUR 1.640", "CHF 1\u2019640", "1 640 kr"]
    by_value["12"] = ["12%", "12 %", "1.2e1"]
    by_value["123456.5"] = ["1,23,456.5"]
    return _table(("written", "is"), [(_code(texts), value) for value, texts in by_value.items()])


def currencies_table() -> str:
    """List signs, words and codes of currencies."""
    named: dict[str, list[str]] = {}
    for text, code in [*SIGNS.items(), *WORDS.items()]:
        named.setdefault(code, []).append(text)
    rows = [(_code(texts), code) for code, texts in sorted(named.items())]
    rows.append((_code(sorted(CODES)), "itself, in any case"))
    return _table(("beside a number", "currency"), rows)


def missing_table() -> str:
    """List the texts that mean missing, and the words of flags."""
    tokens = sorted(str(text) for text in MISSING_TEXTS if text)
    return _table(
        ("text", "means"),
        [
            ("an empty cell, blanks", "missing"),
            (_code(tokens), "missing"),
            (_code(sorted(map(str.upper, SPREADSHEET_ERRORS))), "missing"),
            (_code(YES), "yes, where all others mean no"),
            (_code(NO), "no, where all others mean yes"),
        ],
    )


def codes_table() -> str:
    """List the last words of names of codes."""
    rows = [(_code(words), f"{least:,}") for least, words in NAMES.items()]
    rows.append((f"one of these, then {_code(BEHIND_NAMES)}", "as above"))
    return _table(("last word of the name", "half of the numbers are at least"), rows)


def lists_table() -> str:
    """Write a list with each delimiter."""
    shown = {mark: what for mark, what in DELIMITERS.items() if mark.strip()}
    rows = [(_code([f"a{mark}b{mark}c"]), what) for mark, what in shown.items()]
    rows.append(("a value in each line", DELIMITERS["\n"]))
    rows.append(("a tab behind each value", DELIMITERS["\t"]))
    return _table(("in the cell", "between values"), rows)


UNTIL = "2026-01-01"
LEARNT_FROM: Mapping[str, InputColumn] = {
    "numbers": Number("x", 0.5),
    "0 and 1": Number("x", 0.5),
    "numbers in text": Number("x", 0.5, InText()),
    "true and false": Flag("x", 0.5),
    "Yes and No in text": Flag("x", 0.5, ("Yes",), ("No",)),
    "codes": Category("x", whole=True),
    "lists in text": Listed("x holds b", "x", "b", ";"),
    "dates": Number("x", 30.0, DaysSince("x", until_day=UNTIL)),
    "dates in text": Number("x", 30.0, DaysSince("x", until_day=UNTIL, format="%d/%m/%Y")),
    "seconds since 1970": Number("x", 30.0, DaysSince("x", until_day=UNTIL, format="unix")),
}
"""A column of each kind, by what it was learnt from."""


def model_of(learnt: str) -> ScoringModel:
    """Make a model of one column, of 0 and 1 where that was learnt from."""
    column = LEARNT_FROM[learnt]
    mean, std = (0.5, 0.5) if learnt == "0 and 1" else (0.25, 2.0)
    term: Standardized | Levels = Standardized(column.name, mean, std, 1.0)
    if isinstance(column, Category):
        levels = (Level("7001", 1.0, 0.5), Level("7002", -1.0, 0.25))
        none = Level("", 0.0, 0.0)
        term = Levels(column.name, 1.0, levels, none, none)
    said = Provenance("an example", "label", "1", 4, 0, "none", "")
    return ScoringModel("an example", (), (column,), (term,), Logit(0.0, 1.0), said)


def types_table() -> str:
    """Say how a column is read where a warehouse holds it as another type, and what is refused."""
    kinds: tuple[Held, ...] = get_args(Held)
    rows = []
    for learnt in LEARNT_FROM:
        cells = []
        for kind in kinds:
            found = hold_as(model_of(learnt), {"x": kind})
            cells.append("refused" if found.problems else _how(found.model.columns[0]))
        rows.append((learnt, *cells))
    return _table(("learnt from", *(f"where it holds {HELD_WORDS[kind]}" for kind in kinds)), rows)


def _how(column: InputColumn) -> str:
    """Say as what a column is read."""
    match column:
        case Number(source=source):
            return _how_numbers(source)
        case Weekday(format=written) | Month(format=written):
            return _how_dates(written)
        case Flag(yes=()):
            return "as 1 and 0"
        case Flag(yes=yes, no=no):
            words = {word.lower(): word for word in reversed([*yes, *no])}
            return f"by {_code(reversed(words.values()))}"
        case Category() | Listed():
            return "as text"
        case Missing():
            return "whether it is there"
        case _:
            assert_never(column)


def _how_numbers(source: Plain | InText | DaysSince) -> str:
    match source:
        case Plain():
            return "as numbers"
        case InText():
            return "as plain numbers; any other text is missing"
        case DaysSince():
            return _how_dates(source.format)
        case _:
            assert_never(source)


def _how_dates(written: str) -> str:
    if not written:
        return "by its type"
    if written in NUMBERS:
        return f"as `{written}`"
    if "%z" in written:
        return "as the day in UTC"
    return "year first" if written == ISO else f"as `{written}`, or year first"


def _code(texts: Iterable[str]) -> str:
    r"""Show texts as they are, `|` as `\|`."""
    return " ".join(f"`{text}`" for text in texts).replace("|", "\\|")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    every = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in every)


TABLES: Mapping[str, Callable[[], str]] = {
    "files": files_table,
    "contents": contents_table,
    "encodings": encodings_table,
    "totals": totals_table,
    "dates": dates_table,
    "numbers": numbers_table,
    "currencies": currencies_table,
    "missing": missing_table,
    "codes": codes_table,
    "lists": lists_table,
    "types": types_table,
}
