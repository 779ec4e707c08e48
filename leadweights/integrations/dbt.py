"""A model as files of a dbt project: its SELECT, a contract, tests, golden rows, an exposure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from leadweights.errors import UnsupportedError
from leadweights.files.remote import as_path
from leadweights.files.write import Content, write_text
from leadweights.integrations.dbt_drift import write_drift
from leadweights.integrations.dbt_properties import (
    describe_seed,
    describe_version,
    join_versions,
)
from leadweights.integrations.dbt_version import (
    NAME,
    RELATION,
    Asked,
    Materialized,
    Version,
    check_keys,
    gather,
    part_relation,
    quote_name,
)
from leadweights.integrations.yaml_documents import Data, to_yaml
from leadweights.model import names as naming
from leadweights.model.baseline import Baseline
from leadweights.model.model import ScoringModel
from leadweights.sql.dialects import OF_DBT
from leadweights.sql.golden import Cells, Golden, compare
from leadweights.sql.idioms import TEMPLATE_MARKS
from leadweights.sql.render import render

_HEADER, _BEGIN, _END = "/* leadweights ", "/* leads */", "/* end of leads */"
_BETWEEN = """\
{% test leadweights_between(model, column_name, low, high) %}
SELECT {{ column_name }}
FROM {{ model }}
WHERE NOT {{ column_name }} BETWEEN {{ low }} AND {{ high }}
{% endtest %}
"""
# The model's own text is tested, not a copy: whatever is changed in its file is found.
_TAKEN = """\
{{#- The SELECT of {node}, as its file has it, on golden rows: a row here is a difference. -#}}
-- depends_on: {{{{ {ref} }}}}
{{%- set golden = ref('{node}_golden') %}}
{{%- if execute %}}
{{%- set code = graph.nodes['model.' ~ model.package_name ~ '.{id}'].raw_code %}}
{{%- set _, header, text = code.partition('{header}') %}}
{{%- set before, _, text = text.partition('{begin}') %}}
{{%- set _, end, after = text.partition('{end}') %}}
{{%- if not (header and end) %}}
{{{{ exceptions.raise_compiler_error('{node} is not as leadweights wrote it: export it anew') }}}}
{{%- endif %}}
"""


def export_dbt(
    model: ScoringModel,
    *,
    relation: str,
    dialect: str = "duckdb",
    name: str = "lead_scores",
    keys: Sequence[str] | None = None,
    key_types: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    materialized: Materialized = "table",
    challenger: ScoringModel | None = None,
    owner: str = "sales",
    baseline: Baseline | None = None,
    challenger_baseline: Baseline | None = None,
    output: str | Path | None = None,
) -> dict[str, str]:
    """Write a model as files of a dbt project: their texts by their paths, and into `output`.

    `relation` is what the SELECT reads, such as `{{ ref('stg_leads') }}`, and is put in as it is:
    dbt runs it. `keys`, by default those of the model, have `key_types` in the warehouse, by
    default text. `columns` are as in `render`, by default score_100 and the band, too. A
    `challenger` is version 2 beside the model, which is version 1 and the latest. With a
    `baseline`, as `lw.load_baseline` reads it, a test holds the relation against it: it warns where
    the monitor would say watch, and fails where it would say act.

    The files are the model, with its SELECT; a contract with types, descriptions and tests; golden
    rows as a seed, no real lead among them; and a test on them: scores are the same, probabilities
    at most 2 ulp apart.

    Raises UnsupportedError for a relation, dialect, name, key or column that cannot be, ModelError
    for the baseline of another model, OutputError.
    """
    if dialect not in OF_DBT:
        raise UnsupportedError(f"files for dbt are in {', '.join(OF_DBT)}, not in {dialect!r}")
    if not NAME.fullmatch(name):
        raise UnsupportedError(
            f"a dbt model's name is up to 40 small letters, digits and _, not {name!r}"
        )
    if materialized not in ("table", "view"):
        raise UnsupportedError(f"a model is materialized as table or view, not {materialized!r}")
    asked = Asked(
        _check_relation(relation),
        dialect,
        name,
        check_keys(model, keys, key_types, dialect),
        None if columns is None else naming.read_names(columns, "columns"),
        materialized,
    )
    versions = [Version(model, None, asked, baseline)]
    if challenger is not None:
        versions = [
            Version(model, 1, asked, baseline),
            Version(challenger, 2, asked, challenger_baseline),
        ]
    elif challenger_baseline is not None:
        raise UnsupportedError("a challenger_baseline is that of a challenger: give both")
    files = {"tests/generic/leadweights_between.sql": _BETWEEN}
    described, seeds = [], []
    for version in versions:
        golden = gather(version)
        files |= _write_version(version, golden)
        described.append(describe_version(version, golden))
        seeds.append(describe_seed(version, golden))
    document: dict[str, Data] = {
        "version": 2,
        "models": [join_versions(described, asked)],
        "seeds": seeds,
        "exposures": [
            {
                "name": f"{name}_list",
                "label": "Leads by their score",
                "type": "application",
                "owner": {"email" if "@" in owner else "name": TEMPLATE_MARKS.sub(" ", owner)},
                "depends_on": [f"ref('{name}')"],
            }
        ],
    }
    files[f"models/_{name}.yml"] = to_yaml(document)
    files = dict(sorted(files.items()))
    if output is not None:
        texts: dict[Path, Content] = {as_path(output) / path: text for path, text in files.items()}
        write_text(texts)
    return files


def _check_relation(relation: str) -> str:
    if not relation.strip() or "\n" in relation or "/*" in relation:
        raise UnsupportedError(
            "a relation is one line that dbt makes the name of a table, such as "
            f"{{{{ ref('stg_leads') }}}}, not {relation!r}"
        )
    return relation.strip()


def _write_version(version: Version, golden: Golden) -> dict[str, str]:
    """Write the files of one version."""
    asked, node = version.asked, version.node
    select = render(
        version.model,
        dialect=asked.dialect,
        table=RELATION,
        keys=tuple(asked.key_types),
        columns=version.columns,
    )
    before, after = part_relation(select, asked.dialect, _BEGIN, _END)
    config = f"{{{{ config(materialized='{asked.materialized}') }}}}"
    # Where the model is selected with what it depends on, so is what its test reads.
    seed = f"-- depends_on: {{{{ ref('{node}_golden') }}}}"
    taken = _TAKEN.format(
        node=node,
        ref=version.ref,
        id=asked.name if version.number is None else f"{asked.name}.v{version.number}",
        header=_HEADER,
        begin=_BEGIN,
        end=_END,
    )
    scored = f"{_HEADER}{{{{ before }}}}{{{{ golden }}}}{{{{ after }}}}"
    compared = compare(golden, asked.dialect, "SELECT * FROM {{ golden }}", scored)
    relation = f"{_BEGIN} {asked.relation} {_END}"
    files = {
        f"models/{node}.sql": f"{config}\n{seed}\n{before}{relation}{after}",
        f"seeds/{node}_golden.csv": _write_seed(golden),
        f"tests/{node}_golden.sql": f"{taken}{compared}{{%- endif %}}\n",
    }
    if version.baseline is not None:
        files[f"tests/{node}_drift.sql"] = write_drift(version, version.baseline)
    if len(asked.key_types) > 1:
        listed = ", ".join(quote_name(key, asked.dialect) for key in asked.key_types)
        files[f"tests/{node}_keys.sql"] = (
            f"SELECT {listed}\nFROM {{{{ {version.ref} }}}}\n"
            f"GROUP BY {listed}\nHAVING COUNT(*) > 1\n"
        )
    return files


def _write_seed(golden: Golden) -> str:
    columns = {**golden.given, **golden.passed}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*map(_spell, columns.values()), strict=True))
    return text.getvalue()


def _spell(cells: Cells) -> Sequence[float | str | None]:
    """Give values as a seed has them: whole numbers without a point."""
    if cells.kind == "whole":
        return [None if value is None else int(value) for value in cells.values]
    return cells.values
