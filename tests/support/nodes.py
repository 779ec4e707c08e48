"""An example of each kind of node: four rows, worked out by hand."""

from collections.abc import Sequence
from hashlib import md5
from math import e, log

import numpy as np

from leadweights.formula.arrays import Values
from leadweights.formula.nodes import (
    Above,
    Abs,
    AsDouble,
    AsInteger,
    AtLeast,
    Between,
    Case,
    Column,
    Condition,
    Constant,
    DatePart,
    DayColumn,
    DayInText,
    Difference,
    Either,
    Exp,
    Filled,
    FlagColumn,
    Floor,
    Formula,
    Holds,
    Integer,
    IsMissing,
    Ln,
    Lowered,
    MonthColumn,
    Named,
    Null,
    NumberColumn,
    NumberInText,
    OneOf,
    Product,
    Quotient,
    RowNumber,
    RowsWith,
    Sign,
    Stage,
    Steps,
    Sum,
    Text,
    TextCase,
    TextColumn,
    TextHash,
    TextSteps,
    Trimmed,
    Without,
    Words,
)
from leadweights.formula.texts import texts

TYPES = {"c": "BOOLEAN", "d": "DATE", "t": "VARCHAR", "w": "VARCHAR"}
TABLE: dict[str, Values] = {
    "a": np.array([2.0, -1.5, 0.0, np.nan]),
    "b": np.array([1.0, 2.0, 4.0, 8.0]),
    "c": np.array([1.0, 0.0, np.nan, 1.0]),
    "d": np.array([0.0, 31.0, -1.0, np.nan]),  # 1970-01-01, 1970-02-01, 1969-12-31
    "t": texts([" 7.5 ", "\u00c4b", "x", None]),
    "w": texts(["2/1/70", "1970-02-01 00:30:00+01", "30/02/70", None]),
}
SOURCE = Stage(
    "source",
    (
        *(Named(name, NumberColumn(name)) for name in ("a", "b")),
        *(Named("t", TextColumn("t")), Named("c", FlagColumn("c"))),
        *(Named("days", DayColumn("d")), Named("months", MonthColumn("d"))),
        *(Named("written", DayInText("w", "%d/%m/%y %H:%M%z")), Named("w", TextColumn("w"))),
        *(Named("numbers", NumberInText("t")), Named("hashes", TextHash("t"))),
    ),
)
A, B, T = Column("a"), Column("b"), Column("t")
ONE, TWO = Constant(1.0), Constant(2.0)
Cells = Sequence[float | str | None]


def if_true(condition: Condition) -> Case:
    return Case(((condition, ONE),), Constant(0.0))


def hashed(text: str) -> float:
    return float(int(md5(text.encode()).hexdigest()[:7], 16))


EXAMPLES: dict[type, tuple[Formula | Text, Cells]] = {
    NumberColumn: (A, [2.0, -1.5, 0.0, None]),
    FlagColumn: (Column("c"), [1.0, 0.0, None, 1.0]),
    DayColumn: (Column("days"), [0.0, 31.0, -1.0, None]),
    MonthColumn: (Column("months"), [1.0, 2.0, 12.0, None]),
    DayInText: (Column("written"), [1.0, 30.0, None, None]),
    DatePart: (DatePart(Column("w"), "%d/%m/%y %H:%M%z", "minutes"), [0.0, -30.0, 0.0, None]),
    NumberInText: (Column("numbers"), [7.5, None, None, None]),
    TextHash: (Column("hashes"), [hashed(" 7.5 "), hashed("\u00c4b"), hashed("x"), None]),
    TextColumn: (T, [" 7.5 ", "\u00c4b", "x", None]),
    Column: (B, [1.0, 2.0, 4.0, 8.0]),
    Constant: (Constant(0.25), [0.25] * 4),
    Sum: (Sum((A, B, ONE)), [4.0, 1.5, 5.0, None]),
    Difference: (Difference(B, A), [-1.0, 3.5, 4.0, None]),
    Product: (Product(A, B), [2.0, -3.0, 0.0, None]),
    Quotient: (Quotient(A, B), [2.0, -0.75, 0.0, None]),
    Exp: (Exp(Case(((AtLeast(A, TWO), ONE),), Constant(0.0))), [e, 1.0, 1.0, 1.0]),
    Ln: (Ln(B), [0.0, log(2.0), log(4.0), log(8.0)]),
    Floor: (Floor(A), [2.0, -2.0, 0.0, None]),
    Abs: (Abs(A), [2.0, 1.5, 0.0, None]),
    Sign: (Sign(A), [1.0, -1.0, 0.0, None]),
    Null: (Case(((Above(A, ONE), A),), Null()), [2.0, None, None, None]),
    Integer: (Integer(-7), [-7.0] * 4),
    AsInteger: (AsInteger(Floor(A)), [2.0, -2.0, 0.0, None]),
    AsDouble: (Quotient(AsDouble(Integer(7)), TWO), [3.5] * 4),
    Steps: (Steps(A, (0.0, 2.0), (B, ONE, TWO)), [2.0, 2.0, 1.0, None]),
    RowNumber: (RowNumber(A, (T,)), [1.0, 3.0, 2.0, 4.0]),
    RowsWith: (RowsWith(A), [3.0] * 4),
    AtLeast: (if_true(AtLeast(A, TWO)), [1.0, 0.0, 0.0, 0.0]),
    Above: (if_true(Above(A, Constant(0.0))), [1.0, 0.0, 0.0, 0.0]),
    Between: (if_true(Between(A, -1.5, 0.0)), [0.0, 1.0, 1.0, 0.0]),
    OneOf: (if_true(OneOf(T, ("X", "x", "7.5"))), [0.0, 0.0, 1.0, 0.0]),
    IsMissing: (if_true(IsMissing(T)), [0.0, 0.0, 0.0, 1.0]),
    Either: (if_true(Either((IsMissing(T), Above(A, ONE)))), [1.0, 0.0, 0.0, 1.0]),
    Filled: (Filled(A, B), [2.0, -1.5, 0.0, 8.0]),
    Case: (Case(((Above(A, ONE), A), (Above(B, ONE), B)), ONE), [2.0, 2.0, 4.0, 8.0]),
    Holds: (if_true(Holds(T, "7.5", " ")), [1.0, 0.0, 0.0, 0.0]),
    Without: (Without(T, " 5."), ["7", "\u00c4b", "x", None]),
    Trimmed: (Trimmed(T), ["7.5", "\u00c4b", "x", None]),
    Lowered: (Lowered(T), [" 7.5 ", "\u00e4b", "x", None]),
    Words: (Words("it's"), ["it's"] * 4),
    TextSteps: (TextSteps(A, (0.0,), (Words("low"), T)), [" 7.5 ", "low", "x", None]),
    TextCase: (TextCase(((IsMissing(T), Words("none")),), T), [" 7.5 ", "\u00c4b", "x", "none"]),
}
