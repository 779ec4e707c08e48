"""A version of a model in a dbt project: what is asked of all, and what each one is called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from leadweights.errors import UnsupportedError
from leadweights.formula.stages import RANKED, default_outputs, outputs, stages
from leadweights.model import names as naming
from leadweights.model.baseline import Baseline
from leadweights.model.model import ScoringModel
from leadweights.prove.golden import gather_golden
from leadweights.sql.golden import Cells, Golden, name_type
from leadweights.sql.idioms import quote
from leadweights.tables.columns import sources

Materialized = Literal["table", "view"]

NAME = re.compile("[a-z][a-z0-9_]{0,39}")
"""What a model may be called in a scheduler."""
RELATION = "leadweights_relation"
"""Stands in the SELECT for what dbt makes the name of a table."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is exported, and how: the same for all versions."""

    relation: str
    dialect: str
    name: str
    key_types: Mapping[str, str]
    columns: tuple[str, ...] | None
    materialized: Materialized


@dataclass(frozen=True, slots=True)
class Version:
    """A model in the project; `number` is None where there is one alone."""

    model: ScoringModel
    number: int | None
    asked: Asked
    baseline: Baseline | None = None

    @property
    def node(self) -> str:
        """Name it: its table, and what its files are called."""
        name = self.asked.name
        return name if self.number is None else f"{name}_v{self.number}"

    @property
    def ref(self) -> str:
        """Write how dbt refers to it."""
        version = "" if self.number is None else f", v={self.number}"
        return f"ref('{self.asked.name}'{version})"

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the columns of the result, beside the keys."""
        chosen = self.asked.columns
        if chosen is None:
            usual = {*default_outputs(self.model, "standardized"), "score_100", "band"}
            chosen = tuple(name for name in outputs(self.model) if name in usual)
        return tuple(c.name for c in stages(self.model, "standardized", chosen)[-1].columns)


def quote_name(name: str, dialect: str) -> str:
    """Write a name as a dialect quotes it."""
    return quote(name).sql(dialect)


def part_relation(select: str, dialect: str, *marks: str) -> tuple[str, str]:
    """Part a SELECT where it names `RELATION`, in the text before and after.

    Raises UnsupportedError where a name or a text of the model is like it, or has one of the marks.
    """
    before, *after = select.split(quote_name(RELATION, dialect))
    if len(after) != 1 or any(mark in select for mark in marks):
        raise UnsupportedError(f"a column has a name like {RELATION!r}, or a comment: rename it")
    return before, after[0]


def check_keys(
    model: ScoringModel, keys: Sequence[str] | None, types: Sequence[str], dialect: str
) -> dict[str, str]:
    """Give the keys with their types; one at least is not learnt from. Raises UnsupportedError."""
    chosen = model.keys if keys is None else naming.read_keys(keys)
    known = naming.read_names(types, "key_types")
    if not set(chosen) - set(sources(model)):
        raise UnsupportedError("rows are told apart by a key: name one, not learnt from")
    if known and len(known) != len(chosen):
        raise UnsupportedError(f"{len(chosen)} keys have {len(chosen)} types, not {len(known)}")
    for name in (*chosen, *sources(model)):
        if '"' in name or "`" in name:
            raise UnsupportedError(f"the name {name!r} cannot be quoted everywhere: rename it")
    usual = name_type(Cells("text", ()), dialect).lower()
    return dict(zip(chosen, known or [usual] * len(chosen), strict=True))


def gather(version: Version) -> Golden:
    """Gather golden rows, with all that the SELECT reads."""
    model, dialect = version.model, version.asked.dialect
    read = sources(model, version.columns)
    key, *others = [name for name in version.asked.key_types if name not in sources(model)]
    names = [name for name in version.columns if name not in RANKED]
    found = gather_golden(model, dialect, names, key=key, unheld=_is_unheld)
    added = dict.fromkeys(others, found.given[key])
    for name in read:
        if name not in (*found.given, *added):  # what only ranks read
            added[name] = Cells("text", [None] * found.size)
    return replace(found, given={**found.given, **added})


def _is_unheld(text: str) -> bool:
    """Tell that a seed cannot hold a text as it is."""
    return text.strip().lower() in ("", "null") or bool(re.search("[\r\n]", text))
