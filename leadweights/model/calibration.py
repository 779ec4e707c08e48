"""Maps from log-odds to calibrated log-odds: monotone, and few enough constants for a SELECT."""

from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from leadweights.errors import ModelError
from leadweights.model.checks import FARTHEST, STEEPEST


@dataclass(frozen=True, slots=True)
class Platt:
    """`calibrated = intercept + slope * log_odds` (Platt 1999); the slope is positive."""

    intercept: float
    slope: float

    def __post_init__(self) -> None:
        """Refuse what is no number, or would turn the order around. Raises ModelError."""
        _check_bounded(self.intercept, "intercept of a Platt calibration")
        _check_bounded(self.slope, "slope of a Platt calibration")
        if not self.slope > 0:
            raise ModelError(f"slope of a Platt calibration must be positive, not {self.slope}")


@dataclass(frozen=True, slots=True)
class Knot:
    """One point of an isotonic calibration: log-odds as they come, and as they leave."""

    at: float
    log_odds: float


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A line from point to point, which never falls; beyond the ends, what the ends say."""

    points: tuple[Knot, ...]

    def __post_init__(self) -> None:
        """Refuse points that are no such line. Raises ModelError."""
        if len(self.points) < 2:
            raise ModelError(
                f"an isotonic calibration needs two points or more, not {len(self.points)}"
            )
        for knot in self.points:
            _check_bounded(knot.at, "a point of an isotonic calibration")
            _check_bounded(knot.log_odds, "the height of an isotonic calibration")
        for left, right in pairwise(self.points):
            if not right.at > left.at:
                raise ModelError(
                    "the points of an isotonic calibration must rise: "
                    f"{right.at} comes after {left.at}"
                )
            rise, step = right.log_odds - left.log_odds, right.at - left.at
            if rise < 0:
                raise ModelError(
                    "an isotonic calibration must never fall: "
                    f"{right.log_odds} comes after {left.log_odds}"
                )
            if rise / STEEPEST > step:
                raise ModelError(
                    f"an isotonic calibration is too steep at {left.at}: {rise} over {step}"
                )


Calibration = Platt | Isotonic


def _check_bounded(value: float, what: str) -> None:
    if not (isfinite(value) and abs(value) <= FARTHEST):
        raise ModelError(f"{what} must be a finite number, not {value}")
