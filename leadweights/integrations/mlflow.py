"""MLflow 3: a pyfunc model of a model file, without pickle; a fit as a run with all it found.

`import leadweights` imports no MLflow, and loading a model asks nothing of it either: MLflow calls
`_load_pyfunc` of this module, which reads model.json.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from leadweights.errors import UnsupportedError
from leadweights.errors.shown import show
from leadweights.files.remote import as_path
from leadweights.files.temporary import make_temporary_folder
from leadweights.files.write import Content, write_text
from leadweights.integrations.invented_leads import invent_leads
from leadweights.integrations.mlflow_signature import write_example, write_signature
from leadweights.integrations.yaml_documents import Data, to_yaml
from leadweights.model.file import NAME as MODEL
from leadweights.model.file import fingerprint, load, to_json
from leadweights.model.model import ScoringModel
from leadweights.reports import parity as certificate
from leadweights.reports.columns import columns_document
from leadweights.reports.compare import metrics_document
from leadweights.reports.layout import document
from leadweights.reports.weights import weights_csv
from leadweights.scoring.score import score
from leadweights.sql.dialects import DIALECTS
from leadweights.sql.render import render
from leadweights.tables.columns import sources
from leadweights.tables.open import Source

if TYPE_CHECKING:
    import pandas as pd

    from leadweights.learn.compare import Comparison
    from leadweights.learn.fit import Fit

OLDEST = "3.15"
_EXAMPLE, _SERVING = "input_example.json", "serving_input_example.json"
_LONGEST_PARAMETER = 500
_LONGEST_REASON = 300


class LeadScorer:
    """What MLflow's `pyfunc` calls: a model that scores rows by its own SELECT."""

    def __init__(self, model: ScoringModel) -> None:
        self.model = model

    def predict(self, model_input: Source, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Score rows as `lw.score` does, the same bits; keys come back where they are given.

        Raises what it raises.
        """
        del params
        there = {str(name).lower() for name in getattr(model_input, "columns", ())}
        keys = [key for key in self.model.keys if key.lower() in there]
        return score(self.model, _with_gaps(model_input), keys=keys)


def _with_gaps(rows: Source) -> Source:
    """Take pandas' NA among objects for missing: so MLflow hands on whole numbers with gaps.

    DuckDB would take such a column for one of texts.
    """
    types: Any = getattr(rows, "dtypes", None)
    if not hasattr(rows, "iloc") or not hasattr(types, "items"):
        return rows
    frame: Any = rows
    known = {
        name: [
            None if gone else value.item() if isinstance(value, np.generic) else value
            for value, gone in zip(frame[name], frame[name].isna(), strict=True)
        ]
        for name, kind in types.items()
        if str(kind) == "object"
    }
    return frame.assign(**known) if known else rows


def _load_pyfunc(path: str) -> LeadScorer:
    """Read the model that MLflow has as its data. Raises ModelError."""
    return LeadScorer(load(path))


def export_mlflow(model: ScoringModel, *, output: str | Path | None = None) -> dict[str, str]:
    """Write a model as the files of an MLflow model, by their names, and into the folder `output`.

    `mlflow.pyfunc.load_model` loads the folder. The same model gives the same bytes.

    Raises OutputError.
    """
    example = write_example(model)
    requirements = _requirements()
    made: dict[str, Data] = {
        "flavors": {
            "python_function": {
                "data": MODEL,
                "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
                "loader_module": __name__,
            }
        },
        "metadata": _metadata(model),
        "saved_input_example_info": {
            "artifact_path": _EXAMPLE,
            "pandas_orient": "split",
            "serving_input_path": _SERVING,
            "type": "dataframe",
        },
        "signature": write_signature(model),
    }
    environment: dict[str, Data] = {
        "name": "leadweights",
        "channels": ["conda-forge"],
        "dependencies": ["python=3.12", "pip", {"pip": requirements}],
    }
    virtual: dict[str, Data] = {"python": "3.12", "dependencies": ["-r requirements.txt"]}
    files = {
        "MLmodel": to_yaml(made),
        MODEL: to_json(model),
        _EXAMPLE: json.dumps(example, ensure_ascii=False) + "\n",
        _SERVING: document({"dataframe_split": example}),
        "requirements.txt": "".join(f"{line}\n" for line in requirements),
        "conda.yaml": to_yaml(environment),
        "python_env.yaml": to_yaml(virtual),
        "weights.csv": weights_csv(model),
        **_selects(model),
    }
    if output is not None:
        texts: dict[Path, Content] = {as_path(output) / name: text for name, text in files.items()}
        write_text(texts)
    return files


def log(
    found: Fit | ScoringModel,
    *,
    name: str = "leads",
    registered_name: str | None = None,
    alias: str | None = None,
    data_version: str | None = None,
    pipeline_stage: str = "fit",
    report: str | None = None,
) -> str | None:
    """Log a fit, or a model alone, to MLflow: the model, and a run with all that was found.

    The model is called `name`; with `registered_name` it is registered, too, and has the `alias`,
    as `champion`. Where MLflow is, and which run goes on, MLflow's own settings say: this sets
    none. The run has the metrics, of other models and of the last part behind a name and a dot,
    parameters, the tags `model_sha256`, `rows_sha256`, `data_version` (by default that of the rows)
    and `pipeline_stage`, and as artefacts the SELECT of every dialect, the weights, the proof and
    the `report`, an HTML page, which is made of rows held back where there are some.

    Give the model's URI, for `mlflow.pyfunc.load_model`. Where MLflow cannot be reached, or
    refuses, warn and give None: a fit does not fail by it. Raises UnsupportedError where there is
    no MLflow of at least version 3.15.
    """
    uri, problem = try_to_log(
        found,
        name=name,
        registered_name=registered_name,
        alias=alias,
        data_version=data_version,
        pipeline_stage=pipeline_stage,
        report=report,
    )
    if problem:
        warnings.warn(problem, RuntimeWarning, stacklevel=2)
    return uri


def try_to_log(
    found: Fit | ScoringModel,
    *,
    name: str,
    registered_name: str | None = None,
    alias: str | None = None,
    data_version: str | None = None,
    pipeline_stage: str = "fit",
    report: str | None = None,
) -> tuple[str | None, str]:
    """Log as `log` does; give the model's URI, or None and a line on what went wrong."""
    check_installed()
    known = _gather(found, data_version, pipeline_stage, report)
    model = found if isinstance(found, ScoringModel) else found.model
    try:
        # It prints where the run is; standard output is for data.
        with redirect_stdout(sys.stderr):
            return _send(model, known, name, registered_name, alias), ""
    except Exception as problem:  # MLflow's many stores raise what they like
        said = " ".join(str(problem).split())[:_LONGEST_REASON]
        return None, show(f"not logged to MLflow: {said}")


def check_installed() -> None:
    """Raise UnsupportedError where there is no MLflow, or an old one."""
    try:
        import mlflow
    except ModuleNotFoundError as problem:
        if (problem.name or "").split(".")[0] != "mlflow":
            raise
        raise UnsupportedError(f'MLflow is not installed: pip install "mlflow>={OLDEST}"') from None
    here = str(mlflow.__version__)
    if tuple(map(int, here.split(".")[:2])) < tuple(map(int, OLDEST.split("."))):
        raise UnsupportedError(f'MLflow is {here}: pip install "mlflow>={OLDEST}"')


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a fit, as MLflow keeps it."""

    tags: Mapping[str, str]
    params: Mapping[str, str]
    files: Mapping[str, str]
    metrics: Mapping[str, float] = field(default_factory=dict)


def _gather(
    found: Fit | ScoringModel, data_version: str | None, stage: str, report: str | None
) -> _Known:
    model = found if isinstance(found, ScoringModel) else found.model
    rows = model.provenance.rows_sha256
    tags = {
        "model_sha256": fingerprint(model),
        "rows_sha256": rows,
        "data_version": data_version or rows[:12],
        "pipeline_stage": stage,
    }
    files = {MODEL: to_json(model), "weights.csv": weights_csv(model), **_selects(model)}
    if isinstance(found, ScoringModel):
        pages = {} if report is None else {"report.html": report}
        return _Known(tags, _parameters(model), {**files, **pages})
    files |= {
        "equal_weights.json": to_json(found.equal_weights),
        "metrics.json": document(metrics_document(found.comparison, found.last)),
        "columns.json": document(columns_document(found.columns, found.suspects)),
        "parity.json": document(certificate.of_fit(found)),
    }
    page = report or _report(found)
    if page:
        files["report.html"] = page
    metrics = dict(_metrics(model, found.comparison, ""))
    if found.last is not None:
        metrics |= _metrics(model, found.last, "last.")
    return _Known(tags, _parameters(model), files, metrics)


def _report(found: Fit) -> str:
    """Write the report on the rows held back; nothing where there are none, or no libraries."""
    from leadweights.reports.html.gather import report

    rows = found.held_back
    try:
        return "" if rows is None else report(found.model, rows)
    except UnsupportedError:  # without leadweights[report]
        return ""


def _metrics(model: ScoringModel, found: Comparison, before: str) -> Iterator[tuple[str, float]]:
    """Give each metric that is known with the ends of its interval, the model's own first."""
    for name, measured in found.models.items():
        whose = before if name == model.name else f"{before}{name}."
        for metric, interval in measured.metrics.items():
            ends = {"": interval.value, "_low": interval.low, "_high": interval.high}
            for end, value in ends.items():
                if value is not None:
                    yield f"{whose}{metric}{end}", value


def _parameters(model: ScoringModel) -> dict[str, str]:
    known = model.provenance
    given = {
        "model": model.name,
        "method": known.method,
        "label": known.label,
        "positive": known.positive,
        "keys": ", ".join(model.keys),
        "weight": known.weight,
        "rows": known.rows,
        "positive_rows": known.positive_rows,
        "columns": len(model.columns),
        "made_by": known.made_by,
    }
    return {name: str(value)[:_LONGEST_PARAMETER] for name, value in given.items() if value != ""}


def _send(
    model: ScoringModel,
    known: _Known,
    name: str,
    registered_name: str | None,
    alias: str | None,
) -> str:
    import mlflow
    from mlflow.models import ModelSignature

    with _short_of_patience():
        mlflow.MlflowClient().search_experiments(max_results=1)
    leads = invent_leads(model)
    example = score(model, leads, keys=list(sources(model)))[list(sources(model))]
    running = mlflow.active_run()
    with nullcontext(running) if running else mlflow.start_run(run_name=name):
        mlflow.set_tags(dict(known.tags))
        mlflow.log_params(dict(known.params))
        mlflow.log_metrics(dict(known.metrics))
        with make_temporary_folder() as folder:
            for place, text in known.files.items():
                (folder / place).parent.mkdir(exist_ok=True)
                (folder / place).write_bytes(text.encode())
            mlflow.log_artifacts(str(folder))
            logged = mlflow.pyfunc.log_model(
                name=name,
                loader_module=__name__,
                data_path=str(folder / MODEL),
                signature=ModelSignature.from_dict(write_signature(model)),
                input_example=example,
                pip_requirements=_requirements(),
                metadata=_metadata(model),
                registered_model_name=registered_name,
            )
        client = mlflow.MlflowClient()
        client.set_logged_model_tags(logged.model_id, dict(known.tags))
        if registered_name is not None:
            number = str(logged.registered_model_version)
            for tag, value in known.tags.items():
                client.set_model_version_tag(registered_name, number, tag, value)
            if alias is not None:
                client.set_registered_model_alias(registered_name, alias, number)
    return str(logged.model_uri)


@contextmanager
def _short_of_patience() -> Iterator[None]:
    """Let MLflow give up within seconds, unless its settings say otherwise: usual are minutes."""
    usual = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
    given = {name: value for name, value in usual.items() if name not in os.environ}
    os.environ.update(given)
    try:
        yield
    finally:
        for name in given:
            os.environ.pop(name, None)


def _metadata(model: ScoringModel) -> dict[str, Any]:
    known = {"model_sha256": fingerprint(model), "rows_sha256": model.provenance.rows_sha256}
    return {"leadweights": version("leadweights"), **known, "reads": dict(sources(model))}


def _requirements() -> list[str]:
    return [f"leadweights=={version('leadweights')}", f"mlflow>={OLDEST}"]


def _selects(model: ScoringModel) -> dict[str, str]:
    """Write the SELECT in every dialect that can say it."""
    found = {}
    for dialect in DIALECTS:
        try:
            found[f"sql/{dialect}.sql"] = render(model, dialect=dialect)
        except UnsupportedError:
            continue
    return found
