"""Measure scoring a file into a file against the usual ways in Python, and against a bare copy.

A key and seven numbers, a share of them missing, in Parquet and CSV, become the key and a
probability, in Parquet and CSV:

- ``leadweights score FILE -o FILE``;
- pandas reads, the pipeline of scikit-learn predicts, pandas writes;
- polars reads, ONNX Runtime predicts in blocks, polars writes;
- DuckDB alone copies the key and the sum of the numbers from file to file: the limit, as nothing
  that reads these columns and writes such a file in this engine takes less;
- DuckDB alone copies the key and the probability, by the SELECT that `leadweights sql` prints.

Each is a process of its own, from its start to its end. Within a round the order is random; a ratio
is the median over the rounds of the ratio within a round. Exits 1 if a run fails, or if one of the
four probabilities differs.

Needs ``pip install onnxruntime skl2onnx polars pandas`` beside leadweights; without ONNX Runtime
that way is left out.

Run ``python benchmarks/score_files.py [--rows 10000000] [--rounds 5] [--missing 0.01]
[--beside FOLDER] [--ways WAY ...]``; `--beside` is another checkout of
leadweights, to be measured as well, `--ways` are some of the four ways to read and write.
"""

from __future__ import annotations

import argparse
import os
import pickle
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from score_memory import LARGEST_DIFFERENCE, MEGABYTE, NAMES, Cost, cost

# This process imports nothing large: on Linux a child's peak memory begins with its parent's.

SEED, BLOCK_ROWS = 42, 100_000
GOAL = 1.5
OWN, PANDAS, POLARS = "leadweights score", "pandas, scikit-learn", "polars, ONNX Runtime"
BESIDE = "the other checkout"
LIMIT, SELECT = "DuckDB COPY, the sum", "DuckDB COPY, the SELECT"
MODEL = Path(__file__).resolve().parents[1] / "outputs" / "model.json"
WAYS = ("parquet to parquet", "parquet to csv", "csv to parquet", "csv to csv")


def make(rows: str, missing: str, folder: str) -> None:
    """Write the table, in both formats."""
    import duckdb

    numbers = ", ".join(
        f'CASE WHEN random() >= {float(missing)} THEN random() END AS "{name}"' for name in NAMES
    )
    with duckdb.connect() as connection:
        connection.execute("SELECT setseed(0.42)")
        connection.execute(
            f"COPY (SELECT 'lead-' || range AS contact_id, {numbers} FROM range({int(rows)})) "
            f"TO '{folder}/leads.parquet'"
        )
        connection.execute(f"COPY (FROM '{folder}/leads.parquet') TO '{folder}/leads.csv'")


def prepare(folder: str) -> None:
    """Learn the pipeline, write it as pickle and for ONNX; write the SELECT."""
    import pandas as pd
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    import leadweights as lw

    train = pd.read_csv(MODEL.parents[1] / "data" / "train.csv")
    regression = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10, max_iter=1000)
    pipeline = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), regression)
    pipeline.fit(train[list(NAMES)].to_numpy(float), train["label"].to_numpy())
    (Path(folder) / "pipeline.pickle").write_bytes(pickle.dumps(pipeline))
    sql = lw.render(lw.load(MODEL), keys=["contact_id"], columns=["probability"])
    (Path(folder) / "select.sql").write_text(sql, encoding="utf-8")
    if has_onnx():
        from skl2onnx import to_onnx
        from skl2onnx.common.data_types import DoubleTensorType

        kinds = [("numbers", DoubleTensorType([None, len(NAMES)]))]
        # ONNX Runtime fills in no missing doubles: polars has to.
        fills = dict(zip(NAMES, pipeline[0].statistics_.tolist(), strict=True))
        (Path(folder) / "fills.pickle").write_bytes(pickle.dumps(fills))
        filled = pipeline[1:]
        made = to_onnx(filled, initial_types=kinds, options={id(filled): {"zipmap": False}})
        (Path(folder) / "pipeline.onnx").write_bytes(made.SerializeToString())


def has_onnx() -> bool:
    """Tell whether ONNX Runtime is here, and what makes a model for it."""
    return all(map(find_spec, ("onnxruntime", "skl2onnx", "polars")))


def predict(folder: str, table: str, result: str) -> None:
    """Score as most people do in Python."""
    import pandas as pd

    pipeline = pickle.loads((Path(folder) / "pipeline.pickle").read_bytes())
    frame = pd.read_parquet(table) if table.endswith(".parquet") else pd.read_csv(table)
    found = pipeline.predict_proba(frame[list(NAMES)].to_numpy())[:, 1]
    scored = pd.DataFrame({"contact_id": frame["contact_id"], "probability": found})
    if result.endswith(".parquet"):
        scored.to_parquet(result, index=False)
    else:
        scored.to_csv(result, index=False)


def infer(folder: str, table: str, result: str) -> None:
    """Score as people do who want it fast."""
    import numpy as np
    import onnxruntime  # type: ignore[import-not-found, unused-ignore]
    import polars as pl

    session = onnxruntime.InferenceSession(
        str(Path(folder) / "pipeline.onnx"), providers=["CPUExecutionProvider"]
    )
    frame = pl.read_parquet(table) if table.endswith(".parquet") else pl.read_csv(table)
    fills = pickle.loads((Path(folder) / "fills.pickle").read_bytes())
    filled = (pl.col(name).fill_null(fills[name]) for name in NAMES)
    numbers = np.ascontiguousarray(frame.select(*filled).to_numpy())
    blocks = (numbers[first : first + BLOCK_ROWS] for first in range(0, len(numbers), BLOCK_ROWS))
    found = [session.run(["probabilities"], {"numbers": block})[0][:, 1] for block in blocks]
    scored = frame.select("contact_id", probability=pl.Series(np.concatenate(found)))
    if result.endswith(".parquet"):
        scored.write_parquet(result)
    else:
        scored.write_csv(result)


