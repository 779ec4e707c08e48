"""The command line as a newcomer and as an adversary uses it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from click.testing import Result

import leadweights as lw
from leadweights.files.manifest import NAME
from leadweights.formula.stages import part_outputs, row_outputs
from leadweights.learn.recipe import USUAL, Limits
from leadweights.model.file import fingerprint, load
from tests.support.commands import invoke
from tests.support.learning import QUICK

MODEL, TRAIN, VALID = "outputs/model.json", "data/train.csv", "data/valid.csv"
# What fit writes, and what verify writes beside it: `make outputs`.
OUTPUTS = {
    "model.json",
    "equal_weights.json",
    "weights/weights.csv",
    "columns.json",
    "metrics.json",
    "parity.json",
    "score.sql",
    "learnt_rows.json",
    "baseline.json",
    NAME,
}
CERTIFICATE = {"engines.json", "PARITY.md"}


def run(*arguments: str, limits: Limits = QUICK) -> Result:
    found = invoke(arguments, limits=limits)
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


def refused(*arguments: str) -> str:
    """Run a command that must fail: exit 1, one line on stderr, nothing on stdout."""
    found = run(*arguments)
    assert found.exit_code == 1, found.output
    assert found.stdout == ""
    lines = found.stderr.splitlines()
    assert len(lines) == 1
    return lines[0]


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    return tmp_path / "leads.csv"


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the first rows to learn from: as many as tell the columns apart."""
    path = tmp_path_factory.mktemp("few") / "few.csv"
    path.write_text("".join(Path(TRAIN).read_text().splitlines(keepends=True)[:601]))
    return str(path)


def test_fit_writes_the_committed_outputs_again(tmp_path: Path) -> None:
    found = run(
        *("fit", TRAIN, "--valid", VALID, "--key", "contact_id"),
        *("--dictionary", "data/features.toml", "--output", str(tmp_path)),
        limits=USUAL,
    )
    assert found.exit_code == 0, found.output
    assert files_in(tmp_path) == OUTPUTS == files_in(Path("outputs")) - CERTIFICATE
    for name in OUTPUTS - {"metrics.json", NAME}:
        assert (tmp_path / name).read_bytes() == Path("outputs", name).read_bytes(), name
    listed = json.loads(Path("outputs", NAME).read_text())["files"]
    assert listed.keys() == {*OUTPUTS, *CERTIFICATE} - {NAME}
    for name, digest in listed.items():
        assert sha256(Path("outputs", name).read_bytes()).hexdigest() == digest, name
    # Gradient boosting may split otherwise on another CPU.
    again, committed = (
        json.loads(path.read_text())
        for path in (tmp_path / "metrics.json", Path("outputs/metrics.json"))
    )
    for model in ("equal_weights", "logistic_regression"):
        assert again["models"][model] == committed["models"][model]
    assert found.stderr == ""
    assert "recency_days         -0.2655  ███" in found.stdout
    assert "Parity: SQL in DuckDB" in found.stdout
    assert "equals Python bit for bit on 4,700 rows" in found.stdout
    assert str(tmp_path / "score.sql") in found.stdout


@pytest.mark.sweep
def test_fit_without_valid_says_that_it_holds_a_fifth_back_and_what_it_leaves_out(
    few: str, tmp_path: Path
) -> None:
    found = run("fit", few, "--output", str(tmp_path / "out"))
    assert found.exit_code == 0
    held_back = "20% of the rows held back, chosen by a hash of each row's content, seed 42"
    assert f"{held_back}:\n120 rows" in found.stdout
    assert (
        found.stderr
        == "column 'contact_id' is left out: an id: 100% of its values stand in one row only\n"
        "'contact_id' tells the rows apart: --key contact_id, and scores come out with it\n"
    )


