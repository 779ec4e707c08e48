"""What a challenger must show to be promoted: a few gates, each with its number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from leadweights.errors import GatesError
from leadweights.files.read import read_toml
from leadweights.model.convert import Document, misfit, spot_in_tables

Outcome = Literal["passed", "failed", "undecided", "not asked"]
Verdict = Literal["promote", "keep", "not enough rows"]


@dataclass(frozen=True, slots=True)
class ChanceGate:
    """The challenger ranks better than chance: the lower end of its own AUC is above this.

    Where labels are noise, a challenger learnt from them may be no worse than the champion.
    """

    above: float = 0.5


@dataclass(frozen=True, slots=True)
class AucGate:
    """The lower end of the 95% interval of the AUC's difference is above minus this margin."""

    margin: float = 0.02


@dataclass(frozen=True, slots=True)
class BrierGate:
    """The Brier score is not worse by more than this margin, beyond what may be noise."""

    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class PrecisionGate:
    """The promised precision holds: by default what the champion's threshold promises, if it does.

    `at_least` and `confidence` ask for another.
    """

    at_least: float | None = None
    confidence: float = 0.9


@dataclass(frozen=True, slots=True)
class PsiGate:
    """The PSI between the two scores is below this, or somebody has `explained` it.

    The packet repeats the words. That the challenger's probabilities fit these outcomes better is
    no explanation: where a feed of outcomes goes wrong, they do.
    """

    below: float = 0.2
    explained: str = ""


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of a challenge; a table of the TOML file for each."""

    chance: ChanceGate = ChanceGate()
    auc: AucGate = AucGate()
    brier: BrierGate = BrierGate()
    precision: PrecisionGate = PrecisionGate()
    psi: PsiGate = PsiGate()


@dataclass(frozen=True, slots=True)
class GateResult:
    """What a gate found: its number, the bound it is held against, and why.

    Of an `undecided` one `more_rows` say how many more rows would decide if what was observed went
    on; None where no number of rows is known to.
    """

    gate: str
    outcome: Outcome
    value: float | None
    bound: float | None
    reason: str
    more_rows: int | None = None


def read_gates(source: str | Path | Mapping[str, object] | Gates | None) -> Gates:
    """Read gates: a TOML file, or the same as a mapping; None is the usual ones.

    Raises GatesError, which says where and what.
    """
    if source is None or isinstance(source, Gates):
        return source or Gates()
    where = "gates" if isinstance(source, Mapping) else str(source)
    document = source if isinstance(source, Mapping) else read_toml(source, GatesError)
    found = _DOCUMENT.read(document, spot_in_tables(where))
    for name, share in (
        ("[precision] at_least", found.precision.at_least),
        ("[precision] confidence", found.precision.confidence),
    ):
        if share is not None and not 0 < share < 1:
            raise GatesError(f"{where}: {name} must be between 0 and 1, not {share:g}")
    if not 0 <= found.chance.above < 1:
        above = found.chance.above
        raise GatesError(f"{where}: [chance] above must be from 0 to below 1, not {above:g}")
    for name, number in (
        ("[auc] margin", found.auc.margin),
        ("[brier] margin", found.brier.margin),
        ("[psi] below", found.psi.below),
    ):
        if number < 0:
            raise GatesError(f"{where}: {name} must not be below 0, not {number:g}")
    return found


def decide_verdict(results: tuple[GateResult, ...]) -> tuple[Verdict, int | None]:
    """Give the verdict of all gates, and how many more rows would decide, where that is known."""
    if any(result.outcome == "failed" for result in results):
        return "keep", None
    undecided = [result.more_rows for result in results if result.outcome == "undecided"]
    if not undecided:
        return "promote", None
    known = [rows for rows in undecided if rows is not None]
    return "not enough rows", max(known) if len(known) == len(undecided) else None


def _read_number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1e9:
        raise misfit("a number", value)
    return float(value)


_DOCUMENT = Document(Gates, GatesError, {float: _read_number, float | None: _read_number})
