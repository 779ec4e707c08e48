"""`leadweights --help` lists every command once, by what it is for, and in whole sentences."""

import re

import click

from leadweights.cli.help import GROUPS
from leadweights.cli.main import main
from tests.support.commands import invoke


def printed() -> str:
    done = invoke(["--help"], terminal_width=80)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_every_command_is_in_exactly_one_group() -> None:
    named = [name for names in GROUPS.values() for name in names]
    assert sorted(named) == sorted(main.commands)


def test_the_help_lists_the_groups_in_the_order_of_the_work() -> None:
    listed: dict[str, list[str]] = {}
    for title, command in re.findall(r"^(?:(\w+):|  ([a-z-]+)  .*)$", printed(), flags=re.M):
        if title:
            listed[title] = []
        elif listed and not command.startswith("-"):
            listed[list(listed)[-1]].append(command)
    del listed["Options"]
    assert listed == {
        "Learn": ["fit", "columns", "compare", "adopt"],
        "Decide": ["threshold", "calibrate", "decide"],
        "Ship": ["sql", "export", "weights", "report", "lint", "dialects"],
        "Prove": ["verify", "golden"],
        "Score": ["check-input", "score", "adjust"],
        "Serve": ["serve", "token"],
        "Watch": ["monitor"],
        "Renew": ["outcomes", "challenge", "diff", "retrain", "experiment"],
        "Keep": ["registry", "audit", "erase", "export-person", "retention"],
    }


def test_the_help_cuts_no_sentence_short() -> None:
    lines = printed().splitlines()
    assert not [line for line in lines if line.endswith("...")]
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    for name, command in main.commands.items():
        assert command.help is not None
        first = " ".join(command.help.split("\n\n")[0].split()).removesuffix(".")
        assert f"{name} {first}" in text


def test_every_option_of_every_command_is_explained() -> None:
    groups = [own for own in main.commands.values() if isinstance(own, click.Group)]
    parts = [command for group in groups for command in group.commands.values()]
    for command in [*main.commands.values(), *parts]:
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, (command.name, option.name)
