"""Names of columns, as callers give them: checked once, kept as they are."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from leadweights.errors import TableError, UnsupportedError

_SHOWN = 20
_COMPARED = 200  # with more names, finding one that is near takes longer than reading the table


def check_name(value: object, what: str) -> str:
    """Return a column's name. Raises UnsupportedError for what is none."""
    if not isinstance(value, str) or not value.strip():
        empty = ", an empty one" if isinstance(value, str) else ""
        raise UnsupportedError(f"{what} must be the name of a column, not {value!r}{empty}")
    return value


def read_names(values: object, what: str) -> tuple[str, ...]:
    """Read a list of texts, which may be a generator, once. Raises UnsupportedError."""
    if isinstance(values, str):
        raise UnsupportedError(f"{what} is a list of names, not one text: [{values!r}]")
    if not isinstance(values, Iterable):
        raise UnsupportedError(f"{what} is a list of names, not {values!r}")
    found = tuple(values)
    for value in found:
        if not isinstance(value, str):
            raise UnsupportedError(f"{what} is a list of names, and {value!r} is none")
    return found


def read_keys(values: object) -> tuple[str, ...]:
    """Read the names of keys, of which none stands twice, in any case. Raises UnsupportedError."""
    found = read_names(values, "keys")
    seen: set[str] = set()
    for value in found:
        if check_name(value, "a key").lower() in seen:
            raise UnsupportedError(f"key {value!r} is named twice")
        seen.add(value.lower())
    return found


def find_own(name: str, names: Sequence[str], table: str) -> str:
    """Return a column's own name in a table: the same, or but for upper and lower case.

    Raises TableError if there is none.
    """
    if name in names:
        return name
    # No two names of a table differ in case only.
    alike = [other for other in names if other.lower() == name.lower()]
    if alike:
        return alike[0]
    more = len(names) - _SHOWN
    listed = f"it has: {', '.join(names[:_SHOWN])}" + (f" and {more} more" if more > 0 else "")
    near = get_close_matches(name, names[:_COMPARED], n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise TableError(f"{table} has no column {name!r}; {hint}{listed}")


def spell_as(names: Iterable[str], there: Iterable[str]) -> dict[str, str]:
    """Give for names that a table spells in other cases, and only so, how it does."""
    own = set(there)
    by_lower = {name.lower(): name for name in own}
    lower = {name: by_lower.get(name.lower(), name) for name in names if name not in own}
    return {name: spelled for name, spelled in lower.items() if spelled != name}


def quote(name: str, mark: str = '"') -> str:
    """Write a name as standard SQL has it."""
    return mark + name.replace(mark, mark * 2) + mark
