"""What all pages share: how a template is filled in, and numbers written for people."""

import base64
from functools import partial
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from leadweights.decisions.metrics import Interval
from leadweights.errors.shown import escape

_ROOM, _FOLDER = "leadweights.reports.html", "files"


def make_environment() -> Environment:
    """Make what fills in templates: strict, and everything a stranger wrote is escaped."""
    environment = Environment(
        loader=PackageLoader(_ROOM, _FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_visible,
    )
    environment.filters |= {
        "count": "{:,.0f}".format,
        "percent": _percent,
        "number": _number,
        "signed": partial(_number, sign="+"),
        "interval": _interval,
        "digits": _digits,
        "breakable": _breakable,
    }
    return environment


def read_page_file(name: str) -> str:
    """Read a style sheet or a script of the pages."""
    found = files(_ROOM).joinpath(_FOLDER, name).read_text(encoding="utf-8")
    return found.replace("\r\n", "\n")


def csp_hash(text: str) -> str:
    """Name a text in a content security policy (CSP Level 2, 4.2.5)."""
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()


def _percent(value: float | None, decimals: int = 0) -> str:
    return "–" if value is None else f"{100 * value:.{decimals}f}%"


def _number(value: float | None, decimals: int = 4, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign}.{decimals}f}".replace("-", "\u2212")


def _interval(interval: Interval, sign: bool = False) -> str:
    """Write a value with its ends, and a star if it is a difference beyond noise."""
    write = partial(_number, sign="+" if sign else "")
    if interval.value is None or interval.low is None or interval.high is None:
        return write(interval.value)
    beyond = sign and not interval.low <= 0 <= interval.high
    ends = f"{write(interval.low, 3)} to {write(interval.high, 3)}"
    return f"{write(interval.value)}{'*' if beyond else ''} ({ends})"


def _digits(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}".replace("-", "\u2212")


def _breakable(text: str | None) -> Markup:
    """Let a long name break after an underscore."""
    return Markup("_<wbr>").join(escape(text or "").split("_"))


def _visible(value: object) -> object:
    """Show what does not print in a text that somebody else wrote; SQL, to be copied, is exact."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return escape(value, keep="\n")
