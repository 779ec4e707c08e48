"""The command that puts a model behind HTTP."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from leadweights.cli.adjust import adjusting_options, make_adjuster
from leadweights.cli.guarding import guarding_options, make_guarding
from leadweights.cli.options import ModelFile
from leadweights.cli.storing import NamedStore, takes_store
from leadweights.errors import UnsupportedError
from leadweights.errors.shown import looks_like_url

_NEEDED = ("fastapi", "limits", "prometheus_client", "python_multipart", "uvicorn")


@click.command()
@click.argument("model", type=ModelFile(path_type=Path, readable=False), required=False)
@takes_store(instead="Serve the version that is active in this store, and follow it.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port to listen on; 0: any that is free, which the log names.",
)
@click.option(
    "--max-rows",
    metavar="N",
    type=click.IntRange(1),
    default=1_000_000,
    show_default=True,
    help="How many rows one request may have.",
)
@click.option(
    "--monitor",
    metavar="DIR",
    help="Show what leadweights monitor --output DIR wrote last.",
)
@guarding_options
@adjusting_options
def serve(
    model: Path | None,
    named: NamedStore | None,
    host: str,
    port: int,
    max_rows: int,
    monitor: str | None,
    adjust_endpoint: str | None,
    adjust_llm: str | None,
    adjust_cache: str,
    adjust_limit: int,
    **guarding: Any,
) -> None:
    """Serve MODEL, or a store's active version, over HTTP: see docs/serve.md."""
    if (model is None) == (named is None):
        raise click.UsageError("name MODEL or a --store: one of them")
    if monitor is not None and looks_like_url(monitor):
        raise click.UsageError("--monitor names a folder of this machine, not a URL")
    if any(find_spec(name) is None for name in _NEEDED):
        raise UnsupportedError('serving needs FastAPI: pip install "leadweights[serve]"')
    before = make_guarding(host, has_store=named is not None, **guarding)
    from leadweights.cli import terminal
    from leadweights.serve.app import make_app
    from leadweights.serve.guard import describe_access
    from leadweights.serve.run import run
    from leadweights.serve.service import Service

    if model is not None:
        service = Service.of_model(model)
    else:
        assert named is not None
        service = Service.of_store(named.place, wait_seconds=named.wait_seconds)
    adjuster = make_adjuster(service, adjust_endpoint, adjust_llm, adjust_cache, adjust_limit)
    app = make_app(
        service,
        max_rows=max_rows,
        monitor=None if monitor is None else Path(monitor),
        guards=before.guards,
        routers=before.routers,
        adjuster=adjuster,
    )
    if before.asks_for_tokens:
        describe_access(app)
    run(app, host, port, **before.server)
    terminal.end_at_work(0)
