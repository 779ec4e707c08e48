"""From trees to formulas: nested branches, added in the order of the trees, ten a step."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from typing import assert_never

from leadweights.formula.columns import input_names, known, known_names, measure, spell, stage_names
from leadweights.formula.nodes import (
    Above,
    AtLeast,
    Between,
    Case,
    Column,
    Condition,
    Constant,
    Either,
    Formula,
    IsMissing,
    Named,
    OneOf,
    Stage,
    Sum,
)
from leadweights.model.dates import MONTHS, WEEKDAYS
from leadweights.model.model import (
    Category,
    Choice,
    Flag,
    InputColumn,
    Number,
    ScoringModel,
    Weekday,
    limits,
)
from leadweights.model.trees import Leaf, LevelSplit, Node, NumberSplit, part_of, splits

STEP = 10
"""Trees of one step: more make a formula too long for an engine, fewer take longer."""
MOST_STEPS = 500
STEPS = tuple(f"trees_{place}" for place in range(1, MOST_STEPS + 1))
"""What the steps are called."""

Read = Mapping[str, tuple[InputColumn, Formula]]
"""What a split reads of each column."""


def columns_of_trees(model: ScoringModel) -> tuple[str, ...]:
    """Name the columns that trees read, in the order of the model's."""
    read = {split.column for split in splits(model.trees)} if model.trees else set()
    return tuple(column.name for column in model.columns if column.name in read)


def contribution_of_trees(model: ScoringModel) -> str:
    """Name what the trees contribute together."""
    name = "trees_contribution"
    while name in stage_names([column.name for column in model.columns], "contribution").values():
        name += "_"
    return name


def part_names(model: ScoringModel) -> dict[str, str]:
    """Name what each column adds by its splits."""
    return stage_names(columns_of_trees(model), "in_trees")


@lru_cache(maxsize=32)
def add_trees(model: ScoringModel) -> tuple[tuple[Stage, ...], str, dict[str, str]]:
    """Write the steps of the trees; name their sum, and what each column adds, as last computed.

    Each step adds ten trees, one by one, to what the step before has: from left to right, as
    libraries add them.
    """
    if model.trees is None:
        return (), "", {}
    read, trees = _read(model), model.trees.trees
    numbers = {name for name, (column, _) in read.items() if isinstance(column, Number | Flag)}
    bounds, names = limits(model), known_names(model.columns)
    cleaned = (c for c in model.columns if c.name in numbers)
    found = [
        Stage(
            "inputs",
            tuple(Named(names[c.name], known(c, bounds[c.name])) for c in cleaned),
        )
    ]
    total, parts, own = "", dict[str, str](), part_names(model)
    for place, first in enumerate(range(0, len(trees), STEP)):
        some = trees[first : first + STEP]
        count = first + len(some)
        columns = [_add(f"trees_sum_{count}", total, some, read)]
        for name in columns_of_trees(model):
            pieces = [part for part in (part_of(name, tree) for tree in some) if part is not None]
            if pieces:
                added = _add(f"{own[name]}_{count}", parts.get(name, ""), pieces, read)
                columns.append(added)
                parts[name] = added.name
        total = columns[0].name
        found.append(Stage(STEPS[place], tuple(columns)))
    return tuple(found), total, parts


def _add(name: str, before: str, trees: tuple[Node, ...] | list[Node], read: Read) -> Named:
    items: list[Formula] = [Column(before)] if before else []
    items += [write_tree(tree, read) for tree in trees]
    return Named(name, items[0] if len(items) == 1 else Sum(tuple(items)))


def _read(model: ScoringModel) -> Read:
    """Say what a split reads of each column: a number or flag as it is known, all else as terms."""
    texts, numbers, bounds = input_names(model.columns), known_names(model.columns), limits(model)
    found: dict[str, tuple[InputColumn, Formula]] = {}
    for column in model.columns:
        if column.name not in columns_of_trees(model):
            continue
        name, as_known = column.name, isinstance(column, Number | Flag)
        value: Formula = Column(numbers[name] if as_known else texts[name])
        if not as_known and not isinstance(column, Choice):
            value = measure(column, Column(texts[name]), bounds[name])
        found[name] = column, value
    return found


def write_tree(node: Node, read: Read) -> Formula:
    """Write a tree, or what is below a node.

    A missing value meets no condition, and so takes the way of the last branch.
    """
    match node:
        case Leaf(contribution):
            return Constant(contribution)
        case NumberSplit(name, at, below, above, missing_above):
            _, value = read[name]
            low, high = write_tree(below, read), write_tree(above, read)
            if missing_above:
                return Case(((Above(Constant(at), value), low),), high)
            return Case(((AtLeast(value, Constant(at)), high),), low)
        case LevelSplit(name, levels, among, others, missing_among):
            column, value = read[name]
            inside, outside = write_tree(among, read), write_tree(others, read)
            if isinstance(column, Category):
                assert isinstance(value, Column)
                chosen = _of_texts(column, value, levels, missing=missing_among)
                return Case(((chosen, inside),), outside)
            words, first = (WEEKDAYS, 0) if isinstance(column, Weekday) else (MONTHS, 1)
            places = [place for place, word in enumerate(words, first) if word in levels]
            if missing_among:
                rest = [n for n in range(first, first + len(words)) if n not in places]
                return Case(((_of_places(value, rest), outside),), inside) if rest else inside
            return Case(((_of_places(value, places), inside),), outside)
        case _:
            assert_never(node)


def _of_texts(
    column: Category, text: Column, levels: tuple[str, ...], *, missing: bool
) -> Condition:
    tokens = column.missing if missing else ()
    spelled = tuple(s for level in (*levels, *tokens) for s in spell(column, level))
    if not missing:
        return OneOf(text, spelled)
    return Either((IsMissing(text), OneOf(text, spelled))) if spelled else IsMissing(text)


def _of_places(value: Formula, places: list[int]) -> Condition:
    """Write that a day or a month is one of these."""
    runs = (list(run) for _, run in groupby(enumerate(places), lambda pair: pair[1] - pair[0]))
    between: Iterator[Condition] = (
        Between(value, float(run[0][1]), float(run[-1][1])) for run in runs
    )
    found = tuple(between)
    return found[0] if len(found) == 1 else Either(found)
