"""Write the golden SQL: `python -m tests.support.golden_files`."""

from pathlib import Path

from sqlglot import exp

from leadweights.formula.promises import Promise
from leadweights.formula.stages import LISTS, SHAPES, Shape, outputs
from leadweights.model.calibration import Isotonic, Knot
from leadweights.model.file import load
from leadweights.model.model import (
    Category,
    DaysSince,
    Flag,
    InText,
    Listed,
    Logit,
    Missing,
    Month,
    Number,
    ScoringModel,
    SegmentFill,
    Segments,
    Weekday,
)
from leadweights.model.provenance import Provenance
from leadweights.model.rules import (
    Adjustment,
    Band,
    Bands,
    Consent,
    Decay,
    Decisions,
    Scale,
    Threshold,
    Trend,
    Wording,
    percent_cuts,
)
from leadweights.model.terms import Bins, Curve, Level, Levels, Point, Ranged, Standardized
from leadweights.model.trees import Leaf, LevelSplit, NumberSplit, Trees
from leadweights.sql.dialects import DIALECTS
from leadweights.sql.idioms import text_literal
from leadweights.sql.render import render

# A file for each pair.
EVERY = [(dialect, shape) for dialect in DIALECTS for shape in SHAPES]


PROMISED = {"fatigue_score": Promise(1e9), "recency_days": Promise(1e9, required=True)}
"""What the types of a table promise, for the file that shows a SELECT with fewer guards."""


def _spells(dialect: str) -> tuple[object, ...]:
    """Say how a dialect writes names, texts and operators."""
    target = DIALECTS[dialect]
    name, text = exp.to_identifier('`]"', quoted=True), text_literal("'\\", target)
    return (
        *(tree.sql(target.sqlglot) for tree in (name, text)),
        target.casts_literals,
        target.casts_by_operator,
        target.folds_constants,
        target.inverts_divisors,
    )


FAMILIES = list({_spells(dialect): dialect for dialect in reversed(DIALECTS)}.values())[::-1]
"""A dialect of each family that writes names, texts and operators alike; the first of it."""


def crm_model(dialect: str) -> ScoringModel:
    """Make a model with a column and a term of every kind that a dialect can express."""
    target = DIALECTS[dialect]
    in_text = Number("Revenue", 0.0, InText()) if target.reads_texts else Number("Revenue", 0.0)
    columns = (
        Category("Source", ("", "Select"), trim=True, casefold=bool(target.lower)),
        Flag("Do Not Call", 0.0, ("Yes",), ("No",)),
        Flag("Opted In", 1.0),
        Month("Created month", "Created"),
        Number("Age", 30.0, DaysSince("Created", until_column="Exported"), low=0.0, high=365.0),
        Number("Days Open", 7.0, DaysSince("Created", until_day="2026-06-30"), log=True),
        in_text,
        Number(
            "Visits",
            3.0,
            missing=(999.0,),
            segments=Segments("Source", (SegmentFill("google", 2.0), SegmentFill("it's", 5.0))),
        ),
        Missing("Visits is missing", "Visits"),
        Weekday("Created weekday", "Created"),
        Listed("Interests: it's", "Interests", "it's", ";"),
        Listed("Interests: web site", "Interests", "web site", ";"),
    )
    other, missing = Level("", -0.1, 0.02), Level("", -0.2, 0.3)
    terms = (
        Levels(
            *("Source", 0.1),
            (Level("caf\u00e9 \u2615", 0.25, 0.2), Level("google", 0.1, 0.48)),
            *(other, missing),
        ),
        Standardized("Do Not Call", 0.1, 0.3, -0.05),
        Standardized("Opted In", 0.9, 0.3, 0.05),
        Levels("Created month", 0.1, (Level("December", 0.3, 0.1),), other, missing),
        Standardized("Age", 30.0, 20.0, -0.1),
        Standardized("Days Open", 2.0, 1.5, -0.1),
        Standardized("Revenue", 1000.0, 250.0, 0.1),
        Curve("Visits", 0.1, (Point(0.0, -0.3), Point(2.0, 0.1), Point(10.0, 0.2))),
        Standardized("Visits is missing", 0.1, 0.3, -0.1),
        Levels("Created weekday", 0.1, (Level("Monday", 0.2, 0.3),), other, missing),
        Standardized("Interests: it's", 0.2, 0.4, 0.05),
        Standardized("Interests: web site", 0.1, 0.3, -0.05),
    )
    provenance = Provenance("a test", "label", "1", 100, 40, "written by hand", "0" * 64)
    return ScoringModel("crm", ("Id",), columns, terms, Logit(-0.5, 3.0), provenance)


