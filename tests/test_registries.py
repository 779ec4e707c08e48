"""Every entry of a literal registry has a test of its own, a random strategy and a golden file.

Who adds a kind of term or node, a rule, a dialect or an engine is told here what is missing.
"""

import json
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings

from leadweights.errors import UnsupportedError
from leadweights.formula import nodes
from leadweights.formula.nodes import (
    Condition,
    DatePart,
    DayInText,
    Formula,
    Named,
    RowNumber,
    RowsWith,
    Stage,
    Text,
    TextHash,
)
from leadweights.formula.promises import rely_on
from leadweights.formula.rules import Rule
from leadweights.formula.stages import LISTS, RULES, SHAPES, outputs, stages
from leadweights.model import terms
from leadweights.model.file import load
from leadweights.model.model import ScoringModel
from leadweights.model.terms import Term
from leadweights.model.trees import Node, walk
from leadweights.sql.dialects import DIALECTS
from leadweights.tables.engines.registry import ENGINES
from tests.support.golden_files import (
    EVERY,
    PROMISED,
    crm_model,
    deciding_model,
    golden_paths,
    trees_model,
)
from tests.support.golden_files import scorecard_model as scorecard
from tests.support.node import module_of
from tests.support.nodes import EXAMPLES, SOURCE
from tests.support.strategies import Drawn, deciding_models_with_tables
from tests.support.trees import list_parts

pytestmark = pytest.mark.every_case

NODES = {*get_args(Formula), *get_args(Condition), *get_args(Text)}

TESTS_OF_TERMS: dict[type, tuple[str, str]] = {
    terms.Standardized: ("learn/test_fit.py", "Standardized("),
    terms.Ranged: ("formula/test_rules.py", "Ranged("),
    terms.Levels: ("formula/test_rules.py", "Levels("),
    terms.Curve: ("formula/test_rules.py", "Curve("),
    terms.Bins: ("formula/test_terms.py", "Bins"),
}
"""Of each kind of term, the file that holds it against something from outside, and a word of it."""

TESTS_OF_RULES: dict[str, str] = {
    "consent_given": "test_consent_is_a_flag_or_one_of_some_texts",
    "keys of reasons": "test_reasons_are_the_largest_effects_the_earlier_term_first_of_equal_ones",
    "calibrated_log_odds": "test_an_isotonic_curve_by_hand_at_its_points_between_and_beyond",
    "probability": "test_the_probability_is_within_three_ulp_of_the_exact_one",
    "adjustment_factor": "test_a_factor_is_cut_to_its_bounds_and_1_where_it_is_missing",
    "decay_days": "test_odds_decay_until_the_date_in_a_column",
    "adjusted_log_odds": "test_a_factor_works_on_the_odds_after_calibration",
    "status": "test_a_row_without_consent_has_nothing_but_its_status",
    "score_100": "test_the_score_never_falls_with_the_log_odds_and_counts_the_cuts_reached",
    "band": "test_a_band_begins_at_its_cut",
    "action": "test_a_band_begins_at_its_cut",
    "decision": "test_the_decision_is_1_from_the_threshold_on",
    "trend": "test_a_trend_is_the_log_odds_less_those_of_before",
    "reason_1": "test_reasons_say_on_which_side_a_value_is",
    "rank": "test_ranks_and_deciles_are_those_of_a_sort_by_hand",
}
"""Of each rule, by its first result or step, the test that holds it against something outside."""


def name_of(rule: Rule) -> str:
    return (*rule.results, *rule.steps, "keys of reasons")[0]


@cache
def drawn() -> tuple[ScoringModel, ...]:
    found: list[ScoringModel] = []

    @settings(max_examples=120, derandomize=True, database=None)
    @given(deciding_models_with_tables())
    def collect(one: Drawn) -> None:
        found.append(one.model)

    collect()
    return tuple(found)


def shown() -> Iterator[ScoringModel]:
    """Give the models whose SELECTs are golden files."""
    yield from (load("outputs/model.json"), crm_model("duckdb"), deciding_model(), scorecard())
    yield trees_model()


