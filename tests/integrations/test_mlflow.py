"""A model for MLflow: files of the same bytes here, and MLflow itself where it is installed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

import leadweights as lw
from leadweights.integrations.mlflow import LeadScorer, _load_pyfunc, export_mlflow
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.sql.dialects import DIALECTS
from tests.support.commands import invoke
from tests.support.strategies import models
from tests.support.tools import MLFLOW, needs, run

SESSION = Path("tests/integrations/sessions/mlflow_session.py")
needs_mlflow = needs(MLFLOW, "requirements-mlflow.lock")


@pytest.fixture(scope="module")
def model() -> ScoringModel:
    return lw.load("outputs")


@pytest.mark.sweep
def test_the_model_is_written_with_its_files_and_the_same_bytes(
    model: ScoringModel, tmp_path: Path
) -> None:
    found = export_mlflow(model)
    assert found == export_mlflow(lw.load("outputs"))
    assert found["model.json"] == Path("outputs/model.json").read_text()
    assert found["weights.csv"] == Path("outputs/weights/weights.csv").read_text()
    for dialect in DIALECTS:
        assert found[f"sql/{dialect}.sql"] == lw.render(model, dialect=dialect)
    assert "loader_module: leadweights.integrations.mlflow\n" in found["MLmodel"]
    assert fingerprint(model) in found["MLmodel"]
    assert found == lw.export_mlflow(model, output=tmp_path)
    for name, text in found.items():
        assert (tmp_path / name).read_bytes() == text.encode()
    assert found["requirements.txt"].startswith("leadweights==")


def test_the_example_is_no_row_of_the_data(model: ScoringModel) -> None:
    example = json.loads(export_mlflow(model)["input_example.json"])
    known = Path("data/train.csv").read_text() + Path("data/valid.csv").read_text()
    for row in example["data"]:
        assert ",".join(map(str, row)) not in known
    assert "C00" not in json.dumps(example)


@pytest.mark.sweep
@settings(max_examples=8)
@given(models())
def test_every_model_can_be_written(drawn: ScoringModel) -> None:
    found = export_mlflow(drawn)
    example = json.loads(found["input_example.json"])
    rows = [dict(zip(example["columns"], row, strict=True)) for row in example["data"]]
    assert len(LeadScorer(drawn).predict(rows)) == 3


def test_what_is_loaded_scores_with_the_same_bits(model: ScoringModel) -> None:
    loaded = _load_pyfunc("outputs/model.json")
    frame = lw.score(model, "data/valid.csv", keys=["contact_id", *example_columns(model)])
    assert_same_bits(loaded.predict(frame), lw.score(model, "data/valid.csv"))
    alone = loaded.predict(frame[example_columns(model)])
    assert "contact_id" not in alone.columns
    assert_same_bits(alone, lw.score(model, "data/valid.csv"))


def example_columns(model: ScoringModel) -> list[str]:
    columns: list[str] = json.loads(export_mlflow(model)["input_example.json"])["columns"]
    return columns


def assert_same_bits(left: "object", right: "object") -> None:
    for name in ("lead_score", "log_odds", "probability"):
        a, b = (np.asarray(side[name]).view(np.int64) for side in (left, right))  # type: ignore[index]
        assert (a == b).all()


def test_leadweights_imports_no_mlflow() -> None:
    script = (
        "import sys, leadweights as lw\n"
        "assert 'leadweights.integrations.mlflow' not in sys.modules\n"
        "lw.mlflow.export_mlflow(lw.load('outputs'))\n"
        "assert not any(name.split('.')[0] == 'mlflow' for name in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_without_mlflow_nothing_is_learnt(tmp_path: Path) -> None:
    """The environment of these tests has none: `requirements.lock` is without it."""
    there = tmp_path / "outputs"
    asked = ["fit", "data/train.csv", "--mlflow", "leads", "--output", str(there)]
    done = invoke(asked)
    assert done.exit_code == 1
    assert done.stderr == 'Error: MLflow is not installed: pip install "mlflow>=3.15"\n'
    assert not there.exists()


@needs_mlflow
@pytest.mark.telling
def test_mlflow_loads_serves_registers_and_logs(tmp_path: Path) -> None:
    exported = tmp_path / "exported"
    done = invoke(["export", "mlflow", "outputs", "--output", str(exported)])
    assert done.exit_code == 0, done.output
    work = tmp_path / "work"
    work.mkdir()
    given = [Path(name).resolve() for name in ("data/train.csv", "data/valid.csv")]
    session = run(MLFLOW, SESSION, exported, *given, cwd=work)
    assert session.returncode == 0, session.stderr
    seen = json.loads(session.stdout)
    assert (work / "mlflow.db").exists()
    assert seen["uri"].startswith("sqlite:")
    assert seen["status"] == "FINISHED"
    fitted = lw.fit("data/train.csv", keys=["contact_id"])
    assert seen["tags"] == seen["version_tags"]
    assert seen["tags"] == {
        "model_sha256": fingerprint(fitted.model),
        "rows_sha256": fitted.model.provenance.rows_sha256,
        "data_version": "2026-11",
        "pipeline_stage": "fit",
    }
    assert seen["params"]["label"] == "label"
    assert seen["params"]["rows"] == "2800"
    assert {"auc_roc", "brier_high", "equal_weights.auc_roc"} <= set(seen["metrics"])
    assert {"report.html", "parity.json", "metrics.json", "sql/tsql.sql"} <= set(seen["artifacts"])
    assert seen["pickles"] == []
    assert "model.json" in seen["model_files"]
    assert ["probability", "DataType.double"] in seen["signature"]
    assert seen["mine"] == "promote"


@needs_mlflow
def test_a_fit_whose_mlflow_cannot_be_reached_warns_and_ends_well(tmp_path: Path) -> None:
    done = fit_in_the_tool(tmp_path, "http://ann:geheim@127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    assert "warning: not logged to MLflow: " in done.stderr
    assert "geheim" not in done.stderr
    assert json.loads(done.stdout)["files"]
    assert (tmp_path / "outputs" / "model.json").exists()


@needs_mlflow
def test_a_fit_is_logged_where_the_environment_says(tmp_path: Path) -> None:
    """Standard output has the one JSON document, and nothing of MLflow's."""
    store = tmp_path / "elsewhere.db"
    done = fit_in_the_tool(tmp_path, f"sqlite:///{store}")
    assert done.returncode == 0, done.stderr
    assert "\nlogged to MLflow: leads, model m-" in done.stderr
    assert json.loads(done.stdout)["files"]
    assert store.exists()
    assert not (tmp_path / "mlflow.db").exists()


