"""A challenger against the champion: numbers from outside, gates at their bounds, verdicts."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

import leadweights as lw
from leadweights.decisions.outcomes import read_outcomes
from leadweights.lifecycle.challenger.challenge import Challenge, compare_on_rows, measure_overlap
from leadweights.lifecycle.challenger.gates import GateResult, Gates, decide_verdict, read_gates
from leadweights.lifecycle.challenger.judge import judge
from leadweights.lifecycle.challenger.paired_rows import read_paired_rows
from leadweights.lifecycle.monitoring.drift import psi
from leadweights.model.model import Logit, Number, ScoringModel
from leadweights.model.provenance import Provenance
from leadweights.model.rules import Band, Bands, Consent, Decisions, Promise, Threshold
from leadweights.model.terms import Standardized
from leadweights.reports.challenge import challenge_document, challenge_sentence, challenge_text
from tests.support.commands import invoke

TRUE = {"a": 0.5, "b": 0.3, "c": 0.2}


def model(
    weights: Mapping[str, float], scale: float = 3.0, intercept: float = -1.0, **decided: Any
) -> ScoringModel:
    """Make a model that weighs columns of mean 0 and spread 1, learnt from other rows."""
    whole = sum(map(abs, weights.values()))
    return ScoringModel(
        "drawn",
        (),
        tuple(Number(name, 0.0) for name in weights),
        tuple(Standardized(n, 0.0, 1.0, round(w / whole, 10)) for n, w in weights.items()),
        Logit(intercept, scale),
        Provenance("a test", "won", "1", 100, 40, "by hand", "0" * 64),
        Decisions(**decided),
    )


def leads(rows: int, seed: int = 0) -> pd.DataFrame:
    """Draw leads whose log-odds are those of TRUE."""
    random = np.random.RandomState(seed)
    found = pd.DataFrame({name: random.normal(size=rows) for name in "abcd"})
    log_odds = -1 + 3 * sum(weight * found[name] for name, weight in TRUE.items())
    found["won"] = (random.rand(rows) < 1 / (1 + np.exp(-log_odds))).astype(int)
    return found


def gate(found: Challenge, name: str) -> GateResult:
    return next(result for result in found.gates if result.gate == name)


BANDS = Bands("probability", (Band("hot", 0.0), Band("warm", -1.0), Band("cold")))
CHAMPION = model(TRUE, bands=BANDS, threshold=Threshold(0.5, "so"))
CHALLENGER = model({"a": 0.6, "b": 0.2, "d": -0.2}, 2.5, -0.8, bands=BANDS)


def test_every_number_is_what_others_compute() -> None:
    rows = leads(1500)
    found = lw.challenge(CHAMPION, CHALLENGER, rows)
    y = rows["won"].to_numpy()
    scores, probabilities = [], []
    for own in (CHAMPION, CHALLENGER):
        scored = lw.score(own, rows, columns=["log_odds", "probability"])
        scores.append(scored["log_odds"].to_numpy())
        probabilities.append(scored["probability"].to_numpy())
    called = [scores[0] >= 0.5, probabilities[1] >= 0.5]
    for side, score, p, calls in zip(
        (found.champion, found.challenger), scores, probabilities, called, strict=True
    ):
        outside = {
            "auc_roc": metrics.roc_auc_score(y, score),
            "pr_auc": metrics.average_precision_score(y, score),
            "brier": metrics.brier_score_loss(y, p),
            "log_loss": metrics.log_loss(y, p),
            "precision_at_100": y[np.argsort(-score)[:100]].mean(),
            "precision": metrics.precision_score(y, calls),
            "recall": metrics.recall_score(y, calls),
            "queue_rate": calls.mean(),
        }
        for name, value in outside.items():
            assert side.metrics[name].value == pytest.approx(value, abs=1e-12), name
    differences = found.challenger.differences
    assert differences is not None
    for name, difference in differences.items():
        pair = [side.metrics[name].value for side in (found.champion, found.challenger)]
        assert difference.value == pytest.approx((pair[1] or 0) - (pair[0] or 0), abs=1e-12)
        low, value, high = difference.low, difference.value, difference.high
        assert (low or 0) < (value or 0) < (high or 0), name
    shift = found.shift
    assert shift.rank_correlation == pytest.approx(stats.spearmanr(*scores).statistic)
    assert shift.ks == pytest.approx(stats.ks_2samp(*probabilities).statistic)
    cuts = np.quantile(probabilities[0], np.arange(1, 10) / 10)
    counts = [np.bincount(np.digitize(p, cuts), minlength=10) for p in probabilities]
    assert shift.psi == pytest.approx(psi(*(count.tolist() for count in counts)))
    top = [set(np.argsort(-score)[:200].tolist()) for score in scores]
    assert shift.overlap[200] == pytest.approx(len(top[0] & top[1]) / 200)
    bands = [lw.score(own, rows, columns=["band"])["band"] for own in (CHAMPION, CHALLENGER)]
    assert shift.moved == pytest.approx((bands[0] != bands[1]).mean())
    table = pd.crosstab(bands[0], bands[1])
    assert shift.moves["hot", "warm"] == table.loc["hot", "warm"]
    assert sum(shift.moves.values()) == 1500
    assert shift.other_decisions == pytest.approx((called[0] != called[1]).mean())
    assert {change.place[0] for change in found.difference.changes} >= {"columns", "terms", "link"}


def test_intervals_of_what_is_called_hold_the_truth_of_a_binomial() -> None:
    rows = leads(2000, 3)
    found = lw.challenge(CHAMPION, CHALLENGER, rows).champion.metrics["precision"]
    score = lw.score(CHAMPION, rows, columns=["log_odds"])["log_odds"].to_numpy()
    called = rows["won"][score >= 0.5]
    exact = stats.binomtest(int(called.sum()), len(called)).proportion_ci()
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=0.012)


@given(st.permutations(range(12)), st.integers(1, 12), st.integers(0, 4))
def test_the_overlap_of_tied_rows_is_their_share(order: list[int], k: int, ties: int) -> None:
    first = np.minimum(np.arange(12.0), 11 - ties)
    second = np.array(order, float)
    found = measure_overlap(first, second, k)
    assert 0 <= found <= 1
    mixed = np.random.RandomState(k).permutation(12)
    assert measure_overlap(first[mixed], second[mixed], k) == pytest.approx(found)
    if not ties:
        top = [set(np.argsort(-score)[:k].tolist()) for score in (first, second)]
        assert found == pytest.approx(len(top[0] & top[1]) / k)


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = leads(400, 1)
    mixed = rows.sample(frac=1, random_state=3).reset_index(drop=True)
    first, second = (
        challenge_document(lw.challenge(CHAMPION, CHALLENGER, table)) for table in (rows, mixed)
    )
    assert first == second


def test_a_challenger_as_good_is_promoted_and_one_of_noise_is_not() -> None:
    rows = leads(2000, 2)
    as_good = lw.challenge(CHAMPION, model({**TRUE, "d": 0.01}, 3.0), rows)
    assert as_good.verdict == "promote"
    assert challenge_sentence(as_good).startswith("Promote the challenger: ")
    noise = lw.challenge(CHAMPION, model({"d": 1.0}, 0.05, 3.0), rows)
    assert noise.verdict == "keep"
    assert noise.more_rows is None
    assert noise.shift.psi > 2
    assert noise.challenger.metrics["recall"].value == 1
    said = challenge_sentence(noise)
    assert said.count(". ") == 0
    for words in ("Keep the champion: ", "AUC-ROC", "Brier", "PSI", "recall of 100%"):
        assert words in said
    assert said in challenge_text(noise)
    assert repr(noise).startswith(said)


def test_the_same_model_is_not_promoted() -> None:
    again = lw.challenge(CHAMPION, CHAMPION, leads(2000, 2))
    assert again.verdict == "keep"
    assert challenge_sentence(again).startswith("Keep the champion: the challenger computes what")


def test_of_too_few_rows_it_says_how_many_more_and_so_many_do() -> None:
    champion, challenger = model(TRUE), model({"a": 0.5, "b": 0.3, "c": 0.2, "d": 0.15}, 3.0)
    rows = leads(80, 1)
    few = lw.challenge(champion, challenger, rows)
    assert few.verdict == "not enough rows"
    assert few.more_rows is not None
    assert "about" in challenge_sentence(few)
    # The same rows over and over are what was observed going on.
    times = (80 + few.more_rows) / 80
    assert times > 1.5
    enough = lw.challenge(champion, challenger, pd.concat([rows] * int(np.ceil(1.1 * times))))
    assert gate(enough, "auc").outcome == "passed"
    fewer = lw.challenge(champion, challenger, leads(17, 6))
    assert gate(fewer, "auc").outcome == "undecided"
    rarer = min(fewer.positive_rows, 17 - fewer.positive_rows)
    assert rarer < 10
    assert gate(fewer, "auc").more_rows == -(-17 * 10 // rarer) - 17


class Judged:
    """Two models measured once, to be judged by many gates."""

    def __init__(self, champion: ScoringModel, challenger: ScoringModel, rows: Any) -> None:
        self.rows = read_paired_rows(champion, challenger, rows, None, (None, None))
        self.found = compare_on_rows(self.rows, Gates(), 42)

    def gate(self, name: str, **asked: object) -> GateResult:
        shift = self.found.shift
        gates = read_gates({name: asked})
        results = judge(self.rows, self.found.challenger, shift.psi, len(shift.bins), gates)
        return next(result for result in results if result.gate == name)


def test_each_gate_opens_and_shuts_at_its_bound() -> None:
    rows = leads(900)
    held = Judged(CHAMPION, CHALLENGER, rows)
    differences = held.found.challenger.differences
    assert differences is not None
    low, value = differences["auc_roc"].low or 0.0, differences["auc_roc"].value or 0.0
    assert low < value < 0
    for margin, outcome in (
        (-low + 1e-9, "passed"),
        (-low, "undecided"),
        (-value + 1e-9, "undecided"),
        (-value, "failed"),
    ):
        assert held.gate("auc", margin=margin).outcome == outcome
    brier = differences["brier"].low or 0.0
    assert brier > 0
    assert held.gate("brier", margin=brier).outcome == "passed"
    assert held.gate("brier", margin=brier - 1e-9).outcome == "failed"
    shift = held.found.shift
    chance = stats.chi2.isf(0.05, 9) * 2 / 900
    assert shift.psi > chance
    assert held.gate("psi", below=shift.psi).outcome == "failed"
    assert held.gate("psi", below=shift.psi + 1e-9).outcome == "passed"
    told = held.gate("psi", below=0.0, explained="a new form since May")
    assert (told.outcome, told.reason) == ("passed", "explained: a new form since May")
    # Better probabilities explain nothing: where labels go wrong they are better on these.
    better = Judged(CHALLENGER, CHAMPION, rows)
    assert (better.found.challenger.differences or {})["brier"].high < 0  # type: ignore[operator]
    assert better.gate("psi", below=shift.psi / 2).outcome == "failed"
    few = Judged(CHAMPION, CHALLENGER, rows[:90])
    bound = stats.chi2.isf(0.05, 9) * 2 / 90
    found = few.gate("psi", below=0.01)
    assert 0.01 < few.found.shift.psi < bound
    assert (found.outcome, found.more_rows) == ("undecided", np.ceil(90 * bound / 0.01) - 90)


def test_a_challenger_that_ranks_by_chance_is_kept_out_even_where_labels_are_noise() -> None:
    """There the champion ranks by chance, too, and the challenger fits the noise better."""
    rows = leads(1500)
    rows["won"] = np.random.RandomState(9).permutation(rows["won"])
    held = Judged(CHAMPION, model({"d": 1.0}, 0.01, float(np.log(rows["won"].mean()))), rows)
    differences = held.found.challenger.differences
    assert differences is not None
    assert differences["brier"].high is not None
    assert differences["brier"].high < 0
    assert held.gate("chance").outcome == "failed"
    assert held.found.verdict == "keep"
    assert "ranks no better than chance" in challenge_sentence(held.found)
    good = Judged(CHAMPION, CHALLENGER, leads(900))
    low = good.found.challenger.metrics["auc_roc"].low
    assert low is not None
    assert good.gate("chance", above=low - 1e-9).outcome == "passed"
    assert good.gate("chance", above=low).outcome == "failed"
    few = Judged(CHAMPION, model({"b": 1.0}), leads(30, 4)).gate("chance")
    assert few.outcome == "undecided"
    assert few.more_rows is not None


def decided(own: ScoringModel, promise: Promise | None = None) -> ScoringModel:
    threshold = Threshold(0.5, "so", promise)
    return replace(own, decisions=replace(own.decisions, threshold=threshold))


def test_a_promise_is_held_against_the_exact_binomial_bound() -> None:
    rows = leads(900)
    promising, cutting = decided(CHAMPION, Promise(0.55, 0.9)), decided(CHALLENGER)
    score = lw.score(cutting, rows, columns=["log_odds"])["log_odds"].to_numpy()
    called = rows["won"][score >= 0.5]
    hits, observed = int(called.sum()), called.mean()
    bound = stats.binomtest(hits, len(called), alternative="greater").proportion_ci(0.9).low
    held = Judged(promising, cutting, rows)
    assert held.gate("precision").bound == 0.55
    for asked, outcome in (
        (bound - 1e-9, "passed"),
        (bound + 1e-9, "undecided"),
        (observed - 1e-9, "undecided"),
        (observed, "failed"),
    ):
        assert held.gate("precision", at_least=asked).outcome == outcome
    # Without a threshold of its own it is asked whether one could be cut.
    held = Judged(promising, CHALLENGER, rows)
    could = held.gate("precision")
    assert could.outcome == "passed"
    cut = lw.threshold(CHALLENGER, rows, lw.Precision(0.55))
    assert cut.model is not None
    assert could.value == cut.choice.measures["precision"].value  # type: ignore[union-attr]
    assert held.gate("precision", at_least=0.99).outcome == "failed"
    few = Judged(promising, CHALLENGER, leads(40, 2)).gate("precision", at_least=0.8)
    assert (few.outcome, few.more_rows) == ("undecided", None)
    assert gate(lw.challenge(CHAMPION, CHALLENGER, rows), "precision").outcome == "not asked"


@pytest.mark.sweep
def test_a_threshold_keeps_what_it_promised_and_only_then() -> None:
    rows = leads(1500)
    found = lw.threshold(CHALLENGER, rows, lw.Precision(0.6, 0.8)).model
    assert found is not None
    assert found.decisions.threshold is not None
    assert found.decisions.threshold.promise == Promise(0.6, 0.8)
    other = lw.threshold(CHALLENGER, rows, lw.Capacity(100)).model
    assert other is not None
    assert other.decisions.threshold is not None
    assert other.decisions.threshold.promise is None
    with pytest.raises(lw.ModelError, match="between 0 and 1"):
        Promise(1.0, 0.9)


def test_gates_are_read_from_toml_and_what_cannot_be_is_told(tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    path.write_text('[auc]\nmargin = 0.01\n[psi]\nbelow = 0.3\nexplained = "so"\n')
    found = read_gates(path)
    assert (found.auc.margin, found.psi.below, found.psi.explained) == (0.01, 0.3, "so")
    assert found.brier == Gates().brier
    assert read_gates(None) == Gates()
    for text, words in (
        ("[auc]\nmargin = -1", "must not be below 0"),
        ("[auc]\nmargins = 1", "has no field 'margins'; did you mean 'margin'"),
        ("[auc]\nmargin = 'x'", "must be a number"),
        ("[precision]\nat_least = 1.5", "between 0 and 1"),
        ("[chance]\nabove = 1", "[chance] above must be from 0"),
        ("[precision]\nconfidence = true", "must be a number"),
        ("[kappa]\nx = 1", "has no field 'kappa'"),
        ("auc = 3", "must be an object"),
        ("x", "is not TOML"),
    ):
        path.write_text(text)
        with pytest.raises(lw.GatesError, match=re.escape(words)) as told:
            read_gates(path)
        assert str(path) in str(told.value)
        assert "\n" not in str(told.value)


def test_one_gate_that_failed_keeps_and_one_undecided_waits() -> None:
    def result(outcome: Any, more: int | None = None) -> GateResult:
        return GateResult("auc", outcome, 0.0, 0.0, "", more)

    assert decide_verdict((result("passed"), result("not asked"))) == ("promote", None)
    assert decide_verdict((result("failed"), result("undecided", 5))) == ("keep", None)
    waiting = (result("passed"), result("undecided", 5), result("undecided", 9))
    assert decide_verdict(waiting) == ("not enough rows", 9)
    assert decide_verdict((*waiting, result("undecided"))) == ("not enough rows", None)


def test_rows_without_a_score_of_either_are_left_out_and_counted() -> None:
    rows = leads(400)
    rows["may"] = np.arange(400) % 4 > 0
    asking = replace(CHALLENGER, decisions=Decisions(consent=Consent("may")))
    found = lw.challenge(CHAMPION, asking, rows)
    assert (found.rows, found.unscored_rows) == (300, (0, 100))
    alone = lw.challenge(CHAMPION, CHALLENGER, rows[rows["may"]])
    assert found.auc == alone.auc
    assert "100 more have no score" in challenge_text(found)


def ran(*arguments: object) -> tuple[int, str, str]:
    found = invoke(list(map(str, arguments)))
    return found.exit_code, found.stdout, found.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fit two models of two tables, with what knows the rows they have learnt from."""
    folder = tmp_path_factory.mktemp("challenge")
    for name, rows, seed in (("old", 500, 1), ("new", 900, 2), ("valid", 700, 3)):
        leads(rows, seed).to_csv(folder / f"{name}.csv", index=False)
    for name in ("old", "new"):
        code, _, said = ran(
            *("fit", folder / f"{name}.csv", "--label", "won", "--output", folder / name)
        )
        assert code == 0, said
    return folder