def copy(what: str, folder: str, table: str, result: str) -> None:
    """Let DuckDB alone copy the key and one number, from file to file."""
    import duckdb

    sums = " + ".join(f'"{name}"' for name in NAMES)
    with duckdb.connect() as connection:
        if what == "sum":
            sql = f"SELECT contact_id, {sums} AS probability FROM '{table}'"
        else:
            connection.execute(f"CREATE VIEW leads AS FROM '{table}'")
            sql = (Path(folder) / "select.sql").read_text(encoding="utf-8").rstrip().rstrip(";")
        connection.execute(f"COPY ({sql}) TO '{result}'")


def compare(*results: str) -> None:
    """Exit 1 if results differ in a key, in their order, or in a probability."""
    import numpy as np
    import pandas as pd

    def read(path: str) -> pd.DataFrame:
        return pd.read_parquet(path) if path.endswith(".parquet") else pd.read_csv(path)

    first = read(results[0])
    for path in results[1:]:
        other = read(path)
        largest = float(np.abs(first["probability"] - other["probability"]).max())
        if not (first["contact_id"].equals(other["contact_id"]) and largest <= LARGEST_DIFFERENCE):
            sys.exit(f"{path}: the probabilities differ by {largest}, or the keys do")


ROLES = {role.__name__: role for role in (make, prepare, predict, infer, copy, compare)}


def role_command(role: str, *arguments: object) -> list[str]:
    """Write the command that does one of the roles above in a process of its own."""
    return [sys.executable, __file__, role, *map(str, arguments)]


def commands(folder: Path, read: str, written: str, beside: Path | None) -> dict[str, list[str]]:
    """Write the commands to measure, each with the file it writes at its end."""
    table, results = folder / f"leads.{read}", folder / written
    results.mkdir(exist_ok=True)

    def result(name: str) -> Path:
        return results / f"{name}.{written}"

    own = ("score", MODEL, table, "--columns", "probability", "-o", result("own"))
    found = {
        OWN: [sys.executable, "-P", "-m", "leadweights", *map(str, own)],
        PANDAS: role_command("predict", folder, table, result("pandas")),
        POLARS: role_command("infer", folder, table, result("polars")),
        LIMIT: role_command("copy", "sum", folder, table, result("sum")),
        SELECT: role_command("copy", "select", folder, table, result("select")),
    }
    if beside is not None:
        path = os.pathsep.join([str(beside), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
        module = [*found[OWN][:-1], str(result("beside"))]
        found[BESIDE] = ["env", f"PYTHONPATH={path}", *module]
    if not has_onnx():
        del found[POLARS]
    return found


def measure(named: Mapping[str, list[str]], rounds: int, chance: random.Random) -> list[list[Cost]]:
    """Run every command once a round, in a random order; the first round is not counted."""
    found: list[list[Cost]] = []
    for turn in range(rounds + 1):
        order = chance.sample(list(named), len(named))
        costs = {name: cost(named[name]) for name in order}
        if turn:
            found.append([costs[name] for name in named])
    return found


def print_way(title: str, names: Sequence[str], found: Sequence[Sequence[Cost]]) -> None:
    """Print one way to read and write."""
    print(f"\n{title}")
    print(f"{'':26}{'time / limit':>20}{'time / leadweights':>22}{'memory':>10}")
    print(f"{'':26}" + f"{'elapsed':>12}{'CPU':>8}" + f"{'elapsed':>14}{'CPU':>8}" + f"{'MB':>10}")
    own, limit = names.index(OWN), names.index(LIMIT)
    for place, name in enumerate(names):
        cells = []
        for other, width in ((limit, 12), (own, 14)):
            elapsed = median(costs[place].elapsed / costs[other].elapsed for costs in found)
            cpu = median(costs[place].cpu / costs[other].cpu for costs in found)
            cells.append(f"{elapsed:{width}.2f}{cpu:8.2f}")
        memory = median(costs[place].megabytes for costs in found)
        print(f"{name:26}{''.join(cells)}{memory:10.0f}")
    ratio = median(costs[own].elapsed / costs[limit].elapsed for costs in found)
    if title.startswith("parquet to parquet"):
        print(f"goal <= {GOAL:g}: {'held' if ratio <= GOAL else 'MISSED'}")


def run(
    rows: int,
    rounds: int,
    missing: float,
    beside: Path | None,
    ways: Sequence[str],
    folder: Path,
) -> None:
    """Make the table, measure, hold the results against each other, print."""
    cost(role_command("make", rows, missing, folder))
    cost(role_command("prepare", folder))
    sizes = {ending: (folder / f"leads.{ending}").stat().st_size for ending in ("parquet", "csv")}
    print(f"{rows:,} rows, {rounds} rounds, {missing:.0%} of the values missing")
    chance = random.Random(SEED)
    for way in ways:
        read, _, written = way.split()
        named = commands(folder, read, written, beside)
        found = measure(named, rounds, chance)
        compared = (command[-1] for name, command in named.items() if name != LIMIT)
        cost(role_command("compare", *compared))
        title = f"{way}, from {sizes[read] / MEGABYTE:,.0f} MB"
        print_way(title, list(named), found)


def main() -> None:
    if sys.argv[1:] and sys.argv[1] in ROLES:
        ROLES[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--missing", type=float, default=0.01, help="share of the values")
    parser.add_argument("--beside", type=Path, help="another checkout, measured as well")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, metavar="WAY")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(**vars(options), folder=Path(folder))


if __name__ == "__main__":
    main()
