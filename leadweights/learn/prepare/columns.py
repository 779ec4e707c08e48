"""What becomes of each column: rules over the training rows, overridden by the dictionary."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import DictionaryError
from leadweights.formula.columns import measures
from leadweights.formula.evaluate import NUMBER, computed, lowered
from leadweights.formula.texts import Texts, texts
from leadweights.learn.prepare.dictionary import Dictionary, Entry, MedianBy
from leadweights.model.dates import MONTHS, WEEKDAYS
from leadweights.model.model import (
    Category,
    Choice,
    DaysSince,
    Flag,
    InputColumn,
    InText,
    Missing,
    Month,
    Number,
    Plain,
    SegmentFill,
    Segments,
    Weekday,
)
from leadweights.model.rounding import rounded
from leadweights.tables.labelled import Rows

Floats = NDArray[np.float64]
Values = Floats | Texts

# The rules' numbers, all shares of the training rows.
MOSTLY_MISSING = 0.40
MOSTLY_ONE_VALUE = 0.99
NEARLY_UNIQUE = 0.50
RARE_LEVEL = 0.01
CAPS = (0.01, 0.99)
_ID_ROWS = 1000
_SKEWED = 2.0
_VALUES_FOR_A_CURVE, _ROWS_FOR_A_CURVE = 3, 300
# Below, squares leave the range of doubles; and what varies less than the sum of its rounding
# errors has no standard deviation.
_SMALLEST_SPREAD = 1e-40
_WORDS_OF_FREE_TEXT = 5
# Training values end at 1e30; the model's own bounds are known when it is learnt.
_NO_BOUND = 1e100
_ID_NAME = re.compile(r"(^|[^a-z])(id|ids|uuid|guid|key|number|no|nr|code|index)($|[^a-z])", re.I)
_YES, _NO = ("yes", "y", "true", "t", "1"), ("no", "n", "false", "f", "0")


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one column, and why, in words; `inputs` are empty if it is left out.

    `levels` are those its category keeps, None where it has none; `curve` says whether its number
    is learnt as a curve.
    """

    column: str
    kind: str
    reason: str
    inputs: tuple[InputColumn, ...] = ()
    levels: tuple[str, ...] | None = None
    curve: bool = False

    @property
    def used(self) -> bool:
        """Tell whether the column becomes part of the model."""
        return bool(self.inputs)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows as the terms read them: numbers by input column, levels by category."""

    numbers: Mapping[str, Floats]
    levels: Mapping[str, Texts]


ColumnLosses = Callable[[Mapping[str, tuple[Floats, bool]], Floats, int], dict[str, Floats]]
"""Cross-validated log-loss of each row, by candidate, of a column alone; True for a curve."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Decides on one table; `losses` measures a column by itself (it is learning's to do so)."""

    rows: Rows
    dictionary: Dictionary
    losses: ColumnLosses
    seed: int

    def decisions(self) -> list[Decision]:
        """Decide on every column, sorted by name. Raises DictionaryError."""
        for name, entry in self.dictionary.columns.items():
            if entry.kind is not None:
                _check_asked(entry, name, entry.kind)
        found = [self._decision(name) for name in sorted(self.rows.values)]
        for decision in found:
            if decision.used:
                entry = self.dictionary.entry(decision.column)
                _check_asked(entry, decision.column, decision.kind)
        return found

    def understood(self) -> dict[str, Values]:
        """Read every column as it is decided on, also one that is left out.

        What means missing is missing; numbers in text are numbers.
        """
        return {name: self._understood(name) for name in self.rows.values}

    def _understood(self, name: str) -> Values:
        entry, values = self.dictionary.entry(name), self.rows.values[name]
        if isinstance(values, Texts):
            known, kind, _ = self._text(name, values, entry)
            if kind != "number":
                return known
            return self._known(Number(name, 0.0, InText(), self.dictionary.missing_in(name)[1]))
        if self.rows.held_as[name] == "number":
            return self._known(Number(name, 0.0, Plain(), self.dictionary.missing_in(name)[1]))
        return values

    def _decision(self, name: str) -> Decision:
        entry = self.dictionary.entry(name)
        match self.rows.held_as[name], entry.kind:
            case "text", None | "category" | "flag" | "number":
                return self._of_text(name, entry)
            case "number", None | "number":
                return self._of_number(name, entry)
            case "flag", None | "flag" | "number":
                return self._of_flag(name, entry)
            case "date", None | "date":
                return self._of_date(name, entry)
            case held, asked:
                raise DictionaryError(
                    f"dictionary: [{name}] kind is {asked!r}, but the column holds {held}s"
                )

    def _of_flag(self, name: str, entry: Entry) -> Decision:
        if entry.missing is not None:
            raise DictionaryError(f"dictionary: [{name}] is true and false; missing is for others")
        values = self._floats(name)
        because = _why_left_out(values, np.isnan(values), entry)
        if because:
            return because.of(name)
        fill, missing = _majority(values), float(np.isnan(values).mean())
        words = "true and false" + (f", {missing:.1%} missing as {fill:g}" if missing else "")
        return Decision(name, "flag", words, (Flag(name, fill),))

    def _of_text(self, name: str, entry: Entry) -> Decision:
        column = self.rows.values[name]
        assert isinstance(column, Texts)
        known, kind, missing = self._text(name, column, entry)
        is_missing = known.missing()
        if not known.levels:
            return Decision(name, "left out", "it is empty")
        if kind == "number":
            return self._of_number(name, entry, in_text=True)
        if kind == "flag":
            return self._of_words(name, known, entry)
        because = _why_left_out(known.codes, is_missing, entry)
        if because:
            return because.of(name)
        if kind in ("id", "free text"):
            what = "an id" if kind == "id" else "free text"
            share = (known.counts() == 1).sum() / (~is_missing).sum()
            return Decision(
                name, "left out", f"{what}: {share:.0%} of its values stand in one row only"
            )
        spelled = {text.strip(" ") if entry.trim else text for text in missing}
        spelled = {lowered(text) if entry.casefold else text for text in spelled}
        category = Category(name, tuple(sorted(spelled)), entry.trim, entry.casefold)
        return self._leveled(name, category, entry)

    def _text(self, name: str, held: Texts, entry: Entry) -> tuple[Texts, str, tuple[str, ...]]:
        """Tell what a text column knows, of what kind that is, and what means missing in it.

        What means missing does so in other cases and between spaces too, where that occurs.
        """
        tokens, _ = self.dictionary.missing_in(name)
        spelled = {token.strip().casefold() for token in tokens}
        seen = {level for level in held.levels if level.strip().casefold() in spelled}
        missing = tuple(sorted({*tokens, *seen}))
        known = held.without(missing)
        return known, entry.kind or _kind_of_text(known), missing

    def _of_words(self, name: str, known: Texts, entry: Entry) -> Decision:
        words = {level: level.strip().casefold() for level in known.levels}
        odd = [level for level, word in words.items() if word not in (*_YES, *_NO)]
        if odd:
            raise DictionaryError(
                f"dictionary: [{name}] kind is 'flag', but the column holds {odd[0]!r}"
            )
        yes = tuple(level for level, word in words.items() if word in _YES)
        no = tuple(level for level, word in words.items() if word in _NO)
        values = np.where(known.among(yes), 1.0, np.where(known.among(no), 0.0, np.nan))
        because = _why_left_out(values, np.isnan(values), entry)
        if because:
            return because.of(name)
        fill, missing = _majority(values), float(np.isnan(values).mean())
        said = f"{yes[0]!r} or {no[0]!r} in text" if yes and no else "yes or no in text"
        words_said = said + (f", {missing:.1%} missing as {fill:g}" if missing else "")
        # A flag needs words for yes: without one in the rows it is constant, and left out above.
        return Decision(name, "flag", words_said, (Flag(name, fill, yes, no),))

    def _of_date(self, name: str, entry: Entry) -> Decision:
        days = self._floats(name)
        because = _why_left_out(days, np.isnan(days), entry)
        if because:
            return because.of(name)
        weekday, month = Weekday(f"{name} weekday", name), Month(f"{name} month", name)
        parts: list[InputColumn] = []
        for part in (weekday, month):
            held = self._prepared([part]).levels[part.name]
            if len(held.levels) > 1:
                parts.append(part)
        said = [part.name.removeprefix(f"{name} ") for part in parts]
        for word in ("direction", "range", "fill"):
            if entry.since is None and getattr(entry, word) is not None:
                raise DictionaryError(
                    f"dictionary: [{name}] is a date without `since`; {word} is for the days "
                    "until a day or another date"
                )
        if entry.since is not None:
            source = self._days_since(name, entry)
            # What means missing in columns of numbers is an age like any other in days.
            bare = Number(f"{name} days", 0.0, source)
            values = self._known(bare)
            number = self._number(bare, entry, values, _sorted(values))
            if number is not None:
                parts.insert(0, number)
                until = source.until_column or source.until_day
                said.insert(0, f"days until {until}")
                if isinstance(entry.fill, MedianBy) and number.segments is None:
                    rare = f"no level of {entry.fill.column!r} has 1% of the rows with a value"
                    said[0] += f" (filled with the median: {rare})"
        if not parts:
            return Decision(name, "left out", "a date that says nothing without `since`")
        hint = "" if entry.since is not None else " (its age needs `since` in the dictionary)"
        return Decision(name, "date", " and ".join(said) + hint, tuple(parts))

    def _days_since(self, name: str, entry: Entry) -> DaysSince:
        since = entry.since
        if isinstance(since, date):
            return DaysSince(name, until_day=since.isoformat())
        assert since is not None
        column = next((n for n in self.rows.held_as if n.lower() == since.lower()), None)
        if column == name:
            raise DictionaryError(f"dictionary: [{name}] since must be another column, or a day")
        if column is not None and self.rows.held_as[column] == "date":
            return DaysSince(name, until_column=column)
        try:
            return DaysSince(name, until_day=date.fromisoformat(since).isoformat())
        except ValueError:
            raise DictionaryError(
                f"dictionary: [{name}] since must be a day or a column of dates, not {since!r}"
            ) from None

    def _of_number(self, name: str, entry: Entry, *, in_text: bool = False) -> Decision:
        source = InText() if in_text else Plain()
        _, tokens = self.dictionary.missing_in(name)
        bare = Number(name, 0.0, source, tokens)
        values = self._known(bare)
        is_missing = np.isnan(values)
        because = _why_left_out(values, is_missing, entry)
        if because:
            return because.of(name)
        if entry.kind is None and _is_id(name, values[~is_missing]):
            return Decision(name, "left out", "an id: whole numbers, every one another")
        held = _sorted(values)
        number = self._number(bare, entry, values, held)
        if number is None:
            return Decision(name, "left out", "it varies by less than the rounding of its numbers")
        inputs: list[InputColumn] = [number]
        if entry.missing_weight and is_missing.any():
            inputs.append(Missing(f"{name} is missing", name))
        inputs[0], curve, why = self._transform(number, entry, held)
        words = [*(["in text"] if in_text else []), *_fill_words(number, is_missing, entry), why]
        if len(inputs) > 1:
            words.append("being missing has a weight")
        said = "; ".join(word for word in words if word) or "as it is"
        return Decision(name, "number", said, tuple(inputs), curve=curve)

    def _number(self, bare: Number, entry: Entry, values: Floats, held: Floats) -> Number | None:
        """Give a number its fill; None for one that does not vary.

        `held` are the known ones of its values, in order.
        """
        spread = float(held[-1] - held[0]) if len(held) else 0.0
        noise = max(1e-12, 8 * len(held) * float(np.finfo(float).eps))
        if spread <= max(_SMALLEST_SPREAD, noise * float(np.abs(held).max(initial=0.0))):
            return None
        match entry.fill:
            case float(fill):
                pass
            case "mean":
                fill = rounded(float(held.mean()), _unit(held))
            case "zero":
                fill = 0.0
            case _:
                fill = rounded(float(np.median(held)), _unit(held))
        if isinstance(entry.fill, MedianBy):
            segments = self._segments(bare.name, entry.fill, values, _unit(held))
            return replace(bare, fill=fill, segments=segments)
        return replace(bare, fill=fill)

    def _segments(self, name: str, by: MedianBy, values: Floats, unit: float) -> Segments | None:
        """Give the medians of the levels that are not rare; None if all are."""
        column = next((n for n in self.rows.values if n.lower() == by.column.lower()), None)
        held = None if column is None else self.rows.values[column]
        if column is None or not isinstance(held, Texts):
            raise DictionaryError(
                f"dictionary: [{name}] fill median_by {by.column!r} is not a column of text"
            )
        fills = []
        for code, level in enumerate(held.levels):
            own = values[(held.codes == code) & ~np.isnan(values)]
            if len(own) >= RARE_LEVEL * len(values) and "\0" not in level:
                fills.append(SegmentFill(level, rounded(float(np.median(own)), unit)))
        return Segments(column, tuple(fills)) if fills else None

    def _transform(self, number: Number, entry: Entry, held: Floats) -> tuple[Number, bool, str]:
        """Choose a number's scale, whether it is learnt as a curve, and say why.

        Caps and the logarithm are tried on a highly skewed column, a curve on each; the next less
        simple one is taken where it lowers the cross-validated log-loss of the column by itself
        by more than three standard errors of the paired difference: among a hundred columns of
        noise two would let several pass.
        """
        candidates = _candidates(number, held)
        if entry.transform is not None:
            curve = entry.transform == "curve"
            if curve and not self._bends(number, candidates):
                raise DictionaryError(
                    f"dictionary: [{number.name}] transform is 'curve', but 98% of its values, "
                    "missing ones filled, are the same"
                )
            chosen = candidates.get(entry.transform, number)
            words = "a curve" if curve else _scale_words(chosen)
            return chosen, curve, words and f"{words}, as the dictionary says"
        values: dict[str, tuple[Floats, bool]] = {
            name: (self._prepared([column]).numbers[number.name], False)
            for name, column in candidates.items()
        }
        plain = values["none"][0]
        if not _is_skewed(plain):
            values = {"none": (plain, False)}
        bends = self._bends(number, candidates) and len(np.unique(plain)) > _VALUES_FOR_A_CURVE
        if bends and len(plain) >= _ROWS_FOR_A_CURVE:
            values["curve"] = plain, True
        losses = self.losses(values, self.rows.y, self.seed) if len(values) > 1 else {}
        best = "none"
        for name in list(values)[1:]:
            gain = losses[best] - losses[name]
            if gain.mean() > 3 * gain.std() / len(gain) ** 0.5:
                best = name
        if best == "none":
            return number, False, ""
        lower = f"log-loss by itself {losses[best].mean():.4f}, not {losses['none'].mean():.4f}"
        if best == "curve":
            return number, True, f"a curve ({lower})"
        return candidates[best], False, f"{_scale_words(candidates[best])} ({lower})"

    def _bends(self, number: Number, candidates: Mapping[str, Number]) -> bool:
        """Tell whether a curve has two points, before missing values are filled and after."""
        low, high = np.quantile(self._prepared([number]).numbers[number.name], CAPS)
        return "cap" in candidates and bool(low < high)

    def _leveled(self, name: str, category: Choice, entry: Entry) -> Decision:
        held = self._prepared([category]).levels[category.name]
        counts = dict(zip(held.levels, held.counts().tolist(), strict=True))
        if entry.levels is not None:
            wanted = {level.strip(" ") if entry.trim else level for level in entry.levels}
            wanted = {lowered(level) if entry.casefold else level for level in wanted}
            kept = tuple(level for level in held.levels if level in wanted)
            unseen = sorted(wanted.difference(held.levels))
        else:
            unseen = []
            fewest = RARE_LEVEL * len(held)
            kept = tuple(
                level for level in held.levels if counts[level] >= fewest and "\0" not in level
            )
        rare = len(held.levels) - len(kept)
        missing = float(held.missing().mean())
        if not kept or (len(kept) == 1 and not rare and not missing):
            rare_said = "no row has a level the dictionary names"
            said = rare_said if entry.levels is not None else "no level has 1% of the rows"
            return Decision(name, "left out", said)
        words = [f"{len(kept)} level{'s' * (len(kept) != 1)}"]
        words += [f"{rare} rare one{'s' * (rare != 1)} as Other"] if rare else []
        words += [f"{missing:.1%} missing, a level of its own"] if missing else []
        words += [f"no row has {', '.join(map(repr, unseen))}"] if unseen else []
        return Decision(name, "category", ", ".join(words), (category,), levels=kept)

    def _known(self, number: Number) -> Floats:
        """Give a number's values, NaN where it is missing."""
        bare = replace(number, segments=None, low=None, high=None, log=False)
        flag = Missing(f"{number.name} is missing", number.name)
        found = self._prepared([bare, flag]).numbers
        return np.where(found[flag.name] == 1.0, np.nan, found[number.name])

    def _prepared(self, columns: Sequence[InputColumn]) -> Prepared:
        return prepared(self.rows, columns)

    def _floats(self, name: str) -> Floats:
        values = self.rows.values[name]
        assert not isinstance(values, Texts)
        return values


