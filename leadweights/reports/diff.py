"""The difference of two models in words, and as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, get_args

from leadweights.formula.terms import view
from leadweights.lifecycle.challenger.diff import Change, Difference
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.model.terms import Term
from leadweights.model.trees import Node, Trees, leaves
from leadweights.reports.layout import Block, Grid, shorten, write_text

_SHOWN = 25
_LONGEST = 48
_MOST_TREES = 3
_LABEL = ("label", "positive", "positive_values", "negative_values")
_SECTIONS = {
    "label": "The label",
    "columns": "How columns are read",
    "terms": "Weights, levels and curves",
    "trees": "Trees",
    "link": "From score to log-odds",
    "decisions": "Rules around the score",
    "model": "Name and keys",
    "provenance": "Where it comes from",
}
_WORDS = {
    "mean": "mean",
    "std": "standard deviation",
    "low": "lower end",
    "high": "upper end",
    "log": "logarithm",
    "missing": "what is missing",
    "other": "other levels",
    "until_day": "last day",
    "until_column": "column of the last day",
    "scale": "score of 0 to 100",
    "rows_sha256": "hash of the rows",
    "made_by": "made by",
}
_LISTS = {
    "levels": "level",
    "fills": "segment",
    "bands": "band",
    "wordings": "words for",
    "shares": "share of the trees of",
}
_SAID = ("name", "column", "value")  # by which the row is called
_OF_SCORE = {("link", "scale"): "log-odds for 1 of lead score"}


def diff_text(found: Difference) -> str:
    """Tell in what two models differ, a table for each part of them."""
    return write_text(diff_blocks(found))


def diff_blocks(found: Difference, names: tuple[str, str] = ("before", "after")) -> list[Block]:
    """Lay out in what two models differ."""
    blocks: list[Block] = [diff_sentence(found)]
    for title, changes in _by_section(found.changes):
        rows = list(_rows(changes))
        blocks += [f"{title}:", Grid([["", *names], *rows[:_SHOWN]], left=3)]
        if len(rows) > _SHOWN:
            blocks.append(f"and {len(rows) - _SHOWN:,} more: in the JSON")
    return blocks


def diff_sentence(found: Difference) -> str:
    """Say in one sentence how far two models differ."""
    if not found.changes:
        return "The two models are the same, in every field."
    count = len(found.changes)
    places = f"in {count:,} {'place' if count == 1 else 'places'}"
    if found.computes_the_same:
        return (
            f"Both give the same scores and decisions; they differ {places}: where they are from."
        )
    by_title = {title: len(changes) for title, changes in _by_section(found.changes)}
    told = ", ".join(f"{title[0].lower()}{title[1:]} {many:,}" for title, many in by_title.items())
    return f"The two models differ {places}: {told}."


def diff_document(found: Difference) -> dict[str, Any]:
    """Give the difference as plain data, numbers in all their digits."""
    return {
        "same": not found.changes,
        "computes_the_same": found.computes_the_same,
        "before": _identify(found.before),
        "after": _identify(found.after),
        "changes": [
            {
                "part": _section(change),
                "what": _what(change),
                "place": list(change.place),
                "kind": change.kind,
                "before": _plain(change.before),
                "after": _plain(change.after),
            }
            for change in found.changes
        ],
    }


def _identify(model: ScoringModel) -> dict[str, str]:
    return {"name": model.name, "model_sha256": fingerprint(model)}


def _by_section(changes: Sequence[Change]) -> Iterator[tuple[str, list[Change]]]:
    for section, title in _SECTIONS.items():
        own = [change for change in changes if _section(change) == section]
        if own:
            yield title, own


def _section(change: Change) -> str:
    first = str(change.place[0])
    if first == "provenance" and change.place[1] in _LABEL:
        return "label"
    return first if first in _SECTIONS else "model"


def _rows(changes: Sequence[Change]) -> Iterator[list[str]]:
    trees = [change for change in changes if change.place[:2] == ("trees", "trees")]
    if len(trees) > _MOST_TREES:
        here = sum(change.kind == "changed" for change in trees)
        gone, new = (sum(c.kind == kind for c in trees) for kind in ("removed", "added"))
        yield [f"trees that are others: {here:,}", f"{gone:,} more", f"{new:,} more"]
    for change in changes:
        if len(trees) <= _MOST_TREES or change not in trees:
            yield [_what(change), *_shown(change)]


def _what(change: Change) -> str:
    """Say what has changed: of which column, level or rule, and what of it."""
    first, *rest = change.place
    if not rest:
        return str(first)
    if change.place[:2] == ("trees", "trees"):
        return f"tree {rest[-1]}"
    if change.kind == "moved":
        return f"order of the {' '.join(map(str, (first, *rest)))}"
    if first in ("columns", "terms"):
        return ", ".join([shorten(str(rest[0]), _LONGEST), *_words(rest[1:])])
    own = _OF_SCORE.get((str(first), str(rest[-1])))
    return own or ", ".join(_words(rest))


def _words(steps: Sequence[str | int]) -> list[str]:
    """Say steps into a model in words; the name of a list, and of what it is about, are one."""
    found: list[str] = []
    named = ""
    for step in map(str, steps):
        if named and step not in _LISTS:
            found[-1] = f"{named} {shorten(step, _LONGEST)!r}"
            named = ""
        else:
            found.append(_WORDS.get(step, step.replace("_", " ")))
            named = _LISTS.get(step, "")
    if len(found) > 1 and found[-1] == "contribution":
        del found[-1]
    return list(dict.fromkeys(found))


def _shown(change: Change) -> tuple[str, str]:
    """Write what there is before and after, in as many digits as tell them apart."""
    before, after = change.before, change.after
    for digits in (4, 7, 10, 17):
        texts = _value(before, digits), _value(after, digits)
        if texts[0] != texts[1]:
            return texts
    return texts[0], f"{texts[1]}, others"


def _value(value: Any, digits: int) -> str:
    match value:
        case None | "" | ():
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.{digits}g}"
        case int():
            return f"{value:,}"
        case str():
            return shorten(value, _LONGEST)
        case tuple():
            return _list(value, digits)
        case Trees():
            return f"{len(value.trees):,} trees, weight {value.weight:.{digits}g}"
        case _ if isinstance(value, get_args(Term)):
            return f"{type(value).__name__.lower()}: {view(value).note}"
        case _ if isinstance(value, get_args(Node)):
            return f"{len(leaves(value)):,} leaves"
    own = [
        f"{field.name.replace('_', ' ')} {_value(getattr(value, field.name), digits)}"
        for field in fields(value)
        if field.name not in _SAID and getattr(value, field.name) not in (None, "", (), False)
    ]
    return shorten(f"{type(value).__name__.lower()} {', '.join(own)}", _LONGEST)


def _list(values: tuple[Any, ...], digits: int) -> str:
    first, last = values[0], values[-1]
    if is_dataclass(first):
        return f"{len(values):,}: {_ends(first, digits)} to {_ends(last, digits)}"
    if isinstance(first, float) and len(values) > 2:
        return f"{len(values):,}: {_value(first, digits)} to {_value(last, digits)}"
    return shorten(", ".join(_value(item, digits) for item in values), _LONGEST)


def _ends(item: Any, digits: int) -> str:
    """Write a point by its numbers, anything else by its name."""
    own = [getattr(item, field.name) for field in fields(item)]
    if isinstance(own[0], str):
        return shorten(own[0], _LONGEST)
    return f"({', '.join(_value(number, digits) for number in own)})"


def _plain(value: Any) -> Any:
    """Give a part of a model as plain data, whose kind is its class."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        own = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"kind": type(value).__name__.lower(), **own}
    return value
