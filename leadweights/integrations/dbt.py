"""A model as files of a dbt project: its SELECT, a contract, tests, golden rows, an exposure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from leadweights.errors import UnsupportedError
from leadweights.files.remote import as_path
from leadweights.files.write import Content, write_text
from leadweights.formula.nodes import Words
from leadweights.formula.stages import RANKED, default_outputs, outputs, stages
from leadweights.integrations.yaml_documents import Data, to_yaml
from leadweights.model import names as naming
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.prove.golden import gather_golden
from leadweights.reports.weights import weights
from leadweights.sql.dialects import OF_DBT
from leadweights.sql.golden import Cells, Golden, compare, name_type
from leadweights.sql.idioms import TEMPLATE_MARKS, quote
from leadweights.sql.render import render
from leadweights.sql.select import scalar
from leadweights.tables.columns import sources

Materialized = Literal["table", "view"]

_RELATION = "leadweights_relation"
_HEADER, _BEGIN, _END = "/* leadweights ", "/* leads */", "/* end of leads */"
_NAME = re.compile("[a-z][a-z0-9_]{0,39}")
_SHARES = ("probability", "adjusted_probability")
_WHOLE = {"score_100": (0, 100), "decision": (0, 1), "decile": (1, 10)}
_DESCRIPTIONS = {
    "lead_score": "The weighted sum of the columns: the higher, the likelier.",
    "log_odds": "The score in log-odds, which decisions compare.",
    "calibrated_log_odds": "The calibrated log-odds.",
    "adjusted_log_odds": "The log-odds after adjustment and decay.",
    "probability": "The probability of a conversion.",
    "adjusted_probability": "The probability after adjustment and decay.",
    "score_100": "The score from 0 to 100.",
    "band": "The band of the score.",
    "action": "What the band asks for.",
    "status": "Whether there is consent to a score.",
    "decision": "1 to contact the lead, 0 not to.",
    "trend": "Whether the score rose or fell since an earlier one.",
    "rank": "The place by the score, the highest first.",
    "decile": "The tenth of all scored leads, 1 the best.",
}
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is exported, and how: the same for all versions."""

    relation: str
    dialect: str
    name: str
    key_types: Mapping[str, str]
    columns: tuple[str, ...] | None
    materialized: Materialized


