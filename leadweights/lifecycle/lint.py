"""Personal data in what would be published: a model, or all texts of the folder it lies in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from leadweights.errors import OutputError
from leadweights.files.read import read_text
from leadweights.files.remote import as_path
from leadweights.model.file import find_model, load
from leadweights.model.model import ScoringModel
from leadweights.model.personal import PersonalData, find_personal, recognize

_PUBLISHED = {".csv", ".htm", ".html", ".json", ".md", ".sql", ".toml", ".tsv", ".txt", ".yaml"}
_PUBLISHED |= {".yml", ".xml"}
# People's rows, or hashes of them, which serve to measure a model and are not for others.
_ROWS = re.compile(r"held_back(_last)?\..*|learnt_rows\.json")
# A text of its own in SQL, JSON, CSV or Markdown ends at a quote, a mark between cells or a line.
_BETWEEN = re.compile("[\"'`|,;<>\t\n]")


def lint(published: ScoringModel | str | Path) -> tuple[PersonalData, ...]:
    """Look for personal data in a model, a model file, or the texts of a folder that `fit` wrote.

    In the folder every text is looked at by its form, and its model by the names of its columns,
    too; rows held back are not: they are to stay where they are. Raises ModelError for what is no
    model, OutputError for a file that cannot be read.
    """
    if isinstance(published, ScoringModel):
        return find_personal(published)
    path = as_path(published)
    found = [
        replace(one, where=f"{find_model(path)}, {one.where}") for one in find_personal(load(path))
    ]
    for file in sorted(path.rglob("*")):
        is_model = file == find_model(path)
        if file.suffix.lower() in _PUBLISHED and not is_model and not _ROWS.fullmatch(file.name):
            found += _look_through(file)
    return tuple(found)


def _look_through(file: Path) -> Iterator[PersonalData]:
    """Give each text of a file that is personal by its form, where it stands first."""
    content = read_text(file, "a text", OutputError)
    is_page = file.suffix.lower() in (".htm", ".html")
    known = set()
    for line, text in _read_page(content) if is_page else enumerate(content.split("\n"), 1):
        for part in _BETWEEN.split(text):
            one = recognize(part, f"{file}, line {line}")
            if one is not None and part not in known:
                known.add(part)
                yield one


def _read_page(content: str) -> list[tuple[int, str]]:
    page = _Page()
    page.feed(content)
    page.close()
    return page.texts


class _Page(HTMLParser):
    """The texts of a page with their lines: what is read, and what its scripts have."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[int, str]] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        for name, value in attrs:
            if value and name in ("title", "alt", "content", "aria-label"):
                self.handle_data(value)

    def handle_endtag(self, _: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside != "style":
            self.texts += enumerate(data.split("\n"), self.getpos()[0])
