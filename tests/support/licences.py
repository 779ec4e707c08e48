"""The licences of what a user installs, from the metadata of what is installed here."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from importlib.metadata import distribution, metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_PROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
# What is not in requirements.lock; docs/licences.md tells of it by hand.
NOT_LOCKED = {"boosting"}
_SPELLED = {
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "BSD License": "BSD",
    "3-Clause BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def packages(requirements: Sequence[str]) -> set[str]:
    """Name everything that these requirements install, on this machine."""
    found: set[tuple[str, str]] = set()

    def walk(texts: Sequence[str], extra: str) -> None:
        for one in map(Requirement, texts):
            if one.marker is not None and not one.marker.evaluate({"extra": extra}):
                continue
            name = canonicalize_name(one.name)
            for wanted in ("", *sorted(one.extras)):
                if (name, wanted) in found:
                    continue
                found.add((name, wanted))
                if name == _PROJECT["name"]:
                    walk(extras()[wanted] if wanted else [], "")
                else:
                    walk(distribution(name).requires or [], wanted)

    walk(requirements, "")
    return {name for name, _ in found} - {_PROJECT["name"]}


def extras() -> dict[str, list[str]]:
    """Give what each extra of the project asks for."""
    found: dict[str, list[str]] = _PROJECT["optional-dependencies"]
    return found


def core() -> set[str]:
    """Name what is always installed."""
    return packages(_PROJECT["dependencies"])


def licence(name: str) -> str:
    """Say under which licence a package is, in the names of SPDX where it is known."""
    told = metadata(name)
    (expression,) = told.get_all("License-Expression") or [""]
    if expression:
        return str(expression)
    titles = [
        title.split(" :: ")[-1]
        for title in told.get_all("Classifier") or ()
        if title.startswith("License ::")
    ]
    known = [_SPELLED.get(title, title) for title in titles if title != "OSI Approved"]
    (text, *_) = str((told.get_all("License") or ["unknown"])[0]).splitlines()
    return " OR ".join(known) or _SPELLED.get(text, text)


def choices(expression: str) -> list[str]:
    """Split a licence into the licences that it names."""
    return [part.strip("() ") for part in re.split(r" (?:AND|OR|WITH) ", expression)]


def rows() -> Iterator[tuple[str, str, str]]:
    """Give each package, its licence and what brings it: the core, or some extras."""
    always = core()
    brought = {
        extra: packages(asked)
        for extra, asked in extras().items()
        if extra not in NOT_LOCKED | {"engines"}
    }
    for name in sorted(always):
        yield name, licence(name), "core"
    for name in sorted(set().union(*brought.values()) - always):
        by = [extra for extra, names in brought.items() if name in names]
        yield name, licence(name), ", ".join(by)


def licences_markdown() -> str:
    """Write a table of all packages and their licences."""
    lines = [f"| {name} | {under} | {by} |" for name, under, by in rows()]
    return "\n".join(["| package | licence | brought by |", "| --- | --- | --- |", *lines]) + "\n"
