"""What a model can compute, and the names that takes."""

import pytest

from leadweights.formula.reasons import REASON_KEYS
from leadweights.formula.rules import Rule
from leadweights.formula.stages import RESERVED, RULES, outputs
from leadweights.formula.terms import groups, measured_terms, view
from tests.support.golden_files import crm_model, deciding_model


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule is not REASON_KEYS])
def test_a_rule_names_every_column_that_it_writes(rule: Rule) -> None:
    stages = list(rule.write(deciding_model()))
    written = {column.name for stage in stages for column in stage.columns}
    numbered = {name for name in written if name.startswith("key_text_")}
    assert written - numbered == {*rule.given(deciding_model()), *rule.steps}
    assert written - numbered <= RESERVED


def test_the_model_with_every_rule_gives_results_of_every_rule() -> None:
    found = set(outputs(deciding_model()))
    assert all(found.intersection(rule.results) for rule in RULES if rule.results)


def test_a_view_counts_the_groups_of_every_term() -> None:
    for model in (crm_model("duckdb"), deciding_model()):
        for term, column, value in measured_terms(model):
            assert view(term).groups == len(groups(term, column, value).names)
