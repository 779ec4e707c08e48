"""Hostile inputs, made from good ones part by part, and what must come of them."""

import json
import os
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from leadweights.errors import LeadweightsError
from tests.support.release import sweep, try_part

T = TypeVar("T")

SECONDS = int(os.environ.get("LEADWEIGHTS_FUZZ", "60"))
"""About how long tests/fuzz takes: with the usual minute the same inputs each time, else others."""

PARTS = sweep(range(5), 5)
"""Parts of what is tried: each run does the first, the gate the others, too."""


def fuzz_part(check: Callable[[], object], part: int) -> None:
    """Try one of the `PARTS` of a property of `fuzz`."""
    try_part(check, part, same=SECONDS == 60)


def fuzz(examples: int) -> settings:
    """Try so many inputs in a part, and as many more as there is time."""
    return settings(
        max_examples=max(1, examples * SECONDS // 60),
        derandomize=SECONDS == 60,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def attempt(call: Callable[[], T]) -> T | None:
    """Give a result, or None after one line of a LeadweightsError; all else is a finding."""
    try:
        return call()
    except LeadweightsError as refused:
        said = str(refused)
        assert said.strip()
        assert len(said.splitlines()) == 1, said
        return None


ODD_TEXTS = (
    *(
        "",
        " ",
        "a\0b",
        "it's",
        '"',
        "\\",
        "--",
        "/*",
        "*/",
        "${x}",
        "{0}",
        "%s",
        "\ud800",
        "\u202e",
    ),
    *(
        "\n",
        "\r\n",
        "\x1b[31m",
        "\u00e4",
        "a\u0308",
        "\U0001f600",
        "NULL",
        "nan",
        "inf",
        "x" * 5000,
    ),
)
odd_texts = st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=12))
ODD_PARTS = (
    *(
        "'",
        '"',
        "`",
        "\\",
        "#",
        ": ",
        "- ",
        "-",
        "!",
        "*",
        "&",
        "|",
        ">",
        ";",
        "%s",
        "~",
        "a",
        "\u00e4",
    ),
    *("$x", "$(x)", "{0}", "{{ 1 / 0 }}", "{% x %}", "{#", "#}", "}", "/*", "*/", "'''", '"""'),
)
odd_names = st.lists(st.sampled_from(ODD_PARTS), min_size=1, max_size=4).map("".join)
"""Names that a shell, YAML, a template engine or Python might take for words of their own."""
odd_numbers = st.one_of(
    st.sampled_from([0, -1, 1, 10**25, 10**400, 2**63, -0.0, 5e-324, 1e308, -1e300, True, False]),
    st.integers(),
    st.floats(),
)
odd_values = st.recursive(
    st.one_of(st.none(), odd_texts, odd_numbers),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(odd_texts, inner, max_size=3)
    ),
    max_leaves=5,
)

_CHANGES = st.sampled_from(["value", "value", "drop", "again", "add", "swap"])


def _places(document: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List where a document has something: the steps that lead there."""
    items: list[tuple[Any, Any]] = []
    if isinstance(document, dict):
        items = list(document.items())
    elif isinstance(document, list):
        items = list(enumerate(document))
    found = []
    for step, part in items:
        found += [(*above, step), *_places(part, (*above, step))]
    return found


def _part(document: Any, steps: tuple[Any, ...]) -> Any:
    for step in steps:
        document = document[step]
    return document


@st.composite
def changed(draw: st.DrawFn, documents: st.SearchStrategy[Any]) -> Any:
    """Change one to four parts of a document: other values, none, twice, one more, another's."""
    document = deepcopy(draw(documents))
    for _ in range(draw(st.integers(1, 4))):
        places = _places(document)
        if not places:
            break
        *above, last = draw(st.sampled_from(places))
        parent = _part(document, tuple(above))
        match draw(_CHANGES):
            case "drop":
                del parent[last]
            case "again" if isinstance(parent, list):
                parent.append(deepcopy(parent[last]))
            case "add" if isinstance(parent, dict):
                parent[draw(odd_texts)] = draw(odd_values)
            case "swap":
                parent[last] = deepcopy(_part(document, draw(st.sampled_from(places))))
            case _:
                parent[last] = draw(odd_values)
    return document


@st.composite
def harmed(draw: st.DrawFn, texts: st.SearchStrategy[bytes]) -> bytes:
    """Cut bytes out of a file, put others in, or double some."""
    data = bytearray(draw(texts))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 20)))
        kind = draw(st.integers(0, 2))
        data[start:end] = (draw(st.binary(max_size=8)), data[start:end] * 2, b"")[kind]
    return bytes(data)


def toml(value: Any) -> str:
    """Write plain data as TOML, in tables within the line; what TOML has not becomes a text."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case dict():
            pairs = (f"{json.dumps(str(key))} = {toml(item)}" for key, item in value.items())
            return "{" + ", ".join(pairs) + "}"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case _:
            return json.dumps(value if isinstance(value, str) else "none")


def toml_file(document: Any) -> str:
    """Write a document as a TOML file."""
    if not isinstance(document, dict):
        return toml(document)
    return "".join(f"{json.dumps(str(k))} = {toml(v)}\n" for k, v in document.items())


def everything(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder."""
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
