"""Wrong renderings, each of which some engine must find: `python -m tests.support.mutations`."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import ModuleType
from typing import Any
from unittest.mock import patch

from sqlglot import exp

from leadweights.formula.nodes import Between, Condition, Formula, NumberColumn, Sum
from leadweights.model.file import load
from leadweights.prove.parity import failure, parity
from leadweights.sql import expressions as trees
from leadweights.sql import idioms
from leadweights.sql.dialects import Dialect
from leadweights.sql.idioms import cast_double, quote
from leadweights.tables.engines.engine import Engine
from leadweights.tables.engines.registry import ENGINES, open_engine
from leadweights.tables.open import open_table

_expression, _condition = trees.expression, trees.condition_tree


def float32_cast(formula: Formula, target: Dialect) -> exp.Expr:
    """Read numbers in 24 bits."""
    if isinstance(formula, NumberColumn):
        column = exp.column(quote(formula.name))
        narrow = exp.Cast(this=column, to=exp.DataType.build(exp.DType.FLOAT))
        return cast_double(narrow, target)
    return _expression(formula, target)


def reversed_sum(formula: Formula, target: Dialect) -> exp.Expr:
    """Add from right to left."""
    if isinstance(formula, Sum):
        return _expression(Sum(formula.items[::-1]), target)
    return _expression(formula, target)


def missing_guard(condition: Condition, target: Dialect) -> exp.Expr:
    """Let NaN, infinities and what is too large through."""
    if isinstance(condition, Between):
        value = trees._operand(condition.value, target)
        return exp.Not(this=exp.Is(this=value, expression=exp.Null()))
    return _condition(condition, target)


def dropped_parentheses(formula: Formula, target: Dialect) -> exp.Expr:
    """Write every operand as it is."""
    return trees.expression(formula, target)


def plain_decimals(value: float, _: Dialect) -> exp.Expr:
    """Write a double as people do."""
    return exp.Literal.number(f"{value:.15f}".rstrip("0") if abs(value) < 1e15 else repr(value))


FAULTS: dict[str, tuple[ModuleType, str, Callable[..., Any]]] = {
    "a float32 cast": (trees, "expression", float32_cast),
    "dropped parentheses": (trees, "_operand", dropped_parentheses),
    "plain decimal literals": (idioms, "double_literal", plain_decimals),
    "a missing guard": (trees, "condition_tree", missing_guard),
    "a reversed sum": (trees, "expression", reversed_sum),
}


def found(fault: str, engine: Engine) -> str:
    """Plant a fault in what is rendered for an engine; say what the proof says, "" if nothing."""
    module, name, wrong = FAULTS[fault]
    tables = {"rows": open_table("data/valid.csv")}
    with patch.object(module, name, wrong):
        proof = parity(load("outputs/model.json"), tables, engine=engine)
    return "" if proof.holds else failure(proof)


def main() -> int:
    """Print which engine finds which fault; 1 if one is found by none."""
    names = [name for name, known in ENGINES.items() if known.installed]
    with ExitStack() as stack:
        engines = {name: stack.enter_context(open_engine(name)) for name in names}
        missed = 0
        for fault in FAULTS:
            by = [name for name, engine in engines.items() if found(fault, engine)]
            missed += not by
            print(f"{fault}: found by {', '.join(by) or 'NONE'}")  # noqa: T201
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
