"""How a column of text writes its numbers: what a mark in them means, and what is taken off."""

from dataclasses import dataclass
from typing import Literal
from unicodedata import category

from leadweights.errors import ModelError

Decimal = Literal[".", ","]
Thousands = Literal["", ".", ",", "'", " "]
_MOST_UNITS, _LONGEST_UNIT = 50, 20


@dataclass(frozen=True, slots=True)
class Form:
    """How all numbers of a column are written, if not as SQL and Python write them.

    `decimal` stands before a fraction, `thousands` between groups of digits: a space for every
    kind of space, an apostrophe for the typographic one, too. `units` stand before or behind:
    currencies, or a percent sign, which changes nothing: 12% is 12. With `signs`, a number in
    parentheses, with a minus behind it, or with the sign U+2212 is negative.
    """

    decimal: Decimal = "."
    thousands: Thousands = ""
    units: tuple[str, ...] = ()
    signs: bool = False

    def __post_init__(self) -> None:
        """Refuse marks that could not be told apart. Raises ModelError."""
        if self.decimal == self.thousands:
            raise ModelError(f"{self.decimal!r} cannot stand for thousands and for decimals")
        if len(self.units) > _MOST_UNITS:
            raise ModelError(f"numbers in text have {_MOST_UNITS} units at most")
        for unit in self.units:
            known = all(c.isalpha() or c in "%./" or category(c) == "Sc" for c in unit)
            # An exponent begins with the letter e.
            if not known or not unit.strip("./") or unit in "eE" or len(unit) > _LONGEST_UNIT:
                raise ModelError(f"{unit!r} is no unit of numbers in text")


PLAIN = Form()
"""A number as SQL and Python write it."""
