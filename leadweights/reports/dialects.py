"""The dialects in words: what was read of each, which engine proves it, and what it cannot do."""

from __future__ import annotations

from typing import Any

from leadweights.reports.layout import align_left, markdown_table
from leadweights.sql.dialects import DIALECTS, Dialect
from leadweights.tables.engines.registry import ENGINES

_HEAD = ("dialect", "proven on", "checked", "unsure", "names up to", "cannot")


def dialects_text() -> str:
    """List the dialects: proven ones first on a line, then what else there is to say."""
    told = [_describe(dialect) for dialect in DIALECTS.values()]
    lines = align_left([_HEAD[:2], *(cells[:2] for cells in told)])
    width = max(map(len, lines)) + 3
    text = [f"{lines[0]:<{width}}{_HEAD[2]}"]
    for line, (_, _, checked, *others) in zip(lines[1:], told, strict=True):
        text.append(f"{line:<{width}}{checked}")
        rest = zip(_HEAD[3:], others, strict=True)
        text += [f"{'':{width}}{what}: {said}" for what, said in rest if said]
    return "\n".join(text) + "\n"


def dialects_markdown() -> str:
    """Write the table of docs/dialects.md."""
    return markdown_table(_HEAD, map(_describe, DIALECTS.values())) + "\n"


def dialects_document() -> dict[str, Any]:
    """Give what is known of each dialect as plain data."""
    return {
        "dialects": [
            {
                "dialect": dialect.name,
                "engines": _engines(dialect),
                "checked": dialect.checked.split("; ") if dialect.checked else [],
                "unsure": dialect.unsure.split("; ") if dialect.unsure else [],
                "longest_name": dialect.longest_name or None,
                "name_unit": _unit(dialect),
                "cannot": _cannot(dialect),
            }
            for dialect in DIALECTS.values()
        ]
    }


def _describe(dialect: Dialect) -> tuple[str, ...]:
    longest = f"{dialect.longest_name:,} {_unit(dialect)}" if dialect.longest_name else ""
    proven, cannot = ", ".join(_engines(dialect)), ", ".join(_cannot(dialect))
    return dialect.name, proven, dialect.checked, dialect.unsure, longest, cannot


def _engines(dialect: Dialect) -> list[str]:
    return [name for name in dialect.engines if name in ENGINES]


def _cannot(dialect: Dialect) -> list[str]:
    able = {
        "casefold": bool(dialect.lower),
        "numbers in texts": dialect.pattern,
        f"CASE in CASE {dialect.deepest_case + 1} deep": not dialect.deepest_case,
        f"more than {dialect.longest_query:,} bytes": not dialect.longest_query,
    }
    return [what for what, can in able.items() if not can]


def _unit(dialect: Dialect) -> str:
    return "bytes" if dialect.counts_bytes else "characters"
