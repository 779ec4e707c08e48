"""Every engine that is installed, for real: the bits of numpy, texts, ranks by every letter."""

from collections.abc import Iterator
from functools import cache, partial
from hashlib import md5
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, seed, settings

import leadweights as lw
from leadweights.errors import UnsupportedError
from leadweights.formula.evaluate import evaluate
from leadweights.formula.nodes import Named, NumberColumn, Stage, TextHash
from leadweights.formula.promises import rely_on
from leadweights.formula.stages import SHAPES, stages
from leadweights.formula.texts import texts
from leadweights.lifecycle.experiments.arms import compute_arms
from leadweights.model.model import ScoringModel
from leadweights.prove import hostile_rows
from leadweights.prove.parity import Parity, Proof, failure, parity
from leadweights.sql.aggregates import select_where
from leadweights.sql.dialects import DIALECTS
from leadweights.sql.render import render
from leadweights.tables.engines.engine import Engine
from leadweights.tables.engines.registry import ENGINES, open_engine
from leadweights.tables.open import open_table
from tests.support.engines_here import (
    differences_with_reasons_apart,
    drawn_differences,
    is_ordinary,
    ranked_table,
    read_differences,
    trial_models,
)
from tests.support.promises import promises_of, whole_numbers
from tests.support.real_tables import AFTERWARDS, DATA
from tests.support.release import MODELS, RELEASE, sweep
from tests.support.strategies import Drawn, models_with_tables
from tests.support.tools import each

