"""What `mkdocs build` is given: the folders of the repository, so that a link is the same there.

A link of a page is followed on a forge and here. The order of the pages is that of docs/index.md;
the list of docs/python.md becomes the reference. Its environment has no leadweights.
"""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "docs/index.md"
HERE = ("site.css", "iframe-worker.js", "favicon.svg")
_LINK = re.compile(r"\]\(([^)\s#:]+)(?:#[^)\s]*)?\)")


def on_config(config: Any) -> Any:
    """Order the pages as the index does, the README first, under its headings."""
    start, *parts = re.split(r"^## ", INDEX.read_text(encoding="utf-8"), flags=re.MULTILINE)
    config.nav = [{"leadweights": ["README.md", "docs/index.md", *links(INDEX, start)[1:]]}]
    for part in parts:
        config.nav.append({part.splitlines()[0]: links(INDEX, part)})
    return config


def links(page: Path, text: str) -> list[str]:
    """List the files that a text of a page leads to, as the repository calls them."""
    found = [(page.parent / link).resolve() for link in _LINK.findall(text)]
    return [path.relative_to(ROOT).as_posix() for path in found if path.is_file()]


def on_files(files: Files, config: Any) -> Files:
    """Give the pages of the order, and the files that they lead to."""
    for file in list(files):
        if file.src_dir == config.docs_dir:
            files.remove(file)
    pages = [name for part in config.nav for names in part.values() for name in names]
    names = dict.fromkeys([*pages, *(f"docs/site/{name}" for name in HERE)])
    for name in pages:
        text = (ROOT / name).read_text(encoding="utf-8")
        names |= dict.fromkeys(links(ROOT / name, text))
    for name in names:
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Put what the code says of itself where the list of docs/python.md names it."""
    if page.file.src_uri != "docs/python.md":
        return markdown
    entry = r"^- `(lw\.[\w.]+)[^`]*`: .* <!-- (\S+) -->$"
    return re.sub(entry, reference, markdown, flags=re.MULTILINE)


def reference(found: re.Match[str]) -> str:
    """Ask for the signature and the docstring of a name."""
    name, path = found.groups()
    return f'::: {path}\n    options: {{heading: "{name}", toc_label: "{name}"}}\n'
