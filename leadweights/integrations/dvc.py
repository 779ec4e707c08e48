"""A pipeline of DVC: look at the data, fit, prove, watch, challenge; what is the same is kept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from leadweights.errors import OutputError
from leadweights.files.read import read_text
from leadweights.files.remote import as_path
from leadweights.files.write import Content, write_text
from leadweights.integrations.command_lines import (
    as_argument,
    join_words,
    list_challenge_words,
    list_fit_words,
    write_rules,
)
from leadweights.integrations.yaml_documents import Command, Data, to_yaml
from leadweights.model.model import ScoringModel

_PIPELINE, _PARAMS = "dvc.yaml", "params.yaml"
_MARK = "# Written by leadweights export dvc"
_HEADS = {
    _PIPELINE: f"{_MARK}: whoever exports anew writes over it.\n",
    _PARAMS: f"{_MARK}: what to try with dvc exp run --set-param.\n",
}
_RULES = "leadweights-rules.json"
_MODEL, _COLUMNS, _PROOF = "leadweights-model", "leadweights-columns.json", "leadweights-proof"
_MONITOR, _PACKET = "leadweights-monitor", "leadweights-packet"
_USUAL = {"--c": "1.0", "--trees": "none", "--seed": "42"}
_NAMES_OF_COLUMNS = ("--time-column", "--group", "--weight")
_OF_COLUMNS = (
    *("--dictionary", "--label", "--positive", "--negative", "--key", "--exclude", "--time-zone"),
)
# Words of the shell behind a command: which exit codes are results, not failures.
_WATCH_IS_A_RESULT = "|| [ $? -eq 3 ]"
_KEEP_IS_A_RESULT = "|| case $? in 5 | 6) ;; *) exit 1 ;; esac"


def export_dvc(
    model: ScoringModel,
    *,
    data: str,
    valid: str | None = None,
    dictionary: str | None = None,
    current: str | None = None,
    champion: str | None = None,
    gates: str | None = None,
    dialect: str = "duckdb",
    output: str | Path | None = None,
) -> dict[str, str]:
    """Write a pipeline that learns anew as a model was learnt: texts by paths, and into `output`.

    All are files of the repository, by their paths from the pipeline: `data` are labelled rows,
    `valid` others to measure on, `current` today's leads, which the stage `monitor` holds against
    the baseline, `champion` the model in force, which the stage `challenge` holds the new one
    against, by `gates`. Watch, promote, keep and too few rows are results; where the monitor says
    act, its stage fails. `params.yaml` has the model's penalty, trees and seed. What the model
    decides by rules made by hand, bands or a threshold, stands in a file of its own, and the new
    one decides so.

    Raises UnsupportedError for a name that DVC would run and for a champion without `valid`,
    OutputError where another's `dvc.yaml` is.
    """
    rules = write_rules(model, _RULES)
    asked: dict[str, Any] = {"valid": valid, "dictionary": dictionary, "dialect": dialect}
    asked["decide_as"] = _RULES if rules else None
    learnt, params = _part_params(list_fit_words(model, data, output=_MODEL, **asked))
    described = [words for words in learnt if words[0] in _OF_COLUMNS]
    # `columns` has no options for what these are for: only that nothing is learnt from them.
    described += [("--exclude", words[1]) for words in learnt if words[0] in _NAMES_OF_COLUMNS]
    look = [("leadweights", "columns", as_argument(data)), *described]
    read = [name for name in (data, dictionary) if name is not None]
    metrics = [f"{_MODEL}/metrics.json"]
    stages: dict[str, Data] = {
        "data": _write_stage(
            "What becomes of each column, and why.",
            [*map(_join, look), f"--json > {_COLUMNS}"],
            read,
            [_COLUMNS],
        ),
        "fit": _write_stage(
            "Learn, compare, and prove the SELECT.",
            [*map(_join, learnt), *(f"--{name} ${{fit.{name}}}" for name in params)],
            [*read, *([] if valid is None else [valid]), *rules],
            [_MODEL],
            params=["fit"],
        ),
        "verify": _write_stage(
            "Prove the SELECT on all rows, and that of the monitor.",
            [_join(("leadweights", "verify", _MODEL, as_argument(data), "--output", _PROOF))],
            [*_name_files("model.json", "baseline.json"), data],
            [_PROOF],
        ),
    }
    if current is not None:
        watch = ("leadweights", "monitor", _MODEL, as_argument(current), "--output", _MONITOR)
        stages["monitor"] = _write_stage(
            "Hold the leads of today against the rows that were learnt from.",
            [_join(watch), _WATCH_IS_A_RESULT],
            [*_name_files("model.json", "baseline.json"), current],
            [_MONITOR],
        )
        metrics.append(f"{_MONITOR}/monitor.json")
    if champion is not None:
        words = list_challenge_words(champion, _MODEL, valid, gates, _PACKET)
        rows = [name for name in (valid, gates) if name is not None]
        stages["challenge"] = _write_stage(
            "Hold the new model against the champion, for somebody to approve.",
            [*map(_join, words), _KEEP_IS_A_RESULT],
            [champion, *_name_files("model.json", "learnt_rows.json"), *rows],
            [_PACKET],
        )
        metrics.append(f"{_PACKET}/challenge.json")
    found = {
        _PIPELINE: _HEADS[_PIPELINE] + to_yaml({"stages": stages, "metrics": metrics}),
        _PARAMS: _HEADS[_PARAMS] + to_yaml({"fit": params}),
        **rules,
    }
    if output is not None:
        refuse_others(output)
        texts: dict[Path, Content] = {as_path(output) / path: text for path, text in found.items()}
        write_text(texts)
    return found


def refuse_others(folder: str | Path) -> None:
    """Raise OutputError where a folder has a pipeline, or parameters, that are somebody's own."""
    for name in _HEADS:
        path = as_path(folder) / name
        if path.is_file() and not read_text(path, "YAML", OutputError).startswith(_MARK):
            raise OutputError(f"{path} is another's: export into a folder of its own")


def _part_params(
    words: Sequence[tuple[str, ...]],
) -> tuple[list[tuple[str, ...]], dict[str, Data]]:
    """Part the words of `fit` from the options that stand in a file of parameters."""
    own = _USUAL | {words_of[0]: words_of[1] for words_of in words if words_of[0] in _USUAL}
    others = [words_of for words_of in words if words_of[0] not in _USUAL]
    params = {option.removeprefix("--"): _read_param(value) for option, value in own.items()}
    return others, params


def _read_param(text: str) -> Data:
    """Read a word as YAML has it: a number is one."""
    for read in (int, float):
        with suppress(ValueError):
            return read(text)
    return text


def _join(words: Sequence[str]) -> str:
    return join_words(words, "${", "a pipeline of DVC")


def _name_files(*names: str) -> list[str]:
    return [f"{_MODEL}/{name}" for name in names]


def _write_stage(
    told: str, parts: Sequence[str], deps: Sequence[str], outs: Sequence[str], **others: Data
) -> dict[str, Data]:
    """Describe a stage: what it is for, its command in parts, what it reads and what it makes."""
    return {"desc": told, "cmd": Command(tuple(parts)), "deps": deps, **others, "outs": outs}