def prepared(rows: Rows, columns: Sequence[InputColumn]) -> Prepared:
    """Clean rows by the model's own formulas, so that what is learnt is what is scored."""
    bounds = {column.name: _NO_BOUND for column in columns}
    found = computed(measures(columns, bounds), rows.values)
    numbers: dict[str, Floats] = {}
    levels: dict[str, Texts] = {}
    for column in columns:
        values = found[column.name]
        match column:
            case Number() | Missing() | Flag():
                assert not isinstance(values, Texts)
                numbers[column.name] = values
            case Category(name, missing):
                assert isinstance(values, Texts)
                levels[name] = values.without(missing)
            case Weekday(name) | Month(name):
                assert not isinstance(values, Texts)
                words = WEEKDAYS if isinstance(column, Weekday) else ("", *MONTHS)
                levels[name] = texts(None if np.isnan(v) else words[int(v)] for v in values)
    return Prepared(numbers, levels)


def _candidates(number: Number, held: Floats) -> dict[str, Number]:
    """List the scales a number may have; `held` are its known values."""
    low, high = (rounded(float(q), _unit(held)) for q in np.quantile(held, CAPS))
    found: dict[str, Number] = {"none": number}
    capped = replace(number, low=low, high=high) if low < high else number
    if capped != number:
        found["cap"] = capped
    found["log"] = replace(number, log=True)
    found["cap and log"] = replace(capped, log=True)
    return found


