"""What a caller asks of learning: which columns, how rows are split, and where to learn."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from pathlib import Path
from typing import Literal, TypedDict

from leadweights.errors import UnsupportedError
from leadweights.errors.shown import show, show_url
from leadweights.formula.stages import RESERVED
from leadweights.learn.row_weights import Weighing, positive
from leadweights.model import names as naming
from leadweights.model.provenance import Options
from leadweights.tables.label import Label, read_values

SHARES = "80/20"
MOST_ASKED = 300
"""Trees beside the weights."""

Asked = int | Literal["none", "auto", "large"]
"""How many trees."""

Progress = Callable[[str], object]
"""Is called with a few words whenever something long begins."""


def say_nothing(_words: str) -> None:
    """Be the progress that nobody asks for."""


@dataclass(frozen=True, slots=True)
class Random:
    """Split rows at random, stratified by the label; `shares` are two or three, such as 70/15/15.

    Rows that stay in an engine are split by a hash of their content.
    """

    shares: str = SHARES

    def __post_init__(self) -> None:
        read_shares(self.shares)


@dataclass(frozen=True, slots=True)
class Forward:
    """Split rows forward in time by a column, which is not learnt from."""

    column: str
    shares: str = SHARES

    def __post_init__(self) -> None:
        naming.check_name(self.column, "time_column")
        read_shares(self.shares)


@dataclass(frozen=True, slots=True)
class Groups:
    """Split rows by whole groups: those with one value in a column, which is not learnt from."""

    column: str
    shares: str = SHARES

    def __post_init__(self) -> None:
        naming.check_name(self.column, "group")
        read_shares(self.shares)


Split = Random | Forward | Groups


def read_shares(text: str) -> list[float]:
    """Read two or three shares. Raises UnsupportedError."""
    try:
        found = [float(part) for part in text.split("/")]
    except (ValueError, AttributeError):
        found = []
    if "_" in str(text):  # Python's own way to write 1_000
        found = []
    if len(found) not in (2, 3) or not all(0 < share < 1000 for share in found):
        raise UnsupportedError(
            f"a split is two or three shares such as 80/20 or 70/15/15, not {text!r}"
        )
    return found


# What Python itself takes, with a sample of the rows, is not DuckDB's to have.
_PYTHONS_SHARE = 700 * 2**20
_LEAST = 250 * 2**20
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?i?B?)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class InMemory:
    """Read all rows, whatever the size of the table, and learn from them in this process."""


@dataclass(frozen=True, slots=True)
class OnDisk:
    """Leave the rows in their files, or in a DuckDB database's `table`, and let DuckDB add up.

    `memory`, such as "2GB", bounds what this process takes.
    """

    memory: str | None = None
    table: str | None = None

    def __post_init__(self) -> None:
        if self.memory is not None and read_size(self.memory) - _PYTHONS_SHARE < _LEAST:
            raise UnsupportedError(f"learning takes 1GB of memory at least, not {self.memory}")

    @property
    def limit(self) -> int | None:
        """Say how many bytes DuckDB may take; None: as many as it likes."""
        return None if self.memory is None else read_size(self.memory) - _PYTHONS_SHARE


@dataclass(frozen=True, slots=True)
class Warehouse:
    """Learn from a `table` of a database, by its URL, or of another engine, by its name.

    Without `table` the engine reads the file itself, as Spark does. With `scratch` the database
    keeps the prepared rows in a table until the end, which makes passes cheaper; otherwise nothing
    is made in it.
    """

    url: str
    table: str | None = None
    scratch: bool = False

    def __repr__(self) -> str:
        url = show_url(self.url) if "://" in self.url else show(self.url)
        return f"Warehouse({url!r}, {self.table!r}, scratch={self.scratch!r})"


Place = InMemory | OnDisk | Warehouse
IN_MEMORY = InMemory()


def read_size(text: str) -> int:
    """Read a size of memory such as 2GB or 512 MiB, in bytes. Raises UnsupportedError."""
    found = _SIZE.fullmatch(text)
    unit = (found[2] or "B").upper() if found else "B"
    if found is None or not float(found[1]):
        raise UnsupportedError(f"a size of memory is written 2GB or 512MB, not {text!r}")
    base = 1024 if "I" in unit else 1000
    return int(float(found[1]) * base ** max(0, "BKMGT".find(unit[0])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to learn from a table, and how; checked when it is made.

    `label` is a column of two values, or an expression in DuckDB's SQL that is true of positive
    rows, such as `"spend > 0"`; what it reads is not learnt from. Of a column of other values,
    `positive` ones are named; with `negative` ones, too, rows with others are left out.
    `keys` pass through the SELECT; they, `exclude`, the split's column and `weight` are not learnt
    from. `dictionary` is a TOML file that says what the columns mean and how to prepare them, or
    the same as a mapping. `c` is the inverse strength of the L2 penalty, or "auto" to choose it by
    cross-validation; `seed` drives the split, the folds, the bootstrap and gradient boosting.

    A row counts as often as the column `weight` says. In learning alone, a positive row counts
    `class_weight` times, or as often as makes the classes "balanced". Where of the negative rows
    only the share `negatives_kept` is there, the intercept and all that is measured are corrected.

    `trees` beside the weights: a number of small ones, "auto" for as many as folds find worth
    having, if any, "large" for those that nobody reads, or "none".

    `time_zone`, such as "+01:00", is that of times without an offset from UTC, in columns of text
    where others have one.

    Raises UnsupportedError for what cannot be meant.
    """

    label: str = "label"
    keys: Sequence[str] = ()
    exclude: Sequence[str] = ()
    dictionary: str | Path | Mapping[str, object] | None = None
    c: float | Literal["auto"] = 1.0
    seed: int = 42
    split: Split = Random()
    weight: str | None = None
    class_weight: float | Literal["balanced"] | None = None
    negatives_kept: float = 1.0
    time_zone: str = ""
    positive: Sequence[str] | str = ()
    negative: Sequence[str] | str = ()
    trees: Asked = "none"

    def __post_init__(self) -> None:
        naming.check_name(self.label, "label")
        object.__setattr__(self, "positive", read_values(self.positive, "positive"))
        object.__setattr__(self, "negative", read_values(self.negative, "negative"))
        if self.negative and not self.positive:
            raise UnsupportedError("name the positive values of the label, too")
        for value in self.negative:
            if value in self.positive:
                raise UnsupportedError(f"{value!r} cannot be both positive and negative")
        # What can be read only once, such as a generator, is read here.
        object.__setattr__(self, "keys", naming.read_keys(self.keys))
        object.__setattr__(self, "exclude", naming.read_names(self.exclude, "exclude"))
        for key in self.keys:
            if key.lower() in RESERVED:
                raise UnsupportedError(
                    f"key {key!r} has the name of a column of the result: "
                    "rename it in the table or leave it out"
                )
        if not (isinstance(self.c, str) and self.c == "auto"):
            object.__setattr__(self, "c", positive(self.c, "C"))
        object.__setattr__(self, "seed", read_seed(self.seed))
        object.__setattr__(self, "trees", read_trees(self.trees))
        if not isinstance(self.split, Split):
            raise UnsupportedError(
                "a split is Random(shares), Forward(column, shares) or Groups(column, shares), "
                f"not {self.split!r}"
            )
        weighing = self.weighing
        object.__setattr__(self, "class_weight", weighing.class_weight)
        object.__setattr__(self, "negatives_kept", weighing.negatives_kept)

    @property
    def asked_label(self) -> Label:
        """Say what says which rows are positive."""
        return Label(self.label, tuple(self.positive), tuple(self.negative))

    @property
    def weighing(self) -> Weighing:
        """Say what rows count for."""
        return Weighing(self.weight, self.class_weight, self.negatives_kept)

    @property
    def shares(self) -> list[float]:
        """Give the shares of the parts that rows are split into."""
        return read_shares(self.split.shares)

    @property
    def set_aside(self) -> dict[str, str]:
        """Name the columns that are not learnt from but read, each by what it is there for."""
        found = {} if self.weight is None else {"weight": self.weight}
        match self.split:
            case Forward(column):
                return {"time column": column, **found}
            case Groups(column):
                return {"group": column, **found}
            case Random():
                return found


