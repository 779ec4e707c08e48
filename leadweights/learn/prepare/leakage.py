"""Columns that look as if they were filled in after the outcome.

Every threshold stands between the largest value measured on a column that is known beforehand and
what was measured on columns that are not. Measured on three tables: X Education's leads (9,240
rows, 34 columns, 38.5% positive), the bank's calls (41,188 rows, 20 columns, 11.3% positive) and
the reference campaign (3,500 rows, 7 columns, 41.3% positive).
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from leadweights.errors import TableError
from leadweights.formula.arrays import Floats
from leadweights.formula.texts import Texts
from leadweights.learn.prepare.bins import Coded, Codes, code_levels, cut_bins
from leadweights.learn.prepare.one_sided import OneSided, find_one_sided
from leadweights.tables.columns import Kind

# From here on a column needs no name to be suspected. Known beforehand, highest: cons.price.idx
# 0.784 (bank), Total Time Spent on Website 0.764 (leads). Afterwards: Tags 0.922; the bank's
# duration, 0.816, is too near to the honest ones to be told from them without its name.
_STRONG_AUC = 0.85
# The same for nothing but whether a row has a value. Known beforehand, highest: 0.654 (leads, What
# matters most to you in choosing a course). Afterwards: Lead Quality 0.686, which is too near; a
# column that half of the positive rows have, and no other, reaches 0.75.
_STRONG_MISSING_AUC = 0.75
# A level is pure if surely 95% of its rows are alike and the average row is not: where 11% are
# positive, as at the bank, a level without positives is nothing special. Known beforehand, highest:
# 0.949 (142 rows of Lead Source), 0.904 (718 of Lead Origin), 0.893 (706 of occupation).
# Afterwards: up to 0.981 (Tags).
_PURE_RATE = 0.95
_PURE_FROM_AVERAGE = 0.3
# Enough without a name if pure levels hold this share of all positive, or of all negative, rows.
# Known beforehand, highest: 0.039, were the 142 rows of Lead Source pure. Afterwards: Tags 0.66.
_PURE_SHARE = 0.15
# Under a telling name this is enough. Afterwards, lowest: Asymmetrique Activity Index, 0.577 on the
# rows that have it. Half of the columns known beforehand are above it: the name has to be telling.
_WEAK_AUC = 0.55
# Under a name that honest columns have as well. Afterwards, lowest: Last Notable Activity 0.702.
# Known beforehand, highest of those with such words in them: the bank's poutcome 0.614.
_FAIR_AUC = 0.65
# A judgement that this share of the rows lacks was made later, for some of them. Afterwards: Tags
# 0.36, the Asymmetrique columns 0.46, Lead Quality 0.52, Lead Profile 0.74 of the rows. Known
# beforehand: the campaign's sentiment_score and fatigue_score, which every row has.
_GAPS = 0.2
# AUC of fewer positive or negative rows than this is chance.
_ENOUGH_OF_EACH = 10

_OUTCOME_WORDS = re.compile(
    r"won|win|lost|closed?|closing|converted|outcomes?|disposition|signed|invoiced?|"
    r"cancell?ed|churned"
)
_PROGRESS_WORDS = re.compile(r"status|stage|results?|reasons?|resolution|contract|duration")
_JUDGEMENT_WORDS = re.compile(r"tags?|labels?|quality|profile|score|index|grade|rating|priority")
# The last one of these moves on with every contact, also with those after the outcome.
_EVENT_WORDS = re.compile(r"activity|action|event|contact|call|touch|step|notes?|modified|updated")
# These say that it was before, or that a status is a person's and not the lead's.
_KNOWN_WORDS = re.compile(
    r"previous|prev|prior|p|past|former|earlier|first|initial|original|"
    r"marital|civil|family|relationship|employment|residence"
)
_BETWEEN_WORDS = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W\d_]+")

_FOLDS = 5
_BINS = 20
# A level's rate counts as that of its rows and ten average ones: rare levels say little.
_AVERAGE_ROWS = 10.0
_PURE_SHOWN = 3
_NAMED = 6


@dataclass(frozen=True, slots=True)
class PureLevel:
    """A value that almost only positive, or almost only negative, rows hold."""

    level: str
    rows: int
    rate: float


@dataclass(frozen=True, slots=True)
class Suspect:
    """A column that may have been filled in after the outcome, and what speaks for it.

    `auc`: of the column alone, out of fold. `auc_missing`: of nothing but whether a row has a
    value. `auc_without_missing`: of the column on the rows that have a value; None if these are
    all positive or all negative. `name_hint`: the word in its name that says 'afterwards'.
    `by_values` tells whether its values alone are enough, whatever it is called. `question` says
    the clearest of the evidence in one sentence.
    """

    column: str
    auc: float
    auc_missing: float
    auc_without_missing: float | None
    pure_levels: tuple[PureLevel, ...]
    name_hint: str | None
    by_values: bool
    question: str
    evidence: tuple[str, ...]
    advice: str


@dataclass(frozen=True, slots=True)
class _Hint:
    word: str
    enough_auc: float
    because: str


@dataclass(frozen=True, slots=True)
class _Auc:
    value: float
    positive: float
    negative: float

    def surely(self, least: float) -> bool:
        """Tell whether it is at least that, two standard errors less (Hanley and McNeil 1982)."""
        if min(self.positive, self.negative) < _ENOUGH_OF_EACH:
            return False
        a = self.value
        variance = (
            a * (1 - a)
            + (self.positive - 1) * (a / (2 - a) - a * a)
            + (self.negative - 1) * (2 * a * a / (1 + a) - a * a)
        ) / (self.positive * self.negative)
        return bool(a - 2 * np.sqrt(max(variance, 0.0)) >= least)


def find_suspects(
    columns: Mapping[str, Floats | Texts],
    y: Floats,
    seed: int,
    kinds: Mapping[str, Kind] | None = None,
) -> list[Suspect]:
    """Find the columns that look as if they were filled in after the outcome, worst first.

    Numbers have shape (rows,), NaN where missing; `y`, shape (rows,), is 1 for a positive row.
    `kinds` says which of them are dates or flags. A column is suspected if it is too good to be
    known beforehand (it ranks the rows by itself, or whether it has a value does, or many rows
    with a value, or in a range, are almost all positive or negative), or if its name says that it
    comes afterwards and it tells at least something of the outcome. None of that is proof: a
    person has to know when the column is filled in.
    """
    if not 0 < y.sum() < len(y):
        return []
    groups = 2 * _deal(y, seed) + (y > 0)
    found = []
    for name, values in columns.items():
        kind = (kinds or {}).get(name, "number")
        coded = code_levels(values) if isinstance(values, Texts) else cut_bins(values, _BINS, kind)
        counts = np.bincount(groups * coded.size + coded.codes, minlength=2 * _FOLDS * coded.size)
        one_sided = find_one_sided(values, y, kind)
        by_fold = counts.reshape(_FOLDS, 2, coded.size).astype(np.float64)
        suspect = _judge(name, coded, by_fold, one_sided)
        if suspect is not None:
            found.append(suspect)
    return [suspect for _, suspect in sorted(found, key=lambda rank: rank[0])]


def add_suspect_lists(
    found: Sequence[Suspect], lists: Mapping[str, Mapping[str, Floats]], y: Floats, seed: int
) -> list[Suspect]:
    """Add the lists that have a value which gives the outcome away, with the worst one of each.

    `lists` has a flag of 0 and 1, shape (rows,), for each value of each column.
    """
    named = {suspect.column for suspect in found if suspect.by_values}
    added = []
    for name, flags in lists.items():
        suspects = find_suspects(flags, y, seed, dict.fromkeys(flags, "flag"))
        worst = next((suspect for suspect in suspects if suspect.by_values), None)
        if worst is not None and name not in named:
            added.append(replace(worst, column=name, advice=_advise(name)))
    by_values = {suspect.column for suspect in added}
    return added + [suspect for suspect in found if suspect.column not in by_values]


def refuse_suspects(suspects: Sequence[Suspect]) -> None:
    """Raise TableError, a line for each in its details, where values give the outcome away.

    A name is a hint, no reason to refuse: the duration of a contract is known when it is signed.
    """
    refused = [suspect for suspect in suspects if suspect.by_values]
    if not refused:
        return
    named = ", ".join(repr(suspect.column) for suspect in refused[:_NAMED])
    more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
    advice = " ".join(f"--exclude {shlex.quote(suspect.column)}" for suspect in refused[:_NAMED])
    raise TableError(
        f"strict: {named}{more} may be known only after the outcome; exclude what is not known "
        f"before the score is needed: {advice}{more and ' ...'}",
        details=tuple(suspect.question for suspect in refused),
    )


def _judge(
    name: str, coded: Coded, counts: Floats, one_sided: OneSided | None
) -> tuple[tuple[bool, float, str], Suspect] | None:
    """Judge a column by its counts, shape (folds, 2, codes), negative rows before positive."""
    negative, positive = counts.sum(axis=0)
    absent, present = _measure_missing(negative, positive), _measure_auc(counts, positive.size - 1)
    auc, rows = _measure_auc(counts, positive.size), negative.sum() + positive.sum()
    gaps = float((negative[-1] + positive[-1]) / rows)
    hint = _find_hint(name, gaps)
    pure_levels, pure_share = _find_purity(coded, negative, positive)
    clearest = None
    if one_sided is not None:
        clearest = one_sided.sentence
    elif auc.surely(_STRONG_AUC):
        clearest = f"ranks the rows by itself with an AUC of {auc.value:.3f}"
    elif present.surely(_STRONG_AUC):
        clearest = f"ranks the rows that have a value with an AUC of {present.value:.3f}"
    elif absent.surely(_STRONG_MISSING_AUC):
        clearest = f"ranks the rows by whether it has a value, with an AUC of {absent.value:.3f}"
    elif pure_share >= _PURE_SHARE:
        clearest = f"tells the outcome of many: {_tell_rate(pure_levels[0])}"
    strong = clearest is not None
    telling = hint is not None and (
        bool(pure_levels) or any(a.surely(hint.enough_auc) for a in (auc, present, absent))
    )
    if not (strong or telling):
        return None

    evidence = [] if one_sided is None else [f"it {one_sided.sentence}"]
    evidence.append(f"alone it ranks the rows with an AUC of {auc.value:.3f}")
    if absent.surely(_WEAK_AUC):
        with_value = positive[:-1].sum() / max(1.0, rows * (1 - gaps))
        without = positive[-1] / (rows * gaps)
        evidence.append(
            f"whether it has a value at all ranks them with an AUC of {absent.value:.3f}: of the "
            f"rows with a value {with_value:.1%} are positive, of those without {without:.1%}"
        )
    if gaps >= _GAPS and present.surely(_WEAK_AUC):
        evidence.append(f"among the rows with a value its AUC is {present.value:.3f}")
    evidence += map(_tell_rate, pure_levels[:_PURE_SHOWN])
    if hint is not None:
        evidence.append(f"{hint.word!r} in its name {hint.because}")
        by_name = f"has an AUC of {auc.value:.3f}, and {hint.word!r} in its name {hint.because}"
        clearest = clearest or by_name
    found = Suspect(
        name,
        auc.value,
        absent.value,
        present.value if present.positive and present.negative else None,
        pure_levels,
        hint.word if hint else None,
        strong,
        f"{name!r} {clearest}: is it known before the outcome?",
        tuple(evidence),
        _advise(name),
    )
    largest = max(auc.value, absent.value, present.value)
    return (not strong, -largest, name), found


def _advise(name: str) -> str:
    return (
        f"exclude it unless it is known before the score is needed: --exclude {shlex.quote(name)}"
    )


def _tell_rate(level: PureLevel) -> str:
    return f"of {level.rows:,} rows with {level.level} {level.rate:.1%} are positive"


def _deal(y: Floats, seed: int) -> Codes:
    """Deal the positive and the negative rows to the folds. RandomState's stream is frozen."""
    random = np.random.RandomState(seed)
    folds = np.empty(len(y), np.int64)
    for kind in (y > 0, y <= 0):
        folds[kind] = random.permutation(int(kind.sum())) % _FOLDS
    return folds