@pytest.mark.sweep
def test_the_command_writes_a_packet_and_says_the_verdict_by_its_exit_code(home: Path) -> None:
    code, text, said = ran(
        "challenge", home / "old", home / "new", home / "valid.csv", "-o", home / "packet"
    )
    assert (code, said) == (0, "")
    sentence = text.splitlines()[0]
    assert sentence.startswith("Promote the challenger")
    packet = {path.name: path.read_bytes() for path in (home / "packet").glob("challenge.*")}
    assert sorted(packet) == ["challenge.html", "challenge.json", "challenge.md"]
    document = json.loads(packet["challenge.json"])
    assert (document["verdict"], document["sentence"]) == ("promote", sentence)
    assert [gate["gate"] for gate in document["gates"]] == [
        "chance",
        "auc",
        "brier",
        "precision",
        "psi",
    ]
    assert sentence in packet["challenge.md"].decode().replace("\\", "")
    page = packet["challenge.html"].decode()
    assert "<h1>Promote the challenger</h1>" in page
    assert not re.search(r'(src|href)="(?!#|data:)', page)
    assert page.count("<svg") == page.count("</svg>") >= 4
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    code, again, _ = ran(
        *("challenge", home / "old", home / "new", home / "valid.csv", "--json"),
        *("-o", home / "packet"),
    )
    assert json.loads(again) == document
    assert {p.name: p.read_bytes() for p in (home / "packet").glob("challenge.*")} == packet
    noise = model({"d": 1.0}, 0.05, 3.0)
    lw.save(noise, home / "noise.json")
    code, text, said = ran("challenge", home / "old", home / "noise.json", home / "valid.csv")
    assert code == 5
    assert "Keep the champion" in text
    assert "learnt_rows.json" in said
    leads(30, 9).to_csv(home / "few.csv", index=False)
    code, text, _ = ran("challenge", home / "old", home / "new", home / "few.csv")
    assert (code, text[:15]) == (6, "Not enough rows")


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("valid", "words"),
    [
        ("old.csv", "the champion has learnt from"),
        ("new.csv", "the challenger has learnt from"),
        ("short.csv", "the challenger cannot be measured: .*has no column"),
        ("one.csv", "one outcome"),
        ("third.csv", "the values 0, 1, 2"),
        ("nowhere.csv", "no such file"),
    ],
)
def test_rows_that_cannot_be_measured_on_are_refused_in_one_line(
    home: Path, valid: str, words: str
) -> None:
    rows = leads(700, 3)
    champion: Path = home / "old"
    if valid == "short.csv":
        champion = home / "champion.json"
        lw.save(model({"a": 1.0}), champion)
        rows.drop(columns=["b", "c"]).to_csv(home / valid, index=False)
    if valid == "one.csv":
        # Both outcomes are there, but of the rows with a score one alone.
        champion = home / "consent.json"
        lw.save(model(TRUE, consent=Consent("won")), champion)
        rows.to_csv(home / valid, index=False)
    if valid == "third.csv":
        rows.assign(won=np.arange(700) % 3).to_csv(home / valid, index=False)
    before = sorted(home.iterdir())
    code, text, said = ran("challenge", champion, home / "new", home / valid, "-o", home / "none")
    assert (code, text) == (1, "")
    assert re.search(words, said), said
    assert said.count("\n") == 1
    assert sorted(home.iterdir()) == before


