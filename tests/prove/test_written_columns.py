"""The same bits from columns of text and of numbers: numbers with marks, and codes of digits."""

from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from leadweights.formula.arrays import Floats
from leadweights.model.form import Form
from leadweights.model.model import (
    Category,
    InputColumn,
    InText,
    Logit,
    Number,
    Plain,
    ScoringModel,
)
from leadweights.model.terms import Level, Levels, Standardized, Term
from leadweights.sql.render import render
from leadweights.tables.engines.engine import Engine, in_order
from leadweights.tables.engines.registry import open_engine
from leadweights.tables.open import parse_table
from leadweights.tables.table import ROW
from tests.support.engine import same_bits
from tests.support.strategies import PROVENANCE
from tests.support.tools import each

CODES = ("7001", "7240", "90000000", "120")
# Cents, so that none has three digits behind its point: those may be thousands in text.
cents = st.one_of(st.none(), st.integers(-(10**11), 10**11))
rows = st.lists(st.tuples(cents, st.sampled_from([None, *CODES, "8000"])), min_size=2, max_size=30)


@pytest.fixture(scope="module", params=each(["duckdb", "postgres", "mariadb", "sqlite", "hyper"]))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with open_engine(request.param) as engine:
        yield engine


def model_of(source: Plain | InText, *, numbers: bool = True) -> ScoringModel:
    levels = tuple(Level(code, 0.1 + place / 7, 0.2) for place, code in enumerate(CODES))
    columns: list[InputColumn] = [Category("owner", ("", "NaN"), whole=True)]
    rest = Level("", -0.3, 0.1), Level("", 0.0, 0.0)
    terms: list[Term] = [Levels("owner", 0.5 if numbers else 1.0, levels, *rest)]
    if numbers:
        columns.append(Number("budget", 2500.5, source))
        terms.append(Standardized("budget", 1234.5, 777.7, 0.5))
    return ScoringModel("drawn", (), tuple(columns), tuple(terms), Logit(-0.5, 3.0), PROVENANCE)


def scores(
    engine: Engine, model: ScoringModel, columns: Mapping[str, tuple[str, Sequence[str | None]]]
) -> Floats:
    table = parse_table(columns, "drawn").number_rows({name: name for name in columns}, {})
    engine.load(table)
    sql = render(model, dialect=engine.dialect, table=engine.table, keys=[ROW])
    found: Floats = in_order(engine.select(sql), table)["lead_score"]
    return found


def grouped(cent: int | None, mark: str, decimal: str) -> str | None:
    swapped = str.maketrans({",": mark, ".": decimal})
    return None if cent is None else f"{cent / 100:,.2f}".translate(swapped)


STYLES = {
    "decimal comma": ("", ",", Form(",")),
    "German": (".", ",", Form(",", ".")),
    "American": (",", ".", Form(".", ",", ("$", "US$"), signs=True)),
    "French": ("\u202f", ",", Form(",", " ", ("\u20ac",))),
    "Swiss": ("\u2019", ".", Form(".", "'", signs=True)),
}


@pytest.mark.sweep
@seed(1)
@settings(max_examples=15, deadline=None)
@given(rows, st.sampled_from(sorted(STYLES)))
def test_text_and_numbers_in_every_type_give_the_bits_of_the_plain_column(
    engine: Engine, drawn: list[tuple[int | None, str | None]], style: str
) -> None:
    amounts, owners = [cent for cent, _ in drawn], [owner for _, owner in drawn]
    digits = [None if cent is None else repr(cent / 100) for cent in amounts]
    plain = model_of(Plain())
    expected = scores(engine, plain, {"owner": ("VARCHAR", owners), "budget": ("DOUBLE", digits)})
    mark, decimal, form = STYLES[style]
    model = model_of(InText(form))
    texts = [grouped(cent, mark, decimal) for cent in amounts]
    for kind, cells in (("VARCHAR", texts), ("DOUBLE", digits), ("DECIMAL(18, 4)", digits)):
        found = scores(engine, model, {"owner": ("BIGINT", owners), "budget": (kind, cells)})
        assert same_bits(found, expected), kind


@seed(2)
@settings(max_examples=15, deadline=None)
@given(rows)
def test_codes_are_the_same_levels_in_text_integers_and_doubles(
    engine: Engine, drawn: list[tuple[int | None, str | None]]
) -> None:
    owners = [owner for _, owner in drawn]
    model = model_of(Plain(), numbers=False)
    by_code = {code: 0.1 + place / 7 for place, code in enumerate(CODES)} | {None: 0.0}
    for kind in ("VARCHAR", "BIGINT", "DOUBLE"):
        found = scores(engine, model, {"owner": (kind, owners)})
        assert found.tolist() == [by_code.get(owner, -0.3) for owner in owners], kind
