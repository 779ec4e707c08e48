"""Files for dbt: what is in them, and their golden rows where DuckDB and Jinja stand in for dbt."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest
from click.testing import CliRunner
from hypothesis import given, settings

import leadweights as lw
from leadweights.cli.main import main
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.sql.dialects import OF_DBT
from tests.support.dbt_projects import COLUMNS, EVERY_COLUMN, RELATION, model
from tests.support.strategies import models

TEMPLATES = jinja2.Environment(undefined=jinja2.StrictUndefined)


def render_template(text: str, **known: Any) -> str:
    return TEMPLATES.from_string(text).render(
        config=lambda **_: "", ref=lambda name, **_: f'"{name}"', execute=True, **known
    )


def count_differences(files: dict[str, str], name: str = "lead_scores", identity: str = "") -> int:
    """Run the test of golden rows as dbt does, on a table of the seed's types."""
    code = files[f"models/{name}.sql"]
    nodes = {f"model.crm.{identity or name}": {"raw_code": code}}
    sql = render_template(
        files[f"tests/{name}_golden.sql"], graph={"nodes": nodes}, model={"package_name": "crm"}
    )
    (document,) = (text for path, text in files.items() if path.endswith(".yml"))
    types = re.findall(r"^        (\S.*): (\w.*)$", document.split(f"{name}_golden")[1], re.M)
    names = [json_or_plain(key) for key, _ in types]
    rows = list(csv.reader(io.StringIO(files[f"seeds/{name}_golden.csv"])))
    assert rows[0] == names[: len(rows[0])]
    with duckdb.connect() as connection:
        quoted = ['"' + one.replace('"', '""') + '"' for one in rows[0]]
        columns = ", ".join(f"{one} {kind}" for one, (_, kind) in zip(quoted, types, strict=False))
        connection.execute(f'CREATE TABLE "{name}_golden" ({columns})')
        marks = ", ".join("?" * len(quoted))
        connection.executemany(
            f'INSERT INTO "{name}_golden" VALUES ({marks})',
            [[cell or None for cell in row] for row in rows[1:]],
        )
        return len(connection.execute(sql).fetchall())


def json_or_plain(name: str) -> str:
    return str(TEMPLATES.compile_expression(name)()) if name.startswith('"') else name


CONFIG = "{{ config(materialized='table') }}"
SEED = "{{ ref('lead_scores_golden') }}"


def export(**asked: Any) -> dict[str, str]:
    return lw.export_dbt(model(), **{"relation": RELATION, "columns": EVERY_COLUMN, **asked})


def test_the_same_model_gives_the_same_bytes() -> None:
    assert export() == export()
    assert list(export()) == [
        "models/_lead_scores.yml",
        "models/lead_scores.sql",
        "seeds/lead_scores_golden.csv",
        "tests/generic/leadweights_between.sql",
        "tests/lead_scores_golden.sql",
    ]


@pytest.mark.parametrize("dialect", OF_DBT)
def test_the_model_is_the_select_over_the_relation(dialect: str) -> None:
    text = export(dialect=dialect)["models/lead_scores.sql"]
    config, seed, *lines = text.splitlines(keepends=True)
    assert config == CONFIG + "\n"
    assert seed == f"-- depends_on: {SEED}\n"
    mark = "`" if dialect in ("bigquery", "databricks") else '"'
    relation = f"/* leads */ {RELATION} /* end of leads */"
    select = "".join(lines).replace(relation, f"{mark}stg_leads{mark}")
    assert select == lw.render(model(), dialect=dialect, table="stg_leads", columns=EVERY_COLUMN)
    assert f"model {fingerprint(model())[:12]}" in text
    assert fingerprint(model()) in export(dialect=dialect)["models/_lead_scores.yml"]


def test_nothing_of_a_model_is_run_as_a_template() -> None:
    for path, text in export().items():
        if not path.endswith(".csv") and "tests/" not in path:
            marks = re.findall(r"\{[{%#].*?[}%#]\}", text)
            assert set(marks) <= {CONFIG, SEED, RELATION}, path
    compared = export()["tests/lead_scores_golden.sql"].split("{%- endif %}")[1]
    marks = re.findall(r"\{[{%#].*?[}%#]\}", compared)
    assert marks == ["{{ golden }}", "{{ before }}", "{{ golden }}", "{{ after }}"]


