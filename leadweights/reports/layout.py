"""Tables as plain text and as Markdown, and JSON."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadweights.errors.shown import escape

if TYPE_CHECKING:
    from leadweights.decisions.metrics import Interval

# Six decimals: the last digits of a metric depend on the CPU, and no reader needs them.
_DECIMALS = 6
SHOWN = 6
"""Of a list that stands whole in a file so many lines are printed."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of texts, its head first; so many of its columns are aligned on the left."""

    rows: Sequence[Sequence[str]]
    left: int
    gap: int = 3


Block = str | Grid
"""What a text and a page of a result are made of: paragraphs and tables."""


def write_text(blocks: Iterable[Block]) -> str:
    """Write blocks for a terminal, with a blank line between them."""
    return "\n\n".join("\n".join(_lines(block)) for block in blocks) + "\n"


def _lines(block: Block) -> list[str]:
    return [block] if isinstance(block, str) else lay_out(block.rows, block.gap, block.left)


def write_html(blocks: Iterable[Block]) -> str:
    """Write blocks for a notebook, light or dark: no colour, style sheet or script of their own."""
    written = "".join(
        f"<p>{_html(block)}</p>" if isinstance(block, str) else _html_table(block)
        for block in blocks
    )
    # Else what stands between dollars would be typeset as a formula.
    return f'<div class="tex2jax_ignore">{written}</div>'


def _html_table(grid: Grid) -> str:
    """Write a table whose first column names its rows."""
    head, *body = grid.rows
    top = "".join(_html_cell(text, place < grid.left, "col") for place, text in enumerate(head))
    lines = []
    for row in body:
        cells = (
            _html_cell(text, place < grid.left, "" if place else "row")
            for place, text in enumerate(row)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    head_and_body = f"<thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f'<table style="margin:.5em 0">{head_and_body}</table>'


def _html_cell(text: str, on_left: bool, heads: str) -> str:
    style = f"padding:.2em .8em;white-space:nowrap;text-align:{'left' if on_left else 'right'}"
    if heads:
        return f'<th scope="{heads}" style="{style}">{_html(text)}</th>'
    return f'<td style="{style}">{_html(text)}</td>'


def _html(text: str) -> str:
    return "<br>".join(html.escape(escape(line)) for line in text.split("\n"))


def lay_out(rows: Sequence[Sequence[str]], gap: int, left: int = 1) -> list[str]:
    """Align the first columns, as many as `left`, on the left and those after them on the right."""
    rows = [list(map(escape, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    sides = ["<" if place < left else ">" for place in range(len(widths))]
    lines = []
    for row in rows:
        cells = [f"{c:{side}{width}}" for c, side, width in zip(row, sides, widths, strict=True)]
        lines.append((" " * gap).join(cells).rstrip())
    return lines


def align_left(rows: Sequence[Sequence[str]], gap: int = 3) -> list[str]:
    """Align all columns on the left."""
    return lay_out(rows, gap, max(map(len, rows), default=0))


def write_interval(
    interval: Interval, decimals: int, of_ends: int, sign: str = "", marks: str = ""
) -> str:
    """Write a value and its interval; of two marks the second is for more than noise."""
    value, low, high = interval.value, interval.low, interval.high
    if value is None:
        return "-"
    text = f"{value:{sign},.{decimals}f}"
    if low is None or high is None:
        return text
    mark = marks and marks[not low <= 0 <= high]
    return f"{text}{mark} [{low:{sign},.{of_ends}f}, {high:{sign},.{of_ends}f}]"


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table of texts; what is Markdown in them stays as it is."""
    lines = [head, ["---"] * len(head), *(map(markdown_text, row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def markdown_text(text: str) -> str:
    """Keep a text from being read as Markdown."""
    return re.sub(r"([\\|*<>`\[\]])", r"\\\1", escape(" ".join(text.split())))


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
    line = escape(" ".join(text.split())) or repr(text)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def cut(lines: Sequence[str], rest: str) -> list[str]:
    """Keep the first lines of a list; one more counts those after them, and says what they are."""
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], f"and {more:,} more{rest}"] if more > 0 else list(lines)


def document(value: Mapping[str, Any]) -> str:
    """Write one JSON document; the same value gives the same bytes."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
