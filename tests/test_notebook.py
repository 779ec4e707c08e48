"""The notebook runs, and prints what it printed when it was committed.

After a change that it should show, write its outputs anew: `make outputs`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebook.ipynb"


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def executed(path: Path) -> Any:
    """Run every cell of a notebook file, at the root of the repository, and give the result."""
    notebook = read(path)
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(ROOT)}},
    )
    client.execute()
    # The version of Python that ran it is not part of the story.
    notebook.metadata.language_info = {"name": "python"}
    return notebook


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(notebook: Any) -> Iterator[tuple[str, str]]:
    """Give what people read: the printed lines and the tables of each cell, with the cell's id."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stdout":
                yield cell.id, output.text
            elif "text/plain" in output.get("data", {}):
                yield cell.id, output.data["text/plain"]


@pytest.fixture(scope="module")
def committed() -> Any:
    return read(NOTEBOOK)


@pytest.mark.sweep
def test_every_cell_runs_and_prints_what_is_committed(tmp_path: Path, committed: Any) -> None:
    copy = tmp_path / NOTEBOOK.name
    copy.write_bytes(NOTEBOOK.read_bytes())
    assert list(texts(executed(copy))) == list(texts(committed))


def test_the_committed_notebook_was_run_from_top_to_bottom(committed: Any) -> None:
    counts = [cell.execution_count for cell in code_cells(committed)]
    assert counts == list(range(1, len(counts) + 1))


def test_no_committed_output_is_a_warning_or_an_error(committed: Any) -> None:
    outputs = [output for cell in code_cells(committed) for output in cell.outputs]
    assert [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"] == []


def test_the_committed_metadata_name_no_machine_and_no_time(committed: Any) -> None:
    assert committed.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert [cell.id for cell in committed.cells if cell.metadata] == []


def test_the_notebook_defines_no_function_and_no_class(committed: Any) -> None:
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    nodes = [(c.id, node) for c in code_cells(committed) for node in ast.walk(ast.parse(c.source))]
    assert [(cell, node.lineno) for cell, node in nodes if isinstance(node, definitions)] == []


if __name__ == "__main__":
    nbformat.write(executed(NOTEBOOK), NOTEBOOK)  # type: ignore[no-untyped-call]
