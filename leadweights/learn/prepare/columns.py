"""What becomes of each column: rules over the training rows, overridden by the dictionary."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import DictionaryError
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.one_value import lower
from leadweights.formula.texts import Texts, texts_of
from leadweights.learn.prepare import codes, numerals
from leadweights.learn.prepare.asked import check_asked
from leadweights.learn.prepare.dates import hint_at_dates, prepare_date, read_days
from leadweights.learn.prepare.dictionary import Dictionary, Entry
from leadweights.learn.prepare.gaps import is_mostly_missing, weigh_gaps
from leadweights.learn.prepare.lists import (
    choose_layout,
    could_be_levels,
    decide_list,
    find_layout,
    read_flags,
    weigh_list,
)
from leadweights.learn.prepare.numbers import (
    RARE_LEVEL,
    ColumnLosses,
    choose_scale,
    describe_fill,
    fill_number,
    sort_known,
)
from leadweights.learn.prepare.numerals import NO, YES
from leadweights.learn.prepare.prepared import prepare, read_known
from leadweights.learn.recipe import Progress, say_nothing
from leadweights.model.form import PLAIN, Form
from leadweights.model.model import (
    Category,
    Choice,
    DaysSince,
    Flag,
    InputColumn,
    InText,
    Listed,
    Missing,
    Number,
    Plain,
)
from leadweights.tables.labelled import Rows

# The rules' numbers, all shares of the training rows.
MOSTLY_ONE_VALUE = 0.99
_WORDS_OF_FREE_TEXT = 5


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one column, and why, in words; `inputs` are empty if it is left out.

    `levels` are those its category keeps, None where it has none; `curve` says whether its number
    is learnt as a curve; `apart` which rows it tells apart, in words, if it looks like their key.
    """

    column: str
    kind: str
    reason: str
    inputs: tuple[InputColumn, ...] = ()
    levels: tuple[str, ...] | None = None
    curve: bool = False
    apart: str = ""

    @property
    def used(self) -> bool:
        """Tell whether the column becomes part of the model."""
        return bool(self.inputs)