class RecipeOptions(TypedDict, total=False):
    """The fields of a `Recipe`, as options of the functions that take one."""

    label: str
    keys: Sequence[str]
    exclude: Sequence[str]
    dictionary: str | Path | Mapping[str, object] | None
    c: float | Literal["auto"]
    seed: int
    split: Split
    weight: str | None
    class_weight: float | Literal["balanced"] | None
    negatives_kept: float
    time_zone: str
    positive: Sequence[str] | str
    negative: Sequence[str] | str
    trees: Asked


def make_recipe(recipe: Recipe | None, options: RecipeOptions) -> Recipe:
    """Make a recipe of options, or of another one and what is to be different."""
    return Recipe(**options) if recipe is None else replace(recipe, **options)


def list_options(recipe: Recipe) -> Options:
    """List what of a recipe a model remembers beside its label, keys and weights of rows."""
    usual = Recipe()

    def write(name: str) -> str:
        value = getattr(recipe, name)
        return "" if value == getattr(usual, name) else str(value)

    column = "" if isinstance(recipe.split, Random) else recipe.split.column
    return Options(
        exclude=tuple(recipe.exclude),
        with_dictionary=recipe.dictionary is not None,
        split="" if recipe.split.shares == SHARES else "".join(recipe.split.shares.split()),
        time_column=column if isinstance(recipe.split, Forward) else "",
        group=column if isinstance(recipe.split, Groups) else "",
        **{name: write(name) for name in ("c", "trees", "seed", "class_weight", "time_zone")},
    )


