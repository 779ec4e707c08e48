"""A judgement from outside for leads over HTTP, where the service was told whom to ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from prometheus_client import CollectorRegistry, Counter

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Values
from leadweights.formula.sources import IN_TEXT, sources
from leadweights.formula.texts import texts
from leadweights.model.model import ScoringModel
from leadweights.scoring.adjusting.adjust import (
    find_best,
    score_plainly,
    without_adjustment,
    write_questions,
)
from leadweights.scoring.adjusting.ask import Endpoint, Judge
from leadweights.scoring.adjusting.cache import open_cache
from leadweights.scoring.adjusting.facts import Whitelist, choose_columns
from leadweights.scoring.adjusting.judgement import Judgement
from leadweights.serve.in_force import InForce, Lead
from leadweights.serve.problems import Problem

MOST_ADJUSTED = 50
"""How many leads of a request are asked about: all within the limit of one."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A model in force, how it scores without the factor, and what is sent of its leads."""

    own: InForce
    plain: ScoringModel
    sent: Whitelist
    column: str


class Adjuster:
    """Asks an endpoint about leads, one judge for all requests, while the service runs."""

    def __init__(self, endpoint: Endpoint, cache: str = "") -> None:
        open_cache(cache)  # a URL that is none is told at once
        self._endpoint, self._cache = endpoint, cache
        self._judge: Judge | None = None
        self._asked: _Asked | None = None
        self._counts: Counter | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hold the connections while the service runs."""
        async with Judge(self._endpoint, open_cache(self._cache)) as judge:
            self._judge = judge
            yield
            self._judge = None

    def count_in(self, registry: CollectorRegistry) -> None:
        """Count factors, by where they come from, beside the service's other counts."""
        self._counts = Counter(
            "leadweights_adjustments", "Factors by their source.", ("source",), registry=registry
        )

    def check_rows(self, leads: int) -> None:
        """Raise Problem for more leads than are asked about in one request."""
        if leads > MOST_ADJUSTED:
            raise Problem(413, f"{MOST_ADJUSTED} leads at most are asked about in one request")

    def tell(self, judgement: Judgement) -> Mapping[str, Any]:
        """Give a judgement as an answer has it."""
        return {"factor": judgement.factor, "why": judgement.why, "source": judgement.source}

    def check(self, model: ScoringModel) -> None:
        """Raise UnsupportedError for a model that takes no factor, or has no words to send."""
        if model.decisions.adjustment is None:
            raise UnsupportedError(
                f"{model.name} has no rule for adjustments: plan an [adjustment] first, with "
                "leadweights decide"
            )
        choose_columns(without_adjustment(model), (), model.keys)

    async def add_factors(
        self, own: InForce, leads: Sequence[Lead]
    ) -> tuple[list[Lead], list[Judgement | None]]:
        """Give leads with their factors, and the judgements; None of those not asked about.

        These have no score, for want of consent, or bring a factor. All are asked about at once.
        Raises Problem for a model that takes no factor.
        """
        assert self._judge is not None
        asked = self._prepare(own)
        values = _as_columns(asked.plain, leads)
        score, probability = score_plainly(asked.plain, values)
        bring = np.array([lead.get(asked.column) is not None for lead in leads])
        places = find_best(np.where(bring, np.nan, score), MOST_ADJUSTED)
        questions = write_questions(own.model, asked.sent, values, {}, probability, places)
        judgements = await asyncio.gather(*map(self._judge.judge, questions))
        found: list[Judgement | None] = [None] * len(leads)
        adjusted = list(leads)
        for place, judgement in zip(places.tolist(), judgements, strict=True):
            found[place] = judgement
            adjusted[place] = {**leads[place], asked.column: judgement.factor}
            if self._counts is not None:
                self._counts.labels(judgement.source).inc()
        return adjusted, found

    def _prepare(self, own: InForce) -> _Asked:
        """Take what hangs on the model alone from the last request, if it is the same."""
        if self._asked is None or self._asked.own is not own:
            try:
                self.check(own.model)
            except UnsupportedError as problem:
                raise Problem(409, str(problem)) from None
            plain, rule = without_adjustment(own.model), own.model.decisions.adjustment
            assert rule is not None
            sent = choose_columns(plain, (), own.model.keys)
            self._asked = _Asked(own, plain, sent, rule.column)
        return self._asked


def _as_columns(model: ScoringModel, leads: Sequence[Lead]) -> dict[str, Values]:
    """Put leads that the form has read in columns, shape (leads,) each."""
    found: dict[str, Values] = {}
    for name, kind in sources(model).items():
        cells = [lead.get(name) for lead in leads]
        if kind in IN_TEXT:
            found[name] = texts(cells)
        else:
            found[name] = np.array([np.nan if c is None else float(c) for c in cells])
    return found
