"""The README as a package index shows it: there, pages of the repository are not beside it."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"\[([^\]]+)\]\((?!\w+:|#)([^)#]+)[^)]*\)")


class Readme(MetadataHookInterface):
    """Make the long description."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Write links to files as their names, and say where the files are."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        told = "Files that are named here are in the source distribution.\n"
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": f"{_LINK.sub(name_of, text)}\n{told}",
        }


def name_of(link: re.Match[str]) -> str:
    """Write what a link says, and the file it leads to."""
    words, file = link.groups()
    return words if file in words else f"{words} ({file})"