def test_a_name_with_the_marks_of_a_template_is_refused() -> None:
    found = model()
    with pytest.raises(lw.UnsupportedError, match="rename it"):
        lw.export_dbt(replace(found, keys=("{{ id }}",)), relation=RELATION)
    with pytest.raises(lw.UnsupportedError, match="cannot quote the name"):
        lw.export_dbt(replace(found, keys=('the "id"',)), relation=RELATION)
    named = lw.export_dbt(replace(found, name="{{ 1 / 0 }}"), relation=RELATION)
    assert "{{ 1 / 0 }}" not in "".join(named["models/_lead_scores.yml"])


def test_golden_rows_have_no_difference() -> None:
    assert count_differences(export()) == 0


@settings(max_examples=12)
@given(models())
def test_golden_rows_of_any_model_have_no_difference(drawn: ScoringModel) -> None:
    found = lw.export_dbt(replace(drawn, keys=("lead",)), relation="leads")
    assert count_differences(found) == 0


def changed(files: dict[str, str], pattern: str, by: str) -> dict[str, str]:
    path = "models/lead_scores.sql"
    text, count = re.subn(pattern, by, files[path], count=1)
    assert count == 1
    return {**files, path: text}


WEIGHT = r"(\(\(\"visits_input\" - )(\S+)(\) / \S+\) \* )(\d)(\.\d+e-01)"


@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        (WEIGHT, r"\g<1>\2\g<3>1\5"),
        (WEIGHT, r"\g<1>1.0000000000000000e+00\g<3>\4\5"),
        ("ELSE 9.2130000000000001e-01", "ELSE NULL"),
        (r"(CAST\(\"visits\" AS DOUBLE\)) BETWEEN \(\S+\) AND", r"\1 <"),
        ("'web'", "'Web'"),
        (r"WHEN \"log_odds\" >= 0", 'WHEN "log_odds" >= 1'),
    ],
    ids=["weight", "mean", "fill", "guard", "level", "band"],
)
def test_a_change_by_hand_is_found(pattern: str, by: str) -> None:
    assert count_differences(changed(export(), pattern, by)) > 0


def test_a_model_without_its_marks_is_told() -> None:
    with pytest.raises(jinja2.UndefinedError, match="exceptions"):
        count_differences(changed(export(), "/\\* end of leads \\*/", ""))


def test_a_challenger_is_a_second_version() -> None:
    files = export(challenger=model(0.01), columns=COLUMNS)
    assert count_differences(files, "lead_scores_v1", "lead_scores.v1") == 0
    assert count_differences(files, "lead_scores_v2", "lead_scores.v2") == 0
    text = files["models/_lead_scores.yml"]
    assert "latest_version: 1" in text
    assert fingerprint(model()) in text
    assert fingerprint(model(0.01)) in text
    assert "models/lead_scores.sql" not in files


def test_several_keys_are_unique_together() -> None:
    files = export(keys=["Lead ID", "first"], key_types=["text", "date"], dialect="postgres")
    assert files["tests/lead_scores_keys.sql"] == (
        'SELECT "Lead ID", "first"\nFROM {{ ref(\'lead_scores\') }}\n'
        'GROUP BY "Lead ID", "first"\nHAVING COUNT(*) > 1\n'
    )
    assert "unique\n" not in files["models/_lead_scores.yml"]
    assert count_differences(export(keys=["Lead ID", "first"], key_types=["text", "date"])) == 0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"relation": " "}, "a relation is one line"),
        ({"relation": "a\nb"}, "a relation is one line"),
        ({"relation": "leads /* end of leads */"}, "a relation is one line"),
        ({"dialect": "sqlite"}, "files for dbt are in duckdb"),
        ({"name": "Lead Scores"}, "small letters"),
        ({"name": "../x"}, "small letters"),
        ({"materialized": "ephemeral"}, "table or view"),
        ({"keys": []}, "name one"),
        ({"keys": ["visits"]}, "name one"),
        ({"key_types": ["text", "int"]}, "1 keys have 1 types, not 2"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_written(
    asked: dict[str, Any], told: str, tmp_path: Path
) -> None:
    with pytest.raises(lw.UnsupportedError, match=told):
        export(**asked, output=tmp_path / "transform")
    assert not (tmp_path / "transform").exists()


def test_the_command_writes_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "transform"
    lw.save(model(), tmp_path / "model.json")
    words = ["export", "dbt", str(tmp_path / "model.json"), "--relation", RELATION]
    done = CliRunner().invoke(main, [*words, "--output", str(folder), "--dialect", "postgres"])
    assert done.exit_code == 0, done.output
    expected = lw.export_dbt(model(), relation=RELATION, dialect="postgres")
    assert {p: (folder / p).read_text() for p in expected} == expected
    assert len([p for p in folder.rglob("*") if p.is_file()]) == len(expected)
    assert done.stdout.splitlines() == [str(folder / path) for path in expected]
