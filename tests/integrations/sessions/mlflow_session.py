"""In an environment that has MLflow: load an exported model, log a fit, load it by its alias.

Writes one JSON document of what was seen; asserts of the bits are made here, where both sides are.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc.scoring_server import init

import leadweights as lw

EXPORTED, TRAIN, VALID = map(Path, sys.argv[1:4])
SCORES = ("lead_score", "log_odds", "probability")


def bits(frame: pd.DataFrame) -> list[list[int]]:
    return [frame[name].to_numpy(np.float64).view(np.int64).tolist() for name in SCORES]


def served(exported: Any, body: bytes) -> pd.DataFrame:
    """Ask MLflow's own server, in this process."""
    answers: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/invocations",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        answers.append(message)

    asyncio.run(init(exported)(scope, receive, send))
    assert answers[0]["status"] == 200, answers
    text = b"".join(answer.get("body", b"") for answer in answers[1:])
    return pd.DataFrame(json.loads(text)["predictions"])


def with_gaps(leads: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers, some of them missing, as pandas' own type has them."""
    whole = leads["recency_days"].round().astype("Int64")
    whole = whole.mask(np.arange(len(whole)) % 7 == 0)
    return leads.assign(recency_days=whole)


model = lw.load(EXPORTED)
leads = pd.read_csv(VALID).drop(columns="label")
exported = mlflow.pyfunc.load_model(str(EXPORTED))
found = exported.predict(leads)
assert bits(found) == bits(lw.score(model, leads))
assert found["contact_id"].tolist() == leads["contact_id"].tolist()
without = leads.drop(columns="contact_id")
assert bits(exported.predict(without)) == bits(found)
gaps = with_gaps(leads)
assert bits(exported.predict(gaps)) == bits(lw.score(model, gaps))
integers = leads.assign(recency_days=leads["recency_days"].round().astype(int))
assert bits(exported.predict(integers)) == bits(lw.score(model, integers))
example = exported.input_example
assert len(exported.predict(example)) == 3
body = (EXPORTED / "serving_input_example.json").read_bytes()
# The JSON of a server has every digit of a double.
assert bits(served(exported, body)) == bits(exported.predict(example))

fit = lw.fit(TRAIN, keys=["contact_id"])
uri = lw.mlflow.log(
    fit, name="leads", registered_name="lead_scores", alias="champion", data_version="2026-11"
)
champion = mlflow.pyfunc.load_model("models:/lead_scores@champion")
assert bits(champion.predict(leads)) == bits(lw.score(fit.model, leads))
assert bits(mlflow.pyfunc.load_model(uri).predict(leads)) == bits(lw.score(fit.model, leads))
with mlflow.start_run(run_name="mine") as mine:
    lw.mlflow.log(fit.model, name="again", pipeline_stage="promote")
    assert mlflow.active_run() is not None
(run,) = mlflow.search_runs(filter_string="attributes.run_name = 'leads'", output_format="list")
folder = Path(mlflow.artifacts.download_artifacts(uri))
version = mlflow.MlflowClient().get_model_version_by_alias("lead_scores", "champion")
auc = fit.comparison.models[fit.model.name].metrics["auc_roc"]
assert run.data.metrics["auc_roc"] == auc.value
assert run.data.metrics["auc_roc_low"] == auc.low
sys.stdout.write(
    json.dumps(
        {
            "status": run.info.status,
            "tags": {name: run.data.tags.get(name) for name in version.tags},
            "version_tags": version.tags,
            "params": run.data.params,
            "metrics": sorted(run.data.metrics),
            "artifacts": sorted(
                str(path.relative_to(root))
                for root in [Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id))]
                for path in root.rglob("*.*")
            ),
            "pickles": [str(p) for p in folder.rglob("*") if p.suffix in (".pkl", ".pickle")],
            "model_files": sorted(path.name for path in folder.rglob("*") if path.is_file()),
            "signature": [[c.name, str(c.type)] for c in champion.metadata.signature.outputs],
            "mine": mlflow.get_run(mine.info.run_id).data.tags["pipeline_stage"],
            "model": lw.mlflow.export_mlflow(fit.model)["model.json"],
            "uri": mlflow.get_tracking_uri(),
        }
    )
)
