"""The list of commands that `leadweights --help` prints, by what a person does with them."""

import click

# Every command stands in exactly one group; tests/cli/test_help.py holds it against the commands.
GROUPS = {
    "Learn": ("fit", "columns", "compare", "adopt"),
    "Decide": ("threshold", "calibrate", "decide"),
    "Ship": ("sql", "export", "weights", "report", "lint", "dialects"),
    "Prove": ("verify", "golden"),
    "Score": ("check-input", "score", "adjust"),
    "Serve": ("serve", "token"),
    "Watch": ("monitor",),
    "Renew": ("outcomes", "challenge", "diff", "retrain", "experiment"),
    "Keep": ("registry", "audit", "erase", "export-person", "retention"),
}


class GroupedCommands(click.Group):
    """A group of commands whose help is ordered as a person works, and cuts no sentence short."""

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a list for each group, each command with its whole first sentence."""
        widest = max(map(len, self.commands))
        for title, names in GROUPS.items():
            # Padded, so that the sentences of all groups begin in one column.
            rows = [(name.ljust(widest), sentence(self.commands[name])) for name in names]
            with formatter.section(title):
                formatter.write_dl(rows)


def sentence(command: click.Command) -> str:
    """Give a command's first sentence, without its full stop."""
    return command.get_short_help_str(limit=10_000).removesuffix(".")
