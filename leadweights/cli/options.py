"""Options and arguments that several commands share, and how they print what they found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from click.core import ParameterSource

from leadweights.errors import UnsupportedError
from leadweights.errors.shown import escape, show
from leadweights.files.remote import as_path, is_url
from leadweights.formula.stages import BY_WEIGHTS, SHAPES
from leadweights.model.file import find_model
from leadweights.reports import layout
from leadweights.sql.dialects import DIALECTS
from leadweights.tables.file import File as TableFile

if TYPE_CHECKING:
    from leadweights.learn.recipe import Limits, Place, Recipe

Command = TypeVar("Command", bound=Callable[..., Any])


def together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Make one decorator of several."""

    def with_options(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


class NumberOr(click.ParamType["float | str"]):
    """A number, a whole one if it has to be, or one of a few words."""

    def __init__(self, *words: str, whole: bool = False) -> None:
        self.name = "|".join(("integer" if whole else "float", *words))
        self._words, self._read = words, int if whole else float

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str:
        """Read a number or a word."""
        if value in self._words:
            return str(value)
        try:
            return self._read(value)
        except ValueError:
            number = "a whole number" if self._read is int else "a number"
            self.fail(f"{value!r} is neither {number} nor {' nor '.join(self._words)}", param, ctx)


class File(click.Path):
    """A file's name, or the URL of one in the cloud."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse a name that is empty, which would mean the folder one is in, and no such URL."""
        if not str(value):
            self.fail("an empty name is no file", param, ctx)
        return as_path(value) if is_url(value) else super().convert(value, param, ctx)


class ModelFile(File):
    """The name of a model file, or of the folder that fit wrote, which has one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Take a folder for the model in it."""
        path: Path = super().convert(value, param, ctx)
        return find_model(path)


FILE = File(path_type=Path, readable=False)
TABLES = ("train", "valid", "data", "leads", "results")
"""The arguments and options that name tables."""


def reads_tables(command: Command) -> Command:
    """Let a command be told how to read the text files it is given."""

    @wraps(command)
    def with_files(*, encoding: str | None, skip_footer: int, **given: Any) -> Any:
        if encoding is not None or skip_footer:
            for name in TABLES:
                if given.get(name) is not None:
                    given[name] = TableFile(given[name], encoding, skip_footer)
        return command(**given)

    return cast(Command, reading_options(with_files))


reading_options = together(
    click.option(
        "--encoding",
        metavar="NAME",
        help="Of text files that are not UTF-8 or UTF-16, such as windows-1252.",
    ),
    click.option(
        "--skip-footer",
        metavar="N",
        type=click.IntRange(0),
        default=0,
        help="Leave out the last N lines of each table: totals, remarks.",
    ),
)
model_argument = click.argument("model", type=ModelFile(path_type=Path, readable=False))
key_option = click.option(
    "--key", "keys", metavar="NAME", multiple=True, help="Column to pass through."
)
key_types_option = click.option(
    "--key-type",
    "key_types",
    metavar="TYPE",
    multiple=True,
    help="The type of each key in the warehouse. [default: text]",
)
columns_option = click.option("--columns", metavar="NAMES", help="Result columns, between commas.")
as_of_option = click.option("--as-of", metavar="DAY", help="The day until which the odds decay.")
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document instead."
)
seed_option = click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=42,
    show_default=True,
    help="Where the random numbers start.",
)
train_argument = click.argument("train", type=FILE)
preparing_options = together(
    click.option(
        "--label",
        metavar="NAME",
        default="label",
        show_default=True,
        help="The column of outcomes, or an expression such as 'spend > 0'.",
    ),
    click.option(
        "--positive", metavar="VALUE", multiple=True, help="Value of the label that is positive."
    ),
    click.option(
        "--negative",
        metavar="VALUE",
        multiple=True,
        help="... and negative: rows with others are left out.",
    ),
    key_option,
    click.option("--exclude", metavar="NAME", multiple=True, help="Column not to learn from."),
    click.option("--dictionary", metavar="FILE", type=FILE, help="What each column means."),
    click.option(
        "--time-zone",
        metavar="OFFSET",
        default="",
        help="Of times without one, beside others with an offset from UTC, such as +01:00.",
    ),
    seed_option,
)
place_options = together(
    click.option(
        "--engine",
        metavar="NAME|URL",
        help="Learn where the rows are: a database's URL, spark, duckdb; memory: read them all.",
    ),
    click.option("--memory", metavar="SIZE", help="What this process may take, such as 2GB."),
    click.option(
        "--scratch", is_flag=True, help="Let the database keep the prepared rows until the end."
    ),
)
learning_options = together(
    preparing_options,
    click.option("--valid", metavar="FILE", type=FILE, help="Rows to measure on."),
    click.option(
        "--split",
        metavar="SHARES",
        default="80/20",
        show_default=True,
        help="Rows to learn from and to measure on; a third share for a last table.",
    ),
    click.option("--time-column", metavar="NAME", help="Split forward in time by this column."),
    click.option("--group", metavar="NAME", help="Keep rows with one value here together."),
    click.option(
        "--c",
        type=NumberOr("auto"),
        default=1.0,
        show_default=True,
        help="Inverse strength of the L2 penalty, or auto: by cross-validation.",
    ),
    click.option(
        "--trees",
        type=NumberOr("none", "auto", "large", whole=True),
        default="none",
        show_default=True,
        help="Small trees beside the weights: so many; auto: if worth having; large: hundreds.",
    ),
    click.option("--weight", metavar="NAME", help="Column that says how often a row counts."),
    click.option(
        "--class-weight",
        type=NumberOr("balanced"),
        help="How often a positive row counts in learning, or balanced: as much as the negatives.",
    ),
    click.option(
        "--negatives-kept",
        metavar="SHARE",
        type=float,
        default=1.0,
        help="Of the negative rows, the share that is there, such as 0.1.  [default: all]",
    ),
)
held_back_option = click.option(
    "--no-held-back",
    "held_back",
    flag_value=False,
    default=True,
    help="Do not write the rows that are held back.",
)
decide_as_option = click.option(
    "--decide-as",
    metavar="MODEL",
    type=ModelFile(path_type=Path, readable=False),
    help="Take over what this model decides: bands, actions, threshold and other rules.",
)
dialect_option = click.option(
    "--dialect",
    type=click.Choice(list(DIALECTS), case_sensitive=False),
    default="duckdb",
    show_default=True,
    help="The SQL to write: see leadweights dialects.",
)
shape_option = click.option(
    "--shape",
    type=click.Choice(SHAPES),
    default="standardized",
    show_default=True,
    help="Steps that show means and weights, or one flat sum.",
)
table_option = click.option(
    "--table",
    metavar="NAME",
    default="leads",
    show_default=True,
    help="The table to select from.",
)
rendering_options = together(dialect_option, table_option, shape_option)
any_shape_options = together(
    dialect_option,
    table_option,
    click.option(
        "--shape",
        type=click.Choice([*SHAPES, BY_WEIGHTS]),
        default="standardized",
        show_default=True,
        help="Steps that show means and weights, one flat sum, or one that reads the active "
        "weights from the store's table of them.",
    ),
)
labelled_options = together(
    model_argument,
    click.argument("valid", type=FILE, required=False),
    click.option("--label", metavar="NAME", help="The label in VALID. [default: the model's]"),
    click.option(
        "--learnt-rows",
        is_flag=True,
        help="Take rows the model has learnt from, too, and promise nothing.",
    ),
)


