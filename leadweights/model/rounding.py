"""Constants are rounded once, when something is learnt: the same rows give the same ones."""

from collections.abc import Sequence
from decimal import Decimal
from math import floor

# Ten digits: few enough to survive another order of summation (about 1e-14) and another CPU,
# enough for coefficients within 1e-9 of the optimum.
DIGITS = 10


def round_digits(value: float, relative_to: float | None = None) -> float:
    """Round to ten significant digits of `relative_to`, or of the value itself.

    A mean is rounded relative to its standard deviation: ten digits of the mean alone would lose
    a column whose values are large and close together (a year, an epoch in seconds).
    """
    scale = Decimal(value if relative_to is None else relative_to)
    if not scale or abs(Decimal(value)) >= 10**16 * abs(scale):
        return value
    place = Decimal(1).scaleb(scale.adjusted() - DIGITS + 1)
    return float(Decimal(value).quantize(place))


def divide_shares(values: Sequence[float]) -> tuple[float, ...]:
    """Divide by the sum of absolute values, in ten decimals whose absolute sum is exactly 1.

    The last decimals go to the largest remainders (Hamilton's method), ties to the earlier value.
    """
    unit = 10**DIGITS
    whole = sum(abs(value) for value in values)
    exact = [abs(value) / whole * unit for value in values]
    units = [floor(part) for part in exact]
    by_remainder = sorted(range(len(units)), key=lambda i: (units[i] - exact[i], i))
    for i in by_remainder[: unit - sum(units)]:
        units[i] += 1
    signs = (-1 if value < 0 else 1 for value in values)
    return tuple(sign * count / unit for sign, count in zip(signs, units, strict=True))