def _measure_auc(counts: Floats, codes: int) -> _Auc:
    """Rank the rows of each fold that hold the first codes by rates from the other folds.

    Pairs within a fold only: the rates of two folds differ by chance, which would look like skill.
    """
    whole = counts.sum(axis=0)
    average = whole[1].sum() / whole.sum()
    in_order = pairs = 0.0
    for fold in counts:
        held = np.flatnonzero(fold[:, :codes].any(axis=0))
        negative, positive = (whole - fold)[:, held]
        rate = (positive + _AVERAGE_ROWS * average) / (negative + positive + _AVERAGE_ROWS)
        _, place = np.unique(rate, return_inverse=True)
        negatives = np.bincount(place, weights=fold[0, held])
        positives = np.bincount(place, weights=fold[1, held])
        in_order += float(positives @ (np.cumsum(negatives) - negatives / 2))
        pairs += float(positives.sum() * negatives.sum())
    return _Auc(
        in_order / pairs if pairs else 0.5,
        float(whole[1, :codes].sum()),
        float(whole[0, :codes].sum()),
    )


def _measure_missing(negative: Floats, positive: Floats) -> _Auc:
    """Rank the rows by whether they have a value, whichever way is better."""
    rows = float(positive.sum()), float(negative.sum())
    apart = abs(positive[-1] / max(rows[0], 1.0) - negative[-1] / max(rows[1], 1.0))
    return _Auc(float(0.5 + apart / 2), *rows)


