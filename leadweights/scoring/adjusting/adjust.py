"""The run over a table: the best leads are asked about, and each is given a factor."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError, UnsupportedError
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import decided_probability, ranked_by, stages
from leadweights.model import names as naming
from leadweights.model.model import Identity, ScoringModel
from leadweights.model.rules import Adjustment
from leadweights.scoring.adjusting.ask import Endpoint, Judge
from leadweights.scoring.adjusting.cache import open_cache
from leadweights.scoring.adjusting.facts import Whitelist, choose_columns, read_facts
from leadweights.scoring.adjusting.judgement import Judgement, Source
from leadweights.scoring.adjusting.question import Question, write_question
from leadweights.tables import open as opening
from leadweights.tables.cancellable import finish
from leadweights.tables.columns import check_columns, open_for, read_columns
from leadweights.tables.table import Table

_FACTOR = "factor"
_BESIDE = ("why", "source")

Progress = Callable[[float], object]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A lead by its keys, and the judgement on it."""

    keys: tuple[object, ...]
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Asked:
    """How the asking went: answers by where they come from, what failed, the longest wait.

    `problem` says what the last error of the endpoint was; `cache_failures` counts those of the
    cache, which cost nothing but the answers that were kept there. `slowest` is in seconds.
    """

    sources: Mapping[Source, int]
    problem: str
    cache_failures: int
    slowest: float


@dataclass(frozen=True, slots=True)
class Adjustments:
    """Factors for the best leads of a table, best first, under the name `column`.

    `sent` are the words for what was told of each lead, `withheld` the columns that have words and
    were not told, with the reason.
    """

    table: str
    keys: tuple[str, ...]
    column: str
    leads: tuple[Adjusted, ...]
    asked: Asked
    sent: tuple[str, ...]
    withheld: Mapping[str, str]

    @property
    def rows(self) -> list[dict[str, object]]:
        """Give a row for each lead, for `score` to join: keys, factor, `why` and `source`."""
        return [
            {
                **dict(zip(self.keys, lead.keys, strict=True)),
                self.column: lead.judgement.factor,
                "why": lead.judgement.why,
                "source": lead.judgement.source,
            }
            for lead in self.leads
        ]


def adjust(
    model: ScoringModel,
    leads: opening.Source,
    endpoint: Endpoint,
    *,
    top: int = 200,
    send: Sequence[str] = (),
    keys: Sequence[str] | None = None,
    cache: str = "",
    progress: Progress | None = None,
) -> Adjustments:
    """Ask a language model for a factor, and why, for the `top` leads with the highest scores.

    What is told of a lead are the columns that the dictionary has words for, and those in `send`,
    as `NAME` or `NAME=WORDS`; keys never. Rows without a score, for want of consent, are not asked
    about. `cache` is the URL of a Redis; without one answers are kept for this call. `progress` is
    called with the share of the leads that have an answer.

    An answer that is late, odd, out of range or none is 1, and counted: only what is asked wrongly
    raises UnsupportedError, and TableError a table that cannot be scored or whose keys do not tell
    its rows apart.
    """
    plain = without_adjustment(model)
    chosen = model.keys if keys is None else naming.read_keys(keys)
    column = factor_column(model)
    if not chosen:
        raise UnsupportedError("name the column that tells leads apart with --key")
    taken = {column.lower(), *_BESIDE} & {key.lower() for key in chosen}
    if taken:
        raise UnsupportedError(
            f"the result has a column {sorted(taken)[0]!r} itself: rename the key"
        )
    sent = choose_columns(plain, naming.read_names(send, "send"), chosen)
    table = open_for(plain, leads, keys=(*chosen, *sent.texts))
    check_columns(table, plain)
    own_keys = [table.require(key) for key in chosen]
    twice = table.find_repeated(own_keys)
    if twice is not None:
        raise TableError(
            f"{table.name}: factors are joined by {', '.join(chosen)}, and "
            f"{', '.join(map(repr, twice))} stands twice or is missing"
        )
    values = read_columns(table, plain)
    base = score_plainly(plain, values)
    places = find_best(base[0], top)
    questions = write_questions(model, sent, values, read_texts(table, sent), base[1], places)
    judgements, asked = ask_all(endpoint, questions, cache, progress)
    by_key = [table.values(key) for key in own_keys]
    found = (
        Adjusted(tuple(column[place] for column in by_key), judgement)
        for place, judgement in zip(places.tolist(), judgements, strict=True)
    )
    return Adjustments(table.name, chosen, column, tuple(found), asked, sent.words, sent.withheld)


