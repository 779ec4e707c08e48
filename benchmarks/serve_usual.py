"""The usual way to serve a model, which benchmarks/serve.py measures leadweights against.

FastAPI, a pydantic class of a lead, a DataFrame of one row, and a scikit-learn pipeline that joblib
has read. The routes are `async`, which spares the hop to a
thread: with `def` each request takes longer.

Run ``uvicorn serve_usual:app`` with the pipeline's file in the variable PIPELINE.
"""

from __future__ import annotations

import io
import os
from typing import Any

import joblib  # type: ignore[import-untyped]
import pandas as pd
from fastapi import FastAPI, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel

app = FastAPI()
pipeline: Any = joblib.load(os.environ["PIPELINE"]) if "PIPELINE" in os.environ else None
COLUMNS = (
    "recency_days",
    "fatigue_score",
    "sentiment_score",
    "engagement_rate_30d",
    "reply_rate_90d",
    "opt_out_risk",
    "mms_affinity",
)


class Lead(BaseModel):
    """A lead: what the pipeline reads, and its key."""

    contact_id: str
    recency_days: float | None = None
    fatigue_score: float | None = None
    sentiment_score: float | None = None
    engagement_rate_30d: float | None = None
    reply_rate_90d: float | None = None
    opt_out_risk: float | None = None
    mms_affinity: float | None = None


@app.post("/score")
async def score(lead: Lead) -> dict[str, Any]:
    """Score one lead."""
    row = pd.DataFrame([lead.model_dump()])[list(COLUMNS)].astype(float)
    return {"contact_id": lead.contact_id, "probability": float(predicted(row)[0])}


@app.post("/predict")
async def predict(file: UploadFile, format: str = "csv", whole: bool = False) -> Any:
    """Score a file; give keys and probabilities, or the `whole` file with a column more."""
    content = io.BytesIO(await file.read())
    is_csv = (file.filename or "").endswith(".csv")
    frame = pd.read_csv(content) if is_csv else pd.read_parquet(content)
    probability = predicted(frame[list(COLUMNS)].astype(float))
    scored = (frame if whole else frame[["contact_id"]]).assign(probability=probability)
    if format == "json":
        return {"rows": len(scored), "results": scored.to_dict(orient="records")}
    if format == "csv":
        return Response(scored.to_csv(index=False), media_type="text/csv")
    return Response(scored.to_parquet(index=False), media_type="application/octet-stream")


def predicted(frame: pd.DataFrame) -> Any:
    return pipeline.predict_proba(frame)[:, 1]
