"""Where the programs are that engines are started by."""

import os
import shutil

_ALSO = "/usr/local/sbin:/usr/sbin"
"""Where servers are; Debian gives only root these to search."""


def path(name: str) -> str | None:
    """Find a program."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{_ALSO}")
