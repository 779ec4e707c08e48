"""Write the golden SQL of the committed model: `python -m tests.golden`."""

from pathlib import Path

from leadweights.dialects import DIALECTS
from leadweights.formulate import SHAPES
from leadweights.model_file import load
from leadweights.statement import render


def write(folder: Path) -> None:
    """Write one file per dialect and shape."""
    model = load("outputs/model.json")
    folder.mkdir(exist_ok=True)
    for dialect in DIALECTS:
        for shape in SHAPES:
            sql = render(model, dialect=dialect, shape=shape)
            (folder / f"{dialect}.{shape}.sql").write_text(sql, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path("sql"))