@dataclass(frozen=True, slots=True)
class Survey:
    """Decides on one table; `losses` measures a column by itself (it is learning's to do so).

    `formats` are those of dates that have not the type of one, `forms` those of the columns of
    text that hold numbers.
    """

    rows: Rows
    dictionary: Dictionary
    losses: ColumnLosses
    seed: int
    formats: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    progress: Progress = say_nothing

    def decide(self) -> list[Decision]:
        """Decide on every column, sorted by name. Raises DictionaryError."""
        for name, entry in self.dictionary.columns.items():
            if entry.kind is not None:
                check_asked(entry, name, entry.kind)
        found = [self._decide(name) for name in self._count(sorted(self.rows.values))]
        for decision in found:
            if decision.used:
                entry = self.dictionary.entry(decision.column)
                check_asked(entry, decision.column, decision.kind)
        return found

    def _count(self, names: Sequence[str]) -> Iterator[str]:
        for place, name in enumerate(names, start=1):
            self.progress(f"measuring columns, {place:,} of {len(names):,}")
            yield name

    def understand(self) -> dict[str, Values]:
        """Read every column as it is decided on, also one that is left out.

        What means missing is missing; numbers in text are numbers.
        """
        found = dict(self.rows.values)
        for name, values in self.rows.values.items():
            if name in self.formats:
                found[name] = read_days(self.rows, name, self.formats[name])
                continue
            source: InText | Plain = Plain()
            number = self.rows.held_as[name] == "number"
            if isinstance(values, Texts):
                found[name], kind, _ = self._text(name, values, self.dictionary.entry(name))
                source, number = InText(self.forms.get(name, PLAIN)), kind == "number"
            if number:
                tokens = self.dictionary.missing_in(name)[1]
                found[name] = read_known(self.rows, Number(name, 0.0, source, tokens))
        return found

    def read_lists(self) -> dict[str, Mapping[str, Floats]]:
        """Read the columns of lists as the flags that their values are."""
        found = {}
        for name, values in self.rows.values.items():
            if isinstance(values, Texts) and name not in self.formats:
                entry = self.dictionary.entry(name)
                known, kind, missing = self._text(name, values, entry)
                if kind == "list":
                    found[name] = read_flags(self.rows, name, known, entry, missing)
        return found

    def _decide(self, name: str) -> Decision:
        entry = self.dictionary.entry(name)
        if name in self.formats:
            return self._of_date(name, entry)
        match self.rows.held_as[name], entry.kind:
            case "text", None | "category" | "flag" | "number" | "list":
                return self._of_text(name, entry)
            case "number", None | "number":
                numerals.refuse_marks(entry, name)
                return self._of_number(name, entry)
            case "number", "category" if codes.are_codes(self._floats(name)):
                return self._of_codes(name, entry, self._floats(name))
            case "flag", None | "flag" | "number":
                if entry.missing is not None:
                    raise DictionaryError(
                        f"dictionary: [{name}] is true and false; missing is for others"
                    )
                values = self._floats(name)
                found = _decide_flag(name, values, "true and false", entry)
                return self._weigh(found, np.isnan(values), entry)
            case "date", None | "date":
                return self._of_date(name, entry)
            case held, asked:
                raise DictionaryError(
                    f"dictionary: [{name}] kind is {asked!r}, but the column holds {held}s"
                )

    def _of_text(self, name: str, entry: Entry) -> Decision:
        column = self.rows.values[name]
        assert isinstance(column, Texts)
        known, kind, missing = self._text(name, column, entry)
        is_missing = known.missing()
        if not known.levels:
            return Decision(name, "left out", "it is empty")
        if kind == "number":
            return self._of_number(name, entry, in_text=True)
        if kind == "flag" and not is_mostly_missing(is_missing, entry):
            return self._of_words(name, known, entry)
        if kind == "list":
            return self._of_list(name, known, missing, entry)
        return self._of_levels(name, kind, known, missing, entry)

    def _of_levels(
        self, name: str, kind: str, known: Texts, missing: Sequence[str], entry: Entry
    ) -> Decision:
        is_missing = known.missing()
        if left_out := _leave_out(name, known.codes, is_missing, entry):
            return left_out
        if kind in ("id", "free text"):
            said = codes.describe_unique("an id" if kind == "id" else "free text", known)
            return Decision(name, "left out", said)
        spelled = tuple(sorted(_spell(missing, entry)))
        whole = codes.are_whole_texts(_spell(known.levels, entry))
        category = Category(name, spelled, entry.trim, entry.casefold, whole)
        found = self._leveled(name, category, entry)
        if entry.kind is None and (why := codes.explain_texts(name, known.levels)):
            found = replace(found, reason=f"{found.reason}; {why}")
        return self._weigh(found, is_missing, entry)

    def _of_codes(self, name: str, entry: Entry, values: Floats, why: str = "") -> Decision:
        """Take numbers for the levels of a category."""
        tokens = self.dictionary.missing_in(name)[0]
        known = texts_of(values).without(tokens)
        if entry.kind is None and codes.are_nearly_unique(known):
            return Decision(name, "left out", codes.describe_unique("an id", known))
        missing = tuple(sorted(_spell(tokens, entry)))
        category = Category(name, missing, entry.trim, entry.casefold, whole=True)
        found = self._leveled(name, category, entry)
        found = replace(found, reason=f"{found.reason}; {why}" if why else found.reason)
        return self._weigh(found, known.missing(), entry)

    def _text(self, name: str, held: Texts, entry: Entry) -> tuple[Texts, str, tuple[str, ...]]:
        """Tell what a text column knows, of what kind that is, and what means missing in it.

        What means missing does so in other cases and between spaces too, where that occurs.
        """
        tokens, _ = self.dictionary.missing_in(name)
        missing = tuple(sorted({*tokens, *numerals.missing_texts(held, tokens)}))
        known = held.without(missing)
        asked = entry.kind or numerals.implied_kind(entry)
        kind = asked or _kind_of_text(known, name in self.forms)
        if asked is None and kind not in ("flag", "number") and find_layout(known):
            kind = "list"
        return known, kind, missing

    def _of_list(self, name: str, known: Texts, missing: tuple[str, ...], entry: Entry) -> Decision:
        layout, others = choose_layout(name, known, entry), self.rows.values
        found = decide_list(name, known, layout, entry, missing, others)
        kind = "list" if found.inputs else "left out"
        flags = Decision(name, kind, found.reason, found.inputs, found.values or None)
        if entry.kind is not None or not could_be_levels(known):
            return flags
        levels = self._of_levels(name, "category", known, missing, entry)
        if not (flags.used and levels.used):
            return flags if flags.used else levels
        how = flags.inputs, levels.inputs, levels.levels
        is_list, figures = weigh_list(self.rows, *how, self.losses, self.seed)
        chosen = flags if is_list else levels
        return replace(chosen, reason=f"{chosen.reason}; {figures}")

    def _of_words(self, name: str, known: Texts, entry: Entry) -> Decision:
        words = {level: level.strip().casefold() for level in known.levels}
        odd = [level for level, word in words.items() if word not in (*YES, *NO)]
        if odd:
            raise DictionaryError(
                f"dictionary: [{name}] kind is 'flag', but the column holds {odd[0]!r}"
            )
        yes = tuple(level for level, word in words.items() if word in YES)
        no = tuple(level for level, word in words.items() if word in NO)
        values = np.where(known.among(yes), 1.0, np.where(known.among(no), 0.0, np.nan))
        said = f"{yes[0]!r} or {no[0]!r} in text" if yes and no else "yes or no in text"
        return _decide_flag(name, values, said, entry, yes, no)

    def _of_date(self, name: str, entry: Entry) -> Decision:
        days = read_days(self.rows, name, self.formats.get(name, ""))
        if left_out := _leave_out(name, days, np.isnan(days), entry):
            return left_out
        parts, said = prepare_date(self.rows, name, entry, self.formats)
        found = Decision(name, "date" if parts else "left out", said, tuple(parts))
        return self._weigh(found, np.isnan(days), entry)

    def _of_number(self, name: str, entry: Entry, *, in_text: bool = False) -> Decision:
        form = self.forms.get(name, PLAIN)
        source = InText(form) if in_text else Plain()
        _, tokens = self.dictionary.missing_in(name)
        bare = Number(name, 0.0, source, tokens)
        values = read_known(self.rows, bare)
        is_missing = np.isnan(values)
        if left_out := _leave_out(name, values, is_missing, entry):
            return left_out
        if entry.kind is None and form == PLAIN:
            if codes.is_id(name, values[~is_missing]):
                return Decision(name, "left out", "an id: whole numbers, every one another")
            why = codes.explain_codes(name, values, self.rows.y, self.losses, self.seed)
            texts = self.rows.values[name]
            if why and (not isinstance(texts, Texts) or codes.are_whole_texts(texts.levels)):
                return self._of_codes(name, entry, values, why)
        held = sort_known(values)
        number = fill_number(self.rows, bare, entry, values, held)
        if number is None:
            return Decision(name, "left out", "it varies by less than the rounding of its numbers")
        given = (self.rows, number, entry, is_missing, held, self.losses, self.seed)
        number, curve, why = choose_scale(*given)
        inputs: list[InputColumn] = [number]
        # At the fill many rows without a value would bend a curve to what these rows are like.
        many = curve and is_missing.mean() >= RARE_LEVEL
        weighed = entry.missing_weight or is_mostly_missing(is_missing, entry)
        if is_missing.any() and (many or weighed):
            inputs.append(Missing(f"{name} is missing", name))
        words = [*describe_fill(number, is_missing, entry), why]
        if entry.kind is None and not in_text:
            words.append(hint_at_dates(name, values[~is_missing]))
        held_in = self.rows.values[name]
        if isinstance(held_in, Texts):
            known = self._text(name, held_in, entry)[0]
            words.insert(0, numerals.describe_reading(held_in, known, form))
        if len(inputs) > 1:
            words.append("being missing has a weight")
        said = "; ".join(word for word in words if word) or "as it is"
        found = Decision(name, "number", said, tuple(inputs), curve=curve)
        return self._weigh(found, is_missing, entry)

    def _weigh(self, found: Decision, missing: NDArray[np.bool_], entry: Entry) -> Decision:
        """Leave out what most rows lack, unless it, and its lack, tell of the outcome."""
        if not found.used or not is_mostly_missing(missing, entry):
            return found
        how = found.inputs, found.curve, found.levels
        helps, figures = weigh_gaps(self.rows, *how, self.losses, self.seed)
        if helps:
            return replace(found, reason=f"{found.reason}; {figures}")
        reason = f"{missing.mean():.0%} of it is missing; {figures}"
        return Decision(found.column, "left out", reason)

    def _leveled(self, name: str, category: Choice, entry: Entry) -> Decision:
        held = prepare(self.rows, [category]).levels[category.name]
        counts = dict(zip(held.levels, held.counts().tolist(), strict=True))
        wanted = _spell(entry.levels or (), entry)
        if entry.levels is None:
            fewest = RARE_LEVEL * len(held)
            wanted = {level for level in counts if counts[level] >= fewest and "\0" not in level}
        kept = tuple(level for level in held.levels if level in wanted)
        unseen = sorted(wanted.difference(held.levels))
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

    def _floats(self, name: str) -> Floats:
        values = self.rows.values[name]
        assert not isinstance(values, Texts)
        return values


