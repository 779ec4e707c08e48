"""The routes of the service: a model behind HTTP, each answer with its version and hash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.middleware import Middleware

from leadweights.serve import about, card, documents, monitored, page, uploads
from leadweights.serve.answers import answer, count_rows, taken
from leadweights.serve.describe import describe_api
from leadweights.serve.direct import DirectRoute
from leadweights.serve.in_force import InForce, Lead, Result
from leadweights.serve.leads import parse
from leadweights.serve.observe import Metrics, Observed
from leadweights.serve.problems import Problem, answer_problems
from leadweights.serve.service import Service

if TYPE_CHECKING:
    from leadweights.serve.adjust import Adjuster

MOST_LEADS = 10_000
"""How many leads one list may have; more are a file for `/v1/predict`."""
_AT_ONCE = 50


def make_app(
    service: Service,
    *,
    max_rows: int = uploads.MOST_ROWS,
    monitor: Path | None = None,
    guards: Sequence[Middleware] = (),
    routers: Sequence[APIRouter] = (),
    adjuster: Adjuster | None = None,
) -> FastAPI:
    """Make the app of a service, to be run by uvicorn or mounted in another.

    `guards` are middlewares around all routes, the outermost first: who may ask, and how often.
    `routers` are further routes, `monitor` the folder that `leadweights monitor --output` writes
    to; an `adjuster` asks for a judgement on leads where a request wants one. The app follows the
    store of the service while it runs.
    """

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        service.follow()
        try:
            async with adjuster.running() if adjuster else nullcontext():
                yield
        finally:
            await asyncio.to_thread(service.stop)

    metrics = Metrics(service)
    if adjuster is not None:
        adjuster.count_in(metrics.registry)
    app = FastAPI(
        title="leadweights",
        lifespan=live,
        docs_url=None,
        redoc_url=None,
        telemetry={"auto_configure": False},  # traces would have queries in them
    )
    app.state.service, app.state.metrics, app.state.max_rows = service, metrics, max_rows
    app.state.monitor = monitor
    app.state.adjuster = adjuster
    app.state.uploads = asyncio.Semaphore(uploads.MOST_AT_ONCE)
    # Starlette puts the last one that is added around all others.
    for guard in reversed(guards):
        app.add_middleware(guard.cls, *guard.args, **guard.kwargs)
    app.add_middleware(Observed, service=service, metrics=metrics)
    answer_problems(app)
    own = (scoring, uploads.router, about.router, reading, documents.router)
    for router in (*own, card.router, monitored.router, page.router, *routers):
        app.include_router(router)
    app.router.routes.insert(0, DirectRoute("POST", "/v1/score", score))
    describe_api(app, service)
    return app


scoring = APIRouter(prefix="/v1", tags=["scoring"])
reading = APIRouter(tags=["operation"])


@scoring.post("/score")
async def score(request: Request) -> Response:
    """Score a lead, or a list of leads."""
    own = taken(request)
    body = parse(await request.body())
    given = body.get("leads") if isinstance(body, dict) else None
    if isinstance(given, list):
        most = min(MOST_LEADS, request.app.state.max_rows)
        if len(given) > most:
            raise Problem(413, f"a list may have {most:,} leads: send more to /v1/predict")
        results = []
        for first in range(0, len(given), _AT_ONCE):
            some = given[first : first + _AT_ONCE]
            places = [("leads", first + place) for place in range(len(some))]
            leads = own.form.read(some, places)
            results += await _score_leads(request, own, leads, len(given))
            await asyncio.sleep(0)  # others are answered meanwhile
    else:
        results = await _score_leads(request, own, own.form.read([body], [()]), 1)
    refused = sum(result["status"] == "no_consent" for result in results)
    count_rows(request, len(results), refused)
    return answer({"model": own.stamp, "results": results})


async def _score_leads(
    request: Request, own: InForce, leads: list[Lead], all_leads: int
) -> list[Result]:
    with_parts = _is_asked(request, "contributions")
    if not _is_asked(request, "adjust"):
        return [own.score_lead(lead, contributions=with_parts) for lead in leads]
    adjuster: Adjuster | None = request.app.state.adjuster
    if adjuster is None:
        raise Problem(409, "this service asks nobody: it was started without --adjust-endpoint")
    adjuster.check_rows(all_leads)
    adjusted, judgements = await adjuster.add_factors(own, leads)
    results = [own.score_lead(lead, contributions=with_parts) for lead in adjusted]
    for result, judgement in zip(results, judgements, strict=True):
        if judgement is not None:
            result["adjustment"] = adjuster.tell(judgement)
    return results


def _is_asked(request: Request, name: str) -> bool:
    """Read a parameter that is true or false. Raises Problem."""
    given = request.query_params.get(name, "false")
    if given not in ("true", "false"):
        raise Problem(422, f"the parameter {name} is true or false")
    return given == "true"


@reading.get("/healthz")
async def health(_: Request) -> Response:
    """Say that the process answers."""
    return answer({"status": "alive"})


@reading.get("/readyz")
async def readiness(request: Request) -> Response:
    """Say whether there is a model to answer by, and whether its store is there."""
    service: Service = request.app.state.service
    own, problem = request.scope["state"]["in_force"], service.state.problem
    document: dict[str, Any] = {"ready": own is not None}
    if own is not None:
        document["model"] = own.stamp
    if service.store is not None:
        document["store"] = problem or "followed"
    return answer(document, 200 if own is not None else 503)


@reading.get("/metrics")
async def show_metrics(request: Request) -> Response:
    """Give what is counted, as Prometheus reads it."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.write(), media_type=Metrics.MEDIA_TYPE)
