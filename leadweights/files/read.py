"""Reading text, which belongs to the other files of its folder."""

import tomllib
from pathlib import Path
from typing import Any

from leadweights.errors import LeadweightsError, OutputError
from leadweights.files.manifest import read_belonging
from leadweights.files.remote import as_path


def read_text(path: str | Path, what: str, error: type[LeadweightsError]) -> str:
    """Read a text file, without the mark that some editors put first. Raises `error`.

    A file that the manifest of its folder lists must be the one listed; see `manifest`.
    """
    try:
        content = read_belonging(as_path(path))
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        raise error(f"no such file: {path}") from None
    except UnicodeDecodeError:
        raise error(f"{path} is not {what}: not UTF-8 text") from None
    except OutputError as problem:
        raise error(str(problem)) from None
    except (OSError, ValueError, RuntimeError) as problem:
        raise error(f"cannot read {path}: {getattr(problem, 'strerror', problem)}") from None


def read_toml(path: str | Path, error: type[LeadweightsError]) -> dict[str, Any]:
    """Read a TOML file. Raises `error`."""
    try:
        return tomllib.loads(read_text(path, "TOML", error))
    except RecursionError:
        raise error(f"{path} is not TOML that can be read: it is nested too deep") from None
    except ValueError as problem:  # also a number of thousands of digits
        raise error(f"{path} is not TOML: {problem}") from None
