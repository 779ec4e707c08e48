"""A comparison in blocks and threads finds what one of all rows at once does."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from leadweights.formula.arrays import Values
from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import stages
from leadweights.formula.texts import texts
from leadweights.model.model import Category, Logit, Number, ScoringModel
from leadweights.model.terms import Level, Levels, Standardized
from leadweights.prove.case import GivenRows
from leadweights.prove.check import Apart, Check, begin, compare
from leadweights.tables.engines.duckdb import DuckDB
from leadweights.tables.engines.engine import Columns
from tests.support.strategies import PROVENANCE

ROWS = 200_000


def test_blocks_and_threads_find_the_same_rows_and_the_same_first_one() -> None:
    levels = (Level("a", 0.5, 0.4), Level("b", -0.5, 0.4))
    model = ScoringModel(
        "blocks",
        (),
        (Number("x", 0.0), Category("c")),
        (
            Standardized("x", 1.0, 2.0, 0.5),
            Levels("c", 0.5, levels, Level("", 0.1, 0.1), Level("", -0.1, 0.1)),
        ),
        Logit(-1.0, 2.0),
        PROVENANCE,
    )
    random = np.random.default_rng(0)
    numbers = random.normal(size=ROWS)
    numbers[::7] = np.nan
    values: dict[str, Values] = {
        "x": numbers,
        "c": texts(random.choice(["a", "b", "z"], ROWS).tolist()),
    }
    names = ("lead_score", "log_odds", "probability")
    expected = evaluate(stages(model, columns=names), values)
    given = {name: np.ma.masked_invalid(column) for name, column in expected.items()}
    check = Check(GivenRows("rows"), "standardized", names, ROWS, 3)

    def hold(found: Columns) -> list[Check]:
        asked = check, model, values, found, DuckDB()
        with ThreadPoolExecutor(3) as threads:
            return [compare(*asked), begin(None, *asked)(), begin(threads, *asked)()]

    assert all(one == check for one in hold(given))
    # The first column is wrong in the last block alone, the second one before it.
    given["lead_score"][ROWS - 2] += 0.5
    given["log_odds"][[5, ROWS // 2, ROWS - 1]] = np.ma.masked
    at_once, in_blocks, in_threads = hold(given)
    assert at_once == in_blocks == in_threads
    assert at_once.difference is not None
    assert (at_once.difference.column, at_once.difference.row) == ("lead_score", ROWS - 1)
    assert at_once.apart["log_odds"] == Apart(3, np.iinfo(np.int64).max)
    assert at_once.left_out == 3
    # A result of fewer rows is no result of its first rows.
    short = {name: column[: ROWS // 2] for name, column in given.items()}
    assert {one.difference.row for one in hold(short) if one.difference} == {0}
