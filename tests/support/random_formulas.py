"""What random formulas read: columns of every kind, and rows of them."""

import numpy as np
from hypothesis import strategies as st

from leadweights.formula.nodes import (
    DatePart,
    DayColumn,
    DayInText,
    FlagColumn,
    Formula,
    MonthColumn,
    Named,
    NumberColumn,
    NumberInText,
    Stage,
    Text,
    TextColumn,
    Trimmed,
    read_by,
)
from leadweights.formula.texts import texts
from tests.support.strategies import NUMBERS_IN_TEXT, WORDS, small

SOURCE = Stage(
    "source",
    (
        Named("a", NumberColumn("a")),
        Named("b", NumberColumn("b")),
        Named("c", FlagColumn("c")),
        Named("d", DayColumn("d")),
        Named("m", MonthColumn("d")),
        Named("n", NumberInText("t")),
        Named("t", TextColumn("t")),
        Named("w", DayInText("w", "%d/%m/%y")),
        Named("y", DatePart(Trimmed(TextColumn("w")), "%b %d, %Y %H:%M%z", "minutes")),
    ),
)
TYPES = {"c": "BOOLEAN", "d": "DATE", "t": "VARCHAR", "w": "VARCHAR"}
cells = st.lists(
    st.one_of(small, st.floats(-3, 3, width=32), st.integers(-99, 99).map(float), st.just(np.nan)),
    min_size=4,
    max_size=4,
)
WRITTEN_DATES = (
    *(None, "", "29/02/24", "29/02/23", "1/2/69", "31/12/68", " 5/03/26 10:00 ", "5/03/26x"),
    *("2024-02-29", "2024-02-29 23:30:00-02", "Mar 5, 2026 0:30+01:00", "mar 5, 2026 12:00Z"),
)
in_text = st.sampled_from([None, *WORDS, *NUMBERS_IN_TEXT]).filter(lambda text: text != "1e400")
tables = st.fixed_dictionaries(
    {
        "a": cells.map(np.array),
        "b": cells.map(np.array),
        "c": st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=4, max_size=4).map(np.array),
        "d": st.lists(
            st.one_of(st.just(np.nan), st.integers(-30_000, 30_000).map(float)),
            min_size=4,
            max_size=4,
        ).map(np.array),
        "t": st.lists(in_text, min_size=4, max_size=4).map(texts),
        "w": st.lists(st.sampled_from(WRITTEN_DATES), min_size=4, max_size=4).map(texts),
    }
)


def in_stages(formula: Formula | Text) -> tuple[Stage, Stage]:
    """Compute a formula after the columns it reads: a date in a text takes a page of SQL."""
    read = {column.name for column in read_by(formula)}
    source = [column for column in SOURCE.columns if column.name in read] or SOURCE.columns[:1]
    return Stage("source", tuple(source)), Stage("result", (Named("value", formula),))
