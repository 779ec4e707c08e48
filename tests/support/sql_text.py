"""SQL read back by sqlglot's parser, and the trees it was written from."""

import re
from collections.abc import Sequence

import sqlglot
from sqlglot import exp

from leadweights.formula.nodes import Stage
from leadweights.sql.dialects import DIALECTS
from leadweights.sql.select import build, parse_table_name


def readable(text: str) -> str:
    """Leave out what sqlglot cannot read."""
    text = re.sub(r" CHARACTER SET UNICODE| CASESPECIFIC\b", "", text)
    return re.sub(r"(e[+-]\d+)d\b", r"\1", text)


def parse(text: str, dialect: str) -> exp.Expr:
    """Read a SELECT back, but for what sqlglot cannot read."""
    return sqlglot.parse_one(readable(text), dialect=DIALECTS[dialect].sqlglot)


def tree_of(stages: Sequence[Stage], dialect: str, keys: Sequence[str] = ()) -> exp.Select:
    """Give the tree that a SELECT over the table `leads` is written from."""
    target = DIALECTS[dialect]
    return build(stages, target, parse_table_name("leads", target), keys)