def without_adjustment(model: ScoringModel) -> ScoringModel:
    """Give the model as it scores before the factor. Raises UnsupportedError without log-odds."""
    if isinstance(model.link, Identity):
        raise UnsupportedError(f"{model.name} has no log-odds, so no factor can move its odds")
    return replace(model, decisions=replace(model.decisions, adjustment=None))


def factor_range(model: ScoringModel) -> tuple[float, float]:
    """Give the least and the greatest factor, 0.8 and 1.2 unless the model plans others."""
    own = model.decisions.adjustment or Adjustment(_FACTOR)
    return own.low, own.high


def factor_column(model: ScoringModel) -> str:
    """Name the column of factors: as the model's own rule does, if it has one."""
    own = model.decisions.adjustment
    return _FACTOR if own is None else own.column


def score_plainly(plain: ScoringModel, values: Mapping[str, Values]) -> tuple[Floats, Floats]:
    """Compute what ranks the rows before the factor, and the probability, shape (rows,) each."""
    by, probability = ranked_by(plain), decided_probability(plain)
    found = evaluate(stages(plain, columns=[by, probability]), values)
    return found[by], found[probability]


def find_best(score: Floats, top: int) -> NDArray[np.int64]:
    """Find the places of the highest scores, the earlier row first of equal ones; NaN is none."""
    if top < 1:
        raise UnsupportedError(f"the best leads are 1 or more, not {top}")
    order = np.argsort(-score, kind="stable")
    return order[~np.isnan(score[order])][:top]


def read_texts(table: Table, sent: Whitelist) -> dict[str, list[str | None]]:
    """Read the columns that are sent as text, under the names they were asked for by."""
    return {
        name: [None if value is None else str(value) for value in table.values(table.require(name))]
        for name in sent.texts
    }


def write_questions(
    model: ScoringModel,
    sent: Whitelist,
    values: Mapping[str, Values],
    texts: Mapping[str, Sequence[str | None]],
    probability: Floats,
    places: NDArray[np.int64],
) -> list[Question]:
    """Write what is asked about the rows at some places."""
    own = {name: column[places] for name, column in values.items()}
    named = {name: [column[place] for place in places] for name, column in texts.items()}
    facts = read_facts(model, sent, own, named) if len(places) else []
    low, high = factor_range(model)
    return [
        write_question(known, float(share), low, high)
        for known, share in zip(facts, probability[places], strict=True)
    ]


def ask_all(
    endpoint: Endpoint,
    questions: Sequence[Question],
    cache: str,
    progress: Progress | None = None,
) -> tuple[list[Judgement], Asked]:
    """Ask all questions and give the judgements in their order, and how the asking went."""
    share = 0.0
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None]] = []

    def note(done: float) -> None:
        nonlocal share
        share = done

    async def run() -> tuple[list[Judgement], Asked]:
        running.append((asyncio.get_running_loop(), asyncio.current_task()))
        async with Judge(endpoint, open_cache(cache)) as judge:
            found = await judge.judge_all(questions, note)
        return found, summarize(judge, found)

    def stop() -> None:
        for loop, task in running:
            if task is not None:
                loop.call_soon_threadsafe(task.cancel)

    # In a thread of its own: a signal ends it at once, and a notebook's own loop is left alone.
    look = None if progress is None else lambda: progress(share)
    return finish(lambda: asyncio.run(run()), stop, look)


def summarize(judge: Judge, found: Sequence[Judgement]) -> Asked:
    """Say how the asking went."""
    counts = Counter(own.source for own in found)
    sources = {source: counts[source] for source in get_args(Source)}
    return Asked(sources, judge.problem, judge.cache.failures, judge.slowest)
