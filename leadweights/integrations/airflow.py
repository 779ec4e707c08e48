"""A DAG of Airflow 3: the SELECT in the warehouse every day, its gate, and a branch to retrain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from leadweights.errors import UnsupportedError
from leadweights.files.remote import as_path
from leadweights.files.write import Content, write_text
from leadweights.formula.stages import default_outputs
from leadweights.integrations.command_lines import join_words
from leadweights.integrations.dbt_properties import name_result_type
from leadweights.integrations.dbt_version import (
    NAME,
    Asked,
    Version,
    check_keys,
    gather,
    quote_name,
)
from leadweights.lifecycle.monitoring.sql import gate_sql, name_gates
from leadweights.model import names as naming
from leadweights.model.baseline import Baseline
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.sql.dialects import OF_DBT, find_dialect
from leadweights.sql.render import render
from leadweights.sql.select import parse_table_name

_CONNECTION = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_HEAD = '''\
"""Scores of leads, and what watches them. Written by leadweights export airflow: export it anew."""

from datetime import datetime, timedelta, timezone

from airflow.providers.common.sql.operators.sql import ({operators}
    SQLCheckOperator,
    SQLExecuteQueryOperator,
)
{bash}from airflow.sdk import DAG

with DAG(
    dag_id="{name}",
    description={told},
    schedule={schedule},
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args={{"retries": 2, "retry_delay": timedelta(minutes=5)}},
    tags=["leadweights"],
):
    # In one transaction: whoever reads the table finds the scores of before, or all of today's.
    score = SQLExecuteQueryOperator(
        task_id="score",
        conn_id={conn_id},
        sql=["{name}/create.sql", "{name}/empty.sql", "{name}/insert.sql"],
    )
'''
_GATE = """\
    # The run fails where somebody should act: where leads moved, or there are none.
    gate = SQLCheckOperator(
        task_id="gate",
        conn_id={conn_id},
        sql="{name}/gate.sql",
        retries=0,
        trigger_rule="none_failed",
    )
"""
_RETRAIN = """\
    steady = BranchSQLOperator(
        task_id="steady",
        conn_id={conn_id},
        sql="{name}/steady.sql",
        follow_task_ids_if_true=["gate"],
        follow_task_ids_if_false=["retrain"],
    )
    # Skipped where the verdict is to keep the champion, or that there are too few rows to tell.
    retrain = BashOperator(
        task_id="retrain",
        bash_command=(
            'cd "$LEADWEIGHTS_FOLDER" && "$LEADWEIGHTS" retrain '
            {words}
            ' --store "$LEADWEIGHTS_STORE"'
        ),
        env={{
            "LEADWEIGHTS": "{{{{ var.value.get('leadweights_program', 'leadweights') }}}}",
            "LEADWEIGHTS_FOLDER": "{{{{ var.value.{name}_folder }}}}",
            "LEADWEIGHTS_STORE": "{{{{ var.value.{name}_store }}}}",
        }},
        append_env=True,
        skip_on_exit_code=[5, 6],
    )