def _find_purity(
    coded: Coded, negative: Floats, positive: Floats
) -> tuple[tuple[PureLevel, ...], float]:
    """Find the levels, and whether there is a value, that go with one outcome only; their share.

    A number's bins do not count unless they are one value: the ends of an honest number are pure.
    """
    counts = np.vstack((negative, positive))
    total, without = counts.sum(axis=1, keepdims=True), counts[:, -1:]
    table = np.hstack((total - without, without, counts[:, coded.repeats]))
    rows = table.sum(axis=0)
    rate = table[1] / np.maximum(rows, 1.0)
    average = total[1] / total.sum()
    pure = _bound_share(np.maximum(rate, 1 - rate), rows) >= _PURE_RATE
    pure &= np.abs(rate - average) >= _PURE_FROM_AVERAGE
    shares = np.where(pure & (np.vstack((rate, -rate)) < [average, -average]), table, 0) / total
    levels = []
    for place in np.flatnonzero(pure).tolist():
        whether = ("any value", "no value")[place : place + 1]
        shown = whether[0] if whether else coded.shown(int(coded.repeats[place - 2]))
        levels.append((place >= 2, PureLevel(shown, int(rows[place]), float(rate[place]))))
    levels.sort(key=lambda found: (found[0], -found[1].rows, found[1].level))
    share = float(max(shares[:, :2].max(), shares[:, 2:].sum(axis=1).max()))
    return tuple(level for _, level in levels), share


