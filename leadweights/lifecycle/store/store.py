"""The store: where models in service, their scores and the audit trail are kept."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from leadweights.errors import EngineError, ModelError, StoreError
from leadweights.errors.shown import show_url
from leadweights.lifecycle.store.schema import BASELINES, FORMAT, create_statements
from leadweights.lifecycle.store.trail import START, Line
from leadweights.model.baseline import Baseline, read_baseline
from leadweights.model.file import from_json
from leadweights.model.model import ScoringModel
from leadweights.tables.databases.database import Database, Row
from leadweights.tables.databases.open import file_of, transact

DEFAULT = "leadweights.duckdb"
"""The file that a store is in unless another is named."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Version:
    """A model of the registry, and what is known of it.

    `proofs` has for each engine it was proven on the engine's name, dialect and hashes of SELECTs.
    `replaced` is the version that was active before this one was; `baseline_text` what its columns
    and scores looked like, where that was pushed.
    """

    version: int
    name: str
    text: str
    sha256: str
    rows_sha256: str
    metrics: Mapping[str, Any]
    proofs: tuple[Mapping[str, Any], ...]
    created_at: str
    created_by: str
    note: str
    replaced: int | None
    retired_at: str | None
    baseline_text: str | None = field(repr=False)

    @property
    def baseline(self) -> Baseline | None:
        """Read the baseline back; None where none was pushed. Raises ModelError."""
        text = self.baseline_text
        return None if text is None else read_baseline(text, f"baseline of version {self.version}")

    @property
    def model(self) -> ScoringModel:
        """Read the model back. Raises ModelError."""
        return from_json(self.text, f"version {self.version}")

    def is_proven_on(self, dialect: str) -> bool:
        """Tell whether there is a proof on an engine that speaks a dialect."""
        return any(proof["dialect"] == dialect for proof in self.proofs)


@dataclass(frozen=True, slots=True)
class Active:
    """The version in service, since when and by whom; the view that shows its scores, if any.

    `view_version` is what the view shows: another version only where a database keeps views apart
    from transactions, and an activation was broken off.
    """

    version: int
    activated_at: str
    activated_by: str
    unproven: bool
    view_name: str | None
    view_table: str | None
    view_version: int | None


@dataclass(frozen=True, slots=True)
class Store:
    """A store, by its file or URL: each question and each change opens it for a moment.

    `who` stands in what is recorded. A `place` may have a password, and is not shown. A change that
    finds the store locked waits `wait_seconds`; `now` is
    the clock.
    """

    place: str = field(repr=False)
    who: str
    wait_seconds: float = 10.0
    now: Callable[[], datetime] = field(default=_now, repr=False)

    @property
    def shown(self) -> str:
        """Name the store without what may be a secret of its URL."""
        return self.place if file_of(self.place) else show_url(self.place)

    @property
    def models(self) -> tuple[Version, ...]:
        """List the versions, the oldest first."""
        with self.reading() as database:
            return _read_versions(database, "ORDER BY version")

    def version(self, number: int) -> Version:
        """Give one version. Raises StoreError for one there is not."""
        with self.reading() as database:
            return find_version(database, number)

    def active(self) -> Active | None:
        """Say which version is in service; None before the first."""
        with self.reading() as database:
            return find_active(database)

    def active_version(self) -> Version:
        """Give the version in service. Raises StoreError where none is."""
        with self.reading() as database:
            active = find_active(database)
            if active is None:
                raise StoreError(
                    "no version is active: leadweights registry activate puts one there"
                )
            return find_version(database, active.version)

    def audit(self) -> tuple[Line, ...]:
        """List the lines of the audit trail, the oldest first."""
        with self.reading() as database:
            return read_lines(database)

    def stamp(self) -> str:
        """Write down this moment, as everything in the store is dated."""
        return write_moment(self.now())

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Open the store to read what is there at one moment."""
        with transact(self.place, write=False, wait_seconds=self.wait_seconds) as database:
            _check_format(database, self.shown, "")
            yield database

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Open the store for one change, whole or not at all; others wait until it is done."""
        with transact(self.place, write=True, wait_seconds=self.wait_seconds) as database:
            lock = " FOR UPDATE" if database.dialect in ("postgres", "mariadb") else ""
            lines, last = _check_format(database, self.shown, lock)
            yield Writing(database, self.who, self.stamp(), lines, last)


