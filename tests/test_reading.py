"""What the page on reading says is read so: every example of its tables is tried."""

import re
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pytest

import leadweights as lw
from leadweights.errors import TableError, UnsupportedError
from leadweights.formula.marks import read
from leadweights.formula.texts import texts
from leadweights.learn.prepare.codes import are_named, is_name_of_codes
from leadweights.learn.prepare.dictionary import MISSING_TEXTS, Entry
from leadweights.learn.prepare.lists import choose_layout
from leadweights.learn.prepare.numerals import are_words_of_flags, find_form, missing_texts
from leadweights.model.date_formats import parse
from leadweights.model.form import Form
from leadweights.model.held import Held
from leadweights.tables.dates import Undecided, decide_format
from leadweights.tables.footer import count_footer
from leadweights.tables.open import open_table
from tests.support.reading_tables import DAY, LEARNT_FROM, model_of

PAGE = Path("docs/reading.md").read_text(encoding="utf-8")

# A second value of the column, where one alone could be read in two ways.
SETTLED_BY = {
    "1640,57": "0,5",
    "1.640 \u20ac": "2.750,50 \u20ac",
    "EUR 1.640": "EUR 2.750,50",
}
CODECS = {"fffe": "utf-16-le", "feff": "utf-16-be", "efbbbf": "utf-8"} | {
    "fffe0000": "utf-32-le",
    "0000feff": "utf-32-be",
}


def table(part: str) -> list[list[str]]:
    """List the rows of a table, without its head."""
    text = PAGE.partition(f"<!-- made by the code: {part} -->\n")[2].partition("<!-- end -->")[0]
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.strip().splitlines()]
    return [[cell.strip().replace("\\|", "|") for cell in row] for row in rows[2:]]


def examples(part: str) -> list[tuple[str, str]]:
    """List the examples of a table, each with the cell beside it."""
    return [(text, said) for cell, said, *_ in table(part) for text in spelled(cell)]


def spelled(cell: str) -> list[str]:
    return re.findall("`([^`]+)`", cell)


@pytest.mark.parametrize(("text", "said"), examples("numbers"))
def test_a_number_is_what_the_page_says(text: str, said: str) -> None:
    form = find_form([text, SETTLED_BY.get(text, text)], Entry(kind="number"))
    assert isinstance(form, Form), form
    assert read(text, form) == float(said)


@pytest.mark.parametrize(("unit", "currency"), examples("currencies"))
def test_a_currency_stands_on_either_side_of_a_number(unit: str, currency: str) -> None:
    form = find_form([f"{unit} 12", f"2.5 {unit}"], Entry())
    assert isinstance(form, Form), form
    assert [read(f"{unit} 12", form), read(f"2.5 {unit}", form)] == [12.0, 2.5]
    if currency.isupper():
        assert isinstance(find_form([f"12 {unit}", f"2.5 {currency}"], Entry()), Form)


@pytest.mark.parametrize(("text", "said"), examples("missing"))
def test_a_text_means_what_the_page_says(text: str, said: str) -> None:
    if said == "missing":
        tokens = [str(token) for token in MISSING_TEXTS]
        assert missing_texts(texts([text, f" {text.swapcase()} ", "17"]), tokens) >= {text}
    else:
        other = "no" if said.startswith("yes") else "yes"
        assert are_words_of_flags([text, other])
        assert not are_words_of_flags([text, other, "perhaps"])


@pytest.mark.parametrize(
    ("text", "form"),
    [pair for row in table("dates") for pair in zip(*map(spelled, row), strict=False)],
)
def test_a_date_has_the_format_beside_it(text: str, form: str) -> None:
    assert datetime.strptime(text, form).date() == DAY
    assert decide_format({text: 1}) == form


def test_other_orders_and_separators_are_as_the_page_says() -> None:
    refused = [(row[0], row[1]) for row in table("dates") if row[1].startswith("refused")]
    assert len(refused) == 3
    for (text,), said in ((spelled(cell), said) for cell, said in refused):
        assert isinstance(decide_format({text: 1}), Undecided)
        order = said.removeprefix("refused: ").split(", ")
        with pytest.raises(ValueError, match="come in no such row"):
            parse("/".join({"day": "%d", "month": "%m", "year": "%Y"}[part] for part in order))
    (separators,) = (spelled(cell) for cell, said in table("dates") if said == "read, too")
    for separator in separators:
        text = DAY.strftime(f"%d{separator}%m{separator}%Y")
        assert decide_format({text: 1}) == f"%d{separator}%m{separator}%Y"


@pytest.mark.parametrize(("word", "least"), examples("codes")[:-5])
def test_codes_have_the_names_and_sizes_that_the_page_says(word: str, least: str) -> None:
    size = int(least.replace(",", ""))
    found = np.array([size, size + 7, size + 11], float)
    for name in (word, f"lead_{word}", f"Lead {word} No", f"{word}_2"):
        assert is_name_of_codes(name)
        assert are_named(name, found)
        assert not are_named(name, found + 0.5)
        assert size == 0 or not are_named(name, found - 8)
    assert not is_name_of_codes(f"{word}s_called")


@pytest.mark.parametrize(("cell", "said"), examples("lists"))
def test_a_list_is_taken_apart_as_the_page_says(cell: str, said: str) -> None:
    layout = choose_layout("x", texts([cell, "a"]), Entry(kind="list"))
    assert layout.words == f"between {said}"
    assert layout.split(cell) == ["a", "b", "c"]


