"""A model as the service holds it: compiled once, the same for all of a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from leadweights.formula.filled import filled_inputs
from leadweights.formula.reasons import count
from leadweights.formula.scalar import Cell, Compute, compile_stages
from leadweights.formula.stages import part_outputs, row_outputs, stages
from leadweights.formula.terms import contribution_names
from leadweights.formula.trees import contribution_of_trees
from leadweights.formula.unseen import unseen_inputs
from leadweights.model.baseline import Baseline
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.serve.leads import LeadForm

Lead = Mapping[str, Any]
Result = dict[str, Any]


@dataclass(frozen=True)
class InForce:
    """A model, its version in the store (None of a file), and the hash of what it computes.

    With its `baseline` it is told which values of a lead no training row had.
    """

    model: ScoringModel
    version: int | None
    sha256: str
    baseline: Baseline | None = None

    @staticmethod
    def of(
        model: ScoringModel, version: int | None = None, baseline: Baseline | None = None
    ) -> InForce:
        """Prepare a model, so that its first lead is as fast as any."""
        found = InForce(model, version, fingerprint(model), baseline)
        found.form.read([], [])
        found.score_lead({}, contributions=True)
        found.score_lead({})
        return found

    @property
    def stamp(self) -> dict[str, Any]:
        """Say which model an answer is of."""
        return {"version": self.version, "sha256": self.sha256}

    @cached_property
    def form(self) -> LeadForm:
        """Say what a lead may be."""
        return LeadForm.of(self.model)

    @cached_property
    def results(self) -> tuple[str, ...]:
        """Name what is computed of each lead: all that does not depend on other rows."""
        return row_outputs(self.model, "standardized")

    @cached_property
    def _compute(self) -> Compute:
        return compile_stages(stages(self.model, columns=self.results))

    @cached_property
    def _compute_parts(self) -> Compute:
        names = (*self.results, *part_outputs(self.model))
        return compile_stages(stages(self.model, columns=names))

    @cached_property
    def _find_filled(self) -> Compute:
        return compile_stages(filled_inputs(self.model))

    @cached_property
    def _find_unseen(self) -> Compute | None:
        if self.baseline is None:
            return None
        return compile_stages(unseen_inputs(self.model, self.baseline))

    @cached_property
    def _contributions(self) -> dict[str, str]:
        found = contribution_names(self.model)
        if self.model.trees:
            own = contribution_of_trees(self.model)
            found[own] = own
        return found

    @cached_property
    def _most_reasons(self) -> int:
        return count(self.model)

    def score_lead(self, lead: Lead, *, contributions: bool = False) -> Result:
        """Score one lead that the form has read: None and what is absent are missing."""
        row = (self._compute_parts if contributions else self._compute)(lead)
        keys = {key: lead.get(key) for key in self.model.keys}
        filled = [name for name, is_filled in self._find_filled(lead).items() if is_filled]
        if row.pop("status", "scored") != "scored":
            return {"status": "no_consent", **keys, "filled": filled}
        found: Result = {"status": "ok", **keys}
        reasons = list(_reasons(row, self._most_reasons))
        found |= {name: row[name] for name in self.plain}
        found["reasons"] = reasons
        if contributions:
            found["contributions"] = {name: row[own] for name, own in self._contributions.items()}
        found["filled"] = filled
        if self._find_unseen is not None:
            unseen = self._find_unseen(lead).items()
            found["out_of_range"] = [name for name, is_unseen in unseen if is_unseen]
        return found

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """Name the results that an answer has as they are, without reasons."""
        return tuple(
            name for name in self.results if name != "status" and not name.startswith("reason_")
        )


def _reasons(row: Mapping[str, Cell], most: int) -> Iterable[dict[str, Cell]]:
    """List the reasons there are, the strongest first, and by how much each moves the log-odds."""
    for place in range(1, most + 1):
        text = row[f"reason_{place}"]
        if text is not None:
            yield {"reason": text, "effect": row[f"reason_{place}_effect"]}
