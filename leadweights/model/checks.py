"""What every text, number and name of a model must be."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from math import isfinite

from leadweights.errors import ModelError

SMALLEST_SPREAD, LARGEST_NUMBER = 1e-300, 1e300
# Beyond, a double has no digits left for what varies, or a step may overflow.
FARTHEST, STEEPEST = 1e16, 1e250
# More are no model but a table: planning and proving grow with them, and nobody reads them.
MOST = {"missing": 1_000, "points": 10_000, "cuts": 10_000}


def check_values(part: object, where: str = "") -> None:
    """Refuse numbers and texts that SQL cannot hold, and lists that are too long.

    Raises ModelError.
    """
    assert is_dataclass(part)
    own = getattr(part, "name", getattr(part, "column", type(part).__name__.lower()))
    where = where or repr(own)
    for field in fields(part):
        value = getattr(part, field.name)
        most = MOST.get(field.name)
        if most is not None and isinstance(value, tuple) and len(value) > most:
            raise ModelError(f"{field.name} of {where} are {len(value):,}, of {most:,} at most")
        for item in value if isinstance(value, tuple) else (value,):
            if is_dataclass(item):
                check_values(item, where)
            elif isinstance(item, float) and not (isfinite(item) and abs(item) <= LARGEST_NUMBER):
                raise ModelError(f"{field.name} of {where} must be a finite number, not {item}")
            elif isinstance(item, str) and "\0" in item:
                raise ModelError(f"{field.name} of {where} must not have a NUL character: {item!r}")


def check_names(names: Sequence[str], what: str) -> None:
    """Refuse names that are empty, or alike but for upper and lower case. Raises ModelError."""
    seen: set[str] = set()
    for name in names:
        if not name.strip():
            raise ModelError(f"a {what} has no name")
        if name.lower() in seen:
            raise ModelError(f"{what} {name!r} stands twice in the model")
        seen.add(name.lower())
