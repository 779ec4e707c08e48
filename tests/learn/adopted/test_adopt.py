import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import leadweights as lw
from leadweights.learn.adopted.adopt import adopt, write_model
from leadweights.learn.adopted.held_against import hold_against
from leadweights.learn.adopted.objects import read_object
from leadweights.model.model import ScoringModel
from leadweights.model.trees import LevelSplit, NumberSplit, walk
from tests.support.adopting import check, draw

X, Y = draw()
FRAME = pd.DataFrame(X, columns=["a", "b", "code", "d"])
FRAME["where"] = np.array(["north", "south", "o'er"], dtype=object)[np.arange(len(X)) % 3]


def pipeline(last: Any) -> Any:
    steps = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), ["a", "b", "d"]),
        (OneHotEncoder(handle_unknown="ignore"), ["where"]),
    )
    return make_pipeline(steps, last).fit(FRAME, Y | (FRAME["where"] == "south"))


def test_a_pipeline_scores_a_table_as_it_did() -> None:
    model = pipeline(LogisticRegression())
    found = adopt(model, rows=FRAME)
    assert found.parity.holds
    scored = lw.score(found.model, FRAME)
    np.testing.assert_allclose(
        scored["probability"], model.predict_proba(FRAME)[:, 1], rtol=0, atol=1e-14
    )


def test_a_forest_scores_a_table_bit_for_bit() -> None:
    model = pipeline(RandomForestClassifier(4, max_depth=4, random_state=0))
    found = adopt(model, rows=FRAME, keys=["code"])
    scored = lw.score(found.model, FRAME)
    assert scored["probability"].tolist() == model.predict_proba(FRAME)[:, 1].tolist()
    assert next(iter(scored)) == "code"


def test_the_model_is_the_same_in_its_file(tmp_path: Path) -> None:
    found = adopt(pipeline(LogisticRegression())).model
    lw.save(found, tmp_path / "model.json")
    assert lw.load(tmp_path / "model.json") == found


def test_an_adopted_model_takes_decisions() -> None:
    model = pipeline(LogisticRegression())
    rows = FRAME.assign(label=Y)
    found = adopt(model).model
    assert lw.threshold(found, rows, lw.Recall(0.8)) is not None


def test_a_result_shows_what_was_proven() -> None:
    said = repr(adopt(pipeline(LogisticRegression())))
    assert said.startswith("Adopted: scikit-learn, LogisticRegression; it reads a, b, d, where.")
    assert "Scores: those of scikit-learn" in said
    assert "at every cut too" in said


def _flipped(model: ScoringModel) -> list[ScoringModel]:
    """Plant what peers get wrong: a cut a double away, NULL to the other side, a level lost."""
    from dataclasses import replace

    assert model.trees is not None
    trees = model.trees.trees
    found = []

    def other(node: Any, wanted: Any, instead: Any) -> Any:
        if node is wanted:
            return instead
        if isinstance(node, NumberSplit):
            below, above = (other(n, wanted, instead) for n in (node.below, node.above))
            return replace(node, below=below, above=above)
        if isinstance(node, LevelSplit):
            among, others = (other(n, wanted, instead) for n in (node.among, node.others))
            return replace(node, among=among, others=others)
        return node

    for number, tree in enumerate(trees):
        for node in walk(tree):
            wrong: list[Any] = []
            if isinstance(node, NumberSplit):
                up, down = np.nextafter(node.at, np.inf), np.nextafter(node.at, -np.inf)
                wrong = [replace(node, at=float(up)), replace(node, at=float(down))]
                wrong.append(replace(node, missing_above=not node.missing_above))
            elif isinstance(node, LevelSplit) and len(node.levels) > 1:
                wrong = [replace(node, levels=node.levels[1:])]
            for instead in wrong:
                own = list(trees)
                own[number] = other(tree, node, instead)
                found.append(replace(model, trees=replace(model.trees, trees=tuple(own))))
    return found


@pytest.mark.sweep
def test_every_cut_that_is_a_double_away_is_found() -> None:
    """The rows at cuts see each planted error that other rows would."""
    from leadweights.learn.adopted.cut_rows import make_rows

    forest = RandomForestClassifier(3, max_depth=5, random_state=0).fit(X, Y)
    reading = read_object(forest, ["a", "b", "c", "d"])
    scores, model = reading.scores, write_model(reading)
    assert scores is not None
    values, _ = make_rows(model, scores.handed, scores.largest)
    planted = _flipped(model)
    assert len(planted) > 100
    unseen = [wrong for wrong in planted if hold_against(wrong, scores, [values])[0].holds]
    others = [make_rows(model, scores.handed, scores.largest, seed)[0] for seed in range(1, 6)]
    assert all(hold_against(wrong, scores, others)[0].holds for wrong in unseen)
    assert len(unseen) < len(planted) / 5


def test_rows_that_the_library_refuses_are_counted() -> None:
    model = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(FRAME[["where"]], Y)
    rows = pd.DataFrame({"where": ["north", "nowhere", None]})
    found = adopt(model, rows=rows)
    assert found.left_out == 2
    assert "has a level that it does not know" in found.notes[-1]


def test_scores_of_a_changed_library_are_no_parity(monkeypatch: pytest.MonkeyPatch) -> None:
    model = pipeline(LogisticRegression())
    real = model.decision_function
    monkeypatch.setattr(model, "decision_function", lambda rows: real(rows) + 1e-6)
    with pytest.raises(lw.ParityError, match=r"differ from scikit-learn .* by 1e-06"):
        adopt(model)


def test_no_rows_are_no_proof() -> None:
    with pytest.raises(lw.TableError, match="no rows"):
        adopt(pipeline(LogisticRegression()), rows=FRAME[:0])


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(lw.UnsupportedError, match="a builtins int cannot be carried"):
        adopt(3)
    with pytest.raises(lw.UnsupportedError, match="columns is a list of names"):
        adopt(pipeline(LogisticRegression()), columns="a")


def test_columns_may_be_called_otherwise() -> None:
    model = LogisticRegression().fit(FRAME[["a", "b"]].fillna(0), Y)
    found, reference = check(model, ["Recency", "Fatigue"])
    assert [column.name for column in found.columns] == ["Recency", "Fatigue"]
    assert reference.holds


def test_a_document_of_the_result_is_json() -> None:
    from leadweights.reports.adopt import adopted_document

    found = adopted_document(adopt(pipeline(LogisticRegression())))
    assert json.loads(json.dumps(found))["parity"]["library"]["name"].startswith("scikit-learn")


def test_a_model_that_is_not_fitted_is_refused() -> None:
    for model in (LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())):
        with pytest.raises(lw.ModelError, match="is no whole, fitted model"):
            adopt(model, columns=["a"])


def test_rows_on_which_the_library_fails_are_no_parity() -> None:
    model = LogisticRegression().fit(FRAME[["a"]].fillna(0), Y)
    model.coef_ = model.coef_[:, :0]
    with pytest.raises(lw.LeadweightsError):
        adopt(model)