"""
_ORDER = "    score >> gate\n"
_ORDER_WITH_BRANCH = "    score >> steady >> [retrain, gate]\n    retrain >> gate\n"


def export_airflow(
    model: ScoringModel,
    *,
    table: str,
    baseline: Baseline,
    into: str = "lead_scores",
    dialect: str = "postgres",
    name: str = "lead_scores",
    conn_id: str = "warehouse",
    keys: Sequence[str] | None = None,
    key_types: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    retrain: Sequence[str] = (),
    view: str | None = None,
    schedule: str = "@daily",
    output: str | Path | None = None,
) -> dict[str, str]:
    """Write a model as a DAG of Airflow 3: texts by their paths in the folder of DAGs `output`.

    The DAG, called `name`, selects the scores from `table` into the table `into` by the connection
    `conn_id`, and checks the monitor's gate against the `baseline`, which `lw.load_baseline` reads.
    `keys`, `key_types` and `columns` are as in `export_dbt`.

    `retrain` are words of `leadweights retrain`: its files and options. With them the DAG retrains
    where drift calls for action, in the folder and with the store that the variables of Airflow
    `<name>_folder` and `<name>_store` name, by the program `leadweights_program`, by default
    `leadweights`; the run then fails, so that somebody reads the packet.

    With the `view` of a store in the warehouse, which `activate` made, the DAG scores by the
    version that is active when it runs; without it by this model, until it is exported anew. The
    gate is of this model either way.

    Raises UnsupportedError for a table, dialect, name, connection, key or column that cannot be,
    for words that Airflow would run, and for those that promote a version that the DAG would not
    score by; ModelError for the baseline of another model, OutputError.
    """
    if dialect not in OF_DBT:
        raise UnsupportedError(f"a DAG scores in {', '.join(OF_DBT)}, not in {dialect!r}")
    if not NAME.fullmatch(name):
        raise UnsupportedError(
            f"a DAG's name is up to 40 small letters, digits and _, not {name!r}"
        )
    if not _CONNECTION.fullmatch(conn_id):
        raise UnsupportedError(f"a connection's id is letters, digits, _, . and -, not {conn_id!r}")
    types = check_keys(model, keys, key_types, dialect)
    chosen = None if columns is None else naming.read_names(columns, "columns")
    if view is not None:
        chosen = _choose_of_view(model, tuple(types), chosen)
    elif "--promote" in retrain:
        raise UnsupportedError(
            "with --promote another version comes into service, and the DAG would go on to score "
            "by this one: name the --view that the store has of the active one, or leave --promote "
            "out and export the version anew that somebody activates"
        )
    version = Version(model, None, Asked(table, dialect, name, types, chosen, "table"))
    told = f"{model.name}, model {fingerprint(model)[:12]}"
    asked = {"name": name, "conn_id": _write_text(conn_id)}
    dag = _HEAD.format(
        **asked,
        operators="\n    BranchSQLOperator," if retrain else "",
        bash="from airflow.providers.standard.operators.bash import BashOperator\n" * bool(retrain),
        told=_write_text(told),
        schedule=_write_text(schedule),
    )
    statements = _write_sql(version, baseline, into, view)
    files = {f"{name}/{path}": text for path, text in statements.items()}
    if retrain:
        dag += _RETRAIN.format(**asked, words=_write_text(_join(retrain)))
    else:
        del files[f"{name}/steady.sql"]
    dag += _GATE.format(**asked)
    dag += _ORDER_WITH_BRANCH if retrain else _ORDER
    files = dict(sorted({f"{name}.py": dag, **files}.items()))
    if output is not None:
        texts: dict[Path, Content] = {as_path(output) / path: text for path, text in files.items()}
        write_text(texts)
    return files


def _write_text(text: str) -> str:
    """Write a text as Python has it, in double quotes where nothing in it needs others."""
    plain = text.isprintable() and text.isascii() and not set(text) & set('"\\')
    return f'"{text}"' if plain else ascii(text)


def _join(words: Sequence[str]) -> str:
    """Write words for the shell. Raises UnsupportedError for those that Airflow would run."""
    if any(word.partition("=")[0] == "--store" for word in words):
        raise UnsupportedError("the store is named by a variable of Airflow, not in the DAG")
    return join_words(words, ("{{", "{%", "{#"), "a DAG")


def _choose_of_view(
    model: ScoringModel, keys: tuple[str, ...], columns: tuple[str, ...] | None
) -> tuple[str, ...]:
    """Choose columns that the view of a store has. Raises UnsupportedError for others."""
    there = default_outputs(model, "standardized")
    for name in (*keys, *(columns or ())):
        if name not in (*model.keys, *there):
            raise UnsupportedError(
                f"the store's view has no column {name!r}; it has: "
                f"{', '.join((*model.keys, *there))}"
            )
    return there if columns is None else columns


def _name_table(name: str, dialect: str) -> str:
    target = find_dialect(dialect)
    return parse_table_name(name, target).sql(target.sqlglot)


def _write_sql(version: Version, baseline: Baseline, into: str, view: str | None) -> dict[str, str]:
    """Write the statements: the table of scores, what fills it anew, and the gate."""
    model, asked = version.model, version.asked
    dialect, table = asked.dialect, asked.relation
    target = _name_table(into, dialect)
    golden = gather(version)
    types = dict(asked.key_types) | {
        name: name_result_type(name, golden, dialect) for name in version.columns
    }
    quoted = {quote_name(name, dialect): kind for name, kind in types.items()}
    if view is None:
        keys = tuple(asked.key_types)
        select = render(model, dialect=dialect, table=table, keys=keys, columns=version.columns)
    else:
        source = _name_table(view, dialect)
        select = f"SELECT {', '.join(quoted)}\nFROM {source}\n"
    gate = gate_sql(model, baseline, dialect=dialect, table=table)
    # Without a row nothing has moved: the gate tells that, and there is nothing to learn from.
    moved = " AND ".join(
        f"{quote_name(column, dialect)} = 1" for column in name_gates(model, baseline).values()
    )
    listed = ",\n".join(f"  {name} {kind}" for name, kind in quoted.items())
    return {
        "create.sql": f"CREATE TABLE IF NOT EXISTS {target} (\n{listed}\n)\n",
        "empty.sql": f"DELETE FROM {target} WHERE 1 = 1\n",  # noqa: S608
        "insert.sql": f"INSERT INTO {target} ({', '.join(quoted)})\n{select}",
        "gate.sql": gate,
        "steady.sql": (
            f"SELECT CASE WHEN {moved} THEN 1 ELSE 0 END AS steady\n"
            f"FROM (\n{gate.strip()}\n) {quote_name('gate', dialect)}\n"
        ),
    }
