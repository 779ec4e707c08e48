"""A version of a model in a dbt project: what is asked of all, and what each one is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from leadweights.errors import UnsupportedError
from leadweights.formula.stages import default_outputs, outputs, stages
from leadweights.model.baseline import Baseline
from leadweights.model.model import ScoringModel
from leadweights.sql.idioms import quote

Materialized = Literal["table", "view"]

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