def find_entry(column: InputColumn, known: Dictionary) -> Entry:
    """Look up what the dictionary says of an input: of days, what it says of their date."""
    if isinstance(column, Number) and isinstance(column.source, DaysSince):
        return known.entry(column.source.column)
    if isinstance(column, Listed):
        return known.entry(column.column)
    return known.entry(column.name)


def _spell(texts: Iterable[str], entry: Entry) -> set[str]:
    """Write texts as the column's are read."""
    trimmed = {text.strip(" ") if entry.trim else text for text in texts}
    return {lower(text) if entry.casefold else text for text in trimmed}


def _leave_out(
    name: str, values: Floats | NDArray[np.int64], missing: NDArray[np.bool_], entry: Entry
) -> Decision | None:
    """Leave a column out that says nothing; None for one that may be used."""
    held = values[~missing]
    counts = np.unique(held, return_counts=True)[1]
    asked = entry.kind is not None or entry.missing_weight
    if not len(held):
        reason = "it has no value"
    elif len(counts) == 1:
        reason = "it has one value only"
    elif not asked and counts.max() > MOSTLY_ONE_VALUE * len(held):
        reason = f"all but {len(held) - int(counts.max())} of its values are the same"
    else:
        return None
    return Decision(name, "left out", reason)


def _decide_flag(
    name: str,
    values: Floats,
    said: str,
    entry: Entry,
    yes: tuple[str, ...] = (),
    no: tuple[str, ...] = (),
) -> Decision:
    if left_out := _leave_out(name, values, np.isnan(values), entry):
        return left_out
    fill, missing = float(np.nanmean(values) >= 0.5), float(np.isnan(values).mean())
    words = said + (f", {missing:.1%} missing as {fill:g}" if missing else "")
    # A flag needs words for yes: without one in the rows it is constant, and left out above.
    return Decision(name, "flag", words, (Flag(name, fill, yes, no),))


def _kind_of_text(known: Texts, are_numbers: bool) -> str:
    if numerals.are_words_of_flags(known.levels):
        return "flag"
    if are_numbers and not codes.explain_texts("", known.levels):
        return "number"
    if codes.are_nearly_unique(known):
        spaces = sum(level.count(" ") for level in known.levels) / len(known.levels)
        return "free text" if spaces >= _WORDS_OF_FREE_TEXT - 1 else "id"
    return "category"
