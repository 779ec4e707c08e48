"""The command that asks for a judgement from outside: adjust."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadweights.cli.options import (
    FILE,
    json_option,
    key_option,
    model_argument,
    print_text,
    reads_tables,
    say,
    seed_option,
    tell,
    together,
    warn,
)
from leadweights.cli.outputs import OUTPUT, Command, write_outputs
from leadweights.errors import UnsupportedError
from leadweights.model.file import load

if TYPE_CHECKING:
    from leadweights.scoring.adjusting.ask import Endpoint
    from leadweights.serve.adjust import Adjuster
    from leadweights.serve.service import Service
    from leadweights.tables.file import File

asking_options = together(
    click.option(
        "--endpoint",
        metavar="URL",
        help="Who is asked, such as https://host/v1.  [default: OPENAI_BASE_URL]",
    ),
    click.option(
        "--llm", metavar="NAME", help="The language model there.  [default: OPENAI_MODEL]"
    ),
    click.option(
        "--limit",
        "milliseconds",
        metavar="MS",
        type=click.IntRange(10, 600_000),
        default=500,
        show_default=True,
        help="Milliseconds that an answer may take, with all tries.",
    ),
    click.option(
        "--at-once",
        metavar="N",
        type=click.IntRange(1, 256),
        default=8,
        show_default=True,
        help="Leads that are asked about at a time.",
    ),
    click.option("--cache", metavar="URL", default="", help="Keep answers in the Redis there."),
    click.option(
        "--send",
        metavar="NAME",
        multiple=True,
        help="A column to send besides those with words; 'NAME=WORDS'. May be repeated.",
    ),
)


adjusting_options = together(
    click.option(
        "--adjust-endpoint",
        metavar="URL",
        help="Ask a language model there about leads, where a request says adjust=true;",
    ),
    click.option("--adjust-llm", metavar="NAME", help="... by this name;  [default: OPENAI_MODEL]"),
    click.option(
        "--adjust-cache", metavar="URL", default="", help="... keep answers in the Redis there;"
    ),
    click.option(
        "--adjust-limit",
        metavar="MS",
        type=click.IntRange(10, 600_000),
        default=500,
        show_default=True,
        help="... milliseconds that an answer may take.",
    ),
)


def find_endpoint(
    endpoint: str | None, llm: str | None, milliseconds: int, at_once: int
) -> Endpoint:
    """Say who is asked, by options and environment. Raises UnsupportedError."""
    from leadweights.scoring.adjusting.ask import Endpoint

    url = endpoint or os.environ.get("OPENAI_BASE_URL", "")
    if not url:
        raise UnsupportedError("name who is asked with --endpoint URL, or as OPENAI_BASE_URL")
    own = llm or os.environ.get("OPENAI_MODEL", "")
    key = os.environ.get("OPENAI_API_KEY", "")
    return Endpoint(url, own, key, milliseconds / 1000, at_once)


def make_adjuster(
    service: Service, endpoint: str | None, llm: str | None, cache: str, milliseconds: int
) -> Adjuster | None:
    """Make what asks about a service's leads; None where nobody is named to be asked.

    Raises UnsupportedError for an endpoint or a cache that cannot be, and for a model that takes no
    factor.
    """
    if endpoint is None:
        if llm or cache:
            raise click.UsageError("--adjust-llm and --adjust-cache go with --adjust-endpoint")
        return None
    from leadweights.serve.adjust import MOST_ADJUSTED, Adjuster

    # All leads of a request at once: they have one limit together.
    asked = find_endpoint(endpoint, llm, milliseconds, MOST_ADJUSTED)
    adjuster = Adjuster(asked, cache)
    if service.in_force is not None:
        adjuster.check(service.in_force.model)
    return adjuster


@click.command(cls=Command)
@model_argument
@click.argument("leads", type=FILE, required=False)
@click.option(
    "--top",
    metavar="N",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="Ask about so many leads, those with the highest scores.",
)
@asking_options
@key_option
@click.option(
    "--evaluate",
    is_flag=True,
    help="Measure on labelled LEADS, or rows the fit held back, whether the factor helps.",
)
@click.option("--label", metavar="NAME", help="... whose label this is. [default: the model's]")
@seed_option
@click.option("-o", "--output", metavar="FILE", type=OUTPUT, help="Write to a file, not to stdout.")
@json_option
@reads_tables
def adjust(
    model: Path,
    leads: Path | File | None,
    top: int,
    cache: str,
    send: tuple[str, ...],
    keys: tuple[str, ...],
    evaluate: bool,
    label: str | None,
    seed: int,
    output: Path | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Ask a language model for a factor of 0.8 to 1.2 for the best of LEADS, and why; as CSV.

    MODEL takes it by a plan's [adjustment]: see docs/adjust.md. The key is OPENAI_API_KEY.
    """
    from leadweights.cli import terminal
    from leadweights.reports import adjust as reporting
    from leadweights.scoring.adjusting.adjust import adjust as ask_for_factors
    from leadweights.scoring.adjusting.evaluate import evaluate_adjustment

    endpoint, scored_by = find_endpoint(**asked), load(model)
    options: dict[str, Any] = {"top": top, "send": send, "cache": cache}
    if evaluate:
        if output is not None or keys:
            raise click.UsageError("--evaluate measures, and writes no factors: no --output, --key")
        options |= {"label": label, "folder": model.parent, "seed": seed}
        with terminal.bar("asking") as progress:
            effect = evaluate_adjustment(scored_by, leads, endpoint, **options, progress=progress)
        tell(as_json, reporting.effect_document, reporting.effect_text, effect)
        warn(effect.warnings)
        return
    if label is not None:
        raise click.UsageError("--label goes with --evaluate")
    if leads is None:
        raise click.UsageError("Missing argument 'LEADS'.")
    options["keys"] = keys or None
    with terminal.bar("asking") as progress:
        found = ask_for_factors(scored_by, leads, endpoint, **options, progress=progress)
    text = reporting.adjustments_csv(found)
    if output is not None:
        write_outputs({output: text})
    if as_json:
        tell(True, reporting.adjustments_document, reporting.adjustments_text, found)
    elif output is not None:
        print_text(reporting.adjustments_text(found))
    else:
        click.echo(text, nl=False)
        for line in reporting.adjustments_text(found).splitlines():
            say(line)
