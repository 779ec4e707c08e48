"""What every route does: take the model of its request once, and answer in JSON."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from pydantic_core import to_json

from leadweights.serve.in_force import InForce
from leadweights.serve.problems import Problem


def taken(request: Request) -> InForce:
    """Give the model that this request is answered by. Raises Problem while there is none."""
    found: InForce | None = request.scope["state"]["in_force"]
    if found is None:
        raise Problem(503, "the store has no active version yet: leadweights registry activate")
    return found


def answer(document: Any, status: int = 200) -> Response:
    """Write a JSON answer."""
    return Response(to_json(document), status, media_type="application/json")


def count_rows(request: Request, rows: int, refused: int) -> None:
    """Note how many leads a request had, and how many of them without consent."""
    state = request.scope["state"]
    state["rows"], state["refused"] = rows, refused
