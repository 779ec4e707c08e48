"""The command that puts a model behind HTTP."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadweights.cli.options import FILE, ModelFile
from leadweights.errors import UnsupportedError

if TYPE_CHECKING:
    from leadweights.serve.adjust import Adjuster
    from leadweights.serve.service import Service

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
@click.option(
    "--adjust-endpoint",
    metavar="URL",
    help="Ask a language model there about leads, where a request says adjust=true.",
)
@click.option("--adjust-llm", metavar="NAME", help="... by this name;  [default: OPENAI_MODEL]")
@click.option("--adjust-cache", metavar="URL", default="", help="... keep answers in this Redis;")
@click.option(
    "--adjust-limit",
    metavar="MS",
    type=click.IntRange(10, 600_000),
    default=500,
    show_default=True,
    help="... milliseconds that an answer may take.",
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
    **adjusting: Any,
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
    adjuster = _make_adjuster(service, **adjusting)
    app = make_app(service, max_rows=limits.rows, guards=guards, adjuster=adjuster)
    run(app, host, port, limit_concurrency=limits.connections)


def _make_adjuster(
    service: Service,
    adjust_endpoint: str | None,
    adjust_llm: str | None,
    adjust_cache: str,
    adjust_limit: int,
) -> Adjuster | None:
    """Make what asks for a judgement from outside; None where nobody is named."""
    if adjust_endpoint is None:
        if adjust_llm or adjust_cache:
            raise click.UsageError("--adjust-llm and --adjust-cache go with --adjust-endpoint")
        return None
    from leadweights.cli.adjust import find_endpoint
    from leadweights.serve.adjust import MOST_ADJUSTED, Adjuster

    # All leads of a request at once: they have one limit together.
    endpoint = find_endpoint(adjust_endpoint, adjust_llm, adjust_limit, MOST_ADJUSTED)
    adjuster = Adjuster(endpoint, adjust_cache)
    if service.in_force is not None:
        adjuster.check(service.in_force.model)
    return adjuster
