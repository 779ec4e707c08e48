"""Frozen data from plain data, as JSON and TOML hold it, and back: strict, and nothing guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from functools import cache, cached_property, partial
from types import GenericAlias, NoneType, UnionType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from leadweights.errors import LeadweightsError

if TYPE_CHECKING:
    from cattrs import Converter

Place = Sequence[str | int]
"""Where something stands in a document: names of fields and numbers of items."""

Frozen = TypeVar("Frozen")
_Reader = Callable[[Any], Any]

_WORDS: dict[Any, str] = {
    float: "a number",
    int: "a whole number",
    str: "a text",
    bool: "true or false",
    Mapping: "an object",
    list: "a list",
}
_NO_TEXT = re.compile("[\ud800-\udfff]")  # halves of letters, which UTF-8 has not


class MisfitError(ValueError):
    """Say what a value must be; `Document` knows where it stands, `within` says where in it."""

    def __init__(self, words: str, *within: str | int) -> None:
        super().__init__(words)
        self.within = within


def misfit(words: str, value: object, *within: str | int) -> MisfitError:
    """Make an error that says what a value must be."""
    return MisfitError(f"must be {words}, not {value!r}", *within)


@dataclass(frozen=True)
class Document(Generic[Frozen]):
    """How plain data is read as a class and written: no value is taken for another.

    But a whole number is for a number. Classes that stand for one another in a field have their
    `kind`; a field that has its default is not written. `readers` read types in another way than
    here; they raise MisfitError.
    """

    kind: type[Frozen]
    error: type[LeadweightsError]
    readers: Mapping[Any, _Reader] = field(default_factory=dict)

    def write(self, value: Frozen) -> dict[str, Any]:
        """Write a value as plain data."""
        return dict(self._converter.unstructure(value))

    def read(self, value: Any, spot: Callable[[Place], str]) -> Frozen:
        """Read plain data. Raises `error`, which names the `spot` of what does not fit.

        What a class itself refuses is raised as it is.
        """
        from cattrs.errors import BaseValidationError, ForbiddenExtraKeysError

        try:
            return self._converter.structure(value, self.kind)
        except (BaseValidationError, MisfitError) as found:
            problem: Exception = found
        place: list[str | int] = []
        while isinstance(problem, BaseValidationError):
            problem = problem.exceptions[0]
            notes = getattr(problem, "__notes__", ())
            place += (note.name if hasattr(note, "name") else note.index for note in notes)
        match problem:
            case MisfitError():
                raise self.error(f"{spot([*place, *problem.within])} {problem}")
            case KeyError():
                raise self.error(f"{spot(place)} is missing")
            case ForbiddenExtraKeysError():
                name = min(problem.extra_fields, key=str)
                known = [field.name for field in fields(problem.cl)]
                hint = find_near(str(name), known) or f"; it has: {', '.join(known)}"
                raise self.error(f"{spot(place)} has no field {name!r}{hint}")
            case _:
                raise problem

    @cached_property
    def _converter(self) -> Converter:
        from cattrs import Converter  # 0.1 s, and `--help` reads no document
        from cattrs.gen import make_dict_structure_fn

        made = Converter(
            forbid_extra_keys=True,
            omit_if_default=True,
            unstruct_collection_overrides={tuple: list},
        )
        own: dict[Any, _Reader] = {**_PLAIN, **self.readers}

        @cache
        def choose(kind: Any) -> Any:
            """Choose what reads a type; None leaves it to cattrs."""
            options = _options(kind)
            if kind in own:
                return own[kind]
            if isinstance(kind, type) and is_dataclass(kind):
                build: Any = make_dict_structure_fn(kind, made)
                return lambda value: build(_check(value, Mapping), kind)
            if get_args(kind)[1:] == (...,):
                items: Any = GenericAlias(list, get_args(kind)[:1])
                return lambda value: tuple(made.structure(_check(value, list), items))
            if [get_origin(option) for option in options] == [Literal]:
                return partial(read_word, words=get_args(options[0]))
            return partial(read_choice, kind) if _is_choice(kind) else None

        def read_choice(union: Any, value: Any) -> Any:
            if value is None and NoneType in get_args(union):
                return None
            kinds = {kind.__name__.lower(): kind for kind in _options(union)}
            name = value.get("kind") if isinstance(value, dict) else None
            if not isinstance(name, str) or name not in kinds:
                raise misfit(f"one of {', '.join(kinds)}", name, "kind")
            rest = {key: item for key, item in value.items() if key != "kind"}
            return made.structure(rest, kinds[name])

        def write_choice(value: Any) -> Any:
            return value and {"kind": type(value).__name__.lower(), **made.unstructure(value)}

        made.register_structure_hook_func(
            lambda kind: choose(kind) is not None, lambda value, kind: choose(kind)(value)
        )
        for kind in _PLAIN:
            made.register_structure_hook(kind, lambda value, kind: choose(kind)(value))
        made.register_unstructure_hook_func(_is_choice, write_choice)
        return made


def spot_in_tables(where: str, *table: str) -> Callable[[Place], str]:
    """Make a function that names a spot in a document of tables, such as TOML, or in one of them.

    Items of lists have no name.
    """

    def spot(place: Place) -> str:
        names = [step for step in (*table, *place) if isinstance(step, str)]
        return " ".join([f"{where}: [{names[0]}]", *names[1:]]) if names else where

    return spot


def find_near(name: str, known: Iterable[str]) -> str:
    """Ask whether the nearest of the known names was meant; say nothing where none is near."""
    alike = get_close_matches(name.lower(), list(known), n=1)
    return f"; did you mean {alike[0]!r}?" if alike else ""


def read_word(value: Any, words: Sequence[str], *within: str) -> str:
    """Read one of a few words. Raises MisfitError."""
    if not isinstance(value, str) or value not in words:
        hint = find_near(value, words) if isinstance(value, str) else ""
        listed = " or ".join(map(repr, words))
        raise MisfitError(f"must be {listed}, not {value!r}{hint}", *within)
    return value


def _check(value: Any, kind: type) -> Any:
    if kind is float and type(value) is int and abs(value) < 10**300:
        return float(value)
    fits = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    if not fits or (isinstance(value, str) and _NO_TEXT.search(value)):
        raise misfit(_WORDS[kind], value)
    return value


_PLAIN = {kind: partial(_check, kind=kind) for kind in (float, int, str, bool)}


def _options(kind: Any) -> list[Any]:
    """List what a union may be, besides None."""
    options = get_args(kind) if isinstance(kind, UnionType) or get_origin(kind) is Union else [kind]
    return [option for option in options if option is not NoneType]


def _is_choice(kind: Any) -> bool:
    options = _options(kind)
    return len(options) > 1 and all(map(is_dataclass, options))