def entry_of(column: InputColumn, known: Dictionary) -> Entry:
    """Look up what the dictionary says of an input: of days, what it says of their date."""
    if isinstance(column, Number) and isinstance(column.source, DaysSince):
        return known.entry(column.source.column)
    return known.entry(column.name)


@dataclass(frozen=True, slots=True)
class _LeftOut:
    reason: str

    def of(self, name: str) -> Decision:
        return Decision(name, "left out", self.reason)


def _why_left_out(
    values: NDArray[np.float64] | NDArray[np.int64], missing: NDArray[np.bool_], entry: Entry
) -> _LeftOut | None:
    held = values[~missing]
    if not len(held):
        return _LeftOut("it has no value")
    counts = np.unique(held, return_counts=True)[1]
    asked = entry.kind is not None or entry.missing_weight
    if len(counts) == 1:
        return _LeftOut("it has one value only")
    if asked:
        return None
    if missing.mean() > MOSTLY_MISSING:
        return _LeftOut(f"{missing.mean():.0%} of it is missing")
    if counts.max() > MOSTLY_ONE_VALUE * len(held):
        return _LeftOut(f"all but {len(held) - int(counts.max())} of its values are the same")
    return None


def _kind_of_text(known: Texts) -> str:
    words = {level.strip().casefold() for level in known.levels}
    if words <= {*_YES, *_NO} and len(words) > 1:
        return "flag"
    if all(NUMBER.fullmatch(level) for level in known.levels):
        return "number"
    rows = int((~known.missing()).sum())
    if (known.counts() == 1).sum() > NEARLY_UNIQUE * rows and rows > 2 * _WORDS_OF_FREE_TEXT:
        spaces = sum(level.count(" ") for level in known.levels) / len(known.levels)
        return "free text" if spaces >= _WORDS_OF_FREE_TEXT - 1 else "id"
    return "category"


