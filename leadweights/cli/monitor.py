"""The command that watches a model in service: monitor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadweights.cli.options import FILE, json_option, reads_tables, tell
from leadweights.cli.outputs import OUTPUT, Command, write_outputs
from leadweights.cli.storing import NamedStore, lets_model_be_left_out, takes_store
from leadweights.errors import ModelError, ParityError
from leadweights.model.file import load
from leadweights.tables.file import File

if TYPE_CHECKING:
    from leadweights.model.baseline import Baseline
    from leadweights.model.model import ScoringModel


@click.command(cls=Command)
@lets_model_be_left_out("current")
@click.argument("model", type=FILE, metavar="[MODEL]", required=False)
@click.argument("current", type=FILE, required=False)
@takes_store(
    instead="Take the baseline that this store keeps; without MODEL of its active version."
)
@click.option("--engine", metavar="URL", help="Count a table there, in place of CURRENT,")
@click.option("--table", metavar="NAME", help="... called so.")
@click.option("--reference", metavar="FILE", type=FILE, help="Rows in place of the baseline's.")
@click.option("--label", metavar="NAME", help="The label in CURRENT: measure the model, too.")
@click.option(
    "--output", metavar="DIR", type=OUTPUT, help="Write monitor.html, .json and .txt there."
)
@json_option
@reads_tables
def monitor(
    model: Path | None,
    current: Path | File | None,
    named: NamedStore | None,
    engine: str | None,
    table: str | None,
    reference: Path | File | None,
    label: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Hold the rows of CURRENT against the baseline of MODEL; exit 3 is watch, 4 is act.

    The baseline is baseline.json beside the model, as fit writes it, or what was pushed to a store
    with the model; 0 is steady, or too few rows.
    """
    from leadweights.cli import terminal
    from leadweights.learn.recipe import Warehouse
    from leadweights.lifecycle.monitoring.monitor import monitor as watch
    from leadweights.reports.monitor import monitor_document, monitor_text

    if output is not None:
        from leadweights.reports.monitor_files import monitor_files
    if (engine is None) != (table is None) or (engine is None) != (current is not None):
        raise click.UsageError("name CURRENT, or a table with --engine URL --table")
    if model is None and named is None:
        raise click.UsageError("Missing argument 'MODEL'.")
    found, baseline = _find_with_baseline(model, named, needed=reference is None)
    rows: Any = current if engine is None else Warehouse(engine, table)
    asked: dict[str, Any] = {"baseline": baseline, "reference": reference, "label": label}
    with terminal.line() as progress:
        seen = watch(found, rows, progress=progress, **asked)
    if output is not None:
        files = monitor_files(seen)
        write_outputs({output / name: text for name, text in files.items()})
    tell(as_json, monitor_document, monitor_text, seen)
    click.get_current_context().exit(seen.exit_code)


def _find_with_baseline(
    model: Path | None, named: NamedStore | None, *, needed: bool
) -> tuple[ScoringModel, Baseline | None]:
    """Find a model and its baseline: in a folder, or in a store, where it may be `needed`.

    Raises ModelError, StoreError, EngineError.
    """
    from leadweights.model.baseline import find_baseline

    if named is None:
        assert model is not None
        found = load(model)
        return found, find_baseline(found, model)
    from leadweights.lifecycle.store.baselines import need_baseline as need
    from leadweights.lifecycle.store.registry import find_pushed

    own = None if model is None else load(model)
    store = named.open()
    version = store.active_version() if own is None else find_pushed(store, own)
    return own or version.model, need(store, version) if needed else version.baseline


def need_baseline(model: ScoringModel, path: Path) -> Baseline:
    """Read the baseline beside a model. Raises ModelError where there is none."""
    from leadweights.model.baseline import NAME, find_baseline

    found = find_baseline(model, path)
    if found is None:
        raise ModelError(f"there is no {NAME} beside {path}, as fit writes it")
    return found


def monitor_sql(model: ScoringModel, baseline: Baseline, *, gate_alone: bool, **asked: Any) -> str:
    """Write the monitor's two SELECTs, each ended by a semicolon, or the gate alone as it is."""
    from leadweights.lifecycle.monitoring.sql import drift_sql, gate_sql

    gate = gate_sql(model, baseline, **asked)
    if gate_alone:
        return gate
    lines = drift_sql(model, baseline, **asked)
    return "".join(f"{sql.rstrip()};\n" for sql in (lines, gate))


def verify_monitor(
    model: ScoringModel, path: Path, data: Path | File, engine: str, dialect: str
) -> str:
    """Prove the monitor's SQL where a model has a baseline; give a line on it, "" where not.

    Raises ParityError.
    """
    from leadweights.lifecycle.monitoring import prove as prove_monitor
    from leadweights.model.baseline import find_baseline
    from leadweights.reports.monitor import proof_sentence

    baseline = find_baseline(model, path)
    if baseline is None:
        return ""
    proof = prove_monitor.verify_monitor(model, baseline, data, engine=engine, dialect=dialect)
    if not proof.holds:
        raise ParityError(
            f"the monitor's SQL and Python disagree in {proof.engine}: {proof.difference[:300]}"
        )
    return proof_sentence(proof)
