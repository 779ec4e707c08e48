"""Files for dbt: what is in them, and their golden rows where DuckDB and Jinja stand in for dbt."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadweights as lw
from leadweights.decisions.baseline import make_baseline
from leadweights.formula.bins import SCORE
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.sql.dialects import OF_DBT
from leadweights.tables.columns import read_columns
from leadweights.tables.open import open_table
from tests.support.commands import invoke
from tests.support.dbt_projects import COLUMNS, EVERY_COLUMN, RELATION, leads, model, watched
from tests.support.hostile import attempt
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


@pytest.mark.sweep
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
    with pytest.raises(lw.UnsupportedError, match="cannot be quoted"):
        lw.export_dbt(replace(found, keys=('the "id"',)), relation=RELATION)
    named = lw.export_dbt(replace(found, name="{{ 1 / 0 }}"), relation=RELATION)
    assert "{{ 1 / 0 }}" not in "".join(named["models/_lead_scores.yml"])


def test_golden_rows_have_no_difference() -> None:
    assert count_differences(export()) == 0


@pytest.mark.sweep
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


WEIGHT = r"(\(\"visits_input\" - )(\S+)(\) \* )(\d)(\.\d+e[+-]\d\d)"


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


@pytest.mark.sweep
def test_a_challenger_is_a_second_version() -> None:
    files = export(challenger=model(0.01), columns=COLUMNS)
    assert count_differences(files, "lead_scores_v1", "lead_scores.v1") == 0
    assert count_differences(files, "lead_scores_v2", "lead_scores.v2") == 0
    text = files["models/_lead_scores.yml"]
    assert "latest_version: 1" in text
    assert fingerprint(model()) in text
    assert fingerprint(model(0.01)) in text
    assert "models/lead_scores.sql" not in files


def run_drift(files: dict[str, str], rows: Any) -> list[tuple[Any, ...]]:
    """Run the test of drift as dbt does, on rows in the place of the relation."""
    config: dict[str, str] = {}
    sql = TEMPLATES.from_string(files["tests/lead_scores_drift.sql"]).render(
        config=lambda **given: config.update(given) or "", ref=lambda name, **_: f'"{name}"'
    )
    assert (config["severity"], config["warn_if"], config["error_if"]) == ("error", ">= 1", ">= 2")
    with duckdb.connect() as connection:
        connection.register("stg_leads", rows)
        found = connection.execute(sql).fetchall()
        (level,) = connection.execute(f"SELECT {config['fail_calc']} FROM ({sql})").fetchall()
    assert level == (max((row[2] for row in found), default=0),)
    return found


@pytest.mark.sweep
def test_a_row_of_the_drift_is_an_alarm_of_the_monitor() -> None:
    learnt, baseline = watched()
    files = lw.export_dbt(learnt, relation=RELATION, baseline=baseline)
    verdicts = []
    for factor in (1, 1.2, 1.4, 1.5, 1.55, 1.6, 1.7, 2, 4):
        rows = leads(1500)
        rows["visits"] *= factor
        monitor = lw.monitor(learnt, rows, baseline=baseline)
        alarms = {
            drift.column: {"watch": 1, "act": 2}[drift.alarm]
            for drift in monitor.drifts
            if drift.alarm
        }
        found = run_drift(files, rows)
        assert {name: alarm for name, _, alarm in found} == alarms, factor
        psi = {drift.column: drift.psi for drift in monitor.drifts}
        assert all(value == pytest.approx(psi[name], rel=1e-12) for name, value, _ in found)
        verdicts.append(monitor.verdict)
    assert verdicts == sorted(verdicts, key=["steady", "watch", "act"].index)
    assert set(verdicts) == {"steady", "watch", "act"}
    assert run_drift(files, leads(1500)[:0]) == [("(no rows)", 0.0, 2)]


def test_the_baseline_of_another_model_is_refused() -> None:
    _, baseline = watched()
    with pytest.raises(lw.ModelError, match="baseline of another model"):
        export(baseline=baseline)
    with pytest.raises(lw.UnsupportedError, match="give both"):
        export(challenger_baseline=baseline)


def test_each_version_has_a_test_of_drift() -> None:
    learnt, baseline = watched()
    versions: dict[str, Any] = {"challenger": learnt, "challenger_baseline": baseline}
    files = lw.export_dbt(model(), relation=RELATION, **versions)
    assert "tests/lead_scores_v1_drift.sql" not in files
    assert "ref('lead_scores', v=2)" in files["tests/lead_scores_v2_drift.sql"]


HOSTILE = st.lists(
    st.sampled_from(
        ("'", "{{ 1 / 0 }}", "{% raw %}", "{#", "#}", "}}", "*/", "/*", "--", "\\", ";", "\n", "a")
    ),
    min_size=1,
    max_size=4,
).map("".join)
HOSTILE = HOSTILE.filter(str.strip)  # a blank is missing, and no name


@pytest.mark.sweep
@settings(max_examples=25, deadline=None)
@given(st.one_of(st.just("source"), HOSTILE), HOSTILE)
def test_no_level_and_no_name_breaks_out_of_the_test_of_drift(name: str, level: str) -> None:
    """What DuckDB counts is the rows that pandas has with the level, whatever it is called."""
    rows = pd.DataFrame({name: [level, "x"] * 300, "won": [1, 0, 0, 1, 1, 0] * 100})
    rows["key"] = range(600)

    def export_watched() -> dict[str, str]:
        asked: dict[str, Any] = {"label": "won", "keys": ["key"]}
        learnt = lw.fit_model(rows, dictionary={name: {"kind": "category"}}, **asked)
        baseline = make_baseline(learnt, read_columns(open_table(rows), learnt, [SCORE]))
        return lw.export_dbt(learnt, relation=RELATION, baseline=baseline)

    files = attempt(export_watched)
    if files is None:
        assert "{" in name
        return
    assert run_drift(files, rows) == []
    moved = rows.assign(**{name: "x"})
    assert {name for name, _, alarm in run_drift(files, moved) if alarm == 2} == {name, SCORE}


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
    done = invoke([*words, "--output", str(folder), "--dialect", "postgres"])
    assert done.exit_code == 0, done.output
    assert "drift is not tested" in done.stderr
    expected = lw.export_dbt(model(), relation=RELATION, dialect="postgres")
    assert {p: (folder / p).read_text() for p in expected} == expected
    assert len([p for p in folder.rglob("*") if p.is_file()]) == len(expected)
    assert done.stdout.splitlines() == [str(folder / path) for path in expected]


def test_the_command_finds_the_baseline_or_is_given_it(tmp_path: Path) -> None:
    learnt, baseline = watched()
    lw.save(learnt, tmp_path / "model.json")
    lw.save_baseline(baseline, tmp_path / "other.json")
    words = ["export", "dbt", str(tmp_path / "model.json"), "--relation", RELATION]
    output = ["--output", str(tmp_path / "transform")]
    done = invoke([*words, *output, "--baseline", str(tmp_path / "other.json")])
    assert (done.exit_code, done.stderr) == (0, "")
    given = (tmp_path / "transform/tests/lead_scores_drift.sql").read_bytes()
    lw.save_baseline(baseline, tmp_path / "baseline.json")
    done = invoke([*words, *output])
    assert (done.exit_code, done.stderr) == (0, "")
    assert (tmp_path / "transform/tests/lead_scores_drift.sql").read_bytes() == given
