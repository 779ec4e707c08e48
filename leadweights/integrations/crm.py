"""Scores as the file that a CRM imports: Dynamics 365, HubSpot, Salesforce.

Dynamics 365: Microsoft Learn, "Populate predictive scores using custom scoring model" and the
reference of the table msdyn_predictivescore. HubSpot: knowledge base, "Set up your import file".
Salesforce: Bulk API 2.0 Developer Guide, "Prepare CSV Files".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from leadweights.errors import TableError, UnsupportedError
from leadweights.files.remote import as_path
from leadweights.files.temporary import make_temporary_folder
from leadweights.files.write import is_same, replace_file
from leadweights.formula.reasons import REASONS
from leadweights.formula.stages import outputs
from leadweights.model.model import Identity
from leadweights.model.names import check_name, quote
from leadweights.scoring.score import score_to_file
from leadweights.tables import csv
from leadweights.tables.file import path_of
from leadweights.tables.keys import find_repeated_key, key_as_text
from leadweights.tables.open import connect, open_table
from leadweights.tables.table import VIEW, Table

if TYPE_CHECKING:
    from leadweights.model.model import ScoringModel
    from leadweights.scoring.score import Progress
    from leadweights.tables.open import Source

_PIECE = 2**20
_TRENDS = ("improving", "steady", "declining")


@dataclass(frozen=True, slots=True)
class Crm:
    """The columns that a CRM imports, by what they hold, and how it has bands and trends.

    `cleared` stands in a field that shall be emptied, where an empty cell leaves it as it is.
    Where `grades` is a number, bands are so many and written 0, 1, ... from the best; trends are
    written 0, 1, 2, and 3 where none is known. `fixed` columns hold the same text in every row.
    """

    id: str
    score: str
    band: str
    trend: str
    preset: str
    reasons: str = ""
    status: str = ""
    cleared: str = ""
    grades: int = 0
    fixed: Mapping[str, str] = field(default_factory=dict)


CRMS: Mapping[str, Crm] = {
    "dynamics-365": Crm(
        id="msdyn_entityid",
        score="msdyn_score",
        band="msdyn_grade",
        trend="msdyn_scoretrend",
        preset="dynamics-365",
        grades=4,
        fixed={"msdyn_entitytype": "lead"},
    ),
    "hubspot": Crm(
        id="Record ID",
        score="leadweights_score",
        band="leadweights_band",
        trend="leadweights_trend",
        preset="hubspot",
        reasons="leadweights_reasons",
        status="leadweights_status",
    ),
    "salesforce": Crm(
        id="Id",
        score="Leadweights_Score__c",
        band="Leadweights_Band__c",
        trend="Leadweights_Trend__c",
        preset="grades",
        reasons="Leadweights_Reasons__c",
        status="Leadweights_Status__c",
        cleared="#N/A",
    ),
}


@dataclass(frozen=True, slots=True)
class CrmRows:
    """How many rows were scored, how many `written`; of PREVIOUS, how many are `gone` since."""

    scored: int
    written: int
    gone: int


def score_for_crm(
    model: ScoringModel,
    data: Source,
    path: str | Path,
    crm: str,
    *,
    key: str | None = None,
    id_field: str | None = None,
    changed_since: Source | None = None,
    progress: Progress | None = None,
) -> CrmRows:
    """Score every row into the CSV file that a CRM imports, whole or not at all.

    `crm` is dynamics-365, hubspot or salesforce. `key` names the column that has the CRM's id of a
    row, by default the model's own key; `id_field` what that field is called in HubSpot or
    Salesforce, by default Record ID and Id.

    With `changed_since`, a file of an earlier run for the same CRM with all rows, only those are
    written whose score, band or reasons are others now, or that were not there, by their ids; with
    the trend of the score: improving, steady, declining, and none where one of both is missing.
    Without, the trend is that of the model, if one is planned.

    Raises what `lw.score` does; TableError for ids that are missing or stand twice, and for an
    earlier file of another kind; UnsupportedError for a model that lacks what the CRM shows.
    """
    target = as_path(path)
    if target.suffix.lower() != ".csv":
        raise UnsupportedError(f"cannot write {path}: a CRM imports CSV, so it must end in .csv")
    for read in (path_of(data), path_of(changed_since)):
        if read is not None and is_same(target, read):
            raise UnsupportedError(f"{path} is read; write to another file")
    asked = _choose(model, crm, key, id_field)
    with make_temporary_folder() as folder, replace_file(target) as file:
        return _write(asked, data, changed_since, folder, file, progress)


def score_for_crm_as_csv(
    model: ScoringModel,
    data: Source,
    crm: str,
    *,
    key: str | None = None,
    id_field: str | None = None,
    changed_since: Source | None = None,
    progress: Progress | None = None,
) -> Iterator[bytes]:
    """Give the bytes of the file that `score_for_crm` writes, piece by piece."""
    asked = _choose(model, crm, key, id_field)
    with make_temporary_folder() as folder:
        path = folder / "found.csv"
        _write(asked, data, changed_since, folder, path, progress)
        with path.open("rb") as file:
            yield from iter(lambda: file.read(_PIECE), b"")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What to write: the columns of a CRM, from these of the model, by this key."""

    model: ScoringModel
    name: str
    crm: Crm
    id: str
    key: str
    reasons: tuple[str, ...]

    def has(self, result: str) -> bool:
        return result in outputs(self.model)

    @property
    def told(self) -> dict[str, str]:
        """Name what a reader of the CRM is told: these columns say whether a row has moved."""
        found = {"score": self.crm.score, "band": self.crm.band}
        found |= {"reasons": self.crm.reasons} if self.crm.reasons else {}
        return found | ({"status": self.crm.status} if self._has_status else {})

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the columns of a file, but for the trend."""
        return (self.id, *self.crm.fixed, *self.told.values())

    @property
    def _has_status(self) -> bool:
        return bool(self.crm.status) and self.has("status")


def _choose(model: ScoringModel, name: str, key: str | None, id_field: str | None) -> _Asked:
    """Check what is asked for, before anything is read. Raises UnsupportedError."""
    crm = CRMS.get(name)
    if crm is None:
        raise UnsupportedError(f"no format {name!r}; there are: {', '.join(CRMS)}")
    if id_field is not None and crm.fixed:
        raise UnsupportedError(f"{name} looks rows up by {crm.id}: without another field")
    if key is None and len(model.keys) != 1:
        many = f"the keys {', '.join(map(repr, model.keys))}" if model.keys else "no key"
        raise UnsupportedError(f"{model.name} has {many}: name the column of the id with --key")
    own = outputs(model)
    reasons = tuple(n for n in REASONS.results if n in own and not n.endswith("_effect"))
    if isinstance(model.link, Identity):
        raise UnsupportedError(
            f"{name} cannot be written: {model.name} has no log-odds to decide by"
        )
    if "score_100" not in own:
        raise _lacks(
            name, f"{model.name} has no score_100", '--plan with [score_100] by = "points"'
        )
    bands = model.decisions.bands.bands if model.decisions.bands else ()
    if not bands or len(bands) != (crm.grades or len(bands)):
        has = f"{model.name} has {len(bands) or 'no'} bands"
        what = f"{has}, and grades are {crm.grades}" if crm.grades else has
        raise _lacks(name, what, f"--bands {crm.preset}")
    if crm.reasons and not reasons:
        raise UnsupportedError(f"{name} shows reasons, and {model.name} has none: {REASONS.advice}")
    chosen = model.keys[0] if key is None else check_name(key, "a key")
    own_id = crm.id if id_field is None else check_name(id_field, "a field")
    found = _Asked(model, name, crm, own_id, chosen, reasons)
    if len({column.lower() for column in (*found.columns, crm.trend)}) <= len(found.columns):
        raise UnsupportedError(f"{name} has another column {own_id!r}: give the id another")
    return found


def _lacks(name: str, what: str, advice: str) -> UnsupportedError:
    return UnsupportedError(
        f"{name} cannot be written: {what}; leadweights decide {advice} plans it"
    )


def _write(
    asked: _Asked,
    data: Source,
    changed_since: Source | None,
    folder: Path,
    file: Path,
    progress: Progress | None,
) -> CrmRows:
    scored, before, moved = (folder / f"{name}.parquet" for name in ("scored", "before", "moved"))
    results = ["score_100", "band", *asked.reasons]
    results += [name for name in ("status", "trend") if asked.has(name)]
    if changed_since is not None:  # first: it is the smaller one, and may be of another kind
        with connect(folder / "spill") as connection:
            _write_before(asked, open_table(changed_since, asked.columns, connection), before)
    score_to_file(
        *(asked.model, data, scored), keys=[asked.key], columns=results, progress=progress
    )
    with connect(folder / "spill") as connection:
        table = open_table(scored, (), connection)
        table.name = "the rows to score"
        _require_ids(table, asked.key)
        now, earlier, gone = _write_now(asked, table), "", 0
        if changed_since is not None:
            earlier = _read_parquet(before)
            # Both have their ids once.
            both = f"SELECT count(*) AS n FROM {earlier} JOIN ({now}) USING (id)"  # noqa: S608
            gone = _count(table, f"FROM {earlier}") - _count(table, f"FROM ({both})", "sum(n)")
        table.write_select(_choose_rows(asked, now, earlier), moved, parquet=True)
        table.write_select(f"FROM {_read_parquet(moved)}", file, parquet=False)
        return CrmRows(table.rows, _count(table, f"FROM {_read_parquet(moved)}"), gone)


def _count(table: Table, rows: str, what: str = "count(*)") -> int:
    return int(table.select(f"SELECT {what}::BIGINT AS n {rows}")["n"][0])


def _read_parquet(path: Path) -> str:
    return f"read_parquet({_text(csv.literal(path))})"


def _text(text: str) -> str:
    """Write a text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def _require_ids(table: Table, key: str) -> None:
    twice = find_repeated_key(table, [key])
    if twice is not None:
        raise TableError(
            f"{table.name}: each row needs an id of its own in {key!r}, and {twice[0]!r} stands "
            "twice or is missing"
        )


