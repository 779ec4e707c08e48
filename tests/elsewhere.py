"""Trials for engines other than DuckDB: models with tables, and what numpy makes of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from leadweights import battery
from leadweights.calibrators import Isotonic, Knot, Platt
from leadweights.decisions import (
    Adjustment,
    Band,
    Bands,
    Consent,
    Decay,
    Scale,
    Threshold,
    Wording,
    percent_cuts,
)
from leadweights.evaluate import computed
from leadweights.formula import Lowered, Named, NumberInText, Stage, TextColumn
from leadweights.model import Logit, Number, ScoringModel, Standardized
from leadweights.model_file import load
from leadweights.opening import opened, typed
from leadweights.prove import _distances
from leadweights.reading import columns_read, sources
from leadweights.render_sql import select
from leadweights.results import PROBABILITIES, RANKED, SHAPES, Shape, row_outputs, stages
from leadweights.statement import render
from leadweights.table import Table
from leadweights.texts import Texts, texts
from tests.golden import crm_model
from tests.strategies import PROVENANCE

ROW = "row number"
"""A column that every trial's table has besides, to put the result in order."""


@dataclass(frozen=True)
class Trial:
    """A SELECT over a table, and what it must give, in the table's order."""

    name: str
    sql: str
    table: Table
    expected: Mapping[str, battery.Values]


def trials(dialect: str) -> Iterator[Trial]:
    """Give the trials of a dialect: the committed model, every kind of column, every decision."""
    campaign = load("outputs/model.json")
    rows = opened("data/valid.csv")
    for shape in SHAPES:
        yield _trial("campaign", dialect, campaign, shape, rows, columns_read(rows, campaign))
    made = {
        "campaign": campaign,
        "crm": crm_model(dialect),
        "decided": decided_model(dialect),
        "by points": _by_points(campaign),
        "aliases": aliases_model(),
    }
    for name, model in made.items():
        for case in battery.cases(model):
            for shape in SHAPES:
                known = [n for n in case.columns if n in row_outputs(model, shape)]
                title = f"{name}, {case.rows_of}"
                yield _trial(title, dialect, model, shape, case.table, case.values, known)
    yield _ranked(dialect)
    yield from _read_texts(dialect)


def decided_model(dialect: str) -> ScoringModel:
    """Decide everything there is; without a logarithm, whose bits are each engine's own."""
    model = crm_model(dialect)
    columns = [c if not isinstance(c, Number) else replace(c, log=False) for c in model.columns]
    decisions = replace(
        model.decisions,
        calibration=Isotonic((Knot(-3.0, -2.0), Knot(-1.0, -1.5), Knot(2.0, 3.0))),
        consent=Consent("May contact", ("yes", "it's")),
        adjustment=Adjustment("Judgement"),
        decay=Decay("Last seen", 30.0, until_day="2026-06-30"),
        scale=Scale("probability", percent_cuts()),
        bands=Bands(
            "probability",
            (Band("H\u00f6t \u2615", 1.0, "it's time"), Band("Warm", -1.0), Band("Cold", None)),
        ),
        threshold=Threshold(0.25, "a test"),
        owner="Owner",
        reasons=4,
        wordings=(Wording("Age", "the age", "an old lead", "a new lead"),),
    )
    return replace(model, keys=("Id", "Region"), columns=tuple(columns), decisions=decisions)


def _by_points(model: ScoringModel) -> ScoringModel:
    cuts = tuple(-5.0 + place / 10 for place in range(100))
    return replace(
        model,
        decisions=replace(
            model.decisions, calibration=Platt(-0.25, 0.75), scale=Scale("points", cuts)
        ),
    )


def aliases_model() -> ScoringModel:
    """Name columns as results and steps are named."""
    names = ("x", "x_input", "lead_score", "log_odds", "probability", "odds", "leads", "inputs")
    return ScoringModel(
        "aliases",
        (),
        tuple(Number(name, float(place)) for place, name in enumerate(names)),
        tuple(
            Standardized(n, float(place), 2.0 + place, (-1) ** place / len(names))
            for place, n in enumerate(names)
        ),
        Logit(-0.5, 2.0),
        PROVENANCE,
    )


def _trial(
    name: str,
    dialect: str,
    model: ScoringModel,
    shape: Shape,
    table: Table,
    values: Mapping[str, battery.Values],
    columns: Sequence[str] | None = None,
) -> Trial:
    names = list(row_outputs(model, shape) if columns is None else columns)
    sql = render(model, dialect=dialect, shape=shape, columns=names, keys=[ROW])
    return Trial(f"{name}, {shape}", sql, table, computed(stages(model, shape, names), values))