def is_given(name: str) -> bool:
    """Tell whether a parameter of the running command was typed, and is not its default."""
    return click.get_current_context().get_parameter_source(name) != ParameterSource.DEFAULT


def tell(
    as_json: bool,
    document: Callable[..., Mapping[str, Any]],
    text: Callable[..., str],
    *found: Any,
    **asked: Any,
) -> None:
    """Print what was found, as one JSON document or as text, which is told what was `asked`."""
    if as_json:
        click.echo(layout.document(document(*found)), nl=False)
    else:
        print_text(text(*found, **asked))


def print_text(text: str) -> None:
    """Print lines for a person: what does not print is escaped."""
    click.echo(escape(text, keep="\n"), nl=False)


def say(words: object) -> None:
    """Say something on stderr, in one line."""
    click.echo(show(words), err=True)


def warn(warnings: Iterable[str]) -> None:
    """Print warnings on stderr, each in its line."""
    for warning in warnings:
        say(f"warning: {warning}")


def make_recipe(given: dict[str, Any]) -> Recipe:
    """Make a recipe of what `learning_options`, or `preparing_options`, gave."""
    from leadweights.learn.recipe import SHARES, Forward, Groups, Random, Recipe

    options = {name: value for name, value in given.items() if name != "valid"}
    shares = options.pop("split", SHARES)
    time_column, group = options.pop("time_column", None), options.pop("group", None)
    match time_column, group:
        case None, None:
            return Recipe(split=Random(shares), **options)
        case _, None:
            return Recipe(split=Forward(time_column, shares), **options)
        case None, _:
            return Recipe(split=Groups(group, shares), **options)
        case _:
            raise UnsupportedError("split by a time column or by a group, not by both")


def find_limits() -> Limits:
    """Give the limits that the caller has set, by `obj=` of click, or the usual ones."""
    from leadweights.learn.recipe import USUAL, Limits

    return click.get_current_context().find_object(Limits) or USUAL


def choose_place(
    train: Path | TableFile | None,
    table: str | None,
    engine: str | None,
    memory: str | None,
    *,
    scratch: bool,
) -> Place:
    """Say where to learn by what `place_options` gave. Raises UnsupportedError."""
    from leadweights.learn.in_engine import source
    from leadweights.learn.recipe import InMemory, OnDisk, Warehouse
    from leadweights.tables.table import engine as duckdb_title

    place: Place
    match (engine or "").lower():
        case "":
            place = source.choose_place(train, memory, table)
        case "memory":
            place = InMemory()
        case "duckdb":
            place = OnDisk(memory, table)
        case _:
            return Warehouse(str(engine), table, scratch)
    if isinstance(place, InMemory) and table is not None:
        raise UnsupportedError("a table by name is for a database: name it, or its engine")
    if scratch:
        in_memory = isinstance(place, InMemory)
        why = ", not for rows in memory" if in_memory else f"; {duckdb_title()} keeps no table"
        raise UnsupportedError(f"--scratch is for databases and Spark{why}")
    return place
