"""Who is erased is not learnt from any more: the version is learnt again without their rows."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import leadweights as lw
from tests.support.commands import invoke
from tests.support.learning import fit

KEY = "contact_id"


@pytest.mark.sweep
def test_a_version_is_learnt_again_without_the_rows_of_those_who_are_erased(tmp_path: Path) -> None:
    place, secret = str(tmp_path / "store.duckdb"), tmp_path / "secret"
    secret.write_bytes(b"a secret of more than sixteen bytes")
    table = pd.read_csv("data/train.csv").head(900)
    train = str(tmp_path / "train.csv")
    table.to_csv(train, index=False)
    options: dict[str, Any] = {"dictionary": "data/features.toml", "keys": [KEY]}
    first = fit(train, **options).model
    store = lw.init_store(place)
    known = lw.TrainingKeys(KEY, lw.read_keys_of(train, KEY), lw.read_secret(secret))
    lw.push(store, first, remember=known)
    lw.push(store, "outputs")
    gone = table[KEY].tolist()[:200]
    (tmp_path / "gone.csv").write_text("\n".join([KEY, *gone]) + "\n")
    words = ["erase", "--key", KEY, "--file", str(tmp_path / "gone.csv"), "--store", place]

    def run(*more: str) -> tuple[int, str]:
        done = invoke([*words, *more])
        return done.exit_code, done.output

    assert "--retrain needs --hmac-key" in run("--retrain", train)[1]
    code, said = run("--hmac-key", str(secret), "--retrain", train)
    assert code == 0, said
    assert "Version 1 had learnt from 200 of them: version 3 is learnt without." in said
    again = store.version(3)
    # What is learnt from the table without these rows, by the same options, is the same model.
    rest = table[~table[KEY].isin(gone)]
    own = fit(rest, **options).model
    assert again.model.terms == own.terms
    assert again.model.provenance.rows_sha256 == own.provenance.rows_sha256
    assert again.is_proven_on("duckdb")
    assert "learnt again without 200 rows" in again.note
    # It is watched as any that was fitted.
    watched = again.baseline
    assert watched is not None
    assert watched.rows == own.provenance.rows
    assert lw.monitor(again.model, "data/valid.csv", baseline=watched).exit_code == 0
    assert store.active() is None
    # It keeps hashes of its own: of them none is erased.
    asked = lw.erase(store, KEY, gone, secret=known.secret)
    assert asked.learnt == {1: 200}
    assert asked.versions_asked == (1, 3)
    assert not [key for key in gone for line in store.audit() if key in line.details]
    assert json.loads(store.audit()[-1].details)["keys"] == 200