def deciding_model() -> ScoringModel:
    """Make a small model with every decision."""
    columns = (Number("age_days", 30.0), Category("source", ("",)), Number("visits", 2.0))
    other, missing = Level("", -0.1, 0.1), Level("", -0.2, 0.2)
    levels = (Level("fair", 0.4, 0.3), Level("web", -0.05, 0.4))
    terms = (
        Standardized("age_days", 30.0, 20.0, -0.5),
        Levels("source", 0.25, levels, other, missing),
        Curve("visits", 0.25, (Point(0.0, -0.3), Point(2.0, 0.1), Point(10.0, 0.2))),
    )
    bands = (Band("hot", 1.0, "call today"), Band("warm", -0.5, "send an e-mail"), Band("cold"))
    knots = (Knot(-2.0, -1.5), Knot(0.0, 0.25), Knot(1.5, 1.25))
    rules = Decisions(
        calibration=Isotonic(knots),
        consent=Consent("may_contact", ("yes",)),
        adjustment=Adjustment("judgement", 0.9, 1.1),
        decay=Decay("last_seen", 30.0, until_day="2026-06-30"),
        scale=Scale("probability", percent_cuts()),
        bands=Bands("probability", bands),
        threshold=Threshold(0.5, "written by hand"),
        trend=Trend("log_odds_last_month", 0.25),
        owner="rep",
        reasons=2,
        wordings=(Wording("age_days", high="no news for long", low="young"),),
    )
    provenance = Provenance("a test", "label", "1", 100, 40, "written by hand", "0" * 64)
    return ScoringModel("deciding", ("id",), columns, terms, Logit(-0.5, 3.0), provenance, rules)


def scorecard_model() -> ScoringModel:
    """Make a scorecard written by hand: a number in bins, and one by its range."""
    columns = (Number("income", 30_000.0), Number("visits", 2.0))
    terms = (
        Bins("income", 0.75, (20_000.0, 45_000.0), (-0.5, 0.25, 1.0)),
        Ranged("visits", 0.0, 20.0, -0.25),
    )
    provenance = Provenance("a test", "label", "1", 100, 40, "written by hand", "0" * 64)
    return ScoringModel("scorecard", ("id",), columns, terms, Logit(-0.5, 3.0), provenance)


def trees_model() -> ScoringModel:
    """Make a small model with trees that read a column of every kind."""
    columns = (
        Month("created month", "created"),
        Flag("opted in", 1.0),
        Category("source", ("Select",)),
        Number("visits", 3.0, missing=(999.0,)),
    )
    none = Level("", 0.0, 0.1)
    terms = (
        Levels("created month", 0.0, (), none, none),
        Standardized("opted in", 0.9, 0.3, 0.25),
        Levels("source", 0.25, (Level("web", 0.25, 0.5),), none, none),
        Standardized("visits", 3.0, 2.0, 0.25),
    )
    autumn = LevelSplit(
        "created month",
        ("September", "October", "December"),
        Leaf(0.125, 0.25),
        Leaf(-0.25, 0.25),
        missing_among=True,
    )
    trees = (
        NumberSplit("visits", 2.5, autumn, Leaf(0.0625, 0.5), missing_above=True),
        LevelSplit(
            "source",
            ("fair", "it's"),
            NumberSplit("opted in", 0.5, Leaf(-0.5, 0.125), Leaf(0.25, 0.125)),
            NumberSplit("visits", 7.0, Leaf(-0.125, 0.5), Leaf(0.25, 0.25)),
            missing_among=True,
        ),
    )
    provenance = Provenance("a test", "label", "1", 100, 40, "written by hand", "0" * 64)
    parts = columns, terms, Logit(-0.5, 3.0), provenance, Decisions(reasons=2)
    return ScoringModel("trees", ("id",), *parts, Trees(0.25, trees))


def golden_paths(dialect: str, shape: Shape) -> list[Path]:
    """Name the files of `golden`."""
    kinds = [shape, *(("crm", "decisions", "trees") if shape == "standardized" else ())]
    # Its terms are made of nodes that the other files show in every dialect.
    kinds += ["scorecard", "promised"] if (dialect, shape) == ("duckdb", "standardized") else []
    return [Path(f"sql/{dialect}.{kind}.sql") for kind in kinds]


def golden(dialect: str, shape: Shape) -> dict[Path, str]:
    """Render the committed model; in the standardized shape one of every kind of column, too.

    And one with every decision, and with every column of the result.
    """
    texts = [render(load("outputs/model.json"), dialect=dialect, shape=shape)]
    if shape == "standardized":
        texts.append(render(crm_model(dialect), dialect=dialect))
        deciding = deciding_model()
        every = [*outputs(deciding), *LISTS]
        texts.append(render(deciding, dialect=dialect, columns=every))
        trees = trees_model()
        texts.append(render(trees, dialect=dialect, columns=[*outputs(trees), *LISTS]))
        if dialect == "duckdb":
            texts.append(render(scorecard_model(), dialect=dialect))
            texts.append(render(load("outputs/model.json"), promised=PROMISED))
    return dict(zip(golden_paths(dialect, shape), texts, strict=True))


if __name__ == "__main__":
    for dialect, shape in EVERY:
        for path, text in golden(dialect, shape).items():
            path.write_text(text, encoding="utf-8", newline="\n")
