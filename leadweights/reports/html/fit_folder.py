"""What a fit wrote beside its model: the baseline, its comparison, what became of each column."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, assert_never

from leadweights.decisions.metrics import METRICS, Evaluation
from leadweights.decisions.outcomes import training_sources
from leadweights.errors import LeadweightsError, ModelError
from leadweights.files.read import read_text
from leadweights.formula.marks import describe
from leadweights.learn.prepare.columns import Decision
from leadweights.model.convert import Document
from leadweights.model.file import load
from leadweights.model.model import (
    Category,
    DaysSince,
    Flag,
    InputColumn,
    InText,
    Listed,
    Missing,
    Month,
    Number,
    ScoringModel,
    Weekday,
)
from leadweights.reports.html.data import Finding
from leadweights.reports.layout import round_numbers
from leadweights.tables.columns import sources

EQUAL = "equal_weights"
GIVEN = "the table given"


class FitFolder:
    """The folder of a model. `notes` collects in words what is not there, and so not shown."""

    def __init__(self, folder: Path | None, model: ScoringModel) -> None:
        self.notes: list[str] = []
        self._folder = folder
        self._model = model

    def equal_weights(self) -> ScoringModel | None:
        """Find the baseline made from the same rows and columns as the model."""
        if self._model.name == EQUAL:
            return None
        reason = "there is no equal_weights.json beside the model"
        try:
            if self._folder is not None:
                found = load(self._folder / "equal_weights.json")
                same_rows = found.provenance.rows_sha256 == self._model.provenance.rows_sha256
                if same_rows and sources(found) == training_sources(self._model):
                    return found
                reason = "those beside the model are of other rows"
        except LeadweightsError:
            pass
        self.notes.append(f"Equal weights are not shown: {reason}.")
        return None

    def comparison(
        self, rows: int, positive_rows: int, measured: Mapping[str, Evaluation]
    ) -> tuple[str, Mapping[str, Evaluation]]:
        """Take the fit's own comparison if it measures this very table: it knows more models.

        It does if rows and positives are as many and every value measured here is the one written
        there, in its six decimals. Otherwise, give back what was measured here.
        """
        written = self._document("metrics.json")
        reason = "there is no metrics.json beside the model"
        if written is not None:
            try:
                found = _comparison(written)
                counts = (written["valid_rows"], written["valid_positive_rows"])
                if counts == (rows, positive_rows) and self._agree(measured, found):
                    own = self._model.name
                    names = (own, *sorted({*found} - {own}))
                    return str(written["measured_on"]), {name: found[name] for name in names}
                reason = (
                    "metrics.json beside the model measures another table, or the model as it was"
                )
            except (KeyError, TypeError, ValueError, AttributeError, ModelError):
                reason = "metrics.json beside the model cannot be read"
        self.notes.append(f"Gradient boosting is not shown: {reason}.")
        return GIVEN, measured

    def columns(self) -> tuple[tuple[Decision, ...], tuple[Finding, ...] | None]:
        """Read what became of each column, and findings; or say from the model how it reads."""
        written, read = self._document("columns.json"), set(training_sources(self._model))
        try:
            if written is not None and read <= {one["column"] for one in written["columns"]}:
                decided = tuple(
                    Decision(str(one["column"]), str(one["kind"]), str(one["reason"]))
                    for one in written["columns"]
                )
                return decided, _findings(written, read)
        except (KeyError, TypeError, AttributeError):
            pass
        self.notes.append(
            "Columns that were left out, and findings of leakage, are not shown: there is no "
            "columns.json of this model beside it."
        )
        return tuple(_read_as(column) for column in self._model.columns), None

    def _agree(self, measured: Mapping[str, Evaluation], written: Mapping[str, Evaluation]) -> bool:
        own = written.get(self._model.name)
        if own is None or own.differences is not None:
            return False
        return all(
            round_numbers(evaluation.metrics[metric].value) == written[name].metrics[metric].value
            for name, evaluation in measured.items()
            if name in written
            for metric in METRICS
        )

    def _document(self, name: str) -> Mapping[str, Any] | None:
        try:
            if self._folder is not None:
                found = json.loads(read_text(self._folder / name, "JSON", ModelError))
                return found if isinstance(found, dict) else None
        except (ModelError, ValueError, RecursionError):
            pass
        return None


def _findings(written: Mapping[str, Any], read: set[str]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            str(one["column"]),
            one["column"] in read,
            tuple(map(str, one["evidence"])),
            str(one["advice"]),
        )
        for one in written["suspects"]
    )


_EVALUATION = Document(Evaluation, ModelError)


def _comparison(written: Mapping[str, Any]) -> dict[str, Evaluation]:
    found = {name: _EVALUATION.read(one, str) for name, one in written["models"].items()}
    for one in found.values():
        for measured in (one.metrics, one.differences or one.metrics):
            if not measured.keys() >= set(METRICS):
                raise ModelError("a metric is missing")
    return found


def _read_as(column: InputColumn) -> Decision:
    """Say from the model alone how a column is read."""
    match column:
        case Number(name, fill, source, missing, segments, low, high, log):
            words = [f"missing is filled with {fill:.6g}"]
            match source:
                case DaysSince(start, end, day):
                    words.insert(0, f"days from {start} to {end or day}")
                case InText(form):
                    words.insert(0, ", ".join(filter(None, ("numbers in text", describe(form)))))
                case _:
                    pass
            if missing:
                words.append(f"{', '.join(f'{m:g}' for m in missing)} means missing")
            if segments is not None:
                words.append(f"filled by {segments.column}")
            if low is not None or high is not None:
                ends = ["" if end is None else f"{end:.6g}" for end in (low, high)]
                words.append(f"capped to {ends[0]} ... {ends[1]}")
            if log:
                words.append("logarithm taken")
            return Decision(name, "number", "; ".join(words))
        case Missing(name, number):
            return Decision(name, "flag", f"whether {number} is missing")
        case Flag(name, fill):
            return Decision(name, "flag", f"missing counts as {fill:g}")
        case Category(name, missing, trim, casefold, whole):
            kept = [f"{', '.join(map(repr, missing))} means missing"] if missing else []
            kept += ["spaces at the ends are taken off"] if trim else []
            kept += ["upper and lower case are the same"] if casefold else []
            kept += ["codes of digits, in numbers too"] if whole else []
            return Decision(name, "category", "; ".join(kept))
        case Listed(name, column_, value, delimiter):
            return Decision(name, "list", f"whether {column_} holds {value} between {delimiter!r}")
        case Weekday(name, day):
            return Decision(name, "category", f"day of the week of {day}")
        case Month(name, day):
            return Decision(name, "category", f"month of {day}")
        case _:
            assert_never(column)
