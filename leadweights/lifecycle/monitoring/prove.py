"""The proof that the monitor's SQL counts and measures what Python does, on any engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from leadweights.decisions.baseline import count_values
from leadweights.errors import EngineError, UnsupportedError
from leadweights.formula.bins import SCORE
from leadweights.lifecycle.monitoring.alarms import judge_drift
from leadweights.lifecycle.monitoring.sql import (
    ANY_ROWS,
    LINES,
    drift_sql,
    gate_sql,
    name_gates,
)
from leadweights.model.baseline import Baseline
from leadweights.model.model import ScoringModel
from leadweights.prove.bits import distances
from leadweights.tables.columns import open_for, read_columns, sources
from leadweights.tables.engines import registry
from leadweights.tables.engines.engine import Engine
from leadweights.tables.open import Source
from leadweights.tables.table import Table

MOST_ULP = 4
"""So many doubles PSI may be away: an engine's LN is 1 ulp from the C library's at most."""


@dataclass(frozen=True, slots=True)
class MonitorProof:
    """What was proven of a monitor: the engine, rows and bins counted, how far PSI was away.

    `difference` says where Python and the engine disagree; "" that they do not.
    """

    engine: str
    dialect: str
    rows: int
    bins: int
    psi_ulp: int = 0
    difference: str = ""

    @property
    def holds(self) -> bool:
        """Tell whether all counts and gates are the same, and PSI is near enough."""
        return not self.difference


def verify_monitor(
    model: ScoringModel,
    baseline: Baseline,
    data: Source,
    *,
    engine: str = "duckdb",
    dialect: str = "",
) -> MonitorProof:
    """Count a table by numpy and by an engine's SQL, and hold the counts, PSI and gates together.

    Raises TableError for a table that lacks a column, UnsupportedError for an engine there is not,
    EngineError for one that does not start. A disagreement is not raised.
    """
    table = open_for(model, data, [SCORE])
    with registry.open_engine(engine, dialect) as opened:
        return prove_monitor(model, baseline, table, opened)


def prove_monitor(
    model: ScoringModel,
    baseline: Baseline,
    table: Table,
    engine: Engine,
    lines: Callable[..., str] = drift_sql,
    gate: Callable[..., str] = gate_sql,
) -> MonitorProof:
    """Do what `verify_monitor` does on an engine that is open."""
    own = {name: table.require(name) for name in sources(model, [SCORE])}
    held = table.number_rows(own, engine.holding.conditions(table, own))
    engine.load(held)
    counted = count_values(model, baseline, read_columns(held, model, [SCORE]))
    bins = [n for own_bins in counted.values() for n in own_bins]
    proof = MonitorProof(engine.title, engine.dialect, held.rows, len(bins))
    asked = {"dialect": engine.dialect, "table": engine.table}
    try:
        found = engine.select(lines(model, baseline, **asked))
        gates = engine.select(gate(model, baseline, **asked))
    except (EngineError, UnsupportedError) as problem:
        return _differ(proof, f"no result: {problem}")
    order = np.argsort(np.asarray(found[LINES[0]], float), kind="stable")
    rows = [int(n) for n in np.asarray(found["rows_in_bin"])[order]]
    if rows != bins:
        return _differ(proof, f"{len(rows)} counts for {len(bins)}, or others: {rows} for {bins}")
    drifts = {drift.column: drift for drift in judge_drift(model, baseline, counted)}
    ours = np.array([drifts[name].psi for name, own_bins in counted.items() for _ in own_bins])
    theirs = np.ma.asarray(found["psi"])[order]
    ulp = int(distances(ours, theirs)[1].max())
    proof = MonitorProof(proof.engine, proof.dialect, proof.rows, proof.bins, ulp)
    if ulp > MOST_ULP:
        return _differ(proof, f"PSI is {ulp} ulp away")
    wanted = {ANY_ROWS: 1}
    wanted |= {
        gates_of: int(drifts[name].alarm != "act")
        for name, gates_of in name_gates(model, baseline).items()
    }
    given = {name: int(values[0]) for name, values in gates.items()}
    if given != wanted:
        return _differ(proof, f"the gate gives {given}, Python {wanted}")
    return proof


def _differ(proof: MonitorProof, said: str) -> MonitorProof:
    return MonitorProof(proof.engine, proof.dialect, proof.rows, proof.bins, proof.psi_ulp, said)
