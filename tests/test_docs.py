"""The documents tell the truth: commands print what is shown, links lead somewhere, code runs."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import leadweights as lw
from leadweights.cli.main import main
from leadweights.learn.recipe import USUAL
from tests.support.commands import invoke
from tests.support.generated_docs import IN_PYTHON, PAGES, renew
from tests.support.language_model import sensible, serve
from tests.support.release import swept

README = Path("README.md")
GUIDES = [README, *sorted(Path("docs").glob("*.md"))]
DOCUMENTS = [
    *GUIDES,
    *(Path(name) for name in ("CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md")),
    Path("SECURITY.md"),
    *sorted(Path("outputs").rglob("*.md")),
]


def blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


CONSOLE = [
    (page, re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, flags=re.MULTILINE))
    for page in GUIDES
    for block in blocks(page, "console")
]
CODE = [(page, code) for page in GUIDES for code in blocks(page, "python")]
LONG = {"sklearn.md", "trees.md"}
"""Pages that learn some dozen models."""


@pytest.fixture(scope="module")
def asked_of() -> Iterator[str]:
    """Serve the language model that a page asks."""
    with serve(sensible) as served:
        yield served.url


def run_alone(words: list[str]) -> str:
    """Run a command in a process of its own, and give what it prints."""
    command = [sys.executable, "-m", "leadweights", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def run_here(words: list[str]) -> str:
    """Run a command in this process, and give what it prints."""
    done = invoke(words, limits=USUAL)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    ("page", "told"), CONSOLE, ids=[f"{page}: {told[0][0]}" for page, told in CONSOLE]
)
def test_commands_print_what_the_documents_show(
    page: Path,
    told: list[tuple[str, str]],
    tmp_path: Path,
    asked_of: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Lines of `...` in a document stand for any lines; commands of a block follow each other.

    Those of the README are run as a reader does, in a process each.
    """
    for name in ("data", "outputs"):
        (tmp_path / name).symlink_to(Path(name).resolve())
    monkeypatch.setenv("OPENAI_BASE_URL", asked_of)
    monkeypatch.setenv("OPENAI_MODEL", "sensible")
    monkeypatch.setenv("PYTHONPATH", str(Path.cwd()))
    monkeypatch.chdir(tmp_path)
    for command, output in told:
        words = shlex.split(command)
        assert words[0] == "leadweights"
        if words[1] == "fit":
            (tmp_path / "outputs").unlink()
        printed = (run_alone if page == README else run_here)(words[1:])
        pattern = "".join(
            r"(?:.*\n)*?" if line == "...\n" else re.escape(line)
            for line in output.splitlines(keepends=True)
        )
        assert re.fullmatch(pattern, printed), printed


@pytest.mark.parametrize(
    ("page", "code"),
    [swept(one) if one[0].name in LONG else one for one in CODE],
    ids=[str(page) for page, _ in CODE],
)
def test_the_documents_python_runs(page: Path, code: str) -> None:
    exec(compile(code, str(page), "exec"), {"__name__": "documents"})


def test_the_documents_show_something() -> None:
    assert {page for page, _ in CONSOLE} > {README, Path("docs/how-it-works.md")}
    assert sum(len(told) for page, told in CONSOLE if page == README) >= 5
    assert README in {page for page, _ in CODE}


def shell_commands() -> Iterator[tuple[str, list[str]]]:
    """Find every leadweights command of the shell blocks, without what the shell itself reads."""
    for page in [*GUIDES, Path("CONTRIBUTING.md")]:
        for block in blocks(page, "sh"):
            for line in block.replace("\\\n", " ").splitlines():
                for part in line.split("&&"):
                    words = shlex.split(part.partition(" > ")[0], comments=True)
                    if words and words[0] == "leadweights":
                        yield f"{page}: {line}", words[1:]


def test_commands_that_are_not_run_have_options_that_there_are() -> None:
    found = list(shell_commands())
    assert len(found) >= 15
    for where, (name, *words) in found:
        command = main.commands[name]
        if isinstance(command, click.Group):
            command, words = command.commands[words[0]], words[1:]
        try:
            command.make_parser(click.Context(command)).parse_args(words)
        except click.UsageError as problem:
            raise AssertionError(where) from problem


def headings(page: Path) -> set[str]:
    """Name the places of a page that can be linked to, as GitHub does."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    titles = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.every_case
@pytest.mark.parametrize("page", DOCUMENTS, ids=str)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:", link):
            continue
        path, _, place = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if place:
            assert place in headings(target), link


@pytest.mark.every_case
@pytest.mark.parametrize("page", DOCUMENTS, ids=str)
def test_files_that_the_documents_name_are_there(page: Path) -> None:
    named = re.findall(r"`(?:python )?([\w/-]+/[\w.-]+\.(?:py|toml|sql))[` ]", page.read_text())
    for name in named:
        places = (Path(), page.parent, Path("leadweights"))
        assert any((place / name).exists() for place in places), name


def test_the_index_lists_every_page() -> None:
    listed = re.findall(
        r"^- \[[\w-]+\.md\]\(([\w-]+\.md)\)", Path("docs/index.md").read_text(), flags=re.M
    )
    assert sorted(listed) == sorted(p.name for p in GUIDES[1:] if p.name != "index.md")


def test_the_readme_is_one_page() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.every_case
@pytest.mark.parametrize("page", PAGES, ids=str)
def test_what_the_code_makes_of_a_page_is_what_is_committed(page: Path) -> None:
    """After a change of a command, a dialect or what is read: `make outputs`."""
    text = page.read_text(encoding="utf-8")
    assert renew(page) == text
    assert re.findall(r"<!-- made by the code(.*) -->\n\n[|#]", text) == list(PAGES[page])


def test_every_command_and_every_function_stands_in_the_table_of_commands() -> None:
    text = Path("docs/commands.md").read_text(encoding="utf-8")
    for name in main.commands:
        assert f"### leadweights {name}\n" in text
    for name in lw.__all__:
        assert f"lw.{name}" in text
    assert set(IN_PYTHON) == set(main.commands) - {"dialects"}
