"""From formulas to numpy arrays: the reference that every engine is held against."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial, reduce
from typing import Any, TypeVar, assert_never

import numpy as np
from numpy.typing import NDArray

from leadweights.formula import marks, nodes
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.dates import day_in_text
from leadweights.formula.nodes import Condition, Formula, Stage, Text
from leadweights.formula.one_value import LARGEST_EXPONENT, hash_text, lower
from leadweights.formula.texts import Texts, one_of, texts_of
from leadweights.model.date_formats import parse, read_parts

Read = TypeVar("Read", Floats, Texts)

# Beyond, glibc takes the exp of a complex number in two steps.
_FARTHEST_COMPLEX = 700.0


def exp_of_c(values: Floats) -> Floats:
    """Give the C library's exp: numpy's own differs from it by 1 ulp in 4.6% of values."""
    if not _is_of_c():
        return _by_c(math.exp, values, ~(values > LARGEST_EXPONENT), np.inf)
    found = np.array(np.exp(values.astype(np.complex128)).real)
    far = np.abs(values) > _FARTHEST_COMPLEX
    if far.any():
        found[far] = _by_c(math.exp, values[far], ~(values[far] > LARGEST_EXPONENT), np.inf)
    return found


@cache
def _is_of_c() -> bool:
    """Tell whether numpy's exp of a complex number without an imaginary part is the C library's.

    numpy asks the C library for it, whose own exp that is in glibc and musl: without Python's calls
    it takes a seventh of the time. Elsewhere it may be another, which 16,384 values would show.
    """
    tried = np.linspace(-_FARTHEST_COMPLEX, _FARTHEST_COMPLEX, 2**14)
    by_c = np.array([*map(math.exp, tried.tolist())])
    return np.array_equal(np.exp(tried.astype(np.complex128)).real, by_c)


def ln_of_c(values: Floats) -> Floats:
    """Give the C library's log, NaN of what is not above 0."""
    return _by_c(math.log, values, values > 0, np.nan)


def evaluate(
    stages: Iterable[Stage],
    source: Mapping[str, Values],
    *,
    exp: Callable[[Floats], Floats] = exp_of_c,
) -> dict[str, Floats]:
    """Compute the last stage's columns, of numbers, shape (rows,), from the source's columns.

    A missing value is NaN, in `source` and in the result; dates are days since 1970-01-01.
    """
    columns = compute(stages, source, exp=exp)
    return {name: values for name, values in columns.items() if not isinstance(values, Texts)}


def compute(
    stages: Iterable[Stage],
    source: Mapping[str, Values],
    *,
    exp: Callable[[Floats], Floats] = exp_of_c,
    ln: Callable[[Floats], Floats] = ln_of_c,
) -> dict[str, Values]:
    """Do what `evaluate` does for a last stage that has columns of text, too."""
    rows = len(next(iter(source.values())))
    columns: Mapping[str, Values] = source
    with np.errstate(all="ignore"):
        for stage in stages:
            before = _Stage(columns, rows, exp, ln)
            columns = {column.name: before.column(column.formula) for column in stage.columns}
    return dict(columns)