def _write_before(asked: _Asked, table: Table, before: Path) -> None:
    """Write what an earlier file told, by id. Raises TableError for a file of another kind."""
    there = {name.lower() for name in table.types}
    absent = [name for name in asked.columns if name.lower() not in there]
    if absent:
        others = (
            name
            for name, crm in CRMS.items()
            if name != asked.name and {crm.score.lower(), crm.band.lower()} <= there
        )
        kind = next((f"; it is of --format {name}" for name in others), "")
        raise TableError(
            f"{table.name} is no earlier file of --format {asked.name}: it has no column "
            f"{absent[0]!r}{kind}"
        )
    _require_ids(table, asked.id)
    own = {name: key_as_text(table, table.require(name)) for name in asked.columns}
    score = own[asked.crm.score]
    odd = (
        f"{score} <> {_text(asked.crm.cleared)} AND NOT regexp_full_match({score}, '[0-9]{{1,3}}')"
    )
    tests = [(asked.crm.score, odd, "which is no score")]
    tests += [
        (name, f"{own[name]} IS DISTINCT FROM {_text(value)}", f"and not {value!r}")
        for name, value in asked.crm.fixed.items()
    ]
    for name, test, why in tests:
        found = table.select(f"SELECT {own[name]} AS v FROM {VIEW} WHERE {test} LIMIT 1")  # noqa: S608
        if len(found["v"]):
            (value,) = found["v"].tolist()
            raise TableError(f"{table.name}: column {name!r} holds {value!r}, {why}")
    chosen = [f"{own[asked.id]} AS id"]
    chosen += [f"nullif({own[name]}, '') AS {told}" for told, name in asked.told.items()]
    table.write_select(f"SELECT {', '.join(chosen)} FROM {VIEW}", before, parquet=True)  # noqa: S608