@pytest.mark.parametrize(("mark", "what", "advice"), table("contents"))
def test_a_file_of_another_kind_is_refused(
    mark: str, what: str, advice: str, tmp_path: Path
) -> None:
    file = tmp_path / "leads.csv"
    file.write_bytes(bytes.fromhex(*spelled(mark)) + b"a,b\n1,2\n")
    with pytest.raises(TableError) as caught:
        open_table(file)
    assert str(caught.value).endswith(f"by its content it is {what}; {advice}")


@pytest.mark.parametrize(("mark", "name"), table("encodings"))
def test_a_byte_order_mark_is_followed(mark: str, name: str, tmp_path: Path) -> None:
    (own,) = spelled(mark)
    codec = CODECS[own.replace(" ", "")]
    assert codec.startswith(name.lower())
    (tmp_path / "leads.csv").write_bytes(bytes.fromhex(own) + "a,b\n\u00e9,2\n".encode(codec))
    assert open_table(tmp_path / "leads.csv").all_values() == [("\u00e9", 2)]


@pytest.mark.parametrize(("word", "_said"), examples("totals"))
def test_a_total_is_found_at_the_end(word: str, _said: str) -> None:
    rows = [["web", "12"], ["mail", "30"]]
    assert count_footer([*rows, [word.title(), "42"]]) == 1
    assert count_footer([*rows, [word, "42"], ["mail", "1"]]) == 0
    assert count_footer([*rows, [word, "by phone"]]) == 0


@pytest.mark.parametrize(
    ("ending", "said"), [pair for pair in examples("files") if pair[1] in ("Parquet", "JSON lines")]
)
def test_a_typed_file_is_read_by_its_ending(ending: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / f"leads{ending}"
    kind = {"Parquet": "parquet", "JSON lines": "json"}[said]
    duckdb.sql(f"COPY (SELECT 'x' AS a, 2 AS b) TO '{file}' (FORMAT {kind})")
    assert open_table(file).all_values() == [("x", 2)]


KINDS = ("number", "flag", "text", "date", "moment")
# Two values and none, as a table with such a column holds them: the same ones in each kind.
_DAYS = {
    "text": "('2025-12-31'), ('2025-06-01 23:59:00'), (NULL)",
    "date": "(DATE '2025-12-31'), ('2025-06-01'), (NULL)",
    "moment": "(TIMESTAMPTZ '2025-12-31 23:00:00+00'), ('2025-06-01 05:00:00+02'), (NULL)",
}
_YES = {"number": "(1), (0), (NULL)", "flag": "(TRUE), (FALSE), (NULL)"}
HELD = {
    "numbers": {"number": "(1.5), (20), (NULL)", "text": "('1.5'), (' 2e1'), ('about 7')"},
    "0 and 1": {**_YES, "text": "('1'), ('0.0'), ('')"},
    "numbers in text": {"number": "(1.5), (20), (NULL)", "text": "('1.5'), ('+20'), ('n/a')"},
    "true and false": {**_YES, "text": "('TRUE'), ('n'), ('perhaps')"},
    "Yes and No in text": {**_YES, "text": "('Yes'), ('No'), ('yes')"},
    "codes": {"number": "(7001.0), (7002), (NULL)", "text": "('7001'), ('7002'), (NULL)"},
    "lists in text": {"text": "('a; b'), ('bb;a'), (NULL)"},
    "dates": _DAYS,
    "dates in text": {**_DAYS, "text": "('31/12/2025'), ('1/6/2025'), ('soon')"},
    "seconds since 1970": {
        **{kind: _DAYS[kind] for kind in ("date", "moment")},
        "number": "(1767139200), (1748736000), (NULL)",
    },
}
# Digits such as 20251231 are for a format of digits: a number has no day before a month by slashes.
NOT_TRIED = {("dates in text", "number")}


def by_hand(learnt: str) -> list[float]:
    """Give the log-odds of the three rows."""
    match learnt:
        case "codes":
            return [1.0, -1.0, 0.0]
        case "numbers" | "numbers in text":
            values, mean, std = [1.5, 20.0, 0.5], 0.25, 2.0
        case "0 and 1":
            values, mean, std = [1.0, 0.0, 0.5], 0.5, 0.5
        case "true and false" | "Yes and No in text":
            values, mean, std = [1.0, 0.0, 0.5], 0.25, 2.0
        case "lists in text":
            values, mean, std = [1.0, 0.0, 0.0], 0.25, 2.0
        case _:
            values, mean, std = [1.0, 214.0, 30.0], 0.25, 2.0
    return [(value - mean) / std for value in values]


def test_the_table_of_types_is_of_every_kind_of_column() -> None:
    assert [row[0] for row in table("types")] == list(LEARNT_FROM) == list(HELD)
    assert {len(row) for row in table("types")} == {1 + len(KINDS)}


@pytest.mark.parametrize(
    ("learnt", "kind", "said"),
    [
        (row[0], kind, cell)
        for row in table("types")
        for kind, cell in zip(KINDS, row[1:], strict=True)
    ],
)
def test_a_column_of_another_type_is_read_as_the_page_says(
    learnt: str, kind: Held, said: str
) -> None:
    model = model_of(learnt)
    if said == "refused":
        with pytest.raises(UnsupportedError, match=r"must hold .*: cast it in a view"):
            lw.render(model, held={"x": kind})
        assert kind not in HELD[learnt]
        return
    if (learnt, kind) in NOT_TRIED:
        return
    sql = lw.render(model, held={"x": kind}, columns=["log_odds"])
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Tokyo'")
        connection.execute(f"CREATE VIEW leads AS SELECT x FROM (VALUES {HELD[learnt][kind]}) t(x)")
        assert [row[0] for row in connection.execute(sql).fetchall()] == by_hand(learnt)