@dataclass(frozen=True, slots=True)
class _Stage:
    """The columns that the formulas of a stage read."""

    columns: Mapping[str, Values]
    rows: int
    exp: Callable[[Floats], Floats]
    ln: Callable[[Floats], Floats]
    read: dict[Formula | Text, Any] = field(default_factory=dict)
    """What was read of texts: a formula may name a column many times."""

    def column(self, formula: Formula | Text) -> Values:
        if isinstance(formula, nodes.Column):
            return self.columns[formula.name]
        return self.texts(formula) if isinstance(formula, Text) else self.full(formula)

    def full(self, formula: Formula) -> Floats:
        """Give a value for each row, where a constant is one for all."""
        return np.broadcast_to(self.values(formula), self.rows)

    def texts(self, text: Text | nodes.Null) -> Texts:
        match text:
            case nodes.TextColumn(name) | nodes.Column(name):
                found = self.columns[name]
                return found if isinstance(found, Texts) else texts_of(found)
            case nodes.Trimmed(inner):
                return self.once(text, lambda: self.texts(inner).change(_trim))
            case nodes.Lowered(inner):
                return self.once(text, lambda: self.texts(inner).change(lower))
            case nodes.Without(inner, characters):
                gone = str.maketrans("", "", characters)
                return self.once(
                    text, lambda: self.texts(inner).change(lambda t: t.translate(gone))
                )
            case nodes.Words(words):
                return Texts(np.zeros(self.rows, np.int64), (words,))
            case nodes.Null():
                return Texts(np.full(self.rows, -1), ())
            case nodes.TextSteps(value, cuts, results):
                return one_of(_step(self.full(value), cuts), self.choices(results))
            case nodes.TextCase(branches, otherwise):
                step = np.full(self.rows, len(branches))
                for place, (condition, _) in reversed(list(enumerate(branches))):
                    step[np.broadcast_to(self.holds(condition), self.rows)] = place
                return one_of(step, self.choices([*(r for _, r in branches), otherwise]))
            case _:
                assert_never(text)

    def choices(self, texts: Sequence[Text | nodes.Null]) -> list[Texts | str | None]:
        """Give texts to choose from; one that is the same in every row as itself."""
        return [
            text.text
            if isinstance(text, nodes.Words)
            else None
            if isinstance(text, nodes.Null)
            else self.texts(text)
            for text in texts
        ]

    def values(self, formula: Formula) -> Floats:
        match formula:
            case (
                nodes.NumberColumn(name)
                | nodes.FlagColumn(name)
                | nodes.DayColumn(name)
                | nodes.Column(name)
            ):
                found = self.columns[name]
                assert not isinstance(found, Texts)
                return found
            case nodes.NumberInText(name, form):
                number = partial(marks.read, form=form)
                return self.by_level(formula, number, nodes.TextColumn(name))
            case nodes.TextHash(name):
                return self.by_level(formula, hash_text, nodes.TextColumn(name))
            case nodes.MonthColumn(name):
                return _months(self.values(nodes.DayColumn(name)))
            case nodes.DayInText(name, written):
                own_text = nodes.TextColumn(name)
                return self.once(formula, lambda: self.values(day_in_text(own_text, written)))
            case nodes.DatePart(text, written, part):
                own = parse(written)
                return self.by_level(formula, lambda t: read_parts(t, own).get(part, np.nan), text)
            case nodes.Constant(value) | nodes.Integer(value):
                return np.asarray(value, dtype=np.float64)
            case nodes.Sum(items):
                added = self.values(items[0])
                for item in items[1:]:
                    added = added + self.values(item)
                return added
            case nodes.Difference(left, right):
                return np.subtract(self.values(left), self.values(right))
            case nodes.Product(left, right):
                return np.multiply(self.values(left), self.values(right))
            case nodes.Quotient(left, right):
                return np.divide(self.values(left), self.values(right))
            case nodes.Exp(value):
                return self.exp(self.values(value))
            case nodes.Ln(value):
                return self.ln(self.values(value))
            case nodes.Floor(value):
                return np.floor(self.values(value))
            case nodes.Abs(value):
                return np.abs(self.values(value))
            case nodes.Sign(value):
                return np.sign(self.values(value))
            case nodes.Null():
                return np.asarray(np.nan)
            case nodes.AsInteger(value) | nodes.AsDouble(value):
                return self.values(value)
            case nodes.Steps():
                return self.steps(formula)
            case nodes.RowNumber():
                return self.row_numbers(formula)
            case nodes.RowsWith(value):
                return np.asarray(np.count_nonzero(~np.isnan(self.full(value))), np.float64)
            case nodes.Filled(left, right):
                found = self.values(left)
                return np.where(np.isnan(found), self.values(right), found)
            case nodes.Case():
                return self.case(formula)
            case _:
                assert_never(formula)

    def by_level(self, formula: Formula, read: Callable[[str], float], text: Text) -> Floats:
        """Read each level of a text."""

        def found() -> Floats:
            column = self.texts(text)
            return np.array([*map(read, column.levels), np.nan])[column.codes]

        return self.once(formula, found)

    def once(self, part: Formula | Text, find: Callable[[], Read]) -> Read:
        """Find what a part reads the first time it is asked for."""
        if part not in self.read:
            self.read[part] = find()
        found: Read = self.read[part]
        return found

    def steps(self, formula: nodes.Steps) -> Floats:
        step = _step(self.values(formula.value), formula.cuts)
        known = _constants(formula.results)
        if known is not None:
            return np.asarray(known[step])
        chosen = np.full(step.shape, np.nan)
        for place, result in enumerate(formula.results):
            chosen = np.where(step == place, self.values(result), chosen)
        return chosen

    def case(self, formula: nodes.Case) -> Floats:
        by_text = _choose_by_text(formula)
        if by_text is not None:
            return by_text.choose(self.texts(by_text.text))
        chosen = self.values(formula.otherwise)
        for condition, value in reversed(formula.branches):
            chosen = np.where(self.holds(condition), self.values(value), chosen)
        return chosen

    def holds(self, condition: Condition) -> NDArray[np.bool_]:
        match condition:
            case nodes.AtLeast(left, right):
                return np.greater_equal(self.values(left), self.values(right))
            case nodes.Above(left, right):
                return np.greater(self.values(left), self.values(right))
            case nodes.Between(value, low, high):
                values = self.values(value)
                return np.logical_and(values >= low, values <= high)
            case nodes.OneOf(text, texts):
                return self.texts(text).among(texts)
            case nodes.Holds(text, part, delimiter):
                held, wanted = self.texts(text), f"{delimiter}{part}{delimiter}"
                return held.among(
                    {one for one in held.levels if wanted in f"{delimiter}{one}{delimiter}"}
                )
            case nodes.IsMissing(text):
                return self.texts(text).missing()
            case nodes.Either(conditions):
                return reduce(np.logical_or, map(self.holds, conditions))
            case _:
                assert_never(condition)

    def row_numbers(self, formula: nodes.RowNumber) -> Floats:
        by = self.full(formula.by)
        # Codes are in the order of the texts; -1, a missing one, comes last.
        then = [self.texts(text).codes for text in formula.then]
        last = [np.where(codes < 0, np.iinfo(np.int64).max, codes) for codes in then]
        alike = np.zeros(self.rows, np.int64)
        if formula.within is not None:
            alike = self.texts(formula.within).codes
        order = np.lexsort([*reversed(last), -by, np.isnan(by), alike])
        starts = np.flatnonzero(np.r_[True, np.diff(alike[order]) != 0])
        sizes = np.diff(np.r_[starts, self.rows])
        found = np.empty(self.rows)
        found[order] = np.arange(self.rows) - np.repeat(starts, sizes) + 1
        return found


