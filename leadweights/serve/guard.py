"""All that stands before the service, in its order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from leadweights.serve.access import Access, Guarded, role_for
from leadweights.serve.headers import Secured, check_origins
from leadweights.serve.limits import Bounded, Limits


def make_guards(access: Access, limits: Limits, *, origins: Sequence[str] = ()) -> list[Middleware]:
    """List what stands before an app, the outermost first; pages of `origins` may read answers.

    Who may not ask is refused before a byte of the body is read, and even a refusal has its
    headers. Raises UnsupportedError for what is no origin.
    """
    sharing = Middleware(
        CORSMiddleware,
        allow_origins=check_origins(origins),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["authorization", "content-type", "accept"],
    )
    return [
        Middleware(Secured),
        *([sharing] if origins else []),
        Middleware(Guarded, access=access),
        Middleware(Bounded, limits=limits),
    ]


def describe_access(app: FastAPI) -> None:
    """Let an app that asks for tokens say so in what it tells of itself, with the role for each."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        document.setdefault("components", {})["securitySchemes"] = {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "A token that `leadweights token add` has made; its roles are "
                "score, read and admin.",
            }
        }
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                role = role_for(method.upper(), path)
                if role is not None:
                    operation["security"] = [{"token": [role]}]
        return document

    app.openapi = openapi  # type: ignore[method-assign]