@dataclass(frozen=True, slots=True)
class _Version:
    """A model in the project; `number` is None where there is one alone."""

    model: ScoringModel
    number: int | None
    asked: _Asked

    @property
    def node(self) -> str:
        """Name it: its table, and what its files are called."""
        name = self.asked.name
        return name if self.number is None else f"{name}_v{self.number}"

    @property
    def ref(self) -> str:
        """Write how dbt refers to it."""
        version = "" if self.number is None else f", v={self.number}"
        return f"ref('{self.asked.name}'{version})"

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the columns of the result, beside the keys."""
        chosen = self.asked.columns
        if chosen is None:
            usual = {*default_outputs(self.model, "standardized"), "score_100", "band"}
            chosen = tuple(name for name in outputs(self.model) if name in usual)
        return tuple(c.name for c in stages(self.model, "standardized", chosen)[-1].columns)


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
    output: str | Path | None = None,
) -> dict[str, str]:
    """Write a model as files of a dbt project: their texts by their paths, and into `output`.

    `relation` is what the SELECT reads, such as `{{ ref('stg_leads') }}`, and is put in as it is:
    dbt runs it. `keys`, by default those of the model, have `key_types` in the warehouse, by
    default text. `columns` are as in `render`, by default score_100 and the band, too. A
    `challenger` is version 2 beside the model, which is version 1 and the latest.

    The files are the model, with its SELECT; a contract with types, descriptions and tests; golden
    rows as a seed, no real lead among them; and a test on them: scores are the same, probabilities
    at most 2 ulp apart.

    Raises UnsupportedError for a relation, dialect, name, key or column that cannot be,
    OutputError.
    """
    if dialect not in OF_DBT:
        raise UnsupportedError(f"files for dbt are in {', '.join(OF_DBT)}, not in {dialect!r}")
    if not _NAME.fullmatch(name):
        raise UnsupportedError(
            f"a dbt model's name is up to 40 small letters, digits and _, not {name!r}"
        )
    if materialized not in ("table", "view"):
        raise UnsupportedError(f"a model is materialized as table or view, not {materialized!r}")
    asked = _Asked(
        _check_relation(relation),
        dialect,
        name,
        _check_keys(model, keys, key_types, dialect),
        None if columns is None else naming.read_names(columns, "columns"),
        materialized,
    )
    versions = [_Version(model, None, asked)]
    if challenger is not None:
        versions = [_Version(model, 1, asked), _Version(challenger, 2, asked)]
    files = {"tests/generic/leadweights_between.sql": _BETWEEN}
    described, seeds = [], []
    for version in versions:
        golden = _gather(version)
        files |= _write_version(version, golden)
        described.append(_describe(version, golden))
        seeds.append(_describe_seed(version, golden))
    document: dict[str, Data] = {
        "version": 2,
        "models": [_join(described, asked)],
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


def _check_keys(
    model: ScoringModel, keys: Sequence[str] | None, types: Sequence[str], dialect: str
) -> dict[str, str]:
    """Give the keys with their types; one at least is not learnt from."""
    chosen = model.keys if keys is None else naming.read_keys(keys)
    known = naming.read_names(types, "key_types")
    if not set(chosen) - set(sources(model)):
        raise UnsupportedError("dbt's tests tell rows apart by a key: name one, not learnt from")
    if known and len(known) != len(chosen):
        raise UnsupportedError(f"{len(chosen)} keys have {len(chosen)} types, not {len(known)}")
    for name in (*chosen, *sources(model)):
        if '"' in name or "`" in name:
            raise UnsupportedError(f"dbt cannot quote the name {name!r}: rename it")
    usual = name_type(Cells("text", ()), dialect).lower()
    return dict(zip(chosen, known or [usual] * len(chosen), strict=True))


def _gather(version: _Version) -> Golden:
    """Gather golden rows, with all that the SELECT reads."""
    model, dialect = version.model, version.asked.dialect
    read = sources(model, version.columns)
    key, *others = [name for name in version.asked.key_types if name not in sources(model)]
    names = [name for name in version.columns if name not in RANKED]
    found = gather_golden(model, dialect, names, key=key, unheld=_is_unheld)
    added = dict.fromkeys(others, found.given[key])
    for name in read:
        if name not in (*found.given, *added):  # what only ranks read
            added[name] = Cells("text", [None] * found.size)
    return replace(found, given={**found.given, **added})


def _is_unheld(text: str) -> bool:
    """Tell that a seed cannot hold a text as it is."""
    return text.strip().lower() in ("", "null") or bool(re.search("[\r\n]", text))


def _write_version(version: _Version, golden: Golden) -> dict[str, str]:
    """Write the files of one version."""
    asked, node = version.asked, version.node
    select = render(
        version.model,
        dialect=asked.dialect,
        table=_RELATION,
        keys=tuple(asked.key_types),
        columns=version.columns,
    )
    before, *after = select.split(_quote(_RELATION, asked.dialect))
    if len(after) != 1 or _BEGIN in select or _END in select:
        raise UnsupportedError(f"a column has a name like {_RELATION!r}, or a comment: rename it")
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
        f"models/{node}.sql": f"{config}\n{seed}\n{before}{relation}{after[0]}",
        f"seeds/{node}_golden.csv": _write_seed(golden),
        f"tests/{node}_golden.sql": f"{taken}{compared}{{%- endif %}}\n",
    }
    if len(asked.key_types) > 1:
        listed = ", ".join(_quote(key, asked.dialect) for key in asked.key_types)
        files[f"tests/{node}_keys.sql"] = (
            f"SELECT {listed}\nFROM {{{{ {version.ref} }}}}\n"
            f"GROUP BY {listed}\nHAVING COUNT(*) > 1\n"
        )
    return files


def _quote(name: str, dialect: str) -> str:
    return quote(name).sql(dialect)


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


def _describe(version: _Version, golden: Golden) -> dict[str, Any]:
    """Describe a version: its model in meta, its columns with their types and tests."""
    model, asked = version.model, version.asked
    origin = model.provenance
    shares = sorted(weights(model), key=lambda weight: -abs(weight.weight))
    words = {wording.column: wording for wording in model.decisions.wordings}
    lines = [
        f"{model.name}, model {fingerprint(model)[:12]}: {origin.method}, learnt from "
        f"{origin.rows:,} rows.",
        *(
            f"- {one.feature}, weight {one.weight:+.4f}"
            + (f": {words[one.feature].description}" if one.feature in words else "")
            for one in shares
            if one.level is None
        ),
    ]
    name = TEMPLATE_MARKS.sub(" ", model.name)
    meta = {"model": fingerprint(model), "name": name, "made_by": origin.made_by}
    return {
        # dbt runs a description, too.
        "description": TEMPLATE_MARKS.sub(" ", "".join(f"{line}\n" for line in lines)),
        "config": {"meta": {"leadweights": meta}},
        "columns": [
            *(_describe_key(name, asked.key_types) for name in asked.key_types),
            *(_describe_column(name, version, golden) for name in version.columns),
        ],
    }


def _describe_key(name: str, types: Mapping[str, str]) -> dict[str, Any]:
    tests = ["not_null"] if len(types) > 1 else ["unique", "not_null"]
    return {
        "name": name,
        "description": "Tells leads apart.",
        "data_type": types[name],
        "quote": True,
        "data_tests": tests,
    }


def _describe_column(name: str, version: _Version, golden: Golden) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": name,
        "description": _describe_result(name),
        "data_type": _name_type(name, golden, version.asked.dialect),
        "quote": True,
    }
    bands = version.model.decisions.bands
    limits = (0, 1) if name in _SHARES else _WHOLE.get(name)
    if name == "band" and bands is not None:
        # As literals of SQL: dbt would put them between quotes as they are.
        values = [scalar(Words(b.name), version.asked.dialect).strip() for b in bands.bands]
        arguments = {"values": values, "quote": False}
        found["data_tests"] = [{"accepted_values": {"arguments": arguments}}]
    elif limits is not None:
        between = {"arguments": {"low": limits[0], "high": limits[1]}}
        found["data_tests"] = [{"leadweights_between": between}]
    return found


def _name_type(name: str, golden: Golden, dialect: str) -> str:
    """Name the type that a column of the result has in a warehouse."""
    if name == "rank":
        return "int64" if dialect == "bigquery" else "bigint"
    whole = Cells("whole", ())
    cells = whole if name in _WHOLE else golden.expected[name].cells
    return name_type(cells, dialect).lower()


def _describe_result(name: str) -> str:
    """Say what a column of the result is."""
    if found := re.fullmatch("reason_([0-9]+)(_effect)?", name):
        which = f"What moves the score away from an average lead's, number {found[1]}"
        return f"{which}{', in log-odds' if found[2] else ''}."
    return _DESCRIPTIONS.get(name, "A part of the score.")


def _describe_seed(version: _Version, golden: Golden) -> dict[str, Any]:
    columns = {**golden.given, **golden.passed}
    types = {n: name_type(c, version.asked.dialect).lower() for n, c in columns.items()}
    return {
        "name": f"{version.node}_golden",
        "description": "Rows made for the model, with what Python gives for them. No real lead.",
        # An export with other columns finds the table of an earlier one.
        "config": {"full_refresh": True, "quote_columns": True, "column_types": types},
    }


def _join(versions: Sequence[dict[str, Any]], asked: _Asked) -> dict[str, Any]:
    """Describe a model by its only version, or by all of them."""
    config = {"contract": {"enforced": True}}
    if len(versions) == 1:
        (only,) = versions
        return {"name": asked.name, **only, "config": {**config, **only["config"]}}
    return {
        "name": asked.name,
        "description": "Version 1 is the champion, which is meant without a version.",
        "latest_version": 1,
        "config": config,
        "versions": [{"v": number, **one} for number, one in enumerate(versions, 1)],
    }