def _constants(results: Sequence[Formula]) -> Floats | None:
    """List results that are the same in every row, and NaN for what has none; None of others."""
    found = [
        np.nan if isinstance(one, nodes.Null) else one.value
        for one in results
        if isinstance(one, nodes.Null | nodes.Constant)
    ]
    return np.array([*found, np.nan]) if len(found) == len(results) else None


@dataclass(frozen=True, slots=True)
class _ByText:
    """What a row has by its text: the place in `results` of each that is named, and of none."""

    text: Text
    places: Mapping[str | None, int]
    results: Floats

    def choose(self, held: Texts) -> Floats:
        """Look each text up once, and not each row in every branch."""
        otherwise = len(self.results) - 2
        places = [self.places.get(level, otherwise) for level in (*held.levels, None)]
        return np.asarray(self.results[places][held.codes])


def _choose_by_text(case: nodes.Case) -> _ByText | None:
    """Write branches that ask for one text alone as a dictionary; None of others."""
    places: dict[str | None, int] = {}
    text: Text | None = None
    for place, (condition, _) in enumerate(case.branches):
        if not isinstance(condition, nodes.OneOf | nodes.IsMissing):
            return None
        if text not in (None, condition.text):
            return None
        text = condition.text
        for named in condition.texts if isinstance(condition, nodes.OneOf) else (None,):
            places.setdefault(named, place)
    results = _constants([*(result for _, result in case.branches), case.otherwise])
    return None if text is None or results is None else _ByText(text, places, results)


def _step(values: Floats, cuts: Sequence[float]) -> NDArray[np.int64]:
    """Count the cuts that a value reaches; -1 for a missing one."""
    return np.where(np.isnan(values), -1, np.searchsorted(cuts, values, side="right"))


def _by_c(
    function: Callable[[float], float],
    values: Floats,
    possible: NDArray[np.bool_],
    otherwise: float,
) -> Floats:
    """Ask the C library."""
    result = np.full(values.shape, otherwise)
    result[possible] = np.fromiter(map(function, values[possible].tolist()), np.float64)
    return result


def _trim(text: str) -> str:
    return text.strip(" ")


def _months(days: Floats) -> Floats:
    result = np.full(days.shape, np.nan)
    known = np.isfinite(days)
    dates = days[known].astype(np.int64).astype("datetime64[D]")
    result[known] = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    return result