def recall_options(known: Options) -> RecipeOptions:
    """Give the fields of a recipe that a model remembers, but which rows and columns it is for.

    Raises UnsupportedError for what cannot be meant.
    """
    found: RecipeOptions = {}
    if known.c:
        found["c"] = "auto" if known.c == "auto" else _read_number(known.c)
    if known.trees:
        asked = int(known.trees) if known.trees.isdecimal() else known.trees
        found["trees"] = read_trees(asked)
    if known.seed:
        found["seed"] = int(_read_number(known.seed))
    if known.class_weight:
        said = known.class_weight
        found["class_weight"] = "balanced" if said == "balanced" else _read_number(said)
    if known.time_zone:
        found["time_zone"] = known.time_zone
    return found


def _read_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UnsupportedError(f"a model says of how it was learnt {text!r}: no number") from None


def read_trees(value: object) -> Asked:
    """Read how many trees are asked for. Raises UnsupportedError."""
    if value == "none" or value == "auto" or value == "large":
        return value
    count = int(value) if isinstance(value, Integral) and not isinstance(value, bool) else 0
    if not 1 <= count <= MOST_ASKED:
        raise UnsupportedError(
            f"trees are none, auto, large or a whole number up to {MOST_ASKED}, not {value!r}"
        )
    return count


def read_seed(value: object) -> int:
    """Read a seed, which may be one of numpy's whole numbers. Raises UnsupportedError."""
    if isinstance(value, bool) or not isinstance(value, Integral) or not 0 <= int(value) < 2**32:
        raise UnsupportedError(f"the seed must be a whole number below 2**32, not {value!r}")
    return int(value)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read, drawn and learnt at most: smaller ones are faster, and measure less well.

    Of a long table so many rows decide what becomes of its columns, and are compared on; so many
    are brought back, with so many values, to start from: the more there are, the fewer passes over
    all rows are needed. `rows_for_losses` measure a column by itself. Of `rival_values`, rows times
    columns, at most forests are learnt as rivals; of ten times as many, boosting that stops early.
    Of `values_for_trees` trees are tried unasked. `threads` are DuckDB's on rows that stay on disk,
    all there are if it is None.
    """

    deciding_rows: int = 50_000
    sampled_rows: int = 250_000
    sampled_values: int = 5_000_000
    rows_for_losses: int = 20_000
    rival_values: int = 250_000
    resamples: int = 1000
    boosted_trees: int = 100
    values_for_trees: int = 100_000
    threads: int | None = None


USUAL = Limits()
