"""What is made of an answer: a factor within its range and a sentence, or 1 and what was wrong."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from leadweights.errors.shown import show
from leadweights.model.personal import conceal

Source = Literal["asked", "cached", "late", "odd", "out_of_range", "failed", "skipped"]
"""Where a factor comes from. All but the first two are 1, for want of an answer that counts.

`late`: none came within the limit. `odd`: it was not of the schema. `out_of_range`: its factor was
not in the range. `failed`: an error or no connection. `skipped`: the endpoint had failed so often
that it was left alone.
"""

_LONGEST_WHY = 200
# What a spreadsheet would take for the beginning of a formula, and spaces before it.
_FORMULA = re.compile(r"^[\s=+\-@|%]+")

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"factor": {"type": "number"}, "why": {"type": "string"}},
    "required": ["factor", "why"],
    "additionalProperties": False,
}
"""What an answer must be, as JSON Schema; the range is held here, not by who answers."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A factor for the odds of one lead, why, and where it comes from."""

    factor: float
    why: str
    source: Source

    @property
    def counts(self) -> bool:
        """Tell whether somebody has judged, now or before."""
        return self.source in ("asked", "cached")


def read_judgement(answer: str, low: float, high: float) -> Judgement:
    """Read an answer: `asked` if it is one of the schema with a factor of `low` to `high`."""
    try:
        found = json.loads(answer, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return Judgement(1.0, "", "odd")
    if not isinstance(found, dict) or set(found) != {"factor", "why"}:
        return Judgement(1.0, "", "odd")
    factor, why = found["factor"], found["why"]
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not isinstance(why, str):
        return Judgement(1.0, "", "odd")
    # Whole numbers of hundreds of digits are compared, never converted.
    if not low <= factor <= high or not isfinite(factor):
        return Judgement(1.0, "", "out_of_range")
    return Judgement(round(float(factor), 4), _clean(why), "asked")


def write_judgement(own: Judgement) -> str:
    """Write a judgement as the answer that `read_judgement` reads."""
    return json.dumps({"factor": own.factor, "why": own.why}, ensure_ascii=False)


def _clean(why: str) -> str:
    """Take of a stranger's sentence what may stand in a table: one line, no formula, no address."""
    line = show(" ".join(conceal(why[: 10 * _LONGEST_WHY]).split()))
    line = _FORMULA.sub("", line)
    return line if len(line) <= _LONGEST_WHY else line[: _LONGEST_WHY - 3].rstrip() + "..."


def _refuse(constant: str) -> float:
    raise ValueError(constant)
