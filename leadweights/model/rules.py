"""What a sales team decides by a score: how it is adjusted, cut into bands, explained, ranked.

Every cut is a log-odds, so a decision is the same on every engine. `by` says what a cut was made
from: the probability, the training rows' percentile, or points.
"""

from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from math import log
from typing import Literal, get_args

from leadweights.errors import ModelError
from leadweights.model.calibration import Calibration
from leadweights.model.dates import check_format, days_since_1970
from leadweights.model.rounding import round_digits

By = Literal["probability", "percentile", "points"]
MOST_REASONS = 10
# A factor beyond has no place beside a learnt score, and its logarithm would need more terms.
SMALLEST_FACTOR, LARGEST_FACTOR = 0.5, 2.0
SHORTEST_HALF_LIFE, LONGEST_HALF_LIFE = 0.01, 1e6
_LARGEST_STEADY = 100.0


@dataclass(frozen=True, slots=True)
class Scale:
    """`score_100`: how many of the 100 rising cuts a row's log-odds reach."""

    by: str
    cuts: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse cuts that are no scale. Raises ModelError."""
        _check_by(self.by)
        if len(self.cuts) != 100 or any(a > b for a, b in pairwise(self.cuts)):
            raise ModelError("score_100 needs 100 cuts that do not fall")


@cache
def percent_cuts() -> tuple[float, ...]:
    """Give the log-odds where the probability, in percent, rounds to 1, 2, ... 100, half up."""
    shares = ((place - 0.5) / 100 for place in range(1, 101))
    return tuple(round_digits(log(share / (1 - share))) for share in shares)


@dataclass(frozen=True, slots=True)
class Band:
    """A name for the rows from a log-odds on, up to the next band; the lowest has no `low`."""

    name: str
    low: float | None = None
    action: str = ""


@dataclass(frozen=True, slots=True)
class Bands:
    """The bands, the best first."""

    by: str
    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        """Refuse bands that overlap or cannot be told apart. Raises ModelError."""
        _check_by(self.by)
        names = [band.name for band in self.bands]
        odd = [name for name in names if names.count(name) > 1 or not name.strip()]
        if odd:
            raise ModelError(f"band {odd[0]!r} has no name or stands twice")
        lows = [band.low for band in self.bands]
        if len(lows) < 2 or lows[-1] is not None or None in lows[:-1]:
            raise ModelError("bands are two or more, the best first, and only the last has no low")
        known = [low for low in lows if low is not None]
        if any(not a > b for a, b in pairwise(known)):
            raise ModelError("each band must begin below the one before it")


@dataclass(frozen=True, slots=True)
class Promise:
    """Of new leads that are called at least this share converts, said with this confidence."""

    precision: float
    confidence: float

    def __post_init__(self) -> None:
        """Refuse shares that are none. Raises ModelError."""
        if not (0 < self.precision < 1 and 0 < self.confidence < 1):
            raise ModelError(
                "a promise has a precision and a confidence between 0 and 1, not "
                f"{self.precision:g} and {self.confidence:g}"
            )


@dataclass(frozen=True, slots=True)
class Threshold:
    """`decision` is 1 from this log-odds on; `reason` says how it was chosen.

    The `promise` is that of a threshold that was asked for a precision, and proven on fresh rows.
    """

    log_odds: float
    reason: str
    promise: Promise | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A column that must be true, or hold one of the texts in `yes`: else there is no score."""

    column: str
    yes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A column that multiplies the odds, cut to `low` and `high`; missing, it is 1."""

    column: str
    low: float = 0.8
    high: float = 1.2

    def __post_init__(self) -> None:
        """Refuse bounds that are none. Raises ModelError."""
        if not SMALLEST_FACTOR <= self.low <= 1 <= self.high <= LARGEST_FACTOR:
            raise ModelError(
                f"an adjustment is cut to a low from {SMALLEST_FACTOR:g} to 1 and a high from 1 "
                f"to {LARGEST_FACTOR:g}, not to {self.low:g} and {self.high:g}"
            )


@dataclass(frozen=True, slots=True)
class Decay:
    """The odds halve every `half_life_days` after the date in `column`; missing, they stay.

    They decay until the date in another column, or until a fixed day. Dates are read by formats,
    as those of the model's columns are.
    """

    column: str
    half_life_days: float
    until_column: str = ""
    until_day: str = ""
    format: str = ""
    until_format: str = ""

    def __post_init__(self) -> None:
        """Refuse a decay that cannot be computed. Raises ModelError."""
        if not SHORTEST_HALF_LIFE <= self.half_life_days <= LONGEST_HALF_LIFE:
            raise ModelError(
                f"a half-life is {SHORTEST_HALF_LIFE:g} to {LONGEST_HALF_LIFE:,.0f} days, "
                f"not {self.half_life_days:g}"
            )
        if bool(self.until_column) == bool(self.until_day):
            raise ModelError("a decay goes on until a column or a day: one of them")
        if self.until_day:
            days_since_1970(self.until_day, self.column)
        for written in (self.format, self.until_format):
            check_format(written, self.column)


@dataclass(frozen=True, slots=True)
class Trend:
    """`trend`: whether log-odds rose or fell, by more than `steady`, since those in `column`."""

    column: str
    steady: float = 0.1

    def __post_init__(self) -> None:
        """Refuse a bound that is none. Raises ModelError."""
        if not 0 < self.steady <= _LARGEST_STEADY:
            raise ModelError(
                f"a trend is steady within more than 0 to {_LARGEST_STEADY:g} log-odds, "
                f"not {self.steady:g}"
            )


@dataclass(frozen=True, slots=True)
class Wording:
    """How a reason speaks of a column: by a description, or a text for high and for low values."""

    column: str
    description: str = ""
    high: str = ""
    low: str = ""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Everything that follows the log-odds; each part is optional.

    `owner` names a column within which rows are ranked; `reasons` is how many a row is given.
    """

    calibration: Calibration | None = None
    consent: Consent | None = None
    adjustment: Adjustment | None = None
    decay: Decay | None = None
    scale: Scale | None = None
    bands: Bands | None = None
    threshold: Threshold | None = None
    trend: Trend | None = None
    owner: str = ""
    reasons: int = 3
    wordings: tuple[Wording, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what contradicts itself. Raises ModelError."""
        if not 1 <= self.reasons <= MOST_REASONS:
            raise ModelError(f"a row is given 1 to {MOST_REASONS} reasons, not {self.reasons}")
        named = [wording.column for wording in self.wordings]
        twice = [name for name in named if named.count(name) > 1]
        if twice:
            raise ModelError(f"there are words for {twice[0]!r} twice")

    def without_other_columns(self) -> "Decisions":
        """Leave out the rules that read columns of their own of a row."""
        return replace(self, consent=None, adjustment=None, decay=None, trend=None)


def _check_by(by: str) -> None:
    if by not in get_args(By):
        raise ModelError(f"cuts are made by {', '.join(get_args(By))}, not by {by!r}")
