"""The monitor's gate as a test of dbt: it warns to watch, and fails to act."""

from __future__ import annotations

from leadweights.integrations.dbt_version import RELATION, Version, part_relation, quote_name
from leadweights.lifecycle.monitoring.sql import ALARMS, alarms_sql
from leadweights.model.baseline import Baseline

# What reads the scores waits for the test, the scores themselves do not: it depends on the model.
_TEST = """\
{{{{ config(
    severity='error',
    warn_if='>= 1',
    error_if='>= 2',
    fail_calc='COALESCE(MAX({alarm}), 0)',
) }}}}
{{#- Drift of what {node} reads, a row for each column that moved: 1 to watch, 2 to act. -#}}
-- depends_on: {{{{ {ref} }}}}
SELECT {listed}
FROM (
{select}
) {moved}
WHERE {alarm} > 0
"""


def write_drift(version: Version, baseline: Baseline) -> str:
    """Write the test that holds the relation against the baseline; see `alarms_sql`.

    Raises ModelError for the baseline of another model, UnsupportedError.
    """
    dialect = version.asked.dialect
    select = alarms_sql(version.model, baseline, dialect=dialect, table=RELATION)
    before, after = part_relation(select.strip(), dialect)
    return _TEST.format(
        node=version.node,
        ref=version.ref,
        listed=", ".join(quote_name(name, dialect) for name in ALARMS),
        alarm=quote_name(ALARMS[-1], dialect),
        moved=quote_name("moved", dialect),
        select=f"{before}{version.asked.relation}{after}",
    )
