"""`leadweights adopt`: a file of another library becomes the files that fit writes."""

import json
from pathlib import Path

import numpy as np
import pytest

import leadweights as lw
from tests.support.adopting import draw
from tests.support.commands import invoke

lightgbm = pytest.importorskip("lightgbm", reason="pip install leadweights[boosting]")

pytestmark = pytest.mark.tool("lightgbm")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adopt")
    x, y = draw()
    data = lightgbm.Dataset(x, y, feature_name=["a", "b", "c", "d"], categorical_feature=[2])
    usual = {"objective": "binary", "verbose": -1, "num_leaves": 4, "num_threads": 1}
    lightgbm.train(usual, data, 3).save_model(folder / "m.txt")
    rows = "\n".join(",".join(map(str, row)) for row in np.nan_to_num(x[:40]).tolist())
    (folder / "rows.csv").write_text(f"a,b,c,d\n{rows}\n")
    return folder


def test_the_files_of_a_fit_are_written(folder: Path) -> None:
    out = folder / "out"
    done = invoke(["adopt", str(folder / "m.txt"), str(folder / "rows.csv"), "--output", str(out)])
    assert done.exit_code == 0, done.output
    assert "Scores: those of LightGBM" in done.stdout
    assert "bit for bit" in done.stdout
    model = lw.load(out / "model.json")
    assert (out / "score.sql").read_text() == lw.render(model)
    assert json.loads((out / "parity.json").read_text())["library"]["bound"] == 0
    assert {p.name for p in out.rglob("*") if p.is_file()} == {
        *("model.json", "score.sql", "weights.csv", "parity.json", "manifest.json")
    }
    again = invoke(["verify", str(out), str(folder / "rows.csv")])
    assert again.exit_code == 0, again.output


def test_json_says_the_same(folder: Path, tmp_path: Path) -> None:
    done = invoke(["adopt", str(folder / "m.txt"), "--json", "--output", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["parity"]["holds"]
    assert found["parity"]["library"]["largest_difference"] == 0


def test_what_cannot_be_carried_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(b"\x80\x04N.")
    done = invoke(["adopt", str(tmp_path / "m.pkl"), "--output", str(tmp_path)])
    assert done.exit_code == 1
    assert "a pickle runs whatever code is in it" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "model.json").exists()
