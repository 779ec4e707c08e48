"""A command line for every place where a command names a file, to be run here and in the cloud."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

import leadweights as lw
from leadweights.cli.main import main
from leadweights.cli.options import File
from leadweights.model.model import Logit
from tests.support.adopting import draw
from tests.support.bad_urls import commands
from tests.support.commands import invoke

STORE = "%store"
"""Stands in words for the file of a store, which is on this machine: a database is no file."""


@dataclass(frozen=True, slots=True)
class Line:
    """A command line: a word after an @ is a file of `make_home`, or below @out one to write.

    `code` is how it ends; it may need a library by the name in `tool`.
    """

    words: str
    code: int = 0
    tool: str = ""

    def at(self, base: str, store: Path) -> list[str]:
        """Give the words with the files below a folder or a URL."""
        whole = {STORE: str(store)}
        return [
            f"{base}/{word[1:]}" if word.startswith("@") else whole.get(word, word)
            for word in shlex.split(self.words)
        ]

    @property
    def read(self) -> list[str]:
        """Name the files that it reads."""
        return [word[1:] for word in self._files if not word.startswith("@out")]

    @property
    def writes(self) -> bool:
        """Tell whether it writes a file."""
        return any(word.startswith("@out") for word in self._files)

    @property
    def _files(self) -> list[str]:
        return [word for word in shlex.split(self.words) if word.startswith("@")]


_KEY = "--key contact_id"
_MERGE = "--outcome stage --won won --lost lost"
LINES = tuple(
    Line(*told) if isinstance(told, tuple) else Line(told)
    for told in (
        f"fit @train.csv --valid @valid.csv --dictionary @features.toml {_KEY} "
        "--decide-as @model --output @out/fit",
        f"compare @train.csv --valid @valid.csv --dictionary @features.toml {_KEY}",
        f"compare @train.csv --models {_KEY}",
        f"columns @train.csv {_KEY} --write @out/features.toml",
        f"columns @train.csv {_KEY} --dictionary @features.toml",
        "sql @model --types @types.csv --dialect postgres",
        "weights @model",
        ("adopt @lightgbm.txt @rows.csv --output @out/adopted", 0, "lightgbm"),
        "verify @model @valid.csv --output @out/proof",
        "golden @model --data @valid.csv --rows 3",
        "check-input @model @valid.csv --types @types.csv",
        "score @adjusting.json @leads.csv --adjustments @factors.csv -o @out/scores.csv",
        "score @model @valid.csv --format salesforce --changed-since @before.csv -o @out/crm.csv",
        "threshold @model @valid.csv --recall 0.7 -o @out/decided.json",
        "threshold @model --recall 0.7 -o @out/decided.json",
        "calibrate @model @valid.csv -o @out/calibrated.json",
        "calibrate @skewed.json @valid.csv -o @out/calibrated.json",
        "decide @model --plan @plan.toml --data @valid.csv -o @out/decided.json",
        "report @model @valid.csv -o @out/report.html",
        "report @model -o @out/report.html",
        "export dbt @model --challenger @other --baseline @model/baseline.json --relation leads "
        "--output @out/dbt",
        "export javascript @model --output @out/js",
        "export xlsx @model --rows 5 --output @out/xlsx",
        "export mlflow @model --output @out/mlflow",
        "export azureml @model --output @out/azureml",
        "export github @model --data a.csv --dictionary b.toml --output @out/repository",
        "export dvc @model --data a.csv --dictionary b.toml --output @out/repository",
        "export airflow @model --table leads --baseline @model/baseline.json --output @out/dags",
        "lint @model/model.json",
        f"outcomes merge @leads.csv @outcomes.csv {_KEY} {_MERGE} --model @model "
        "-o @out/labelled.csv",
        f"outcomes merge @leads.parquet @outcomes.csv {_KEY} {_MERGE} -o @out/labelled.parquet",
        f"outcomes record @valid.csv {_KEY} --store {STORE}",
        ("challenge @model @other @valid.csv --gates @gates.toml -o @out/packet", 5),
        "diff @model @other",
        (
            f"retrain @leads.csv @outcomes.csv --store {STORE} {_MERGE} --dictionary @features.toml"
            " --gates @gates.toml --champion @model -o @out/retrain",
            6,
        ),
        "experiment assign @model --salt spring",
        "experiment read @arms.csv",
        f"registry push @other --training-rows @train.csv {_KEY} --hmac-key @secret.key "
        f"--proof @proof/engines.json --store {STORE}",
        f"audit export --store {STORE} -o @out/trail.jsonl",
        f"erase --file @gone.csv {_KEY} --hmac-key @secret.key --retrain @train.csv "
        f"--store {STORE}",
        f"export-person {_KEY} C003501 --hmac-key @secret.key --store {STORE} -o @out/person.json",
        "monitor @model @leads.csv --reference @train.csv --output @out/monitor",
        "monitor @model @leads.parquet --output @out/monitor",
    )
)

ELSEWHERE = {
    "serve": "a process of its own: see tests/serve",
    "adjust": "asks an endpoint",
    "token": "its file is on the machine that serves",
}
"""Commands that name files and have no line, and why."""


def places() -> Iterator[tuple[str, str]]:
    """Give each place where a command names a file: the command, and the option or argument."""
    for names, command in commands(main):
        for own in command.params:
            if isinstance(own.type, File):
                yield " ".join(names), own.opts[0]


def covered() -> Iterator[tuple[str, str]]:
    """Give the places that the lines name files at."""
    for line in LINES:
        words = shlex.split(line.words)
        size = 2 if " ".join(words[:2]) in _groups() else 1
        command, rest = main.commands, words
        for word in words[:size]:
            found = command[word]
            command = getattr(found, "commands", {})
        context = found.make_context("", list(rest[size:]), resilient_parsing=True)
        for own in found.params:
            value = context.params.get(own.name or "")
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(own.type, File) and str(one).startswith("@"):
                    yield " ".join(words[:size]), own.opts[0]


@cache
def _groups() -> frozenset[str]:
    return frozenset(" ".join(names) for names, _ in commands(main) if len(names) == 2)


def make_home(folder: Path) -> Path:
    """Make all that the lines read, and the file of a store, `store.duckdb`."""
    train, valid = (pd.read_csv(f"data/{name}.csv") for name in ("train", "valid"))
    train, valid = train[:900], valid[:600]
    train.to_csv(folder / "train.csv", index=False)
    valid.to_csv(folder / "valid.csv", index=False)
    shutil.copy("data/features.toml", folder)
    leads = valid.drop(columns="label")
    leads.to_csv(folder / "leads.csv", index=False)
    leads.to_parquet(folder / "leads.parquet", index=False)
    stage = np.where(valid["label"] == 1, "won", "lost")
    told = pd.DataFrame({"contact_id": valid["contact_id"], "stage": stage})
    told.to_csv(folder / "outcomes.csv", index=False)
    valid.assign(arm=np.where(valid.index % 10 == 0, "held_out", "treated"))[
        ["arm", "label"]
    ].to_csv(folder / "arms.csv", index=False)
    train[["contact_id"]][:3].to_csv(folder / "gone.csv", index=False)
    _write_texts(folder, list(leads.columns))
    _run(folder, "fit @train.csv --key contact_id --dictionary @features.toml --output @model")
    _run(folder, "fit @train.csv --key contact_id --c 0.01 --output @other")
    _run(folder, "verify @other @valid.csv --output @proof")
    _run(folder, "decide @model --plan @adjusting.toml -o @adjusting.json")
    _run(folder, "score @other @valid.csv --format salesforce -o @before.csv")
    valid[["contact_id"]].assign(judgement=1.1).to_csv(folder / "factors.csv", index=False)
    _skew(folder)
    if find_spec("lightgbm"):
        _write_lightgbm(folder)
    _run(
        folder,
        f"registry push @model --training-rows @train.csv {_KEY} --hmac-key @secret.key "
        f"--store {STORE}",
    )
    _run(folder, f"registry activate 1 --store {STORE}")
    _run(folder, f"score @valid.csv --store {STORE}")
    return folder


def _skew(folder: Path) -> None:
    """Keep a model whose probabilities are far too sure, which a calibration mends."""
    model = lw.load(folder / "model")
    assert isinstance(model.link, Logit)
    link = replace(model.link, scale=6 * model.link.scale)
    lw.save(replace(model, link=link), folder / "skewed.json")


def _write_texts(folder: Path, names: list[str]) -> None:
    kinds = "\n".join(f"{name},double precision" for name in names if name != "contact_id")
    (folder / "types.csv").write_text(f"name,type\ncontact_id,text\n{kinds}\n")
    (folder / "plan.toml").write_text('[bands]\npreset = "hubspot"\n')
    (folder / "adjusting.toml").write_text('[adjustment]\ncolumn = "judgement"\n')
    (folder / "gates.toml").write_text("[auc]\nmargin = 0.05\n")
    (folder / "secret.key").write_text("0123456789abcdef0123\n")


def _write_lightgbm(folder: Path) -> None:
    import lightgbm

    x, y = draw()
    rows = lightgbm.Dataset(x, y, feature_name=["a", "b", "c", "d"])
    asked = {"objective": "binary", "verbose": -1, "num_leaves": 4, "num_threads": 1}
    lightgbm.train(asked, rows, 3).save_model(folder / "lightgbm.txt")
    pd.DataFrame(x[:40], columns=list("abcd")).to_csv(folder / "rows.csv", index=False)


def _run(folder: Path, words: str) -> None:
    done = invoke(Line(words).at(str(folder), folder / "store.duckdb"))
    assert done.exit_code == 0, (words, done.output)
