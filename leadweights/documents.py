"""Documents that people write or edit: text files in UTF-8, some of them TOML."""

import tomllib
from pathlib import Path
from typing import Any

from leadweights.errors import LeadweightsError


def text(path: str | Path, what: str, error: type[LeadweightsError]) -> str:
    """Read a text file, without the mark that some editors put first. Raises `error`."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise error(f"no such file: {path}") from None
    except UnicodeDecodeError:
        raise error(f"{path} is not {what}: not UTF-8 text") from None
    except (OSError, ValueError, RuntimeError) as problem:
        raise error(f"cannot read {path}: {getattr(problem, 'strerror', problem)}") from None


def toml(path: str | Path, error: type[LeadweightsError]) -> dict[str, Any]:
    """Read a TOML file. Raises `error`."""
    try:
        return tomllib.loads(text(path, "TOML", error))
    except RecursionError:
        raise error(f"{path} is not TOML that can be read: it is nested too deep") from None
    except ValueError as problem:  # also a number of thousands of digits
        raise error(f"{path} is not TOML: {problem}") from None