def test_rows_of_a_bare_model_are_known_by_their_hash() -> None:
    rows = leads(400)
    known = read_outcomes(CHALLENGER, rows).rows_sha256
    learnt = replace(CHALLENGER, provenance=replace(CHALLENGER.provenance, rows_sha256=known))
    with pytest.raises(lw.TableError, match="the challenger has learnt from these rows"):
        lw.challenge(CHAMPION, learnt, rows)


def test_models_of_other_labels_are_not_compared_unless_one_is_named() -> None:
    rows = leads(300).assign(sold=lambda table: table["won"])
    other = replace(CHALLENGER, provenance=replace(CHALLENGER.provenance, label="sold"))
    with pytest.raises(lw.TableError, match="learnt with other labels, 'won' and 'sold'"):
        lw.challenge(CHAMPION, other, rows)
    assert lw.challenge(CHAMPION, other, rows, label="won").rows == 300


@pytest.mark.parametrize("command", ["challenge", "monitor", "retrain"])
def test_without_the_library_of_its_page_a_command_says_so_before_it_works(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in sys.modules if name.startswith("leadweights.reports")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    outputs, valid, out = "outputs", "data/valid.csv", str(tmp_path / "out")
    typed = {
        "challenge": ["challenge", outputs, outputs, valid, "-o", out],
        "monitor": ["monitor", outputs, valid, "--output", out],
        "retrain": ["retrain", valid, "--store", str(tmp_path / "none.duckdb"), "--key", "k"],
    }
    done = invoke(typed[command])
    assert done.exit_code == 1
    assert 'needs jinja2: pip install "leadweights[report]"' in done.stderr
    if command != "retrain":
        assert invoke(typed[command][:-2]).exit_code in (0, 5)
