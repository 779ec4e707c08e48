"""What the page on reading says is read so: every example of its tables is tried."""

import re
from pathlib import Path

import pytest

from leadweights.formula.marks import read
from leadweights.formula.texts import texts
from leadweights.learn.prepare.dictionary import Entry
from leadweights.learn.prepare.numerals import find_form, missing_texts
from leadweights.model.form import Form
from leadweights.tables.dates import decide_format

PAGE = Path("docs/reading.md").read_text(encoding="utf-8")

# A second value of the column, where one alone could be read in two ways.
SETTLED_BY = {
    "1640,57": "0,5",
    "1.640 \u20ac": "2.750,50 \u20ac",
    "EUR 1.640": "EUR 2.750,50",
    "1.2.2026": "31.1.2026",
    "1-2-2026": "31-1-2026",
    "1 2 2026": "31 1 2026",
    "31/12/26": "31/12/69",
}


def table(section: str) -> list[tuple[str, str]]:
    """List the examples in the first table of a section, each with the cell beside it."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [(text, said.strip()) for cell, said in rows[2:] for text in spelled(cell)]


def spelled(cell: str) -> list[str]:
    return re.findall("`([^`]+)`", cell)


@pytest.mark.parametrize(("text", "said"), table("Numbers"))
def test_a_number_is_what_the_page_says(text: str, said: str) -> None:
    if said == "missing":
        assert missing_texts(texts([text, "17"]), ()) == {text}
        return
    form = find_form([text, SETTLED_BY.get(text, text)], Entry(kind="number"))
    assert isinstance(form, Form), form
    assert read(text, form) == float(said)


@pytest.mark.parametrize(("text", "said"), table("Dates"))
def test_a_date_has_a_format_that_the_page_names(text: str, said: str) -> None:
    found = decide_format({text: 1, SETTLED_BY.get(text, text): 1})
    assert isinstance(found, str), found
    date = re.split("[ T]%H", found)[0]
    assert re.sub("[/. -]", "-", date) in {re.sub("[/. -]", "-", one) for one in spelled(said)}
