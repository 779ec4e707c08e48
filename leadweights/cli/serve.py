"""The command that puts a model behind HTTP."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click

from leadweights.cli.options import FILE, ModelFile
from leadweights.errors import UnsupportedError

_NEEDED = ("fastapi", "limits", "prometheus_client", "python_multipart", "uvicorn")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@click.command()
@click.argument("model", type=ModelFile(path_type=Path, readable=False), required=False)
@click.option(
    "--store",
    "place",
    metavar="FILE|URL",
    help="Serve the version that is active in this store, and follow it.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port to listen on; 0: any that is free, which the log names.",
)
@click.option(
    "--tokens",
    metavar="FILE",
    type=FILE,
    help="Who may ask what: see leadweights token. Needed where others can reach the address.",
)
@click.option(
    "--rate",
    metavar="RATE",
    help="How often one token, or one address without, may ask: 100/s, 6000/minute.",
)
@click.option(
    "--max-rows",
    metavar="N",
    type=click.IntRange(1),
    default=200_000,
    show_default=True,
    help="How many rows one request may have.",
)
@click.option(
    "--origin",
    "origins",
    metavar="URL",
    multiple=True,
    help="A site whose pages may read answers in a browser (CORS).",
)
def serve(
    model: Path | None,
    place: str | None,
    host: str,
    port: int,
    tokens: Path | None,
    rate: str | None,
    max_rows: int,
    origins: tuple[str, ...],
) -> None:
    """Serve MODEL, or a store's active version, over HTTP: see docs/serve.md."""
    if (model is None) == (place is None):
        raise click.UsageError("name MODEL or a --store: one of them")
    if any(find_spec(name) is None for name in _NEEDED):
        raise UnsupportedError('serving needs FastAPI: pip install "leadweights[serve]"')
    is_open = tokens is None
    if is_open and host not in _LOOPBACK:
        raise UnsupportedError(
            f"on {host} others could ask, too: name who may with --tokens (leadweights token add)"
        )
    from leadweights.serve.access import Access
    from leadweights.serve.app import make_app
    from leadweights.serve.guard import make_guards
    from leadweights.serve.limits import Limits
    from leadweights.serve.rates import Rates
    from leadweights.serve.run import run
    from leadweights.serve.service import Service
    from leadweights.serve.tokens import TokenFile

    limits = Limits(rows=max_rows)
    access = Access(
        TokenFile(tokens) if tokens is not None else None,
        Rates(rate) if rate is not None else None,
        only_loopback=is_open,
    )
    guards = make_guards(access, limits, origins=origins)
    if model is not None:
        service = Service.of_model(model)
    else:
        assert place is not None
        service = Service.of_store(place)
    app = make_app(service, max_rows=limits.rows, guards=guards)
    run(app, host, port, limit_concurrency=limits.connections)
