"""Models with every kind of column and decision, and tables, for engines other than DuckDB."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from leadweights.errors import UnsupportedError
from leadweights.formula.evaluate import compute
from leadweights.formula.nodes import Formula, Lowered, Named, NumberInText, Stage, Text, TextColumn
from leadweights.formula.stages import RANKED, SHAPES, row_outputs, stages
from leadweights.formula.texts import Texts, texts
from leadweights.model.calibration import Isotonic, Knot, Platt
from leadweights.model.file import load
from leadweights.model.model import Logit, Number, ScoringModel
from leadweights.model.rules import (
    Adjustment,
    Band,
    Bands,
    Consent,
    Decay,
    Decisions,
    Scale,
    Threshold,
    Wording,
    percent_cuts,
)
from leadweights.model.terms import Standardized
from leadweights.prove import hostile_rows
from leadweights.prove.bits import differ, distances
from leadweights.prove.case import Case, GivenRows
from leadweights.prove.parity import Proof
from leadweights.sql.dialects import DIALECTS
from leadweights.sql.select import select
from leadweights.tables.columns import sources
from leadweights.tables.engines.engine import Engine, comparable, in_order
from leadweights.tables.open import parse_table
from leadweights.tables.table import ROW, Table
from tests.support import lists
from tests.support.engine import cells as written_cells
from tests.support.engine import numbers_in
from tests.support.golden_files import crm_model
from tests.support.strategies import FORMS, MARKED, PROVENANCE, Drawn


def trial_models(dialect: str) -> Mapping[str, ScoringModel]:
    """Make the trials of a dialect: the committed model, every kind of column, every decision."""
    campaign = load("outputs/model.json")
    return {
        "campaign": campaign,
        "crm": crm_model(dialect),
        "decided": decided_model(dialect),
        "by points": by_points_model(campaign),
        "aliases": aliases_model(),
    }


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


def by_points_model(model: ScoringModel) -> ScoringModel:
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


def differences_with_reasons_apart(model: ScoringModel, engine: Engine) -> list[str]:
    """Prove a model as `parity` does, on doubles, but ask for its reasons by themselves.

    H2 plans a SELECT of them beside all the rest for four times as long as both SELECTs.
    """
    proof = Proof(engine)
    for case in hostile_rows.cases(model, every_type=False):
        reasons = tuple(name for name in case.columns if name.startswith("reason_"))
        others = tuple(name for name in case.columns if name not in reasons)
        assert reasons
        proof.check([replace(case, columns=others)], SHAPES)
        proof.check([replace(case, columns=reasons)], SHAPES[:1])
    proof.check([hostile_rows.walk_sum(model)], SHAPES)
    proof.check(list(hostile_rows.rows_to_rank(model)), SHAPES[:1], by_row=True)
    assert not proof.left_out
    assert len(proof.checks) == 6
    return [str(check.difference) for check in proof.checks if not check.holds]


def ranked_table() -> tuple[ScoringModel, Table]:
    """Make rows with the same score whose keys' order depends on the language."""
    words = ["a", "A", "b", "B", "a ", " a", "a-b", "ab", "\u00c4", "\u00e4", "z", "Z", "1", "10"]
    words += ["2", "_", "\U0001f600", "\uff5e", "", "-", "a.b", "\u0430", "\u00df", "ss"]
    decisions = Decisions(adjustment=Adjustment("Judgement"), owner="Owner")
    columns, terms = (Number("Visits", 3.0),), (Standardized("Visits", 2.0, 1.5, 1.0),)
    keys = ("Id", "Region")
    model = ScoringModel("ranks", keys, columns, terms, Logit(-0.5, 3.0), PROVENANCE, decisions)
    random = np.random.default_rng(7)
    ids = [word for word in words for _ in words]

    def pick(*cells: str | None) -> str | None:
        return cells[random.integers(len(cells))]

    cells: dict[str, tuple[str, list[str | None]]] = {
        "Id": ("VARCHAR", [*ids]),
        "Region": ("VARCHAR", [word for _ in words for word in words]),
        "Owner": ("VARCHAR", [pick("x", "X", "y ", "y", None) for _ in ids]),
        "Judgement": ("DOUBLE", [pick("0.9", "1.1", None) for _ in ids]),
    }
    for name, role in sources(model, [*row_outputs(model, "standardized"), *RANKED]).items():
        sql_type = {"number": "DOUBLE", "flag": "BOOLEAN", "text": "VARCHAR", "date": "DATE"}[role]
        cells.setdefault(name, (sql_type, [None] * len(ids)))
    return model, parse_table(cells, "ranks")


def read_differences(engine: Engine) -> list[str]:
    """Read letters of every alphabet that has two cases, and texts that look like numbers."""
    said = []
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
    marked = [*MARKED, *(text.lower() for text in MARKED if text != text.lower())]
    trials: list[tuple[str, Formula | Text, list[str]]] = [
        ("letters", Lowered(TextColumn("text")), [*words, *letters]),
        ("numbers", NumberInText("text"), numbers),
        *((f"{form}", NumberInText("text", form), [*marked, *numbers[::100]]) for form in FORMS),
    ]
    if DIALECTS[engine.dialect].globs or DIALECTS[engine.dialect].exact_digits:
        trials = [
            (n, f, [t for t in cells if sum(map(str.isdigit, t)) <= 15]) for n, f, cells in trials
        ]
    by_steps: list[tuple[str, Sequence[Stage], list[str]]] = [
        (name, [Stage("read", (Named("value", formula),))], cells)
        for name, formula, cells in trials
    ]
    by_steps += [(name, steps, list(lists.cells())) for name, steps in lists.trials("text")]
    for name, steps, cells in by_steps:
        held = [None, *cells]
        rows = parse_table({"text": ("VARCHAR", held)}, name).number_rows({"text": "text"}, {})
        engine.load(rows)
        try:
            sql = select(steps, engine.dialect, engine.table, [ROW])
        except UnsupportedError:
            continue
        found = in_order(engine.select(sql), rows)["value"]
        ours = compute(steps, {"text": texts(held)})["value"]
        if isinstance(ours, Texts):
            wrong = differ(ours, found)
        else:
            wrong, _ = distances(comparable(ours, engine), comparable(found, engine))
        odd = [(held[row], found[row]) for row in np.flatnonzero(wrong)[:3]]
        said += [f"{name}: {text!r} is read as {value!r}" for text, value in odd]
    return said


def is_ordinary(model: ScoringModel) -> bool:
    """Tell whether all constants are where every engine reads them: SQLite 3.51 not 1e-90."""
    written = (f"{value:.16e}" for shape in SHAPES for value in numbers_in(stages(model, shape)))
    return {int(text.rpartition("e")[2]) for text in written} <= {*range(-60, 61), 100}


def drawn_differences(drawn: Drawn, engine: Engine) -> list[str]:
    """Compare a random model on its random table, in both shapes."""
    model = drawn.model
    if engine.largest_ulp:
        # Its logarithm is not the C library's either.
        plain = [replace(c, log=False) if isinstance(c, Number) else c for c in model.columns]
        model = replace(model, columns=tuple(plain))
    kinds = {name: drawn.types.get(name, "DOUBLE") for name in drawn.table}
    cells = {n: (kinds[n], written_cells(v, kinds[n])) for n, v in drawn.table.items()}
    names = row_outputs(model, SHAPES[0])
    case = Case(model, GivenRows("drawn"), parse_table(cells, "drawn"), drawn.table, names)
    proof = Proof(engine)
    proof.check([case], SHAPES)
    return [str(check.difference) for check in proof.checks if check.difference]
