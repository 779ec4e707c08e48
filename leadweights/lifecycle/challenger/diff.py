"""In what two models differ, field by field: no field of a model is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from leadweights.model.file import fingerprint
from leadweights.model.model import InputColumn, ScoringModel, SegmentFill
from leadweights.model.rules import Band, Wording
from leadweights.model.shown import Shown
from leadweights.model.terms import Level, Term
from leadweights.model.trees import TreesShare

Kind = Literal["changed", "added", "removed", "moved"]

_NAMES: dict[type, str] = {
    **dict.fromkeys(InputColumn.__args__, "name"),
    **dict.fromkeys(Term.__args__, "column"),
    Level: "value",
    SegmentFill: "level",
    TreesShare: "column",
    Band: "name",
    Wording: "column",
}
"""By what items of a list are known again, whatever their place."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where it is in a model, and what stands there in either.

    `place` leads there by fields of `ScoringModel`; an item of a list is named by its column, level
    or band, or by its number. What was `added` has no `before`, what was `removed` no `after`; of
    what has `moved` these are the names in their order. Columns, terms and the like are given whole
    where one has no counterpart, or one of another kind.
    """

    place: tuple[str | int, ...]
    kind: Kind
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, repr=False)
class Difference(Shown):
    """All in which the model `after` differs from the model `before`, in the order of a model.

    `computes_the_same` tells whether they give each row the same scores and decisions by their
    constants: then they differ in where they come from at most. There are no `changes` if, and only
    if, both have the same model file.
    """

    before: ScoringModel
    after: ScoringModel
    changes: tuple[Change, ...]
    computes_the_same: bool


def diff(before: ScoringModel, after: ScoringModel) -> Difference:
    """List in what a model differs from the one before: weights, fills, levels, cuts, rules, label.

    Numbers are the same where they have the same bits. Columns, levels, bands and the like are
    known again by their names; points of a curve, cuts and trees by their places.
    """
    same = fingerprint(before) == fingerprint(after)
    return Difference(before, after, tuple(_compare((), before, after)), same)


def _compare(place: tuple[str | int, ...], before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, tuple) and isinstance(after, tuple):
        yield from _compare_lists(place, before, after)
    elif is_dataclass(before) and type(before) is type(after):
        for field in fields(before):
            own = getattr(before, field.name), getattr(after, field.name)
            yield from _compare((*place, field.name), *own)
    elif repr(before) != repr(after):  # 0.0 and -0.0 are not the same bits
        kind: Kind = "added" if before is None else "removed" if after is None else "changed"
        yield Change(place, kind, before, after)


def _compare_lists(
    place: tuple[str | int, ...], before: tuple[Any, ...], after: tuple[Any, ...]
) -> Iterator[Change]:
    first, second = _name_items(before), _name_items(after)
    if place == ("trees", "trees"):
        first, second = dict(enumerate(before, start=1)), dict(enumerate(after, start=1))
        yield from _compare_trees(place, first, second)
        return
    if first is None or second is None:
        if repr(before) != repr(after):
            yield Change(place, "changed", before, after)
        return
    for name in [*first, *(name for name in second if name not in first)]:
        if name not in second:
            yield Change((*place, name), "removed", first[name], None)
        elif name not in first:
            yield Change((*place, name), "added", None, second[name])
        else:
            yield from _compare((*place, name), first[name], second[name])
    both = [name for name in first if name in second], [name for name in second if name in first]
    if both[0] != both[1]:
        yield Change(place, "moved", tuple(both[0]), tuple(both[1]))


def _compare_trees(
    place: tuple[str | int, ...], first: dict[Any, Any], second: dict[Any, Any]
) -> Iterator[Change]:
    """Compare trees as wholes: what one of them says alone is nothing to read."""
    for number in range(1, max(len(first), len(second)) + 1):
        own = first.get(number), second.get(number)
        if repr(own[0]) != repr(own[1]):
            kind: Kind = "added" if own[0] is None else "removed" if own[1] is None else "changed"
            yield Change((*place, number), kind, *own)


def _name_items(items: tuple[Any, ...]) -> dict[Any, Any] | None:
    """Give items by their names; None for items without names of their own."""
    named = {}
    for item in items:
        if type(item) not in _NAMES:
            return None
        named[getattr(item, _NAMES[type(item)])] = item
    return named if len(named) == len(items) else None
