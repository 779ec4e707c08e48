"""What is done with one value, the same for a column of them and for a row alone."""

from hashlib import md5

LARGEST_EXPONENT = 709.782712893384
"""`math.exp` raises above this, where a C double ends."""

_EXACT = 2**53


def lower(text: str) -> str:
    """Write each letter in lower case by itself, as SQL engines do; Python looks around it."""
    # Python looks around the capital sigma alone; the dotted capital I has two letters there.
    return text.replace("\u03a3", "\u03c3").replace("\u0130", "i").lower()


def hash_text(text: str) -> float:
    """Spread texts evenly: the first seven hexadecimal digits of the MD5 of a text's UTF-8."""
    return int(md5(text.encode()).hexdigest()[:7], 16)  # noqa: S324


def write_number(value: float) -> str | None:
    """Write a number as text, a whole one as its digits; NaN is missing."""
    if value != value:
        return None
    return f"{value:.0f}" if value == value // 1 and abs(value) < _EXACT else repr(value)