def _bound_share(share: Floats, rows: Floats) -> Floats:
    """Give the lower end, two standard errors down, of a share of so many rows (Wilson 1927)."""
    n = np.maximum(rows, 1.0)
    error = 2 * np.sqrt(share * (1 - share) / n + 1 / n**2)
    return np.asarray((share + 2 / n - error) / (1 + 4 / n))


def _find_hint(name: str, gaps: float) -> _Hint | None:
    """Find the word in a name, whole and in camelCase, snake_case or spaces, that tells."""
    words = [word for word in _BETWEEN_WORDS.split(name) if word]
    lower = [word.lower() for word in words]
    if any(_KNOWN_WORDS.fullmatch(word) for word in lower):
        return None
    for word in words:
        if _OUTCOME_WORDS.fullmatch(word.lower()):
            return _Hint(word, _WEAK_AUC, "is a word for how it ended")
    for word in words:
        if _PROGRESS_WORDS.fullmatch(word.lower()):
            return _Hint(word, _FAIR_AUC, "is a word for what is known when it is over")
        if "last" in lower and _EVENT_WORDS.fullmatch(word.lower()):
            because = "is overwritten with every contact, also the final one"
            return _Hint(f"last {word.lower()}", _FAIR_AUC, because)
    # The last word of a name is the thing itself: a Lead Profile, but not the profile views.
    if gaps >= _GAPS and words and _JUDGEMENT_WORDS.fullmatch(lower[-1]):
        because = f"is a word for a judgement, made later for some: {gaps:.1%} of the rows lack it"
        return _Hint(words[-1], _WEAK_AUC, because)
    return None
