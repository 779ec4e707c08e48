"""Texts, numbers, names and functions of JavaScript, as a module of a model has them.

Everything is ASCII, and no text can end the element of HTML or the template that holds it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from leadweights.formula.marks import NUMBER, patterns, reads_plain_beside, replacements
from leadweights.model.date_formats import ISO, MONTH_NAMES, SHORT, DateFormat, parse
from leadweights.model.form import Form

_UNSAFE = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&{}"}
_WORD = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
_HEAD = re.compile(r"^function (\w+)", re.MULTILINE)
_TAKEN = (
    *("arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger"),
    *("default", "delete", "do", "else", "enum", "eval", "export", "extends", "false", "finally"),
    *("for", "function", "if", "implements", "import", "in", "instanceof", "interface", "let"),
    *("new", "null", "package", "private", "protected", "public", "return", "static", "super"),
    *("switch", "this", "throw", "true", "try", "typeof", "undefined", "var", "void", "while"),
    *("with", "yield", "NaN", "Infinity", "Math", "Number", "String", "Object", "Array", "Date"),
    *("RegExp", "JSON", "TypeError", "TextEncoder", "DataView", "ArrayBuffer", "lead", "model"),
    *("score",),
)
"""Words of the language, and what is called so in a module."""


def literal(value: str) -> str:
    """Write a text so that nothing around it can take a part of it for code."""
    return json.dumps(value).translate(_UNSAFE)


def number(value: float) -> str:
    """Write a number in the fewest digits that are read as the same double."""
    written = repr(float(value)).removesuffix(".0")
    return f"({written})" if written.startswith("-") else written


def record(members: Mapping[str, str]) -> str:
    """Write an object of names and code."""
    inside = ", ".join(f"{key(name)}: {code}" for name, code in members.items())
    return f"{{ {inside} }}" if inside else "{}"


def key(name: str) -> str:
    """Write the name of a member; `__proto__` by itself would be none."""
    if name == "__proto__":
        return f"[{literal(name)}]"
    return name if _WORD.fullmatch(name) else literal(name)


def data(value: Any) -> str:
    """Write plain data: texts, numbers, flags, None, lists, and objects of these."""
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, Mapping):
        return record({name: data(item) for name, item in value.items()})
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(data, value))}]"
    if isinstance(value, float):
        return number(value)
    return json.dumps(value)


class Names:
    """Names for the constants of a function, no two of them the same, none with a meaning."""

    def __init__(self) -> None:
        self._taken = {*_TAKEN, *library(), *CONSTANTS}

    def find(self, wanted: str) -> str:
        """Name something nearly as it is called elsewhere."""
        name = re.sub(r"\W", "_", wanted, flags=re.ASCII)[:60]
        name = name if name[:1].isalpha() else f"_{name}"
        own, place = name, 2
        while own in self._taken:
            own, place = f"{name}_{place}", place + 1
        self._taken.add(own)
        return own


def _whole(pattern: str) -> str:
    """Write a pattern that must match the whole text."""
    return f'new RegExp({literal(f"^(?:{pattern})$")}, "u")'


def number_form(form: Form) -> str:
    """Write how a form of numbers is read: patterns, and what to replace in a text of each."""
    ways = ", ".join(
        f"[{_whole(pattern)}, {data(replacements(form, behind=bool(behind)))}, "
        f"{'true' if behind else 'false'}]"
        for behind, pattern in enumerate(patterns(form))
    )
    plain = "true" if reads_plain_beside(form) else "false"
    return f"{{ ways: [{ways}], orPlain: {plain} }}"


def date_form(written: str) -> str:
    """Write how a format of dates is read."""
    own = parse(written)
    offsets = "true" if own.offsets else "false"
    return f"{{ own: {_date_pattern(own)}, offsets: {offsets}, zone: {own.zone} }}"


def _date_pattern(written: DateFormat) -> str:
    # Separators are escaped more than a pattern of code points may be.
    pattern = re.sub(r"\\([ ,/-])", r"\1", written.pattern.pattern.replace("(?P<", "(?<"))
    return _whole(pattern)


CONSTANTS = {
    "PLAIN": _whole(NUMBER),
    "ISO_DATE": _date_pattern(parse(ISO)),
    "MONTHS": data([name[:SHORT] for name in MONTH_NAMES]),
}
"""What functions of the library read besides."""


@cache
def library() -> dict[str, str]:
    """Read the functions that formulas may call, each with its comment, by name."""
    text = files("leadweights.formula").joinpath("files", "helpers.js").read_text(encoding="utf-8")
    parts = text.replace("\r\n", "\n").strip("\n").split("\n\n/**")
    found = [part if part.startswith("/**") else f"/**{part}" for part in parts]
    return {name: part for part in found for name in _HEAD.findall(part)}


def functions_for(code: str) -> Iterator[str]:
    """Write the constants and functions that some code calls, and what these call, in order."""
    every = {**{n: f"const {n} = {code};" for n, code in CONSTANTS.items()}, **library()}
    wanted, waiting = set[str](), [code]
    while waiting:
        for name in set(_WORD.findall(waiting.pop())) & every.keys() - wanted:
            wanted.add(name)
            waiting.append(every[name].partition("*/\n")[2] or every[name])
    return (text for name, text in every.items() if name in wanted)
