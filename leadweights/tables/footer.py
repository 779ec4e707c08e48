"""The end of an export that is no lead: totals, counts, who made it and when."""

import re
from collections import Counter, deque
from collections.abc import Iterable, Sequence

TOTALS = {
    *("total", "totals", "grand total", "grand totals", "sum", "sums", "subtotal", "overall"),
    *("summe", "gesamt", "gesamtsumme", "insgesamt", "gesamtergebnis", "totale", "totaal"),
    *("suma", "soma", "somme", "total général", "total general", "totalt", "summa", "celkem"),
}
# What an amount is written with, besides digits: a cell of these is no text.
_MARKS = r"[\s\d.,'’%()+\-–/:]*"
_AMOUNT = re.compile(rf"\s*-\s*|(?=.*\d){_MARKS}([^\W\d_]{{0,3}}|[$€£¥₹]){_MARKS}")
_THINGS = "rows?|records?|leads?|contacts?|items?|entries|zeilen|datensätze"
_REMARK = re.compile(
    rf"(grand |sub-?)?totals?\b|(total |number of |anzahl )?({_THINGS}|count|anzahl)\b *[:=(]"
    rf"|\(?[\d.,' ]+({_THINGS})\b|(generated|exported|created|printed|downloaded|erstellt|"
    r"exportiert|generiert)\b.*|(report|source|quelle|filter|page|seite|date)\b *[:#\d]"
    r"|copyright\b|©|\(c\)|confidential\b|end of (report|file|data)\b",
    re.IGNORECASE,
)
# With fewer columns, a row of missing values is as likely.
_FEWEST_BLANK = 3
MOST_LINES = 20
"""Lines of a footer, at most."""


def count_footer(rows: Iterable[Sequence[str]]) -> int:
    """Count the last rows that are no rows of the table, by what stands in them.

    A word for a total says so only where no other row has it in that column.
    """
    last: deque[Sequence[str]] = deque(maxlen=MOST_LINES)
    words: Counter[tuple[int, str]] = Counter()
    for row in rows:
        last.append(row)
        words.update(_totals(row))
    count = 0
    for position, row in enumerate(reversed(last), start=1):
        alone = all(words[key] == 1 for key in _totals(row))
        if is_blank(row) or is_remark(row) or (is_total(row) and alone):
            count = position
        else:
            break
    return count


def could_end_table(row: Sequence[str]) -> bool:
    """Tell whether a row, looked at by itself, may be part of a footer."""
    return is_total(row) or is_remark(row) or is_blank(row)


def is_blank(row: Sequence[str]) -> bool:
    """Tell whether a row has delimiters alone, as spreadsheets write rows below a table."""
    return len(row) > _FEWEST_BLANK and not any(map(str.strip, row))


def is_total(row: Sequence[str]) -> bool:
    """Tell whether a row begins with a word for a total, and has nothing but numbers beside."""
    filled = [cell for cell in row if cell.strip()]
    if len(row) < 2 or not filled or _word(filled[0]) not in TOTALS:
        return False
    return all(_AMOUNT.fullmatch(cell) or _word(cell) in TOTALS for cell in filled)


def is_remark(row: Sequence[str]) -> bool:
    """Tell whether a row has but one cell, and that says something of the whole table."""
    filled = [cell.strip() for cell in row if cell.strip()]
    return len(row) > 1 and len(filled) == 1 and bool(_REMARK.match(filled[0]))


def describe_row(row: Sequence[str]) -> str:
    """Say by what a footer's row is no row of the table."""
    filled = list(filter(str.strip, row))
    return f"tells of it ({filled[0]!r})" if filled else "holds nothing"


def _totals(row: Sequence[str]) -> list[tuple[int, str]]:
    words = map(_word, row)
    return [(place, word) for place, word in enumerate(words) if word in TOTALS]


def _word(cell: str) -> str:
    return cell.strip().rstrip(":").strip().lower()


def advise_skipping(count: int) -> str:
    """Say how so many last lines are left out."""
    lines = "the last line" if count == 1 else f"the last {count} lines"
    return (
        f"leave {lines} out with --skip-footer {count} "
        f"(in Python lw.File(name, skip_footer={count}))"
    )
