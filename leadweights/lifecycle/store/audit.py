"""Looking at a store's audit trail: is every line there, and as it was written."""

import re
from collections.abc import Mapping
from typing import Any

from leadweights.errors import UnsupportedError
from leadweights.lifecycle.store.store import Store, read_end, read_lines
from leadweights.lifecycle.store.trail import Trail, verify_lines


def verify_audit(store: Store, noted: tuple[int, str] | None = None) -> Trail:
    """Follow the chain of hashes from the first line on; name the first that is broken.

    `noted` is the number of lines and the hash of the last, as an earlier look gave them: with it
    a trail that was written anew from end to end is found, too. Raises StoreError, EngineError.
    """
    with store.reading() as database:
        lines, kept = read_lines(database), read_end(database)
    return verify_lines(lines, kept, noted)


def read_noted(text: str) -> tuple[int, str]:
    """Read an end of the trail as `audit verify` tells it. Raises UnsupportedError."""
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text.strip())
    if found is None:
        raise UnsupportedError("an end of the trail is as audit verify tells it: 12:8ad0...")
    return int(found[1]), found[2]


def append_audit(
    store: Store,
    event: str,
    *,
    version: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to the audit trail in a transaction of its own. Raises StoreError, EngineError."""
    with store.writing() as change:
        change.append_audit(event, version, details)