class Writing:
    """A change of a store that is under way: its database, and the audit trail's end."""

    def __init__(self, database: Database, who: str, at: str, lines: int, last: str) -> None:
        self.database, self.who, self.at = database, who, at
        self._lines, self._last = lines, last

    def append_audit(
        self, event: str, version: int | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        """Add a line to the audit trail, with the hash of the line before."""
        said = json.dumps(details or {}, ensure_ascii=False, sort_keys=True)
        line = Line.after(self._last, self._lines, self.at, self.who, event, version, said)
        columns = ("line", "made_at", "made_by", "event", "version", "details")
        self.database.insert(
            "leadweights_audit", (*columns, "hash_before", "hash"), [line.as_row()]
        )
        sql = "UPDATE leadweights_store SET audit_lines = ?, audit_hash = ? WHERE audit_hash = ?"
        if self.database.run(sql, [line.line, line.hash, self._last]) != 1:
            raise StoreError("the audit trail moved on meanwhile; nothing was changed: try again")
        self._lines, self._last = line.line, line.hash


def open_store(
    place: str = DEFAULT, *, who: str | None = None, wait_seconds: float = 10.0
) -> Store:
    """Open a store that `init_store` made: a DuckDB file, or a database by its URL.

    `who` stands in what is recorded, by default the name of the user at this machine. Raises
    StoreError for what is no store, or of another format, or locked for longer than `wait_seconds`;
    EngineError for a database that does not answer.
    """
    store = _name(place, who, wait_seconds)
    with store.reading():
        return store


def init_store(
    place: str = DEFAULT, *, who: str | None = None, wait_seconds: float = 10.0
) -> Store:
    """Make the tables of a store where they are not there yet; a store that is there stays so.

    Raises StoreError, EngineError.
    """
    store = _name(place, who, wait_seconds)
    with transact(place, write=True, create=True, wait_seconds=wait_seconds) as database:
        for statement in create_statements(database.dialect):
            database.run(statement)
        if database.rows("SELECT id FROM leadweights_store"):
            _check_format(database, store.shown, "")
            return store
        # Only now is it a store: an init that is broken off is done anew.
        database.run("DELETE FROM leadweights_active")
        database.run("INSERT INTO leadweights_active (id, unproven) VALUES (1, 0)")
        database.insert(
            "leadweights_store",
            ("id", "format", "audit_lines", "audit_hash"),
            [(1, FORMAT, 0, START)],
        )
        Writing(database, store.who, store.stamp(), 0, START).append_audit(
            "init", None, {"format": FORMAT}
        )
    return store


def _name(place: str, who: str | None, wait_seconds: float) -> Store:
    if who is None:
        try:
            who = getpass.getuser()
        except (OSError, KeyError):  # a user without a name
            who = ""
    return Store(str(place), who, wait_seconds)


def write_moment(moment: datetime) -> str:
    """Write a moment so that texts are in the order of time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _check_format(database: Database, shown: str, lock: str) -> tuple[int, str]:
    """Read the store's one row, and lock it for a change. Raises StoreError."""
    sql = "SELECT format, audit_lines, audit_hash FROM leadweights_store"
    try:
        found = database.rows(sql + lock)
    except EngineError as problem:
        if "leadweights_store" not in str(problem):
            raise
        found = []
    if not found:
        raise StoreError(
            f"{shown} is no store: leadweights registry init makes one there"
        ) from None
    ((version, lines, last),) = found
    if version != FORMAT:
        advice = "upgrade leadweights" if version > FORMAT else "it was not made by leadweights"
        raise StoreError(f"{shown} has format {version}, this reads {FORMAT}: {advice}")
    return int(lines), str(last)


def _read_versions(
    database: Database, rest: str, values: Sequence[Any] = ()
) -> tuple[Version, ...]:
    """Read versions; `rest` is how the SELECT of them goes on."""
    baseline = "NULL"
    if database.has_table(BASELINES):
        own = f"{BASELINES}.version = leadweights_models.version"
        baseline = f"(SELECT baseline FROM {BASELINES} WHERE {own})"  # noqa: S608
    sql = (
        "SELECT version, name, model, sha256, rows_sha256, metrics, proof, created_at, "  # noqa: S608
        f"created_by, note, replaced, retired_at, {baseline} FROM leadweights_models {rest}"
    )
    return tuple(map(_as_version, database.rows(sql, values)))


def find_version(database: Database, number: int) -> Version:
    """Give one version. Raises StoreError for one there is not."""
    found = _read_versions(database, "WHERE version = ?", [number])
    if not found:
        there = database.rows("SELECT MIN(version), MAX(version) FROM leadweights_models")[0]
        said = f"there are {there[0]} to {there[1]}" if there[0] else "there is none yet"
        raise StoreError(f"there is no version {number}: {said}")
    return found[0]


def find_same(database: Database, sha256: str, text: str) -> Version | None:
    """Find the version that has the very same model file."""
    found = _read_versions(database, "WHERE sha256 = ? ORDER BY version", [sha256])
    return next((v for v in found if v.text == text), None)


def _as_version(row: Row) -> Version:
    number, name, text, sha256, rows_sha256, metrics, proof, *rest = row
    try:
        known = json.loads(metrics), tuple(json.loads(proof))
    except ValueError:
        raise ModelError(f"version {number}: its metrics or proof are damaged") from None
    return Version(number, name, text, sha256, rows_sha256, *known, *rest)


def find_active(database: Database) -> Active | None:
    """Say which version is in service; None before the first."""
    ((version, at, by, unproven, *view),) = database.rows(
        "SELECT version, activated_at, activated_by, unproven, view_name, view_table, view_version "
        "FROM leadweights_active"
    )
    return None if version is None else Active(version, at, by, bool(unproven), *view)


def read_lines(database: Database) -> tuple[Line, ...]:
    """List the lines of the audit trail."""
    rows = database.rows(
        "SELECT line, made_at, made_by, event, version, details, hash_before, hash "
        "FROM leadweights_audit ORDER BY line"
    )
    return tuple(Line(*row) for row in rows)


def read_end(database: Database) -> tuple[int, str]:
    """Give how many lines the audit trail has, and the hash of the last, as kept beside it."""
    ((lines, last),) = database.rows("SELECT audit_lines, audit_hash FROM leadweights_store")
    return int(lines), str(last)
