"""A dbt project to export into: leads whose texts are hostile, a model of them, databases."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import leadweights as lw
from leadweights.decisions.baseline import make_baseline
from leadweights.formula.bins import SCORE
from leadweights.tables.columns import read_columns
from leadweights.tables.engines.registry import open_engine
from leadweights.tables.open import open_table
from tests.support.tools import needs

DBT = "LEADWEIGHTS_DBT"
"""Names the executable of dbt, of an environment of its own."""

needs_dbt = needs(DBT, "requirements-dbt.lock")

QUIET = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "False", "DBT_USE_COLORS": "False"}

RELATION = "{{ ref('stg_leads') }}"
SOURCES = np.array(["web", "it's", "{{ 1 / 0 }}", "{% raw %}", None], dtype=object)
PLAN = {
    "bands": {"by": "probability", "{{ hot }}": [0.5, 1], "it's cold": [0, 0.5]},
    "rank": {"owner": "rep"},
}


LEVELS = {
    "the source, it's": {
        "kind": "category",
        "description": "where {{ they }} are from",
        "levels": ["web", "it's", "{{ 1 / 0 }}", "{% raw %}"],
    },
}


def leads(rows: int = 300) -> pd.DataFrame:
    """Make leads with texts that a template engine or a literal would break on."""
    random = np.random.default_rng(5)
    visits = random.normal(size=rows)
    first = pd.Timestamp("2026-01-01") + pd.to_timedelta(random.integers(0, 90, rows), "D")
    frame = pd.DataFrame(
        {
            "Lead ID": [f"L{place:04}" for place in range(rows)],
            "visits": np.where(random.random(rows) < 0.1, np.nan, np.round(np.exp(visits), 4)),
            "the source, it's": random.choice(SOURCES, rows),
            "customer": random.choice([True, False], rows),
            "first": first.date,
            "asked": (first + pd.to_timedelta(random.integers(0, 9, rows), "D")).date,
            "rep": random.choice(["ann", "bob"], rows),
        }
    )
    chance = 1 / (1 + np.exp(-visits - (frame["the source, it's"] == "{{ 1 / 0 }}")))
    frame["won"] = (random.random(rows) < chance).astype(int)
    return frame


@cache
def model(c: float = 1.0) -> lw.ScoringModel:
    """Learn from the leads, and decide."""
    learnt = lw.fit_model(
        leads(),
        label="won",
        keys=["Lead ID"],
        exclude=["rep"],
        c=c,
        dictionary={
            "first": {"since": "asked"},
            **LEVELS,
        },
    )
    return lw.decide(learnt, plan=PLAN)


@cache
def watched() -> tuple[lw.ScoringModel, lw.Baseline]:
    """Learn from more leads and fewer columns, with a baseline that tells drift from chance."""
    rows = leads(1500)[["Lead ID", "visits", "the source, it's", "won"]]
    learnt = lw.fit_model(rows, label="won", keys=["Lead ID"], dictionary=LEVELS)
    return learnt, make_baseline(learnt, read_columns(open_table(rows), learnt, [SCORE]))


MOVED = {"steady": "visits", "watch": "1.5 * visits", "act": "2 * visits"}
"""What becomes of the visits, by what the monitor is to say of it."""


COLUMNS = ["lead_score", "log_odds", "probability", "score_100", "band"]
EVERY_COLUMN = [*COLUMNS, "reason_1", "reason_1_effect", "rank", "decile", "contributions"]


@dataclass
class Project:
    """A dbt project in a folder, and the database it is for."""

    folder: Path
    dialect: str
    settings: Mapping[str, object]
    nodes: dict[str, str] = field(default_factory=dict)

    def start(self, **exported: Any) -> dict[str, str]:
        """Write the project anew, with what is exported into it."""
        for name in ("models", "seeds", "tests"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        self.write_settings()
        asked = {"relation": RELATION, "dialect": self.dialect, "columns": EVERY_COLUMN}
        files = lw.export_dbt(model(), output=self.folder, **{**asked, **exported})
        leads().drop(columns="won").to_csv(self.folder / "seeds/raw_leads.csv", index=False)
        self.write("models/stg_leads.sql", "SELECT * FROM {{ ref('raw_leads') }}\n")
        return files

    def write_settings(self) -> None:
        """Write what makes a folder a project, and says where its database is."""
        (self.folder / "dbt_project.yml").write_text(
            'name: crm\nversion: "1.0"\nprofile: crm\n'
            "seeds: {crm: {raw_leads: {+quote_columns: true}}}\n"
        )
        outputs = {"target": "here", "outputs": {"here": self.settings}}
        (self.folder / "profiles.yml").write_text(json.dumps({"crm": outputs}))

    def write(self, path: str, text: str) -> None:
        """Write a file of the project."""
        (self.folder / path).write_text(text, encoding="utf-8")

    def build(self) -> dict[str, str]:
        """Run `dbt build`: the status of each node, by its name, and what dbt says besides."""
        done = subprocess.run(
            [os.environ[DBT], "--no-use-colors", "build", "--profiles-dir", "."],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **QUIET, "PYTHONPATH": ""},
        )
        assert done.returncode in (0, 1), done.stdout + done.stderr
        assert "Deprecation" not in done.stdout, done.stdout
        results = json.loads((self.folder / "target/run_results.json").read_text())["results"]
        found = {name_node(one["unique_id"]): one["status"] for one in results}
        failed = {name for name, how in found.items() if how in ("error", "fail")}
        assert bool(failed) == bool(done.returncode), done.stdout
        self.nodes = {name_node(one["unique_id"]): one["message"] or "" for one in results}
        return found

    def failed(self) -> dict[str, str]:
        """Build, and name what fails, with how."""
        return {name: how for name, how in self.build().items() if how in ("error", "fail")}


def name_node(identity: str) -> str:
    """Name a node without its project, a test without its hash, and a seed for what it is."""
    kind, _, name = identity.split(".", 2)
    plain = re.sub(r"\.[0-9a-f]{10}$", "", name)
    return f"seed {plain}" if kind == "seed" else plain


@contextmanager
def open_project(dialect: str, folder: Path) -> Iterator[Project]:
    """Give a project for DuckDB, or for a PostgreSQL server of its own."""
    if dialect == "duckdb":
        settings = {"type": "duckdb", "path": str(folder / "crm.duckdb"), "threads": 1}
        yield Project(folder, dialect, settings)
        return
    with open_engine(dialect) as engine:
        info = engine.connection.info  # type: ignore[attr-defined]
        settings = {
            "type": "postgres",
            "host": info.host,
            "port": info.port,
            "user": info.user,
            "password": info.password or "none",
            "dbname": info.dbname,
            "schema": "crm",
            "threads": 1,
        }
        yield Project(folder, dialect, settings)