pytestmark = [
    pytest.mark.parametrize(
        "engine",
        each(ENGINES),
        indirect=True,
        scope="module",
    ),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with open_engine(request.param) as engine:
        yield engine


def proven(
    model: ScoringModel, engine: Engine, *, every_type: bool = True, **tables: object
) -> Parity:
    return parity(model, tables, engine=engine, every_type=every_type)  # type: ignore[arg-type]


def test_its_dialect_says_that_it_proves_it(engine: Engine, request: pytest.FixtureRequest) -> None:
    assert request.node.callspec.params["engine"] in DIALECTS[engine.dialect].engines


@pytest.mark.parametrize("name", sweep(trial_models("duckdb"), 2, 1))
@pytest.mark.telling
def test_every_kind_of_model_gives_the_bits_of_numpy(name: str, engine: Engine) -> None:
    model = trial_models(engine.dialect)[name]
    if (name, engine.dialect) == ("decided", "h2") and not RELEASE:
        assert differences_with_reasons_apart(model, engine) == []
        return
    # On a commit one model reads numbers of every type, that with every kind of column.
    every_type = RELEASE or name == "crm"
    found = proven(model, engine, every_type=every_type)
    assert found.holds, failure(found)
    # Doubles and the probability, in both shapes.
    assert len(found.checks) >= 4


def test_without_guards_that_types_make_needless_the_bits_are_the_same(engine: Engine) -> None:
    """On a commit by a table without a gap, and hostile rows of the first type of whole numbers."""
    model = trial_models(engine.dialect)["crm" if RELEASE else "campaign"]
    every = hostile_rows.cases(model)
    whole = (case for case in every if str(case.rows_of).endswith(" BIGINT"))
    for case in every if RELEASE else (whole_numbers(model), next(whole)):
        promised = promises_of(case.table)
        proof = Proof(engine, partial(render, promised=promised))
        proof.check([case], SHAPES)
        assert [str(check.difference) for check in proof.checks if not check.holds] == []
        assert RELEASE or len(rely_on(stages(model), promised)[1]) == len(model.columns)


@cache
def real_model(name: str) -> tuple[ScoringModel, Path]:
    """Learn from a real table, as its own documentation says."""
    path, options = REAL[name]
    return lw.fit_model(path, **options), path


REAL: dict[str, tuple[Path, dict[str, Any]]] = {
    "campaign": (DATA / "campaign/train.csv", {}),
    "X Education": (
        DATA / "xeducation/leads.csv",
        {"label": "Converted", "exclude": AFTERWARDS, "keys": ["Prospect ID"]},
    ),
    "bank": (DATA / "bank/bank-additional-full.csv", {"label": "y", "exclude": ["duration"]}),
}


@pytest.mark.skipif(
    not (RELEASE and DATA.is_dir()),
    reason="before a release: LEADWEIGHTS_MODELS=1000, and the reference tables",
)
@pytest.mark.parametrize("name", REAL)
def test_models_of_real_tables_give_the_bits_of_numpy(name: str, engine: Engine) -> None:
    model, path = real_model(name)
    if (name, engine.dialect) == ("bank", "h2"):
        pytest.skip(
            "H2 puts steps into steps: planning it takes more than 6 GB, see docs/engines.md"
        )
    found = proven(model, engine, rows=open_table(path))
    assert found.holds, failure(found)


def test_ranks_follow_every_letter(engine: Engine) -> None:
    model, table = ranked_table()
    found = proven(model, engine, rows=table)
    assert found.holds, failure(found)
    assert any(check.rows_of == "rows, by key" for check in found.checks)


def test_texts_are_read_letter_by_letter(engine: Engine) -> None:
    assert read_differences(engine) == []


def test_random_models_give_the_bits_of_numpy(engine: Engine) -> None:
    seen = 0

    @seed(1)
    @settings(max_examples=MODELS, database=None)
    @given(models_with_tables(most_columns=4, rows=8, most=40))
    def compare(drawn: Drawn) -> None:
        nonlocal seen
        assume(is_ordinary(drawn.model))
        try:
            assert drawn_differences(drawn, engine) == []
        except UnsupportedError:
            return
        seen += 1

    compare()
    assert seen >= MODELS // 2


def test_arms_of_an_experiment_are_those_of_python(engine: Engine) -> None:
    keys = [*(f"lead-{number}" for number in range(500)), *TEXTS]
    if not DIALECTS[engine.dialect].text_hash:
        with pytest.raises(UnsupportedError, match="no hash of texts is known"):
            lw.assign_arms(key="id", salt="spring", dialect=engine.dialect)
        return
    engine.load(open_table(pd.DataFrame({"id": keys})))
    sql = lw.assign_arms(key="id", salt="spring", dialect=engine.dialect, table=engine.table)
    found = engine.select(sql)
    arms = zip(*(np.ma.getdata(found[name]).tolist() for name in ("id", "arm")), strict=True)
    hidden = zip(*(np.ma.getmaskarray(found[name]) for name in ("id", "arm")), strict=True)
    pairs = {
        tuple(None if gone else cell for cell, gone in zip(row, mask, strict=True))
        for row, mask in zip(arms, hidden, strict=True)
    }
    drawn = compute_arms({"id": texts(keys)}, ["id"], "spring").values()
    assert pairs == set(zip(keys, drawn, strict=True))


TEXTS = ["", "a", "A", " a ", "Müller", "日本", "🙂", "a\nb", "'", "x" * 300, None]


def test_a_hash_of_texts_is_that_of_python(engine: Engine) -> None:
    """Rows are chosen by it; where a dialect knows none it says so."""
    steps = [Stage("hashes", (Named("hash", TextHash("t")), Named("row", NumberColumn("row"))))]
    if not DIALECTS[engine.dialect].text_hash:
        with pytest.raises(UnsupportedError, match="a number made of the texts of 't' is needed"):
            select_where(steps, ["row", "hash"], [], engine.dialect, engine.table)
        return
    rows = pd.DataFrame({"row": np.arange(len(TEXTS), dtype=float), "t": TEXTS})
    engine.load(open_table(rows))
    found = engine.select(select_where(steps, ["row", "hash"], [], engine.dialect, engine.table))
    hashes = np.ma.filled(found["hash"].astype(np.float64), np.nan)[np.argsort(found["row"])]
    expected = [
        np.nan if text is None else int(md5(text.encode()).hexdigest()[:7], 16) for text in TEXTS
    ]
    assert np.array_equal(hashes, expected, equal_nan=True)
    held: dict[str, Any] = {"row": rows["row"].to_numpy(), "t": texts(TEXTS)}
    assert np.array_equal(evaluate(steps, held)["hash"], hashes, equal_nan=True)