def _ranked(dialect: str) -> Trial:
    """Rank rows with the same score by keys whose order depends on the language."""
    words = ["a", "A", "b", "B", "a ", " a", "a-b", "ab", "\u00c4", "\u00e4", "z", "Z", "1", "10"]
    words += ["2", "_", "\U0001f600", "\uff5e", "", "-", "a.b", "\u0430", "\u00df", "ss"]
    model = replace(
        decided_model(dialect),
        decisions=replace(decided_model(dialect).decisions, consent=None),
    )
    random = np.random.default_rng(7)
    ids = [word for word in words for _ in words]

    def pick(*cells: str | None) -> str | None:
        return cells[random.integers(len(cells))]

    columns: dict[str, tuple[str, list[str | None]]] = {
        "Id": ("VARCHAR", [*ids]),
        "Region": ("VARCHAR", [word for _ in words for word in words]),
        "Owner": ("VARCHAR", [pick("x", "X", "y ", "y", None) for _ in ids]),
        "Judgement": ("DOUBLE", [pick("0.9", "1.1", None) for _ in ids]),
    }
    for name, role in sources(model, [*row_outputs(model, "standardized"), *RANKED]).items():
        sql_type = {"number": "DOUBLE", "flag": "BOOLEAN", "text": "VARCHAR", "date": "DATE"}[role]
        columns.setdefault(name, (sql_type, [None] * len(ids)))
    table = typed(columns, "ranks")
    values = columns_read(table, model, RANKED)
    sql = render(model, dialect=dialect, columns=RANKED, keys=[ROW])
    expected = computed(stages(model, columns=RANKED), values)
    return Trial("decided, ranks", sql, table, expected)


def _read_texts(dialect: str) -> Iterator[Trial]:
    """Read letters of every alphabet that has two cases, and texts that look like numbers."""
    words = [
        "\u039f\u0394\u039f\u03a3",
        "\u03a3\u03a3 \u03a3",
        "\u0130STANBUL",
        "STRASSE",
        "\u1e9e",
        "I",
    ]
    letters = [chr(i) for i in (*range(1, 0x588), *range(0x10A0, 0x1100), *range(0x1E00, 0x2000))]
    random = np.random.default_rng(5)
    shapes = ["{}", " {}", "{} ", "+{}", "-{}", "{}.", ".{}", "{}e5", "{}E-12", "+.{}e+7 "]
    shapes += ["{}\n", "\n{}", "{}\r", "{}\t", "\u00a0{}", "{}e", "e{}", "{}_0", "{},5", "--{}"]
    digits = [
        "".join(map(str, random.integers(0, 10, size))) for size in range(1, 41) for _ in "abc"
    ]
    numbers = [shape.format(some) for some in digits for shape in shapes]
    numbers += [f"{a}.{b}" for a in digits for b in random.choice(digits, 5)]
    for name, formula, cells in (
        ("letters", Lowered(TextColumn("text")), [*words, *letters]),
        ("numbers", NumberInText("text"), numbers),
    ):
        if dialect == "sqlite" or (dialect == "tsql" and name == "numbers"):
            continue
        held = [None, *cells]
        stages_ = [Stage("read", (Named("value", formula),))]
        sql = select(stages_, dialect, "leads", [ROW])
        expected = computed(stages_, {"text": texts(held)})
        yield Trial(name, sql, typed({"text": ("VARCHAR", held)}, name), expected)


NUMBERED = f'SELECT (row_number() OVER ())::INTEGER AS "{ROW}", * FROM leads'
"""The SELECT that gives a trial's table its row numbers, in DuckDB."""


def numbered_rows(table: Table) -> list[tuple[Any, ...]]:
    """Give a trial's rows with their numbers, as Python values."""
    return table._connection.execute(NUMBERED).fetchall()


def wrong(trial: Trial, found: Mapping[str, Sequence[Any]], ulp: int) -> list[str]:
    """Say what differs: bits, texts, or a probability by more than some ulp."""
    said = []
    for name, ours in trial.expected.items():
        theirs = found[name]
        if isinstance(ours, Texts):
            values = ours.values()
            odd = [i for i, (a, b) in enumerate(zip(values, theirs, strict=True)) if a != b]
            said += [f"{name}: {len(odd)} texts, {values[i]!r} is {theirs[i]!r}" for i in odd[:1]]
            continue
        numbers = np.ma.masked_invalid(
            np.array([np.nan if value is None else value for value in theirs], dtype=float)
        )
        assert len(numbers) == len(ours)
        differ, distance = _distances(ours, numbers)
        if name in PROBABILITIES:
            differ &= distance > ulp
        if differ.any():
            row = int(np.argmax(differ))
            said.append(
                f"{name}: {int(differ.sum())} of {len(ours)} rows, by {int(distance.max())} ulp; "
                f"row {row + 1} is {theirs[row]!r}, not {ours[row]!r}"
            )
    return [f"{trial.name}: {line}" for line in said]
