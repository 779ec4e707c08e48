"""Write what the code says of itself into the docs: `python -m tests.support.generated_docs`.

The code says it once; a page holds it between two marks, in prose that is written by hand.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from operator import attrgetter
from pathlib import Path
from textwrap import fill
from typing import Any

import click

import leadweights as lw
from leadweights.cli.help import GROUPS
from leadweights.cli.main import main
from leadweights.reports.dialects import dialects_markdown
from tests.support.extras import extras_markdown
from tests.support.licences import licences_markdown
from tests.support.man_pages import man_pages
from tests.support.reading_tables import TABLES

# What is called in Python for what a command does; a command that is missing has no such function.
IN_PYTHON = {
    "fit": ("fit", "fit_model", "learning_queries", "mlflow.log"),
    "columns": ("columns",),
    "compare": ("compare", "cross_validate"),
    "adopt": ("adopt",),
    "threshold": ("threshold",),
    "calibrate": ("calibrate",),
    "decide": ("decide",),
    "sql": ("render", "expression", "drift_sql", "gate_sql"),
    "weights": ("weights",),
    "report": ("report",),
    "export": (
        *("export_dbt", "export_javascript", "export_mlflow", "export_azureml"),
        *("export_github", "export_dvc", "export_airflow", "export_xlsx"),
    ),
    "lint": ("lint",),
    "verify": ("verify", "verify_monitor"),
    "golden": ("golden_sql",),
    "check-input": ("check_input",),
    "score": ("score", "score_to_file", "score_to_store", "score_for_crm"),
    "adjust": ("adjust", "evaluate_adjustment"),
    "token": ("add_token", "read_tokens", "revoke_token"),
    "serve": ("make_app",),
    "monitor": ("monitor",),
    "outcomes": ("merge_outcomes", "record_outcomes"),
    "challenge": ("challenge",),
    "diff": ("diff",),
    "retrain": ("retrain", "write_packet"),
    "experiment": ("plan_experiment", "assign_arms", "read_experiment"),
    "registry": ("init_store", "open_store", "push", "activate", "rollback", "retire"),
    "audit": ("verify_audit", "append_audit"),
    "erase": ("erase", "relearn", "read_keys_of", "read_secret"),
    "export-person": ("export_person",),
    "retention": ("apply_retention",),
}


def commands_markdown() -> str:
    """Write a table of all commands, then each with its options and the same in Python."""
    rows = [
        f"| {title} | [`{name}`](#leadweights-{name}) | {calls(name)} |"
        for title, names in GROUPS.items()
        for name in names
    ]
    parts = ["\n".join(["| to | command | in Python |", "| --- | --- | --- |", *rows])]
    for title, names in GROUPS.items():
        parts += [f"## {title}", *map(command_markdown, names)]
    return "\n\n".join([*parts, *python_markdown()]) + "\n"


def command_markdown(name: str) -> str:
    """Write what a command does, how it is called, its options and its functions in Python."""
    command = main.commands[name]
    parts = [f"### leadweights {name}", *described(name, command)]
    for part, own in command.commands.items() if isinstance(command, click.Group) else ():
        parts += [f"#### leadweights {name} {part}", *described(f"{name} {part}", own)]
    functions = IN_PYTHON.get(name, ())
    if functions:
        parts += ["In Python:", fenced("\n".join(map(signature, functions)))]
    return "\n\n".join(parts)


def described(name: str, command: click.Command) -> Iterator[str]:
    """Say what a command does, how it is called and what its options are, if it has any."""
    yield from (fill_lines(" ".join(text.split())) for text in (command.help or "").split("\n\n"))
    context = click.Context(command, info_name=f"leadweights {name}")
    options = [option(*record) for record in records(command, context)]
    if not isinstance(command, click.Group):
        yield fenced(" ".join([context.command_path, *command.collect_usage_pieces(context)]))
        yield "\n".join(["| option | what it does |", "| --- | --- |", *options])


def records(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Give each option as the help has it: its name with what it takes, and what it does."""
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if isinstance(parameter, click.Option) and record is not None:
            yield record


def option(names: str, told: str) -> str:
    """Write an option's row; a choice of all dialects is a name, and a range is not said."""
    names = re.sub(r"\[duckdb\|.*\]", "NAME", names).replace("INTEGER RANGE", "INT")
    told = re.sub(r"(; )?[\d.<=]*x[<>=]+\d+", "", told).replace("  [", " [").removesuffix(" []")
    return f"| `{names.replace('|', chr(92) + '|')}` | {told} |"


def calls(name: str) -> str:
    """Name the functions that do what a command does."""
    return ", ".join(f"`lw.{function}`" for function in IN_PYTHON.get(name, ()))


def others_in_python() -> dict[str, object]:
    """Give what no command does, by its name."""
    twins = {function for functions in IN_PYTHON.values() for function in functions}
    return {name: getattr(lw, name) for name in lw.__all__ if name not in twins}


