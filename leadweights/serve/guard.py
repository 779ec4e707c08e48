"""All that stands before the service, in its order."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from leadweights.serve.access import Access, Guarded
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
