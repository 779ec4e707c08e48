"""The options that name a store, and the store that they name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

import click
from click.core import ParameterSource

from leadweights.cli.options import Command, json_option, together

if TYPE_CHECKING:
    from leadweights.lifecycle.store.store import Store


@dataclass(frozen=True, slots=True)
class NamedStore:
    """A store that options name: it is opened when the rest of the command line is in order."""

    place: str = field(repr=False)
    who: str | None
    wait_seconds: float

    def open(self, *, make: bool = False) -> Store:
        """Open it; make its file if it is not there and may be made."""
        from leadweights.lifecycle.store.store import open_store
        from leadweights.tables.databases.open import file_of

        file = file_of(self.place)
        if make and file is not None and not file.exists():
            return self.init()
        return open_store(self.place, who=self.who, wait_seconds=self.wait_seconds)

    def init(self) -> Store:
        """Make its tables, where they are not there yet."""
        from leadweights.lifecycle.store.store import init_store

        return init_store(self.place, who=self.who, wait_seconds=self.wait_seconds)


def takes_store(*, by: str = "", instead: str = "") -> Callable[[Command], Command]:
    """Let a command be told its store, as the argument `named`: where it is, how long to wait.

    `by` is the option that says who changes it. With `instead`, which says what it is for, the
    store may be left out, and is None.
    """
    named: dict[str, Any] = {"default": "leadweights.duckdb", "show_default": True}
    help_of_place = "A DuckDB file, or a database's URL as SQLAlchemy reads it."
    options = [
        click.option(
            "--store",
            "place",
            metavar="FILE|URL",
            help=instead or help_of_place,
            **({} if instead else named),
        ),
        click.option(
            "--wait",
            "wait_seconds",
            metavar="SECONDS",
            type=click.FloatRange(0, 3600),
            default=10.0,
            show_default=True,
            help="How long to wait for another one who changes the store.",
        ),
    ]
    if by:
        told = "Who it is, for the record. [default: the user here]"
        options.append(click.option(by, "who", metavar="NAME", help=told))

    def let_name(command: Command) -> Command:
        @wraps(command)
        def with_store(
            *, place: str | None, wait_seconds: float, who: str | None = None, **given: Any
        ) -> Any:
            if place is None:
                _refuse_alone({"wait_seconds": "--wait", "who": by})
                return command(named=None, **given)
            return command(named=NamedStore(place, who, wait_seconds), **given)

        return cast(Command, together(*options)(with_store))

    return let_name


def lets_model_be_left_out(rows: str) -> Callable[[Command], Command]:
    """Let MODEL be left out where there is a store, which knows one: what is named is `rows`.

    Rows of an `engine` are not named so.
    """

    def let(command: Command) -> Command:
        @wraps(command)
        def take(**given: Any) -> Any:
            alone = given[rows] is None and given.get("engine") is None
            if alone and given["place"] is not None:
                given[rows], given["model"] = given["model"], None
            return command(**given)

        return cast(Command, take)

    return let


def _refuse_alone(options: dict[str, str]) -> None:
    """Refuse what is said of a store where none is named."""
    context = click.get_current_context()
    for name, option in options.items():
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option} goes with --store")


note_option = click.option("--note", metavar="TEXT", default="", help="A note, for the record.")
reading_store = together(takes_store(), json_option)
changing_store = together(takes_store(by="--by"), note_option, json_option)
