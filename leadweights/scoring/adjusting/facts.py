"""What may be said of a lead: chosen columns in words, as the model reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Values
from leadweights.formula.columns import known, measures, spell
from leadweights.formula.dates import read_dates_once
from leadweights.formula.evaluate import compute
from leadweights.formula.nodes import Named, Stage
from leadweights.formula.texts import Texts
from leadweights.model.dates import MONTHS, WEEKDAYS
from leadweights.model.model import (
    Category,
    Flag,
    InputColumn,
    Listed,
    Missing,
    Month,
    Number,
    ScoringModel,
    Weekday,
    limits,
)
from leadweights.model.personal import conceal, recognize, recognize_name
from leadweights.model.terms import Levels
from leadweights.scoring.adjusting.question import Fact

_ANOTHER = "another value"
_LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Whitelist:
    """What is sent: columns of the model by name, other columns of the table, each with its words.

    `withheld` are columns that have words and are not sent, with the reason.
    """

    columns: Mapping[str, str]
    texts: Mapping[str, str]
    withheld: Mapping[str, str]

    @property
    def words(self) -> tuple[str, ...]:
        """List the words that stand for the columns, in the order in which they are sent."""
        return (*self.columns.values(), *self.texts.values())


def choose_columns(model: ScoringModel, named: Iterable[str], keys: Sequence[str]) -> Whitelist:
    """Choose what is sent: the model's columns that the dictionary has words for, and those named.

    `named` are others, as `NAME` or `NAME=WORDS`: of the model, or of the table, which are
    sent as text. Columns that are personal by their name are not sent unless they are named; keys
    never.

    Raises UnsupportedError for a key or the label that is named, and where nothing is left to send.
    """
    described = {own.column: own.description for own in model.decisions.wordings}
    asked = {name: words for name, _, words in (one.partition("=") for one in named)}
    secret = {key.lower() for key in keys} | {key.lower() for key in model.keys}
    for name in asked:
        if name.lower() in secret:
            raise UnsupportedError(
                f"{name!r} is a key: it tells who a lead is, and is never sent; leave it out"
            )
        if name.lower() == model.provenance.label.lower():
            raise UnsupportedError(f"{name!r} is the outcome, which nobody knows of a new lead")
    columns: dict[str, str] = {}
    withheld: dict[str, str] = {}
    for column in model.columns:
        name, words = column.name, asked.pop(column.name, None)
        if words is None and described.get(name):
            kind = "a key" if name.lower() in secret else recognize_name(name)
            if kind is None:
                columns[name] = described[name]
            else:
                withheld[name] = kind
        elif words is not None:
            columns[name] = words or described.get(name) or name
    texts = {name: words or name for name, words in asked.items()}
    found = Whitelist(columns, texts, withheld)
    if not found.words:
        raise UnsupportedError(
            f"{model.name} has words for none of its columns that may be sent: learn it with a "
            "--dictionary that describes them, or name columns with --send NAME=WORDS"
        )
    twice = [words for words in found.words if found.words.count(words) > 1]
    if twice:
        raise UnsupportedError(f"two columns that are sent are both called {twice[0]!r}: name one")
    return found


def read_facts(
    model: ScoringModel,
    sent: Whitelist,
    values: Mapping[str, Values],
    texts: Mapping[str, Sequence[str | None]],
) -> list[dict[str, Fact]]:
    """Say in words what is known of each lead, as the model reads its columns.

    `values` are the columns that the model reads, shape (rows,); `texts` the other columns that are
    sent. A level that the model does not know is `another value`, so no text of a lead is sent but
    that of the columns named. In these, what has the form of an address or a number is concealed.
    """
    own = [column for column in model.columns if column.name in sent.columns]
    bounds = limits(model)
    as_known = tuple(
        Named(column.name, known(column, bounds[column.name]))
        for column in own
        if isinstance(column, Number | Flag)
    )
    read: dict[str, Values] = {}
    if len(as_known) < len(own):
        # All of them: what is missing is that of another column.
        read |= compute(read_dates_once(measures(model.columns, bounds)), values)
    if as_known:
        read |= compute(read_dates_once([Stage("known", as_known)]), values)
    found = {column.name: _say(column, model, read[column.name]) for column in own}
    named = {name: [_shorten(text) for text in column] for name, column in texts.items()}
    rows = len(next(iter((*found.values(), *named.values()))))
    every = [(words, found[name]) for name, words in sent.columns.items()]
    every += [(words, named[name]) for name, words in sent.texts.items()]
    return [{words: column[row] for words, column in every} for row in range(rows)]


def _say(column: InputColumn, model: ScoringModel, held: Values) -> Sequence[Fact]:
    match column:
        case Category():
            assert isinstance(held, Texts)
            return _say_levels(column, model, held)
        case Number():
            return [_say_number(x) for x in _numbers(held)]
        case Weekday():
            return _say_names(WEEKDAYS, _numbers(held))
        case Month():
            return _say_names(("", *MONTHS), _numbers(held))
        case Flag() | Listed() | Missing():
            return [_say_flag(x) for x in _numbers(held)]
        case _:
            assert_never(column)


def _numbers(held: Values) -> list[float]:
    assert not isinstance(held, Texts)
    found: list[float] = held.tolist()
    return found


def _say_number(value: float) -> Fact:
    return None if value != value else float(f"{value:.6g}")


def _say_flag(value: float) -> Fact:
    return None if value != value else value != 0


def _say_names(names: Sequence[str], numbers: Sequence[float]) -> list[Fact]:
    return [None if x != x else names[int(x)] for x in numbers]


def _say_levels(column: Category, model: ScoringModel, held: Texts) -> list[Fact]:
    """Say a level that the model keeps, and of any other only that it is one."""
    term = next(term for term in model.terms if term.column == column.name)
    assert isinstance(term, Levels)
    said: dict[str | None, Fact] = {None: None}
    for level in term.levels:
        fact = level.value if recognize(level.value) is None else _ANOTHER
        said |= dict.fromkeys(spell(column, level.value), fact)
    for text in column.missing:
        said |= dict.fromkeys(spell(column, text))
    return [said.get(text, _ANOTHER) for text in held.values()]


def _shorten(text: str | None) -> Fact:
    if text is None or not text.strip():
        return None
    # Concealed before it is cut: half an address is an address that has no form any more.
    return conceal(text[: 4 * _LONGEST_TEXT])[:_LONGEST_TEXT]
