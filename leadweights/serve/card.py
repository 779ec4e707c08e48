"""The model in words, for its card on the page."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from leadweights.formula.javascript import render_javascript
from leadweights.formula.stages import decided_probability, ranked_by
from leadweights.reports.rules import rules
from leadweights.serve.answers import answer, taken


class JavaScript(Response):
    """A module of JavaScript."""

    media_type = "text/javascript"


router = APIRouter(prefix="/v1", tags=["model"])


@router.get("/model/card")
async def show_card(request: Request) -> Response:
    """Say what is done with the score, rule by rule, and which results rank leads."""
    own = taken(request)
    return answer(
        {
            "model": own.stamp,
            "ranked_by": ranked_by(own.model),
            "probability": decided_probability(own.model),
            "rules": [asdict(rule) for rule in rules(own.model)],
        }
    )


@router.get("/model/javascript", response_class=JavaScript)
def show_javascript(request: Request) -> Response:
    """Write the model as one module of JavaScript with a function `score(lead)`."""
    return JavaScript(render_javascript(taken(request).model))