def _is_id(name: str, values: Floats) -> bool:
    """Whole numbers, each in one row: an id by its name, or in a long table."""
    whole = bool(np.all(values == np.floor(values)))
    unique = len(np.unique(values)) == len(values) > 1
    words = re.sub("(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return whole and unique and (len(values) >= _ID_ROWS or _ID_NAME.search(words) is not None)


def _sorted(values: Floats) -> Floats:
    """Put the values that are known in order, in which their quantiles are found at once."""
    return np.sort(values[~np.isnan(values)])


def _unit(values: Floats) -> float:
    """Give a spread that one value far out does not move: ten digits of it are kept."""
    low, high = np.quantile(values, (0.25, 0.75))
    return float(high - low) or float(np.ptp(values))


def _is_skewed(values: Floats) -> bool:
    """Tell whether a few values lie far out on one side: moment skewness beyond 2."""
    centred = values - values.mean()
    spread = float(np.sqrt(np.mean(centred**2)))
    return spread > 0 and abs(float(np.mean((centred / spread) ** 3))) > _SKEWED


def _majority(values: Floats) -> float:
    return float(np.nanmean(values) >= 0.5)


def _fill_words(number: Number, missing: NDArray[np.bool_], entry: Entry) -> list[str]:
    if isinstance(entry.fill, MedianBy) and number.segments is None:
        rare = f"no level of {entry.fill.column!r} has 1% of the rows with a value"
        return [f"{missing.mean():.1%} missing, filled with the median, {number.fill:g}: {rare}"]
    if not missing.any():
        return []
    share = f"{missing.mean():.1%} missing"
    if number.segments:
        return [f"{share}, filled with the median by {number.segments.column}"]
    named = entry.fill if isinstance(entry.fill, str) else "median"
    how = "" if isinstance(entry.fill, float) else f"the {named}, "
    return [f"{share}, filled with {how}{number.fill:g}"]


def _scale_words(number: Number) -> str:
    words = []
    if number.low is not None:
        words.append(f"capped at {number.low:g} and {number.high:g}")
    if number.log:
        words.append("as its signed logarithm")
    return ", ".join(words)


_NUMBERS, _CATEGORIES, _DATES = (
    dict.fromkeys(("fill", "transform", "range"), "numbers"),
    dict.fromkeys(("levels", "trim", "casefold"), "categories"),
    {"since": "dates"},
)
# The days since a date are filled; a flag has a range where all columns weigh alike.
_NOT_FOR: Mapping[str, Mapping[str, str]] = {
    "number": _CATEGORIES | _DATES,
    "flag": dict.fromkeys(("fill", "transform", "missing_weight"), "numbers")
    | _CATEGORIES
    | _DATES,
    "category": _NUMBERS | _DATES | {"direction": "numbers and flags"},
    "date": dict.fromkeys(("transform", "missing", "missing_weight"), "numbers") | _CATEGORIES,
}


def _check_asked(entry: Entry, name: str, kind: str) -> None:
    """Refuse what cannot be meant for a column of this kind."""
    for word, meant_for in _NOT_FOR[kind].items():
        if getattr(entry, word) not in (None, False):
            raise DictionaryError(f"dictionary: [{name}] is a {kind}; {word} is for {meant_for}")
