"""Several values in a cell: how such lists are recognised, and the values that become flags."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leadweights.errors import DictionaryError
from leadweights.formula.arrays import Floats
from leadweights.formula.one_value import lower
from leadweights.formula.texts import Texts
from leadweights.learn.prepare.dictionary import Entry
from leadweights.learn.prepare.gaps import lay_out
from leadweights.learn.prepare.numbers import RARE_LEVEL, ColumnLosses, is_gain
from leadweights.learn.prepare.prepared import prepare
from leadweights.model.model import InputColumn, Listed
from leadweights.tables.labelled import Rows

# A list is recognised where so many of the rows with a value hold more than one, ...
_SEVERAL, _FEWEST_SEVERAL = 0.05, 10
# ... there are so many times as many cells as values, or cells so few that frequent ones are in so
# much of the rows: then each may be a level as well, and what they tell decides, ...
_CELLS_A_VALUE, _FEW = 2, 0.9
# ... each frequent value stands in so many different cells, and most of what stands there is
# frequent, ...
_COMBINATIONS, _FREQUENT = 3, 0.5
# ... and so much of it stands both first and further behind: a name, an address or a pair of
# properties has a place for each of its parts.
_ANYWHERE = 0.5
_MOST_COMMON = 0.99

_USUAL = {";": "semicolons", "|": "vertical bars", "\n": "line ends", ",": "commas"}
DELIMITERS = _USUAL | {
    "\t": "tabs",
    "/": "slashes",
    "+": "plus signs",
    "&": "ampersands",
    "~": "tildes",
    "•": "bullets",
    "、": "ideographic commas",
}
_MARKS = "[]{}\"'\\"
_BRACKETED = re.compile(r"\s*(\[.*\]|\{.*\}|set\(\))\s*", re.DOTALL)
_TOKEN = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^,]+)""", re.DOTALL)
_ESCAPED = re.compile(r"""\\(["'\\])""")
# Parted at its decimal comma, a number has two values, which stand anywhere.
_NUMBER = re.compile("[^0-9,]{0,4}[0-9][0-9.' ]*(,[0-9]{3})*([.,][0-9]*)?[^0-9,]{0,4}")
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Layout:
    """How values stand in a cell: what parts them, and the characters that do not count."""

    delimiter: str
    ignored: str

    @property
    def bracketed(self) -> bool:
        """Tell whether lists have brackets, and their values maybe quotes."""
        return _MARKS[0] in self.ignored

    @property
    def words(self) -> str:
        """Say it in words."""
        if self.bracketed:
            return "in brackets"
        return f"between {DELIMITERS.get(self.delimiter, repr(self.delimiter))}"

    def split(self, text: str) -> list[str]:
        """List the values in a cell, as they are shown."""
        if self.bracketed:
            inside = "" if text.strip() == "set()" else text.strip()[1:-1]
            parts = [_ESCAPED.sub(r"\1", part) for part in _TOKEN.findall(inside)]
        else:
            parts = text.split(self.delimiter)
        shown = (part.strip(self.ignored + " ") for part in parts)
        return [part for part in shown if self.spell(part)]

    def spell(self, value: str) -> str:
        """Leave out the characters that do not count."""
        return "".join(letter for letter in value if letter not in self.ignored)


_IN_BRACKETS = Layout(",", f" {_MARKS}")


@dataclass(frozen=True, slots=True)
class FoundList:
    """The flags that a list becomes, the values that they stand for, and why, in words."""

    inputs: tuple[Listed, ...]
    values: tuple[str, ...]
    reason: str


def make_layout(delimiter: str) -> Layout:
    """Make the layout of a delimiter: spaces count where they are it, and nowhere else."""
    if not delimiter.strip(" "):
        return Layout(delimiter, "")
    plain = delimiter.replace(" ", "").replace("\r", "")
    return Layout(plain, " \r" if "\n" in plain else " ")


def find_layout(known: Texts) -> Layout | None:
    """Recognise a list by the whole column; None for names, addresses, categories, free text."""
    return next((layout for layout in _list_layouts(known) if _is_list(known, layout)), None)


def could_be_levels(known: Texts) -> bool:
    """Tell whether cells are so few that each may be a level as well: fixed labels with commas."""
    counts = known.counts()
    frequent = counts[counts >= RARE_LEVEL * len(known)]
    return bool(frequent.sum() >= _FEW * counts.sum())


def weigh_list(
    rows: Rows,
    flags: Sequence[InputColumn],
    category: Sequence[InputColumn],
    levels: Sequence[str] | None,
    losses: ColumnLosses,
    seed: int,
) -> tuple[bool, str]:
    """Tell whether the flags of a list say more out of fold than the levels of a category.

    They must by a standard error; both figures are given in words.
    """
    by_levels, by_flags = lay_out(rows, category, False, levels), lay_out(rows, flags, False, None)
    found = losses({"levels": (by_levels, False), "flags": (by_flags, False)}, rows.y, seed)
    a_list, a_category = found["flags"].mean(), found["levels"].mean()
    if is_gain(found["levels"], found["flags"], errors=1):
        return True, f"log-loss by itself {a_list:.4f}, not {a_category:.4f} as a category"
    return False, f"log-loss by itself {a_category:.4f}, {a_list:.4f} as a list"


