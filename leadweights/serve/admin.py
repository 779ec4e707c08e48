"""What changes a service's store: which version is in force, and what is held on a person.

Every one of these has a line in the store's audit trail, made by the name of the token.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from leadweights.errors import StoreError
from leadweights.lifecycle.store import people, registry
from leadweights.lifecycle.store.store import Active, Store
from leadweights.reports.people import erasure_document
from leadweights.serve.answers import answer
from leadweights.serve.problems import Problem
from leadweights.serve.service import Service

# No NUL: PostgreSQL has none in a text.
_TEXT = r"^[^\x00]*$"
_LARGEST = 2**31 - 1
_Key = Annotated[
    str, Path(min_length=1, max_length=1000, pattern=_TEXT, description="The key of the person.")
]
_Column = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=255,
        pattern=_TEXT,
        description="The column that people's rows are known by; by default the model's only key.",
    ),
]


class _Rollback(BaseModel):
    """Back to the version that the one in force replaced."""

    model_config = ConfigDict(strict=True, extra="forbid")
    expected: int | None = Field(
        default=None,
        ge=0,
        le=_LARGEST,
        description="Only if this version is active until then; 0: none.",
    )
    note: str = Field(default="", max_length=1000, pattern=_TEXT, description="For the record.")


class _Activation(_Rollback):
    """Which version to put into force."""

    version: int = Field(ge=1, le=_LARGEST)
    unproven: bool = Field(
        default=False, description="Without a proof on the store's engine; recorded."
    )


def make_admin(secret: bytes | None = None) -> APIRouter:
    """Make the routes; with the `secret`, training keys are looked for under their hashes."""
    admin = APIRouter(prefix="/v1", tags=["admin"])

    @admin.post("/admin/activate")
    def activate(request: Request, asked: _Activation) -> Response:
        """Put a version into force, in one transaction; of two who do so at once, one wins."""
        with _changing(request) as store:
            found = registry.activate(
                *(store, asked.version),
                expected=asked.expected,
                unproven=asked.unproven,
                note=asked.note,
            )
        return _tell_active(request, found)

    @admin.post("/admin/rollback")
    def rollback(request: Request, asked: Annotated[_Rollback | None, Body()] = None) -> Response:
        """Put the version into force again that the active one replaced."""
        asked = asked or _Rollback()
        with _changing(request) as store:
            found = registry.rollback(store, expected=asked.expected, note=asked.note)
        return _tell_active(request, found)

    @admin.get("/people/{key:path}")
    def export_person(request: Request, key: _Key, column: _Column = None) -> Response:
        """Give all that the store holds on a person."""
        with _changing(request) as store:
            own = column or _only_key(request)
            return answer(people.export_person(store, own, key, secret=secret))

    @admin.delete("/people/{key:path}")
    def erase_person(request: Request, key: _Key, column: _Column = None) -> Response:
        """Remove a person's rows from the scores and outcomes of the store."""
        with _changing(request) as store:
            own = column or _only_key(request)
            found = people.erase(store, own, [key], secret=secret)
            return answer(erasure_document(found, {}))

    return admin


@contextmanager
def _changing(request: Request) -> Iterator[Store]:
    """Give the store, whose trail will name the token. Raises Problem."""
    service: Service = request.app.state.service
    if service.store is None:
        raise Problem(409, "this service serves a file: it has no store to change")
    token = request.state.token
    try:
        yield replace(service.store, who=f"token {token.name}" if token else service.store.who)
    except StoreError as problem:
        raise Problem(409, str(problem)) from None


def _tell_active(request: Request, active: Active) -> Response:
    service: Service = request.app.state.service
    service.look()  # not in a second: whoever asked sees it in the next answer
    told: dict[str, Any] = asdict(active)
    return answer({"active": told})


def _only_key(request: Request) -> str:
    service: Service = request.app.state.service
    own = service.in_force
    keys = own.model.keys if own is not None else ()
    if len(keys) != 1:
        raise Problem(422, "say by which column people are known: ?column=NAME")
    return keys[0]
