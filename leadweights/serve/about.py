"""What the service tells of its model: fields, weights, SQL, thresholds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response

from leadweights.model.file import as_document
from leadweights.model.model import Logit
from leadweights.serve.answers import answer, taken

router = APIRouter(prefix="/v1", tags=["model"])


@router.get("/model")
async def show_model(request: Request) -> Response:
    """Tell what the model in force reads of a lead, what it gives, and all that is in its file."""
    own = taken(request)
    model, form = own.model, own.form
    told: dict[str, Any] = {
        "model": own.stamp,
        "name": model.name,
        "keys": model.keys,
        "fields": [asdict(field) for field in form.fields.values()],
        "results": own.results,
        "consent": model.decisions.consent and model.decisions.consent.column,
        "document": as_document(model),
    }
    return answer(told)


@router.get("/model/weights")
async def show_weights(request: Request) -> Response:
    """List what each column weighs, and what each of its levels contributes."""
    from leadweights.reports.weights import weights

    own = taken(request)
    return answer(
        {"model": own.stamp, "weights": [asdict(weight) for weight in weights(own.model)]}
    )


@router.get("/model/sql")
def show_sql(request: Request, dialect: str = "duckdb", table: str = "leads") -> Response:
    """Write the model as one SELECT in a dialect."""
    from leadweights.sql.render import render

    own = taken(request)
    return Response(render(own.model, dialect=dialect, table=table), media_type="application/sql")


@router.get("/thresholds")
async def show_thresholds(request: Request) -> Response:
    """Tell where scores are cut: the threshold and its promise, the bands, the scale."""
    own = taken(request)
    rules = own.model.decisions
    by_log_odds = isinstance(own.model.link, Logit)
    return answer(
        {
            "model": own.stamp,
            "in_log_odds": by_log_odds,
            "threshold": rules.threshold and asdict(rules.threshold),
            "bands": rules.bands and asdict(rules.bands),
            "scale": rules.scale and asdict(rules.scale),
        }
    )
