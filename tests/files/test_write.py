"""Files as a failing disk, signals and other processes leave them."""

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

import leadweights as lw
from leadweights.errors import ModelError, OutputError
from leadweights.files.manifest import NAME, PREFIX
from leadweights.files.read import read_text
from leadweights.files.write import replace_file, write_text
from tests.support.commands import invoke
from tests.support.disk_faults import (
    ERRORS,
    NEW,
    OLD,
    SIGNALS,
    inject_everywhere,
    write_folder,
    write_one,
)
from tests.support.losses import OUTPUTS_THAT_ARE_INPUTS, write_over_inputs
from tests.support.release import some, sweep, swept

MODEL, TRAIN, VALID = "outputs/model.json", "data/train.csv", "data/valid.csv"
KEPT = f"{PREFIX}*"


@pytest.fixture(scope="module")
def few_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a few labelled rows, for tests that care for what a fit writes alone."""
    path = tmp_path_factory.mktemp("few") / "rows.csv"
    path.write_text("".join(Path(TRAIN).read_text().splitlines(keepends=True)[:301]))
    return path


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("write", [swept(write_folder), write_one])
@pytest.mark.parametrize("fault", sweep([*some(ERRORS, 2, 1), *SIGNALS], 2))
def test_a_fault_at_any_call_leaves_all_files_old_or_all_new(
    fault: str, write: Callable[[Path, Mapping[str, str]], None]
) -> None:
    found = list(inject_everywhere(write, [fault]))
    assert len(found) > 6
    assert not [where for where, state, _ in found if state == "neither"]
    # Nothing unfinished lies about, unless nobody was left to remove it.
    left = [where for where, _, unfinished in found if unfinished]
    assert all(" unlink " in where for where in left) or fault == "SIGKILL"
    renames = {state for where, state, _ in found if " replace " in where}
    assert renames == (
        {"old", "new"}
        if fault == "SIGKILL" and write is write_folder
        else {"new"}
        if fault in ("SIGINT", "SIGTERM")
        else {"old"}
    )


def test_a_changed_file_is_refused_by_name_and_a_foreign_manifest_is_kept(tmp_path: Path) -> None:
    write_folder(tmp_path, OLD)
    (tmp_path / "a.json").write_text("mine")
    with pytest.raises(ModelError, match=r"a\.json is not the file that .*manifest\.json lists"):
        read_text(tmp_path / "a.json", "text", ModelError)
    (tmp_path / NAME).unlink()
    assert read_text(tmp_path / "a.json", "text", ModelError) == "mine"
    (tmp_path / NAME).write_text('{"made_by": "another tool"}')
    with pytest.raises(OutputError, match=r"manifest\.json is of another tool"):
        write_folder(tmp_path, NEW)
    assert (tmp_path / NAME).read_text() == '{"made_by": "another tool"}'
    assert read_text(tmp_path / "a.json", "text", ModelError) == "mine"


@pytest.mark.parametrize(
    "waiting",
    [{"../x": f"{PREFIX}y"}, {"a.json": "../y"}, {"a.json": "b"}, {"/etc/x": f"{PREFIX}y"}, 3],
)
def test_a_manifest_cannot_move_what_is_not_its_own(waiting: object, tmp_path: Path) -> None:
    write_folder(tmp_path / "f", OLD)
    manifest = json.loads((tmp_path / "f" / NAME).read_text())
    names = waiting if isinstance(waiting, dict) else {}
    manifest["files"] = {**manifest["files"], **dict.fromkeys(names, "0" * 64)}
    (tmp_path / "f" / NAME).write_text(json.dumps({**manifest, "waiting": waiting}, indent=2))
    for place in (tmp_path / "y", tmp_path / f"{PREFIX}y", tmp_path / "f" / "b"):
        place.write_text("theirs")
    before = files_in(tmp_path)
    assert read_text(tmp_path / "f" / "a.json", "text", ModelError) == OLD["a.json"]
    assert files_in(tmp_path) == before


def test_a_file_of_a_folder_may_be_written_alone(tmp_path: Path) -> None:
    write_folder(tmp_path, OLD)
    write_text({tmp_path / "a.json": "newer"})
    assert read_text(tmp_path / "a.json", "text", ModelError) == "newer"
    assert json.loads((tmp_path / NAME).read_text())["files"].keys() == OLD.keys()
    model = json.loads(Path(MODEL).read_text())
    assert model["format"] == 1


@pytest.mark.sweep
def test_another_fit_no_longer_vouches_for_the_certificate(few_rows: Path, tmp_path: Path) -> None:
    train = str(few_rows)
    run("fit", train, "--output", str(tmp_path))
    model = str(tmp_path / "model.json")
    run("verify", model, VALID, "--output", str(tmp_path))
    listed = set(json.loads((tmp_path / NAME).read_text())["files"])
    assert {"engines.json", "PARITY.md", "model.json", "weights/weights.csv"} <= listed
    assert "is of the model" not in run("fit", train, "--output", str(tmp_path))
    assert set(json.loads((tmp_path / NAME).read_text())["files"]) == listed
    told = run("fit", train, "--c", "0.5", "--output", str(tmp_path))
    assert f"{tmp_path / 'PARITY.md'} is of the model that was there before" in told
    assert "PARITY.md" not in json.loads((tmp_path / NAME).read_text())["files"]
    assert (tmp_path / "PARITY.md").exists()


def run(*arguments: str, code: int = 0) -> str:
    found = invoke(arguments)
    assert found.exit_code == code, found.output
    return found.stderr


def test_threads_that_write_one_folder_leave_the_files_of_one(tmp_path: Path) -> None:
    texts = [{name: f"{number} {name}" for name in OLD} for number in range(12)]
    threads = [threading.Thread(target=write_folder, args=(tmp_path, text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: read_text(tmp_path / name, "text", ModelError) for name in OLD} in texts
    assert files_in(tmp_path) == {*OLD, NAME}


def test_what_is_no_file_is_written_into_or_refused_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "null").symlink_to("/dev/null")
    write_text({tmp_path / "null": "x"})
    assert stat.S_ISCHR((tmp_path / "null").stat().st_mode)
    with pytest.raises(OutputError, match=r"cannot write .*full: No space left on device"):
        write_text({Path("/dev/full"): "x"})
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    assert lw.score_to_file(lw.load(MODEL), VALID, pipe) == 1200
    reader.join()
    assert read[0].startswith("contact_id,lead_score")
    assert read[0].count("\n") == 1201
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        with pytest.raises(OutputError, match="socket: it is no file"):
            write_text({tmp_path / "socket": "x"})
        assert stat.S_ISSOCK((tmp_path / "socket").stat().st_mode)
    assert not list(tmp_path.glob(KEPT))


def test_mode_owner_and_attributes_of_a_file_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text("old")
    path.chmod(0o640)
    administrator = os.geteuid() == 0
    if administrator:
        os.chown(path, 1234, 5678)
    write_text({path: "new"})
    with replace_file(path) as made:
        made.write_text("newer")
    found = path.stat()
    assert stat.S_IMODE(found.st_mode) == 0o640
    assert not administrator or (found.st_uid, found.st_gid) == (1234, 5678)
    assert path.read_text() == "newer"


@pytest.mark.sweep
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting needs root")
def test_a_mounted_file_gets_its_true_message(tmp_path: Path) -> None:
    (tmp_path / "under.json").write_text("under")
    (tmp_path / "model.json").write_text("old")
    script = (
        f"mount --bind {tmp_path}/under.json {tmp_path}/model.json || exit 77; "
        f"exec {sys.executable} -m leadweights decide {MODEL} --bands grades --data {VALID} "
        f"-o {tmp_path}/model.json"
    )
    if shutil.which("unshare") is None:
        pytest.skip("install util-linux: a mount of its own is made with unshare")
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True)
    if done.returncode in (77, 32) or "unshare" in done.stderr:
        pytest.skip(f"no mount can be made here: {done.stderr.strip()}")
    assert done.returncode == 1
    assert done.stderr == f"Error: cannot write {tmp_path}/model.json: Device or resource busy\n"
    assert files_in(tmp_path) == {"under.json", "model.json"}


@pytest.mark.parametrize("command", OUTPUTS_THAT_ARE_INPUTS)
def test_an_output_that_is_an_input_is_refused(command: Sequence[str], tmp_path: Path) -> None:
    told, kept = write_over_inputs(tmp_path, command)
    assert "is read; write to another file" in told
    assert kept


def test_a_model_may_be_replaced_by_what_becomes_of_it(tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    shutil.copy(MODEL, model)
    run("decide", str(model), "--bands", "grades", "--data", VALID, "-o", str(model))
    assert lw.load(model).decisions != lw.load(MODEL).decisions


@pytest.mark.sweep
def test_a_proof_that_could_not_run_leaves_the_certificate(tmp_path: Path) -> None:
    run("verify", MODEL, VALID, "--output", str(tmp_path))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    told = run(
        *("verify", MODEL, VALID, "--engine", "duckdb", "--engine", f"sqlite:///{tmp_path}/no/db"),
        *("--output", str(tmp_path)),
        code=1,
    )
    assert f"nothing is written to {tmp_path}" in told
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("command", "written"),
    sweep(
        [
            (["fit", "ROWS", "--output", "OUT"], "model.json"),
            (["decide", MODEL, "--bands", "grades", "--data", VALID, "-o", "OUT"], "OUT"),
            (["columns", TRAIN, "--write", "OUT"], "OUT"),
        ],
        3,
        1,
    ),
)
def test_a_full_standard_output_tells_what_was_written(
    command: Sequence[str], written: str, few_rows: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    named = {"OUT": str(out), "ROWS": str(few_rows)}
    arguments = [named.get(word, word) for word in command]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "leadweights", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "cannot write to standard output" in last
    assert f"written: {out}" in last
    assert (out.exists() and out.is_file()) or (out / written).exists()


WRITING = (
    ["columns", TRAIN, "--write", "out/columns.toml"],
    ["fit", "rows.csv", "--output", "out"],
    ["decide", MODEL, "--bands", "grades", "--data", VALID, "-o", "out/decided.json"],
    ["score", MODEL, VALID, "-o", "out/scores.csv"],
)
FAULTS = (("SIGTERM", 143), ("SIGINT", 130), ("EIO", 1), ("SIGKILL", -9))


# On a commit each command meets two of the faults, and each fault two of the commands.
@pytest.mark.sweep
@pytest.mark.parametrize(
    ("command", "fault", "code"),
    sweep(
        [
            (command, *fault)
            for place, command in enumerate(WRITING)
            for fault in some(FAULTS, 2, place)
        ],
        6,
    ),
)
def test_a_command_hit_while_it_writes_ends_cleanly(
    command: Sequence[str], fault: str, code: int, few_rows: Path, tmp_path: Path
) -> None:
    shutil.copy(few_rows, tmp_path / "rows.csv")
    own = ("out", "rows.csv")
    arguments = [str(tmp_path / word) if word.split("/")[0] in own else word for word in command]
    (tmp_path / "out").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.disk_faults", "fsync", "1", fault, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if fault != "SIGKILL":
        assert files_in(tmp_path) == {"rows.csv"}
        assert done.stderr.splitlines()[-1].startswith(("Aborted!", "Error: cannot write "))
    else:
        left = files_in(tmp_path) - {"rows.csv"}
        assert all(Path(name).name.startswith(PREFIX) for name in left)
