"""Tables as plain text and as Markdown, and JSON."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# Six decimals: the last digits of a metric depend on the CPU, and no reader needs them.
_DECIMALS = 6


def lay_out(rows: Sequence[Sequence[str]], gap: int) -> list[str]:
    """Align names on the left and the columns after them on the right."""
    first, *rest = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *cells in rows:
        right = [f"{cell:>{width}}" for cell, width in zip(cells, rest, strict=True)]
        lines.append((" " * gap).join([f"{name:<{first}}", *right]).rstrip())
    return lines


def align_left(rows: Sequence[Sequence[str]], between: str = "   ") -> list[str]:
    """Align all columns on the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        between.join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table of texts; what is Markdown in them stays as it is."""
    lines = [head, ["---"] * len(head), *(map(markdown_text, row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def markdown_text(text: str) -> str:
    """Keep a text from being read as Markdown."""
    return re.sub(r"([\\|*<>`\[\]])", r"\\\1", " ".join(text.split()))


def round_numbers(value: Any) -> Any:
    """Round every number in plain data to six decimals."""
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, dict):
        return {key: round_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [round_numbers(item) for item in value]
    return value


def shorten(text: str, longest: int) -> str:
    """Keep a text on one line, of so many letters at most; one of spaces alone in quotes."""
    line = " ".join(text.split()) or repr(text)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def document(value: Mapping[str, Any]) -> str:
    """Write one JSON document; the same value gives the same bytes."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
