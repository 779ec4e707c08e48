"""What the monitor found last: the file that `leadweights monitor --output` writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from leadweights.errors import LeadweightsError
from leadweights.files.read import read_text
from leadweights.serve.answers import answer, taken
from leadweights.serve.problems import Problem

NAME = "monitor.json"

router = APIRouter(prefix="/v1", tags=["model"])


@router.get("/monitor")
def show_monitor(request: Request) -> Response:
    """Tell what the monitor found last, and whether of the model in force; null before it ran."""
    own, place = taken(request), request.app.state.monitor
    found = None if place is None else read_monitor(place)
    is_of_model = found is not None and found.get("model_sha256") == own.sha256
    return answer({"model": own.stamp, "monitor": found, "is_of_model": is_of_model})


def read_monitor(place: Path) -> dict[str, Any] | None:
    """Read what the monitor wrote into a folder, or its file; None where there is none yet.

    Raises Problem, which does not name the file, for one that the monitor did not write.
    """
    path = place / NAME if place.is_dir() else place
    if not path.exists():
        return None
    try:
        found = json.loads(read_text(path, "JSON", LeadweightsError))
    except (LeadweightsError, ValueError, RecursionError):
        raise Problem(503, "what the monitor wrote cannot be read") from None
    if not isinstance(found, dict) or not {"verdict", "reason", "drift"} <= found.keys():
        raise Problem(503, "the file of the monitor is none that it wrote")
    return found