def python_markdown() -> list[str]:
    """Write what else there is in Python: functions without a command, classes, errors."""
    others = others_in_python()
    errors = {n: o for n, o in others.items() if isinstance(o, type) and issubclass(o, Exception)}
    classes = {n: o for n, o in others.items() if isinstance(o, type) and n not in errors}
    functions = {n: o for n, o in others.items() if inspect.isroutine(o)}
    made = [name for name, thing in classes.items() if is_dataclass(thing)]
    return [
        "## Only in Python",
        listed(functions, call),
        "Classes:",
        listed(classes, str),
        "How they are made; what they are made of can be read from them:",
        fenced("\n".join(map(signature, made))),
        "Errors; the message says what would do:",
        listed(errors, str),
    ]


def reference_markdown() -> str:
    """List what there is in Python under what a person does, with the place of each docstring."""
    parts = [
        (
            title,
            {
                name: attrgetter(name)(lw)
                for command in names
                for name in IN_PYTHON.get(command, ())
            },
        )
        for title, names in GROUPS.items()
    ]
    others = others_in_python()
    errors = {n: o for n, o in others.items() if isinstance(o, type) and issubclass(o, Exception)}
    functions = {n: o for n, o in others.items() if inspect.isroutine(o)}
    classes = {n: o for n, o in others.items() if isinstance(o, type) and n not in errors}
    parts += [("Files, objects", functions), ("Classes", classes), ("Errors", errors)]
    written = [f"## {title}\n\n{places(named)}" for title, named in parts if named]
    return "\n\n".join(written) + "\n"


def places(named: Mapping[str, Any]) -> str:
    """List names as `listed` does, each with the place of what it says of itself."""
    lines = listed(named, str).splitlines()
    paths = [f"{thing.__module__}.{thing.__qualname__}" for thing in named.values()]
    return "\n".join(f"{line} <!-- {path} -->" for line, path in zip(lines, paths, strict=True))


def listed(named: Mapping[str, object], write: Callable[[str], str]) -> str:
    """List names with the first line of what they say of themselves."""
    lines = [f"- `lw.{write(name)}`: {first_line(thing)}" for name, thing in named.items()]
    return "\n".join(lines)


def first_line(thing: object) -> str:
    """Give the first sentence of a docstring, as part of a line."""
    text = (inspect.getdoc(thing) or "").split("\n\n")[0]
    return " ".join(text.split())


def signature(name: str) -> str:
    """Write how a function is called, in lines that fit a page."""
    return fill(f"lw.{call(name)}", 96, subsequent_indent="    ", break_on_hyphens=False)


def call(name: str) -> str:
    """Write a name with its parameters and their defaults, without types."""
    parameters = inspect.signature(attrgetter(name)(lw)).parameters.values()
    return f"{name}({', '.join(written(parameters))})"


def written(parameters: Iterable[inspect.Parameter]) -> Iterator[str]:
    """Write parameters one by one, with the star before those that are named."""
    starred = False
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        if parameter.kind is parameter.VAR_KEYWORD:
            yield f"**{parameter.name}"
        elif parameter.default is parameter.empty:
            yield parameter.name
        else:
            default = getattr(parameter.default, "__name__", None) or repr(parameter.default)
            yield f"{parameter.name}={default if len(default) <= 40 else '...'}"


def fill_lines(text: str) -> str:
    """Break a paragraph into lines."""
    return fill(text, 100, break_on_hyphens=False)


def fenced(text: str) -> str:
    """Set text off, as it is."""
    return f"```text\n{text}\n```"


PAGES: Mapping[Path, Mapping[str, Callable[[], str]]] = {
    Path("docs/commands.md"): {"": commands_markdown},
    Path("docs/dialects.md"): {"": dialects_markdown},
    Path("docs/install.md"): {"": extras_markdown},
    Path("docs/licences.md"): {"": licences_markdown},
    Path("docs/python.md"): {"": reference_markdown},
    Path("docs/reading.md"): {f": {name}": write for name, write in TABLES.items()},
}
"""What writes the parts of a page, each by what the mark before it says behind `by the code`."""


def renew(page: Path) -> str:
    """Give a page with what the code says now between its marks."""

    def write(found: re.Match[str]) -> str:
        return f"{found[1]}\n{PAGES[page][found[2]]()}\n"

    marks = r"(<!-- made by the code(.*?) -->\n).*?(?=<!-- end -->)"
    return re.sub(marks, write, page.read_text(encoding="utf-8"), flags=re.DOTALL)


if __name__ == "__main__":
    for path, text in man_pages().items():
        path.write_text(text, encoding="utf-8", newline="\n")
    for page in PAGES:
        page.write_text(renew(page), encoding="utf-8", newline="\n")
