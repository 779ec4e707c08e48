"""A drawing of matplotlib as SVG that takes its colours and its font from the page around it.

What matplotlib writes is cut down to presentation attributes, because a strict page allows no
inline styles. Same data, same bytes.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec
from xml.etree import ElementTree

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Inputs = ParamSpec("Inputs")

# What a colour is for, and what stands for it while matplotlib draws. In the page each is a CSS
# variable: light, dark and print have their own.
INK, MUTED, GRID, PAGE = "#010101", "#020202", "#030303", "#040404"
MAIN, SOFT, OTHER = "#050505", "#060606", "#070707"
_VARIABLES = {
    INK: "ink",
    MUTED: "muted",
    GRID: "grid",
    PAGE: "page",
    MAIN: "main",
    SOFT: "soft",
    OTHER: "other",
}
_SETTINGS = {
    "svg.fonttype": "none",
    "font.size": 13,
    "figure.dpi": 72,
    "path.simplify": False,
    **{f"axes.spines.{side}": False for side in ("top", "right", "left")},
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "text.color": INK,
    **{f"{axis}tick.color": MUTED for axis in "xy"},
    **{f"{axis}tick.{kind}.size": 0 for axis in "xy" for kind in ("major", "minor")},
    "legend.frameon": False,
    "lines.linewidth": 2,
    "lines.solid_capstyle": "round",
}
# matplotlib measures texts in its own font, so the layout does not depend on the machine.
_WIDTH = 440


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: an `svg` element, and how it is called and described to who does not see it.

    `frame` gives the places of 0 and 1 of both axes in the drawing, for what is put on top later:
    left, right, bottom, top.
    """

    name: str
    title: str
    description: str
    svg: str
    frame: tuple[float, ...]


def drawn(
    name: str, title: str, description: str, height: float = 330
) -> Callable[[Callable[Concatenate[Axes, Inputs], None]], Callable[Inputs, Chart]]:
    """Make a function give the chart that it draws on axes, `height` units high, 440 wide.

    The chart's words say what it shows.
    """

    def decorate(paint: Callable[Concatenate[Axes, Inputs], None]) -> Callable[Inputs, Chart]:
        @wraps(paint)
        def draw(*args: Inputs.args, **kwargs: Inputs.kwargs) -> Chart:
            # The defaults first: what a reader's own matplotlibrc says must not show.
            with style.context(["default", {**_SETTINGS, "svg.hashsalt": name}]):
                figure = Figure(figsize=(_WIDTH / 72, height / 72), layout="constrained")
                axes = figure.add_subplot()
                paint(axes, *args, **kwargs)
                written = io.StringIO()
                none = dict.fromkeys(("Date", "Creator", "Format", "Type"))
                figure.savefig(written, format="svg", metadata=none, transparent=True)
                ((left, bottom), (right, top)) = axes.transData.transform([(0, 0), (1, 1)])
            ends = (left, right, height - bottom, height - top)
            svg = _slim(written.getvalue(), name, title, description)
            return Chart(name, title, description, svg, tuple(round(float(v), 2) for v in ends))

        return draw

    return decorate


def _slim(svg: str, name: str, title: str, description: str) -> str:
    """Keep shapes and texts; colours become variables, styles attributes, ids the chart's own."""
    root = ElementTree.fromstring(svg.encode())  # noqa: S314 - matplotlib has just written it
    used = set(re.findall(r"#([\w-]+)[)\"]", svg))
    for part in root.iter():
        part.tag = part.tag.rpartition("}")[2]
        for child in list(part):
            if child.tag.rpartition("}")[2] in ("metadata", "style"):
                part.remove(child)
        _restyle(part, name, used)
    width, height = root.attrib["viewBox"].split()[2:]
    root.attrib.clear()
    root.attrib |= {
        "class": "chart",
        "id": f"{name}-chart",
        "viewBox": f"0 0 {width} {height}",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-description",
    }
    named = (("title", "title", title), ("desc", "description", description))
    for place, (tag, what, text) in enumerate(named):
        element = ElementTree.Element(tag, {"id": f"{name}-{what}"})
        element.text = text
        root.insert(place, element)
    return re.sub(r"\s*\n\s*", "\n", ElementTree.tostring(root, encoding="unicode"))


_KEPT = (
    *("fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin"),
    *("text-anchor", "font-size", "font-weight"),
)


def _restyle(part: ElementTree.Element, name: str, used: set[str]) -> None:
    for key in list(part.attrib):
        plain = key.rpartition("}")[2]
        if plain != key:
            part.attrib[plain] = part.attrib.pop(key)
    for key in ("d", "x", "y"):
        if key in part.attrib:
            part.attrib[key] = re.sub(r"(\.\d\d)\d+", r"\1", part.attrib[key])
    own = part.attrib.pop("id", None)
    if own in used:
        part.attrib["id"] = f"{name}-{own}"
    for key in ("href", "clip-path"):
        if key in part.attrib:
            part.attrib[key] = part.attrib[key].replace("#", f"#{name}-")
    if "transform" in part.attrib and part.tag == "text":
        turned = part.attrib.pop("transform")
        if not re.match(r"rotate\(-?0[ .]", turned):
            part.attrib["transform"] = turned
    for key, value in re.findall(r"([\w-]+):\s*([^;]+)", part.attrib.pop("style", "")):
        if key == "font":
            part.attrib["font-size"] = value.split("px")[0]
            if "bold" in value:
                part.attrib["font-weight"] = "600"
        elif key in _KEPT:
            variable = _VARIABLES.get(value)
            part.attrib[key] = f"var(--{variable})" if variable else value
