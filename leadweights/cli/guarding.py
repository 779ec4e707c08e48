"""Options of who may ask a service, and how much: what stands before its routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click

from leadweights.cli.options import FILE, together, warn
from leadweights.errors import UnsupportedError

_USUAL_RATE = "1000/second"

guarding_options = together(
    click.option(
        "--tokens",
        metavar="FILE",
        type=FILE,
        help="Who may ask, and what: tokens that leadweights token keeps. Without it all may ask, "
        "on this machine alone, and nothing can be changed.",
    ),
    click.option(
        "--open",
        "is_open",
        is_flag=True,
        help="Let other machines ask without --tokens, all there are.",
    ),
    click.option(
        "--rate",
        metavar="LIMITS",
        help="How often each token, or address without one, may ask, such as "
        f"100/second;5000/minute, or none. [default: {_USUAL_RATE}; on this machine alone: none]",
    ),
    click.option(
        "--max-body",
        metavar="MIB",
        type=click.IntRange(1, 4096),
        default=64,
        show_default=True,
        help="The largest body, in MiB; four of them may be held at once, in temporary files.",
    ),
    click.option(
        "--timeout",
        "seconds",
        metavar="SECONDS",
        type=click.FloatRange(0.1, 3600),
        default=60.0,
        show_default=True,
        help="How long a body may take to arrive, and then its answer.",
    ),
    click.option(
        "--concurrency",
        metavar="N",
        type=click.IntRange(1),
        default=64,
        show_default=True,
        help="How many requests are worked on at once; more are refused with 503.",
    ),
    click.option(
        "--cors",
        "origins",
        metavar="ORIGIN",
        multiple=True,
        help="Let pages of this origin, such as https://crm.example.com, read answers.",
    ),
    click.option(
        "--proxy",
        metavar="ADDRESS",
        help="Believe this proxy what it says in X-Forwarded-For and -Proto.",
    ),
    click.option(
        "--hmac-key",
        "secret",
        metavar="FILE",
        type=FILE,
        help="The secret that training keys are hashed under: it tells what learnt from a person.",
    ),
)


@dataclass(frozen=True, slots=True)
class Guarding:
    """What stands before an app: its middlewares, further routes, and settings of the server."""

    guards: Sequence[Any]
    routers: Sequence[Any]
    server: dict[str, Any]
    asks_for_tokens: bool


def make_guarding(
    host: str,
    *,
    has_store: bool,
    tokens: Path | None,
    is_open: bool,
    rate: str | None,
    max_body: int,
    seconds: float,
    concurrency: int,
    origins: tuple[str, ...],
    proxy: str | None,
    secret: Path | None,
) -> Guarding:
    """Make what was asked for.

    Raises UnsupportedError for an address that others reach where nobody is asked for a token,
    for what is no rate or origin, and TokenError.
    """
    from leadweights.serve.access import Access
    from leadweights.serve.guard import make_guards
    from leadweights.serve.limits import MEBIBYTE, Limits
    from leadweights.serve.rates import Rates
    from leadweights.serve.tokens import TokenFile, warn_of_mode

    is_here = _is_loopback(host) and proxy is None
    if secret is not None and not has_store:
        raise click.UsageError("--hmac-key goes with --store")
    if is_open and tokens is not None:
        raise click.UsageError("--open lets all ask, --tokens some: take one")
    if not is_here and tokens is None and not is_open:
        reached = (
            f"{host} can be reached from other machines" if proxy is None else "behind a proxy"
        )
        raise UnsupportedError(
            f"{reached}: name --tokens FILE (leadweights token add makes it), or let all there are "
            "ask with --open"
        )
    known = None
    if tokens is not None:
        known = TokenFile(tokens)
        warn(filter(None, [warn_of_mode(tokens)]))
    usual = None if is_here and known is None else _USUAL_RATE
    wanted = usual if rate is None else None if rate == "none" else rate
    access = Access(
        known,
        None if wanted is None else Rates(wanted),
        only_loopback=is_here and known is None and not is_open,
    )
    limits = Limits(max_body * MEBIBYTE, seconds, concurrency)
    routers = []
    if has_store:  # which brings DuckDB in
        from leadweights.lifecycle.store.keys import read_secret
        from leadweights.serve.admin import make_admin

        routers.append(make_admin(None if secret is None else read_secret(secret)))
    server: dict[str, Any] = {}
    if proxy is not None:
        server = {"proxy_headers": True, "forwarded_allow_ips": proxy}
    guards = make_guards(access, limits, origins=origins)
    return Guarding(guards, routers, server, known is not None)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
