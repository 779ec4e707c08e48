"""Answers that say what is wrong: RFC 9457 problems, which name the field and repeat no value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from leadweights.errors import LeadweightsError

MEDIA_TYPE = "application/problem+json"
_MOST_ERRORS = 100
GONE = 499
"""What nginx calls the status of who closed the connection before the answer."""
_TITLES = {status.value: status.phrase for status in HTTPStatus} | {GONE: "Client Closed Request"}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field, by its JSON pointer (RFC 6901)."""

    pointer: str
    detail: str


class Problem(Exception):  # noqa: N818 (the RFC's word)
    """What is wrong with a request, and the status that says so."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.errors, self.headers = tuple(errors), dict(headers or {})

    def answer(self) -> Response:
        """Write it as an answer."""
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": _TITLES.get(self.status, "Error"),
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            shown = self.errors[:_MOST_ERRORS]
            document["errors"] = [{"pointer": e.pointer, "detail": e.detail} for e in shown]
        return Response(to_json(document), self.status, self.headers, media_type=MEDIA_TYPE)


def point(place: Iterable[str | int]) -> str:
    """Write a JSON pointer."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in place)


def answer_problems(app: FastAPI) -> None:
    """Let an app answer whatever goes wrong by a problem."""

    @app.exception_handler(Problem)
    async def on_problem(_: Request, problem: Problem) -> Response:
        return problem.answer()

    @app.exception_handler(LeadweightsError)
    async def on_error(_: Request, problem: LeadweightsError) -> Response:
        return Problem(422, str(problem)).answer()

    @app.exception_handler(HTTPException)
    async def on_http(_: Request, problem: HTTPException) -> Response:
        return Problem(problem.status_code, str(problem.detail), headers=problem.headers).answer()

    @app.exception_handler(RequestValidationError)
    async def on_parameters(_: Request, problem: RequestValidationError) -> Response:
        wrong = [FieldProblem(point(error["loc"]), str(error["msg"])) for error in problem.errors()]
        return Problem(422, "a parameter is not as it must be", errors=wrong).answer()

    @app.exception_handler(Exception)
    async def on_fault(_: Request, __: Exception) -> Response:
        return Problem(500, "the service failed at this; its log has where").answer()