@pytest.mark.parametrize("kind", get_args(Term), ids=lambda kind: kind.__name__)
def test_a_kind_of_term_is_tested_drawn_and_shown(kind: type) -> None:
    file, word = TESTS_OF_TERMS[kind]
    assert word in Path("tests", file).read_text(encoding="utf-8")
    assert any(isinstance(term, kind) for model in drawn() for term in model.terms)
    assert any(isinstance(term, kind) for model in shown() for term in model.terms)


@pytest.mark.parametrize("kind", get_args(Node), ids=lambda kind: kind.__name__)
def test_a_node_of_a_tree_is_drawn_and_shown(kind: type) -> None:
    for models in (drawn(), shown()):
        trees = [tree for model in models if model.trees for tree in model.trees.trees]
        assert any(isinstance(node, kind) for tree in trees for node in walk(tree))


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_a_rule_is_tested_drawn_and_shown(rule: Rule) -> None:
    files = Path("tests/formula").glob("test_*.py")
    assert any(f"def {TESTS_OF_RULES[name_of(rule)]}(" in path.read_text("utf-8") for path in files)
    for models in (drawn(), shown()):
        assert any(list(rule.write(model)) for model in models if outputs(model))


@pytest.mark.parametrize("kind", sorted(NODES, key=repr), ids=str)
def test_a_kind_of_node_is_tested_by_hand_and_shown(kind: type) -> None:
    """That each is drawn is a test of the random formulas themselves."""
    assert kind in EXAMPLES
    # No SELECT of a model has a hash: it parts rows, when learning in an engine. Dates in texts are
    # shown in a SELECT of their own, and stand there as their parts.
    assert kind in {*shown_nodes(), TextHash, DayInText, DatePart}


@pytest.mark.parametrize("kind", sorted(NODES, key=repr), ids=str)
def test_a_kind_of_node_has_javascript_or_needs_all_rows(kind: type) -> None:
    chain = (SOURCE, Stage("result", (Named("value", EXAMPLES[kind][0]),)))
    if kind in (RowNumber, RowsWith):
        with pytest.raises(UnsupportedError, match="all rows"):
            module_of(chain)
    else:
        assert "export function compute(lead)" in module_of(chain)


@cache
def shown_nodes() -> set[type]:
    relying, _ = rely_on(stages(load("outputs/model.json")), PROMISED)
    found: set[type] = {*map(type, list_parts(relying[0].columns))}
    for model in shown():
        for shape in SHAPES:
            every = (*outputs(model), *LISTS) if shape == "standardized" else None
            for stage in stages(model, shape, every):
                found.update(map(type, list_parts(stage.columns)))
    return found


def test_every_node_is_in_one_of_the_unions() -> None:
    own = {
        kind
        for name, kind in vars(nodes).items()
        if isinstance(kind, type) and kind.__module__ == nodes.__name__ and name[0] != "_"
    }
    assert own - NODES == {nodes.Named, nodes.Stage, nodes.Null} - NODES


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_has_golden_files_and_says_what_shows_that_it_is_right(name: str) -> None:
    paths = [
        path for dialect, shape in EVERY if dialect == name for path in golden_paths(name, shape)
    ]
    assert len(paths) >= 4
    assert all(path.is_file() for path in paths)
    assert DIALECTS[name].checked
    assert set(DIALECTS[name].engines) <= set(ENGINES)
    assert f"| {name} |" in Path("docs/dialects.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_has_a_file_a_dialect_an_extra_and_stands_in_the_certificate(name: str) -> None:
    assert find_spec(f"leadweights.tables.engines.{name}") is not None
    assert any(name in dialect.engines for dialect in DIALECTS.values())
    extras = tomllib.loads(Path("pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert name in extras or not ENGINES[name].needs
    certificate = json.loads(Path("outputs/engines.json").read_text(encoding="utf-8"))
    assert len(certificate["engines"]) == len(ENGINES)