@pytest.mark.sweep
def test_json_is_one_document_on_stdout(few: str, tmp_path: Path) -> None:
    fitted = json.loads(run("fit", few, "--json", "--output", str(tmp_path)).stdout)
    assert fitted["parity"]["holds"] is True
    assert set(fitted["files"]) == {str(tmp_path / name) for name in {*OUTPUTS, "held_back.csv"}}
    assert fitted["metrics"] == json.loads((tmp_path / "metrics.json").read_text())
    assert fitted["model"] == json.loads((tmp_path / "model.json").read_text())
    assert fitted["warnings"] == []
    assert fitted["notes"] == [
        "column 'contact_id' is left out: an id: 100% of its values stand in one row only"
    ]
    compared = json.loads(run("compare", few, "--json").stdout)
    assert compared == fitted["metrics"]
    verified = json.loads(run("verify", MODEL, VALID, "--json").stdout)
    assert verified["holds"] is True
    (proof,) = verified["engines"]
    assert proof["engine"] == f"DuckDB {duckdb.__version__}"
    model = load(MODEL)
    assert proof["checks"][0] == {
        "rows_of": "your rows",
        "shape": "standardized",
        "columns": [*row_outputs(model, "standardized"), *part_outputs(model)],
        "rows": 1200,
        "left_out": 0,
        "difference": None,
        "probability_ulp": 0,
        "apart": {},
    }
    printed = run("sql", MODEL, "--shape", "raw").stdout
    assert proof["sql_sha256"]["raw"] == sha256(printed.encode()).hexdigest()
    assert proof["columns"]["log_odds"]["differ"] == 0


@pytest.mark.sweep
def test_compare_prints_the_table_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, valid = (str(Path(path).resolve()) for path in (TRAIN, VALID))
    monkeypatch.chdir(tmp_path)
    found = run("compare", train, "--valid", valid, "--key", "contact_id", limits=USUAL)
    assert found.exit_code == 0
    for word in ("AUC-ROC", "PR-AUC", "Brier", "P@100", "P@200", "which favours it"):
        assert word in found.stdout
    assert list(tmp_path.iterdir()) == []


def test_sql_is_what_python_renders() -> None:
    model = lw.load(MODEL)
    assert run("sql", MODEL).stdout == lw.render(model)
    options = ["--dialect", "BigQuery", "--table", "crm.leads", "--shape", "raw", "--key", "id"]
    assert run("sql", MODEL, *options).stdout == lw.render(
        model, dialect="bigquery", table="crm.leads", shape="raw", keys=["id"]
    )
    assert run("sql", MODEL, "--columns", "probability, lead_score").stdout == lw.render(
        model, columns=["probability", "lead_score"]
    )
    assert run("sql", MODEL, "--expression").stdout == lw.expression(model)
    assert run(
        "sql", MODEL, "--expression", "--columns", "log_odds", "--shape", "raw"
    ).stdout == lw.expression(model, column="log_odds", shape="raw")