PUSH = """
import sys
import mlflow
from leadweights.cli.main import main
for _ in range(2):
    words = ["registry", "push", sys.argv[1], "--store", "s.duckdb", "--mlflow", "lead_scores"]
    main(words, standalone_mode=False)
version = mlflow.MlflowClient().get_model_version_by_alias("lead_scores", "champion")
sys.stderr.write(f"champion {version.version} {version.tags['model_sha256']}")
"""


@needs_mlflow
def test_what_is_pushed_is_champion_in_mlflow_too(model: ScoringModel, tmp_path: Path) -> None:
    script = tmp_path / "push.py"
    script.write_text(PUSH)
    done = run(MLFLOW, script, Path("outputs/model.json").resolve(), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(f"champion 2 {fingerprint(model)}")


@needs_mlflow
def test_the_python_of_the_page_runs(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(Path("data").resolve())
    page = Path("docs/mlflow.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```py\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    script = tmp_path / "page.py"
    script.write_text("\n".join([*blocks, "assert len(scores) == len(leads)\n"]))
    done = run(MLFLOW, script, cwd=tmp_path)
    assert len(blocks) == 2
    assert done.returncode == 0, done.stderr


def fit_in_the_tool(folder: Path, uri: str) -> "subprocess.CompletedProcess[str]":
    train = Path("data/train.csv").resolve()
    words = ["fit", train, "--key", "contact_id", "--mlflow", "leads", "--json"]
    command = folder / "fit.py"
    command.write_text("from leadweights.cli.main import main\nmain()\n")
    return run(MLFLOW, command, *words, cwd=folder, env={"MLFLOW_TRACKING_URI": uri})
