"""Keys of people's rows: as text, whatever type holds them, and as hashes under a secret."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from leadweights.errors import TableError, UnsupportedError
from leadweights.files.remote import as_path
from leadweights.lifecycle.store.store import Writing
from leadweights.model.names import check_name
from leadweights.tables.keys import key_as_text
from leadweights.tables.open import Source, open_table
from leadweights.tables.table import VIEW

_SHORTEST = 16


def read_keys_of(data: Source, key: str) -> list[str]:
    """Read the keys of a table as texts, each once. Raises TableError for one without any."""
    table = open_table(data, [check_name(key, "a key")])
    own = table.require(key)
    sql = f"SELECT DISTINCT {key_as_text(table, own)} AS k FROM {VIEW} ORDER BY 1"  # noqa: S608
    found = [str(value) for value in table.select(sql)["k"].tolist() if value is not None]
    if not found:
        raise TableError(f"{table.name}: column {key!r} holds no key")
    return found


def read_secret(path: str | Path) -> bytes:
    """Read the secret that keys are hashed under. Raises UnsupportedError for one that is short."""
    try:
        secret = as_path(path).read_bytes().strip()
    except OSError as problem:
        raise UnsupportedError(f"cannot read {path}: {problem.strerror}") from None
    if len(secret) < _SHORTEST:
        raise UnsupportedError(
            f"{path} holds {len(secret)} bytes, and a secret has {_SHORTEST} at least, drawn at "
            "random"
        )
    return secret


def hash_keys(key: str, values: Iterable[str], secret: bytes) -> list[str]:
    """Hash keys under a secret: HMAC with SHA-256 (RFC 2104), hexadecimal.

    Without the secret nobody can try keys until one has the hash.
    """
    return [hmac.digest(secret, f"{key}\0{v}".encode(), "sha256").hex() for v in values]


@dataclass(frozen=True, slots=True)
class TrainingKeys:
    """The keys of the rows that a model has learnt from, and the secret to hash them under."""

    key: str
    values: Sequence[str] = field(repr=False)
    secret: bytes = field(repr=False)


def remember_keys(change: Writing, version: int, known: TrainingKeys) -> None:
    """Keep hashes of the keys that a version has learnt from, in a change under way."""
    columns = ("version", "key_name", "key_hash")
    hashes = hash_keys(known.key, known.values, known.secret)
    rows = [(version, known.key, value) for value in dict.fromkeys(hashes)]
    delete = "DELETE FROM leadweights_training_keys WHERE version = ? AND key_name = ?"
    change.database.run(delete, [version, known.key])
    change.database.insert("leadweights_training_keys", columns, rows)
    change.append_audit("training_keys", version, {"hashes": len(rows)})