def _write_now(asked: _Asked, table: Table) -> str:
    """Write the SELECT of what a file tells now, by id, as text; and of the model's own trend."""
    band = "band"
    if asked.crm.grades:
        assert asked.model.decisions.bands is not None
        ordered = enumerate(asked.model.decisions.bands.bands)
        cases = " ".join(f"WHEN {_text(b.name)} THEN {place}" for place, b in ordered)
        band = f"CASE band {cases} END::VARCHAR"
    named = ", ".join(map(quote, asked.reasons))
    told = {
        "score": "score_100::VARCHAR",
        "band": band,
        "reasons": f"nullif(concat_ws('; ', {named}), '')",
        "status": "status",
    }
    cleared = _text(asked.crm.cleared)
    texts = {name: told[name] for name in asked.told}
    if asked.crm.cleared:
        texts = {name: f"coalesce({text}, {cleared})" for name, text in texts.items()}
    trend = "trend" if asked.has("trend") else "NULL::VARCHAR"
    chosen = [f"{key_as_text(table, table.require(asked.key))} AS id"]
    chosen += [*(f"{text} AS {name}" for name, text in texts.items()), f"{trend} AS trend"]
    return f"SELECT {', '.join(chosen)} FROM {VIEW}"  # noqa: S608


def _choose_rows(asked: _Asked, now: str, earlier: str) -> str:
    """Write the SELECT of the file's columns: of all rows, or of those that are others by now."""
    trend = "n.trend"
    if earlier:
        new, old = (f"TRY_CAST({side}.score AS INTEGER)" for side in ("n", "b"))
        tests = zip(_TRENDS, ">=<", strict=True)
        cases = " ".join(f"WHEN {new} {sign} {old} THEN {_text(word)}" for word, sign in tests)
        trend = f"CASE {cases} END"
    if asked.crm.grades:
        codes = " ".join(f"WHEN {_text(word)} THEN {code}" for code, word in enumerate(_TRENDS))
        trend = f"CASE {trend} {codes} ELSE {len(_TRENDS)} END"
    elif asked.crm.cleared:
        trend = f"coalesce({trend}, {_text(asked.crm.cleared)})"
    chosen = {asked.id: "n.id"}
    chosen |= {name: _text(value) for name, value in asked.crm.fixed.items()}
    chosen |= {name: f"n.{told}" for told, name in asked.told.items()}
    if earlier or asked.crm.grades or asked.has("trend"):
        chosen[asked.crm.trend] = trend
    listed = ", ".join(f"{value} AS {quote(name)}" for name, value in chosen.items())
    sql = f"SELECT {listed} FROM ({now}) AS n"  # noqa: S608
    if not earlier:
        return sql
    others = (f"n.{told} IS DISTINCT FROM b.{told}" for told in asked.told)
    moved = " OR ".join(["b.id IS NULL", *others])
    return f"{sql} LEFT JOIN {earlier} AS b USING (id) WHERE {moved} ORDER BY n.id"