def choose_layout(name: str, known: Texts, entry: Entry) -> Layout:
    """Give the layout that the dictionary names, or the one there is. Raises DictionaryError."""
    if entry.delimiter:
        return make_layout(entry.delimiter)
    possible = list(_list_layouts(known))
    # A slash or an ampersand is more likely within a value.
    possible = [one for one in possible if one.delimiter in _USUAL] or possible
    found = find_layout(known) or (possible[0] if len(possible) == 1 else None)
    if found is None:
        seen = " and ".join(DELIMITERS[layout.delimiter] for layout in possible)
        raise DictionaryError(
            f"dictionary: [{name}] kind is 'list', and what parts its values is not clear"
            + (f" ({seen} do)" if seen else "")
            + ': say so, as in delimiter = ";"'
        )
    return found


def decide_list(
    name: str,
    known: Texts,
    layout: Layout,
    entry: Entry,
    missing: Collection[str],
    taken: Collection[str],
) -> FoundList:
    """Keep the values that are frequent, or that the dictionary names; `taken` are other names."""

    def fold(value: str) -> str:
        return lower(value) if entry.casefold else value

    rows: Counter[str] = Counter()
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for level, count in _counted(known):
        held = {layout.spell(fold(value)): fold(value) for value in layout.split(level)}
        for spelled, text in held.items():
            rows[spelled] += count
            spellings[spelled][text] += count
    tokens = {layout.spell(token).casefold() for token in missing}
    for spelled in [one for one in rows if one.casefold() in tokens or "\0" in one]:
        del rows[spelled]
    if entry.levels is None:
        least, most = RARE_LEVEL * len(known), _MOST_COMMON * len(known)
        kept = [one for one, count in rows.items() if least <= count < most]
    else:
        kept = [one for one in {layout.spell(fold(v)): v for v in entry.levels} if one in rows]
    if not kept:
        rare = "no value of the list has 1% of the rows"
        absent = "no row has a value the dictionary names"
        return FoundList((), (), absent if entry.levels else rare)
    shown = (max(sorted(spellings[one]), key=spellings[one].__getitem__) for one in kept)
    values = tuple(sorted(shown))
    names = _name_flags(name, values, taken)
    inputs = tuple(
        Listed(names[value], name, value, layout.delimiter, layout.ignored, entry.casefold)
        for value in values
    )
    rest, missed = len(rows) - len(kept), float(known.missing().mean())
    words = [f"{len(kept)} value{'s' * (len(kept) != 1)} {layout.words}"]
    words += [f"{rest} other one{'s' * (rest != 1)} left out"] if rest else []
    words += [f"{missed:.1%} missing, which hold none"] if missed else []
    return FoundList(inputs, values, ", ".join(words))


def read_flags(
    rows: Rows, name: str, known: Texts, entry: Entry, missing: Collection[str]
) -> Mapping[str, Floats]:
    """Read a list as its flags, shape (rows,) each, by what they are called."""
    layout = choose_layout(name, known, entry)
    found = decide_list(name, known, layout, entry, missing, rows.values)
    return prepare(rows, found.inputs).numbers if found.inputs else {}


def _name_flags(name: str, values: Iterable[str], taken: Collection[str]) -> Mapping[str, str]:
    """Name a flag for each value, in one line that no template engine runs."""
    used = {other.lower() for other in taken}
    found = {}
    for value in values:
        line = re.sub(r"(?<=\{)(?=[{%#])", " ", " ".join(value.split()))
        short = line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1] + "…"
        flag = f"{name}: {short}"
        while flag.lower() in used:
            flag += "_"
        used.add(flag.lower())
        found[value] = flag
    return found


def _list_layouts(known: Texts) -> Iterator[Layout]:
    """List the layouts that the cells may have; brackets are in all cells or in none."""
    if known.levels and all(map(_BRACKETED.fullmatch, known.levels)):
        yield _IN_BRACKETS
        return
    for delimiter in DELIMITERS:
        if any(delimiter in level for level in known.levels):
            yield make_layout(delimiter)


def _counted(known: Texts) -> Iterator[tuple[str, int]]:
    return zip(known.levels, known.counts().tolist(), strict=True)


def _is_list(known: Texts, layout: Layout) -> bool:
    total = several = numbers = 0
    rows: Counter[str] = Counter()
    first: Counter[str] = Counter()
    cells: Counter[str] = Counter()
    for level, count in _counted(known):
        values = [layout.spell(value) for value in layout.split(level)]
        total += count
        several += count * (len(set(values)) > 1)
        numbers += count * (_NUMBER.fullmatch(level) is not None)
        first.update(dict.fromkeys(values[:1], count))
        for value in set(values):
            rows[value] += count
            cells[value] += 1
    if several < max(_SEVERAL * total, _FEWEST_SEVERAL):
        return False
    frequent = [value for value, count in rows.items() if count >= RARE_LEVEL * total]
    held = sum(rows.values())
    of_frequent = sum(rows[value] for value in frequent)
    recurring = sum(rows[value] for value in frequent if cells[value] >= _COMBINATIONS)
    anywhere = sum(rows[value] for value in frequent if 0 < first[value] < rows[value])
    # 3/4 and 2+1.
    counted = sum(rows[value] for value in rows if value.isdecimal())
    if layout.delimiter not in _USUAL and counted > _FREQUENT * held:
        return False
    return (
        (len(rows) * _CELLS_A_VALUE <= len(known.levels) or could_be_levels(known))
        and of_frequent >= _FREQUENT * held
        and recurring >= _FREQUENT * held
        and anywhere >= _ANYWHERE * held
        and numbers <= (1.0 - _SEVERAL) * total
    )
