"""The join of leads and outcomes, in DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from leadweights.errors import TableError, UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.lifecycle.days import write_day
from leadweights.lifecycle.outcomes.request import Asked
from leadweights.model.names import find_own, quote
from leadweights.tables.keys import find_repeated_key, key_as_text
from leadweights.tables.open import Source, open_table
from leadweights.tables.table import Table

if TYPE_CHECKING:
    import duckdb

_SCORES = (
    *("adjusted_log_odds", "calibrated_log_odds", "log_odds", "lead_score"),
    *("adjusted_probability", "probability", "score_100"),
)
_PROBABILITIES = ("adjusted_probability", "probability")
_USUAL_OUTCOMES = ("outcome", "result", "status", "stage", "converted", "won", "label")
_SCORED_AT = "scored_at"
_SHOWN = 5
_NUMBER = "row_number() OVER ()"
# Names of the join's own, beside all columns of the leads.
_KEY, _PLACE, _MATCHED = "leadweights_key_", "leadweights_place", "leadweights_matched"
_DAY = "leadweights_day"
_Y, _STATE = "leadweights_y", "leadweights_state"
_LABELLED = f"WHERE {_STATE} = 'labelled'"


@dataclass(frozen=True, slots=True)
class OutcomeJoin:
    """Two tables on one connection; their columns are named as they spell them.

    `lead_keys` and `outcome_keys` are SQL: the keys as texts, or the row's number. So are
    `scored_on` and `closed_on`, days: SQL that reads texts in some formats takes DuckDB half a
    second to plan, so it is run once, into the tables `read_rows` and `lead_rows`. Outcomes after
    `known_until` count as open.
    """

    leads: Table
    outcomes: Table
    asked: Asked
    lead_keys: tuple[str, ...]
    outcome_keys: tuple[str, ...]
    numbers_leads: bool
    outcome: str
    scored_on: str | None
    closed_on: str | None
    known_until: date | None
    warnings: tuple[str, ...]

    @classmethod
    def open(
        cls,
        connection: duckdb.DuckDBPyConnection,
        leads: Source,
        outcomes: Source,
        asked: Asked,
    ) -> OutcomeJoin:
        """Open both tables, and find the columns. Raises TableError, UnsupportedError."""
        dated = [asked.scored_at or _SCORED_AT] if asked.window is not None else []
        own = open_table(leads, asked.keys, connection, dates=dated, view="leads")
        named = [asked.outcome] if asked.outcome else list(_USUAL_OUTCOMES)
        dated = [asked.closed_at] if asked.closed_at else []
        text = [name for name in (*asked.keys, *named) if name not in dated]
        others = open_table(outcomes, text, connection, dates=dated, view="outcomes")
        if asked.label.lower() in map(str.lower, own.types):
            raise TableError(
                f"{own.name} has a column {asked.label!r} already: give the label another name "
                "with --label"
            )
        lead_keys, outcome_keys, warnings = _find_keys(own, others, asked)
        numbers_leads = any(_NUMBER in sql for sql in lead_keys)
        closed_on, scored_on = None, None
        if asked.closed_at is not None:
            closed_on = write_day(others, others.require(asked.closed_at))
        if asked.window is not None:
            scored_on = write_day(own, own.require(asked.scored_at or _SCORED_AT))
        if asked.by is not None and asked.window is None and asked.closed_at is None:
            raise UnsupportedError("--by is for a --window, or for outcomes with --closed-at")
        outcome = _find_outcome(others, asked)
        keys = (lead_keys, outcome_keys, numbers_leads)
        join = cls(own, others, asked, *keys, outcome, scored_on, closed_on, asked.by, warnings)
        for name, rows in (("read_rows", join._read_rows()), ("lead_rows", join._lead_rows())):
            own.select(f"CREATE TEMP TABLE {name} AS {rows}")
        if asked.by is None and closed_on is not None:
            join = join._known_until_its_last_day()
        if asked.window is not None and join.known_until is None:
            raise UnsupportedError(
                "a window needs the day on which the outcomes were known: --by 2026-11-30, or "
                "--closed-at with their column of days"
            )
        return join

    def _known_until_its_last_day(self) -> OutcomeJoin:
        """Take the last day on which an outcome was decided as that until which all are known.

        An open deal has the day on which it is hoped for, or one that means never.
        """
        days = "closed BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
        number = "max(closed) - DATE '0001-01-01' AS number"
        ((number,),) = self._ask(number, "read_rows", f"WHERE told IS NOT NULL AND {days}")
        if number is None:
            return self
        last, warnings = date.fromordinal(number + 1), self.warnings
        if last > date.today():
            told = f"{self.outcomes.name}: the last outcome was decided on {last}, a day to come"
            warnings = (*warnings, f"{told}; name the day until which they are known with --by")
        return replace(self, known_until=last, warnings=warnings)

    def check(self) -> None:
        """Refuse keys that are not unique, a third value, and contradictions. Raises TableError."""
        asked, names = self.asked, ", ".join(map(repr, self.asked.keys))
        twice = None if self.numbers_leads else find_repeated_key(self.leads, asked.keys)
        if twice is not None:
            raise TableError(
                f"{self.leads.name}: the key {names} must tell leads apart, and "
                f"{', '.join(map(repr, twice))} stands twice or is missing"
            )
        others = self._ask(
            "said, count(*) AS rows",
            "known_rows",
            "WHERE y IS NULL AND NOT undecided GROUP BY said ORDER BY rows DESC, said",
        )
        if others:
            rows = sum(int(count) for _, count in others)
            listed = ", ".join(f"{said!r} ({count:,})" for said, count in others[:_SHOWN])
            more = f" and {len(others) - _SHOWN:,} more" if len(others) > _SHOWN else ""
            raise TableError(
                f"{self.outcomes.name}: {self.outcome!r} has other values than won and lost in "
                f"{rows:,} rows: {listed}{more}; name each with --won, --lost, or --open where the "
                "deal is not decided"
            )
        if asked.conflicts == "refuse":
            found = self._ask(self._names, "by_key", "WHERE contradicts ORDER BY place LIMIT 1")
            if found:
                raise TableError(
                    f"{self.outcomes.name}: the key {', '.join(map(repr, found[0]))} is won in one "
                    "row and lost in another; mend it, or say --conflicts last or first"
                )

    def count(self) -> dict[str, int]:
        """Count leads and outcomes by what became of them in the join."""
        states = ("labelled", "undated", "young", "unmatched_leads", "open")
        found: dict[str, int] = {}
        asked = {
            "joined": {
                **{name: f"count(*) FILTER ({_STATE} = '{name}')" for name in states},
                "won": f"coalesce(sum({_Y}) FILTER ({_STATE} = 'labelled'), 0)::BIGINT",
                "matched_leads": f"count(*) FILTER ({_MATCHED})",
            },
            f"by_key ANTI JOIN lead_rows USING ({self._names})": {"unmatched_outcomes": "count(*)"},
            "read_rows": {"outcomes_without_key": f"count(*) FILTER ({self._keyless})"},
            "by_key": {
                "duplicates": "coalesce(sum(duplicates), 0)::BIGINT",
                "contradictions": "count(*) FILTER (contradicts)",
            },
        }
        for rows, counts in asked.items():
            chosen = ", ".join(f"{sql} AS {name}" for name, sql in counts.items())
            (numbers,) = self._ask(chosen, rows)
            found |= zip(counts, map(int, numbers), strict=True)
        return found

    def write(self, file: Path) -> None:
        """Write the labelled leads in their order, with all their columns and the label."""
        columns = [quote(name) for name in self.leads.types]
        if self.numbers_leads:
            columns = [f"{_KEY}0 AS {quote(self.asked.keys[0])}", *columns]
        columns.append(f"{_Y} AS {quote(self.asked.label)}")
        sql = self._select(", ".join(columns), "joined_leads", f"{_LABELLED} ORDER BY {_PLACE}")
        self.leads.write_select(sql, file, parquet=file.suffix.lower() == ".parquet")

    def mean_probability(self) -> float | None:
        """Give the mean of the labelled leads' probabilities, if they have any."""
        name = self._find(_PROBABILITIES)
        if name is None:
            return None
        ((mean,),) = self._ask(f"avg({quote(name)})::DOUBLE AS mean", "joined_leads", _LABELLED)
        return None if mean is None else float(mean)

    def read_scores(self) -> tuple[str, Floats, Floats] | None:
        """Give a score that the leads came with: its name, labels and values of labelled leads."""
        name = self._find(_SCORES)
        if name is None:
            return None
        score = f"{quote(name)}::DOUBLE"
        sql = self._select(
            f"{_Y}::DOUBLE AS y, {score} AS score",
            "joined_leads",
            f"{_LABELLED} AND isfinite({score}) ORDER BY score, y",
        )
        found = self.leads.select(sql)
        own = [np.asarray(found[column], np.float64) for column in ("y", "score")]
        return (name, own[0], own[1]) if len(own[0]) else None

    def _find(self, names: Sequence[str]) -> str | None:
        return next(
            (name for name in names if name in self.leads.types and self.leads.is_number(name)),
            None,
        )

    def _ask(self, chosen: str, rows: str, rest: str = "") -> list[tuple[Any, ...]]:
        found = self.leads.select(self._select(chosen, rows, rest))
        return list(zip(*(column.tolist() for column in found.values()), strict=True))

    @property
    def _names(self) -> str:
        return ", ".join(f"{_KEY}{place}" for place in range(len(self.lead_keys)))

    @property
    def _keyless(self) -> str:
        return " OR ".join(f"{_KEY}{place} IS NULL" for place in range(len(self.lead_keys)))

    def _select(self, chosen: str, rows: str, rest: str = "") -> str:
        """Write a SELECT from a step of the join; those that are not read cost nothing."""
        steps = {
            "known_rows": self._known_rows(),
            "by_key": self._by_key(),
            "joined": self._joined(),
            "joined_leads": f"SELECT leads.*, joined.* FROM (SELECT *, {_NUMBER} AS {_PLACE} "  # noqa: S608
            f"FROM leads) AS leads JOIN joined USING ({_PLACE})",
        }
        with_ = ", ".join(f"{name} AS ({step})" for name, step in steps.items())
        return f"WITH {with_} SELECT {chosen} FROM {rows} {rest}"  # noqa: S608

    def _read_rows(self) -> str:
        """Read outcomes: keys as texts, what is said, 1 and 0 for won and lost, and an order."""
        words = self.asked.words
        text = f"{quote(self.outcome)}::VARCHAR"  # words that are named are compared as they are
        if words.usual or self.outcomes.is_number(self.outcome):
            text = key_as_text(self.outcomes, self.outcome)
        said = f"nullif(trim({text}), '')"
        told = f"lower({said})" if words.usual else said
        won, lost, undecided = (
            f"{told} IN ({', '.join(map(_literal, values)) or 'NULL'})"
            for values in (words.won, words.lost, words.open)
        )
        keys = ", ".join(f"{sql} AS {_KEY}{place}" for place, sql in enumerate(self.outcome_keys))
        told = f"CASE WHEN {won} THEN 1 WHEN {lost} THEN 0 END"
        undecided = f"{said} IS NULL OR coalesce({undecided}, false)"
        return (
            f"SELECT {keys}, {said} AS said, {told} AS told, {undecided} AS undecided, "  # noqa: S608
            f"{self.closed_on or 'NULL::DATE'} AS closed, {_NUMBER} AS place FROM outcomes"
        )

    def _known_rows(self) -> str:
        """Take outcomes after the day until which they are known for ones that are open."""
        late = "false"
        if self.known_until is not None:
            late = f"coalesce(closed > DATE '{self.known_until}', false)"
        return (
            f"SELECT * REPLACE (undecided OR {late} AS undecided), "  # noqa: S608
            f"CASE WHEN NOT {late} THEN told END AS y FROM read_rows"
        )

    def _by_key(self) -> str:
        """Give each key one outcome: the last or first of those that are decided."""
        pick = "arg_min" if self.asked.conflicts == "first" else "arg_max"
        decided = "FILTER (y IS NOT NULL)"
        at = "{'closed': closed, 'place': place}"
        return (
            f"SELECT {self._names}, {pick}(y, {at}) {decided} AS y, min(place) AS place, "  # noqa: S608
            "coalesce(min(y) <> max(y), false) AS contradicts, "
            "count(*) - count(DISTINCT coalesce(y, -1)) AS duplicates "
            f"FROM known_rows WHERE NOT ({self._keyless}) GROUP BY {self._names}"
        )

    def _lead_rows(self) -> str:
        keys = ", ".join(f"{sql} AS {_KEY}{place}" for place, sql in enumerate(self.lead_keys))
        day = self.scored_on or "NULL"
        return f"SELECT {keys}, {_NUMBER} AS {_PLACE}, {day} AS {_DAY} FROM leads"  # noqa: S608

    def _joined(self) -> str:
        state = (
            "WHEN by_key.place IS NULL THEN 'unmatched_leads' WHEN by_key.y IS NULL THEN 'open' "
        )
        if self.scored_on is not None and self.known_until is not None and self.asked.window:
            oldest = date.fromordinal(max(1, self.known_until.toordinal() - self.asked.window))
            state = (
                f"WHEN {_DAY} IS NULL THEN 'undated' WHEN {_DAY} > DATE '{oldest}' THEN 'young' "
                f"{state}"
            )
        return (
            f"SELECT lead_rows.*, by_key.y AS {_Y}, by_key.place IS NOT NULL AS {_MATCHED}, "  # noqa: S608
            f"CASE {state} ELSE 'labelled' END AS {_STATE} "
            f"FROM lead_rows LEFT JOIN by_key USING ({self._names})"
        )