def test_weights_come_as_a_chart_csv_or_json() -> None:
    assert (
        run("weights", MODEL, "--format", "csv").stdout
        == Path("outputs/weights/weights.csv").read_text()
    )
    rows = json.loads(run("weights", MODEL, "--format", "json").stdout)
    assert [row["feature"] for row in rows] == sorted(row["feature"] for row in rows)
    table = run("weights", MODEL).stdout.splitlines()
    assert len(table) == 8
    assert table[0].split() == ["feature", "weight", "coefficient", "mean", "std", "raw_weight"]
    assert table[1].startswith("recency_days          -0.2655      -0.8662")
    assert table[1].endswith(" " + "█" * 30)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_score_writes_what_python_scores(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "deep" / f"scored.{ending}"
    found = run("score", MODEL, VALID, "-o", str(path))
    assert found.exit_code == 0
    assert found.stderr == f"1,200 rows scored into {path}\n"
    written = (
        duckdb.connect()
        .execute(
            "SELECT * FROM read_csv(?)" if ending == "csv" else "SELECT * FROM read_parquet(?)",
            [str(path)],
        )
        .fetchall()
    )
    expected = lw.score(lw.load(MODEL), VALID)
    assert list(expected) == ["contact_id", "lead_score", "log_odds", "probability"]
    assert written == [tuple(row) for row in expected.itertuples(index=False)]
    assert files_in(tmp_path) == {f"deep/scored.{ending}"}


def test_score_without_a_file_prints_csv() -> None:
    lines = run("score", MODEL, VALID, "--key", "contact_id").stdout.splitlines()
    assert lines[0] == "contact_id,lead_score,log_odds,probability"
    assert len(lines) == 1201


def test_keys_in_text_files_keep_their_zeros(leads: Path) -> None:
    pd.read_csv(VALID).head(3).assign(contact_id=["007", "08", "1"]).to_csv(leads, index=False)
    found = run("score", MODEL, str(leads)).stdout.splitlines()
    assert [line.split(",")[0] for line in found] == ["contact_id", "007", "08", "1"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"a,label\n", "has column names but no rows"),
        (b"a,b\n1,2\n", "has no column 'label'; it has: a, b"),
        (b"a,labels\n1,2\n", "did you mean 'labels'?"),
        (b"a,a,label\n1,2,0\n", "column 'a' stands twice"),
        (b"a,A,label\n1,2,0\n", "columns 'a' and 'A' differ in case only"),
        (b"a,,label\n1,2,0\n", "column 2 has no name"),
        (b"a,label\n1,0\n2,0\n", "label 'label' has one value only, 0"),
        (b"a,label\n1,0\n2,1\n3,2\n", "has the values 0, 1, 2; it needs two"),
        (b"a,label\n1,maybe\n2,sure\n", "has the values 'maybe', 'sure'; it needs two"),
        (b"a,label\n1,0\n2,\n3,1\n", "label 'label' is missing in 1 rows, first on line 3"),
        (b"label\n0\n1\n", "has no usable column to learn from"),
        (
            b"a,b,label\n6,1,0\n7,1,0\n8,1,1\n" + b"7,1,1\n" * 7 + b"x,1,0\n",
            "'a' is numeric but for 'x' on line 12",
        ),
        (b"a,b,label\n7,1,0\n8,2,1\n9,x,1\n7,3,0\n", "'b' is numeric but for 'x' on line 4"),
        (b'a,b,label\n"p\nq",1,0\n\nr,2,1\ns,x y,1\np,3,0\n', "for 'x y' on line 6"),
        (b"a,label\n1,0\n2,1,1\n", "line 3 has 3 values, the header has 2"),
        (b'a,b,label\n1,"x\ny",0\n\n2,1\n', "line 5 has 2 values, the header has 3"),
        (b"a,label\n\xff\xfe,0\n1,1\n", "cannot read"),
        (b"a,label\n\xe9,0\n", "it is not UTF-8 text (byte 0xe9 on line 2); save it as UTF-8"),
        (b"\x00\x01\x02\x03", ""),
    ],
)
def test_a_file_that_cannot_be_learnt_from_gets_one_line_and_writes_nothing(
    content: bytes, message: str, leads: Path, tmp_path: Path
) -> None:
    leads.write_bytes(content)
    assert message in refused("fit", str(leads), "--output", str(tmp_path / "out"))
    assert files_in(tmp_path) == {"leads.csv"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", "nowhere.csv"], "no such file: nowhere.csv"),
        (["fit", "data"], "data is a directory, not a file"),
        (["fit", TRAIN, "--valid", "nowhere.csv"], "no such file: nowhere.csv"),
        (["fit", TRAIN, "--label", "won"], "data/train.csv has no column 'won'; it has: contact"),
        (["fit", TRAIN, "--key", "id"], "data/train.csv has no column 'id'"),
        (["fit", TRAIN, "--exclude", "age"], "data/train.csv has no column 'age'"),
        (["fit", TRAIN, "--key", "label"], "'label' is the label; it cannot be a key too"),
        (["fit", TRAIN, "--c", "0"], "C must be a positive number, not 0.0"),
        (["fit", TRAIN, "--table", "a;b"], "'a;b' is not the name of a table"),
        (["fit", TRAIN, "--dictionary", "no.toml"], "no such file: no.toml"),
        (["fit", TRAIN, "--dictionary", TRAIN], "data/train.csv is not TOML"),
        (["compare", "nowhere.csv"], "no such file: nowhere.csv"),
        (["sql", "nowhere.json"], "no such file: nowhere.json"),
        (["sql", TRAIN], "data/train.csv is not a model: not JSON"),
        (["sql", MODEL, "--columns", "score"], "no column 'score' in the result"),
        (["sql", MODEL, "--key", "probability"], "key 'probability' has the name of a column"),
        (["weights", TRAIN], "data/train.csv is not a model"),
        (["verify", MODEL, "outputs/weights/weights.csv"], "has no column 'engagement_rate_30d'"),
        (["verify", MODEL, "nowhere.csv"], "no such file: nowhere.csv"),
        (["score", MODEL, VALID, "--key", "id"], "data/valid.csv has no column 'id'"),
        (["score", MODEL, VALID, "-o", "x.txt"], "its name must end in .csv or .parquet"),
        (["score", MODEL, "nowhere.csv"], "no such file: nowhere.csv"),
    ],
)
def test_a_mistake_gets_one_line_and_exit_1(arguments: Sequence[str], message: str) -> None:
    assert message in refused(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["fit"],
        ["fit", TRAIN, "--dialect", "dbase"],
        ["fit", TRAIN, "--shape", "round"],
        ["fit", TRAIN, "--c", "many"],
        ["fit", TRAIN, "--seed", "-1"],
        ["sql", MODEL, "--expression", "--columns", "lead_score,log_odds"],
        ["weights", MODEL, "--format", "xml"],
        ["guess"],
    ],
)
def test_a_wrong_use_exits_2(arguments: Sequence[str]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.sweep
def test_names_are_matched_in_any_case(leads: Path) -> None:
    pd.read_csv(VALID).rename(columns={"recency_days": "Recency_Days"}).to_csv(leads, index=False)
    assert run("verify", MODEL, str(leads)).exit_code == 0
    assert run("score", MODEL, str(leads)).stdout == run("score", MODEL, VALID).stdout


def test_a_table_with_text_where_the_model_needs_numbers_says_where(leads: Path) -> None:
    rows = pd.read_csv(VALID).astype({"recency_days": object})
    rows.loc[4, "recency_days"] = "soon"
    rows.to_csv(leads, index=False)
    for command in ("score", "verify"):
        message = refused(command, MODEL, str(leads))
        assert "column 'recency_days' is numeric but for 'soon' on line 6" in message


@pytest.mark.sweep
def test_an_output_that_cannot_be_written_leaves_what_was_there(few: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert "cannot write" in refused("fit", few, "--output", str(tmp_path / "file"))
    taken = tmp_path / "out"
    (taken / "score.sql").mkdir(parents=True)
    (taken / "model.json").write_text("mine")
    assert "score.sql: it is a directory" in refused("fit", few, "--output", str(taken))
    assert files_in(tmp_path) == {"file", "out/model.json"}
    assert (taken / "model.json").read_text() == "mine"
    assert "cannot write" in refused(
        "score", MODEL, VALID, "-o", str(tmp_path / "file" / "scored.csv")
    )


def modules_after(*arguments: str) -> set[str]:
    """Run a command in a fresh interpreter; list what it imported, outermost names only."""
    code = (
        "import sys; from leadweights.cli.main import main\n"
        f"try: main({list(arguments)!r})\n"
        "except SystemExit: pass\n"
        "print(*{name.split('.')[0] for name in sys.modules}, sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (["--help"], {"sklearn", "scipy", "numpy", "pandas", "duckdb", "sqlglot", "cattrs"}),
        (["sql", MODEL], {"sklearn", "scipy", "numpy", "pandas", "duckdb"}),
        (["weights", MODEL], {"sklearn", "scipy", "numpy", "pandas", "duckdb", "sqlglot"}),
        # What the monitor alarms by, which is proven, too, has quantiles of scipy.
        (["verify", MODEL, VALID], {"sklearn", "pandas"}),
        (["report", MODEL, VALID, "--output", os.devnull], {"sklearn", "pandas"}),
    ],
)
def test_a_command_imports_nothing_it_does_not_need(
    arguments: Sequence[str], unneeded: set[str]
) -> None:
    assert not modules_after(*arguments) & (unneeded | {"asyncio"})


@pytest.mark.sweep
def test_the_library_can_be_used_after_the_command_line_in_one_process() -> None:
    assert run("verify", MODEL, VALID).exit_code == 0
    assert callable(lw.fit)
    assert callable(lw.verify)
    assert callable(lw.render)
    assert all(hasattr(lw, name) for name in lw.__all__)
    with pytest.raises(AttributeError, match="No leadweights attribute guess"):
        _ = lw.guess  # type: ignore[attr-defined]


@pytest.mark.sweep
def test_verify_on_several_engines_writes_a_certificate(tmp_path: Path) -> None:
    chosen = ["--engine", "duckdb", "--engine", "SQLite"]
    found = run("verify", MODEL, VALID, *chosen, "--output", str(tmp_path))
    assert [line.split()[:4] for line in found.stdout.splitlines()] == [
        [what, "SQL", "in", engine]
        for engine in ("DuckDB", "SQLite")
        for what in ("Parity:", "Monitor:")
    ]
    certificate = json.loads((tmp_path / "engines.json").read_text())
    assert [proof["dialect"] for proof in certificate["engines"]] == ["duckdb", "sqlite"]
    assert certificate["holds"] is True
    assert (
        certificate["engines"][1]["left_out"][0] == "hostile rows of type UBIGINT: no type UBIGINT"
    )
    page = (tmp_path / "PARITY.md").read_text()
    assert certificate["engines"][1]["sql_sha256"]["raw"] in page
    assert "| yes | 1,200 | 352 | identical | identical | identical | identical |" in page


def without_version(proof: dict[str, Any]) -> dict[str, Any]:
    return {**proof, "engine": proof["engine"].split()[0]}


def test_the_committed_certificate_is_of_the_committed_model_and_can_be_repeated(
    tmp_path: Path,
) -> None:
    committed = json.loads(Path("outputs/engines.json").read_text())
    assert committed["holds"] is True
    assert committed["model_sha256"] == fingerprint(load(MODEL))
    page = Path("outputs/PARITY.md").read_text()
    for proof in committed["engines"]:
        assert f"\n## {proof['engine']}\n" in page
        for shape, expected in proof["sql_sha256"].items():
            sql = Path(f"sql/{proof['dialect']}.{shape}.sql").read_bytes()
            assert sha256(sql).hexdigest() == expected
            assert expected in page
    run("verify", MODEL, VALID, "--engine", "duckdb", "--output", str(tmp_path))
    (again,) = json.loads((tmp_path / "engines.json").read_text())["engines"]
    assert without_version(again) in map(without_version, committed["engines"])


def test_an_engine_that_is_not_there_gets_one_line() -> None:
    found = invoke(["verify", MODEL, VALID, "--engine", "dbase"])
    assert found.exit_code == 1
    assert found.stderr.startswith("Error: no engine 'dbase'; there are: duckdb, sqlite")


@pytest.mark.sweep
def test_fit_adds_trees_where_they_are_asked_for(tmp_path: Path) -> None:
    asked = ("fit", TRAIN, "--valid", VALID, "--key", "contact_id", "--output", str(tmp_path))
    found = run(*asked, "--trees", "3")
    assert found.exit_code == 0, found.output
    model = load(tmp_path / "model.json")
    assert model.trees is not None
    assert len(model.trees.trees) == 3
    assert "3 trees of depth 3 move the cross-validated log-loss" in found.output
    assert "they are added" in found.output


def test_what_is_no_number_of_trees_is_a_mistake_of_usage() -> None:
    found = run("fit", TRAIN, "--trees", "2.5")
    assert found.exit_code == 2
    assert "'2.5' is neither a whole number nor none nor auto nor large" in found.output
    assert refused("fit", TRAIN, "--trees", "1000").startswith(
        "Error: trees are none, auto, large or"
    )
