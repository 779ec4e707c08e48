"""Values of every type that engines read in more ways than one."""

from collections.abc import Mapping, Sequence

_INTEGERS_ABOVE_2_53 = ["9007199254740993", "-9007199254740993", "4611686018427387905"]

# Each type with the text of its values; None is NULL. `float` of the text, through the type's own
# precision, is what a column of that type must be read as.
NUMBERS: Mapping[str, Sequence[str | None]] = {
    "DOUBLE": (
        *(None, "nan", "inf", "-inf", "0.0", "-0.0", "1.0", "-1.0", "0.1"),
        *("5e-324", "-5e-324", "2.225073858507201e-308", "2.2250738585072014e-308", "1e-300"),
        *("1e308", "-1e308", "1.7976931348623157e308", "-1.7976931348623157e308"),
        *("9007199254740993", "1e22", "1e99", "-1e99", "1e150"),
    ),
    "FLOAT": (
        *(None, "nan", "inf", "-inf", "0.0", "-0.0", "0.1", "-0.1"),
        *("1e-45", "3.4028234663852886e38", "16777217", "33.3"),
    ),
    "INTEGER": (None, "0", "1", "-1", "2147483647", "-2147483648"),
    "BIGINT": (None, "0", *_INTEGERS_ABOVE_2_53, "9223372036854775807", "-9223372036854775808"),
    "UBIGINT": (None, "0", "18446744073709551615"),
    "HUGEINT": (None, "0", *_INTEGERS_ABOVE_2_53, "18446744073709551616"),
    "DECIMAL(18, 4)": (None, "0.1", "-0.0001", "30.5", "99999999999999.9999"),
    "DECIMAL(38, 10)": (None, "0.1", "-0.0000000001", "9007199254740993.0000000001"),
}
FLAGS: Mapping[str, Sequence[str | None]] = {
    "BOOLEAN": (None, "true", "false"),
    "INTEGER": (None, "1", "0"),
}
TEXTS = (
    *(None, "", " ", "NA", "Select", "\u00e9", "e\u0301", "\u00c9", "\u0130", "\u00df"),
    *("'", '"', "\\", "';--", "a\nb", "\U0001f600", "x" * 10_000, "\u00a0"),
    *("1", "-1.5", " +.5e2 ", "1_000", "\t5", "inf", "nan", "1e999", "\u0663", "0x10", "5."),
)
DATES = (
    *(None, "1970-01-01", "1969-12-31", "2000-02-29", "1900-03-01", "2024-12-31", "2025-01-01"),
    *("0001-01-01", "9999-12-31", "2023-06-04", "2023-06-05"),
)
KNOWN_TEXTS = 20
OWNERS = (None, "a", "A", "a ")
KEYS = ("a", "A", "\u00e9", "_", "Z", "\U0001f600", "e\u0301", " a")