def _find_keys(
    leads: Table, outcomes: Table, asked: Asked
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Find the keys in both tables, or number rows that have none, and say so loudly."""
    sides: list[tuple[str, ...]] = []
    numbered: list[Table] = []
    for table in (leads, outcomes):
        there = {name.lower() for name in table.types}
        if asked.number_rows and not any(key.lower() in there for key in asked.keys):
            numbered.append(table)
            sides.append((f"({_NUMBER})::VARCHAR",))
        else:
            keys = [find_own(key, list(table.types), table.name) for key in asked.keys]
            sides.append(tuple(key_as_text(table, key) for key in keys))
    if not asked.number_rows:
        return sides[0], sides[1], ()
    if not numbered:
        raise UnsupportedError("--number-rows is for tables without the key, and both have it")
    if len(asked.keys) > 1:
        raise UnsupportedError("--number-rows makes one key: name one")
    if len(numbered) == 2 and leads.rows != outcomes.rows:
        raise TableError(
            f"{leads.name} has {leads.rows:,} rows and {outcomes.name} {outcomes.rows:,}: "
            "numbered, they would not belong together"
        )
    told = " and ".join(table.name for table in numbered)
    return (
        sides[0],
        sides[1],
        (
            f"ROWS WERE NUMBERED: {told} had no {asked.keys[0]!r}, so the outcome in row n is "
            "taken for lead n; if either table was sorted or filtered since, every label is wrong",
        ),
    )


def _find_outcome(outcomes: Table, asked: Asked) -> str:
    if asked.outcome is not None:
        return outcomes.require(asked.outcome)
    left = [
        name
        for name in outcomes.types
        if name.lower() not in map(str.lower, (*asked.keys, asked.closed_at or ""))
    ]
    usual = [name for name in left if name.lower() in _USUAL_OUTCOMES]
    if len(left) == 1 or len(usual) == 1:
        return (usual or left)[0]
    raise TableError(
        f"{outcomes.name}: name the column that says what became of a lead with --outcome; "
        f"it has: {', '.join(outcomes.types)}"
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
