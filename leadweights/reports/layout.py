"""Plain-text tables, and values rounded for JSON."""

from collections.abc import Sequence
from typing import Any

# Six decimals: the last digits of a metric depend on the CPU, and no reader needs them.
_DECIMALS = 6


def laid_out(rows: Sequence[Sequence[str]], gap: int) -> list[str]:
    """Align names on the left and the columns after them on the right."""
    first, *rest = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *cells in rows:
        right = [f"{cell:>{width}}" for cell, width in zip(cells, rest, strict=True)]
        lines.append((" " * gap).join([f"{name:<{first}}", *right]).rstrip())
    return lines


def left_aligned(rows: Sequence[Sequence[str]], between: str = "   ") -> list[str]:
    """Align all columns on the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        between.join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def rounded(value: Any) -> Any:
    """Round every number in plain data to six decimals."""
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return value
