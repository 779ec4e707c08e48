"""What each extra of the package brings, and what for."""

from packaging.requirements import Requirement

from leadweights.tables.engines.registry import ENGINES
from tests.support.licences import extras

_FOR = {
    "adopt": "models in files of ONNX and skops",
    "boosting": "comparison with LightGBM and XGBoost, and adopting theirs",
    "cloud": "files in S3, Azure and Google Cloud",
    "engines": "every engine below, to prove the SELECT on",
    "excel": "reading workbooks",
    "notebook": "drawing in a notebook, and running it",
    "report": "the page of a model",
    "rerank": "a judgement from outside: a language model, and its cache",
    "serve": "a model behind HTTP",
    "test": "what the tests of leadweights need",
    "warehouse": "a database by its URL; its driver is yours to install",
    "xlsx": "writing workbooks that score",
}


def extras_markdown() -> str:
    """Write a table of the extras: those for a task, then those for an engine."""
    named = {name: ENGINES[name].what for name in extras() if name in ENGINES}
    told = {**_FOR, **{name: f"the engine {what}" for name, what in named.items()}}
    rows = [f"| `{name}` | {told[name]} | {brings(name)} |" for name in sorted(extras(), key=order)]
    return "\n".join(["| extra | for | brings |", "| --- | --- | --- |", *rows]) + "\n"


def order(name: str) -> tuple[bool, str]:
    """Put engines behind tasks."""
    return name in ENGINES, name


def brings(name: str) -> str:
    """Name the packages that an extra asks for, and the extras it is made of."""
    asked = [Requirement(text) for text in extras()[name]]
    made_of = {extra for one in asked for extra in one.extras if one.name == "leadweights"}
    packages = {one.name for one in asked} - {"leadweights"}
    parts = [f"`leadweights[{','.join(sorted(made_of))}]`"] * bool(made_of)
    return ", ".join([*parts, *(f"`{package}`" for package in sorted(packages))])
