"""`leadweights serve` as a process of its own: what it loads, what it logs, how it ends."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.commands import invoke
from tests.support.service import command, running

MODEL = "outputs/model.json"
SECRET = "S3cr3t"
_WATCHED = """
import atexit, json, sys
path = sys.argv.pop(1)
found = []
sys.addaudithook(lambda event, args: found.append(event) if event == "pickle.find_class" else None)
atexit.register(lambda: open(path, "w").write(json.dumps([sorted(sys.modules), found])))
from leadweights.cli.main import main
main()
"""
# Python runs what handles a signal between two steps of its own, as there are here in a write.
_SIGNALLED = """
import io, os, sys
number = int(sys.argv.pop(1))
class Signalled(io.RawIOBase):
    def writable(self):
        return True
    def write(self, data):
        data = bytes(data)
        if b"listening" in data:
            os.kill(os.getpid(), number)
        return os.write(2, data)
sys.stderr = io.TextIOWrapper(io.BufferedWriter(Signalled()), line_buffering=True)
from leadweights.cli.main import main
main()
"""


def test_single_leads_need_neither_arrays_nor_frames_nor_a_pickle(tmp_path: Path) -> None:
    """The process is the model file and the formulas: it loads no library of data."""
    seen = tmp_path / "modules.json"
    watched = [sys.executable, "-c", _WATCHED, str(seen), "serve", MODEL, "--port", "0"]
    with running(tmp_path, watched) as service:
        lead = json.dumps({"recency_days": 3}).encode()
        for body in (lead, b'{"leads": [%b, {}]}' % lead, b'{"nope": 1}'):
            status, _ = service.ask("POST", "/v1/score?contributions=true", body)
            assert status in (200, 422)
        for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/v1/thresholds"):
            assert service.ask("GET", path)[0] == 200
        assert service.stop() == 0
    modules, unpickled = json.loads(seen.read_text())
    heavy = {"numpy", "pandas", "sklearn", "scipy", "joblib", "duckdb", "sqlglot", "sqlalchemy"}
    assert not heavy & {*modules}
    assert {"uvloop", "httptools"} <= {*modules}
    assert unpickled == []


def test_the_log_is_json_and_has_nothing_of_a_person(tmp_path: Path) -> None:
    with running(tmp_path, command(MODEL)) as service:
        good = json.dumps({"contact_id": SECRET, "recency_days": 3}).encode()
        assert service.ask("POST", f"/v1/score?contributions=true&x={SECRET}", good)[0] == 200
        assert service.ask("POST", "/v1/score", json.dumps({SECRET: SECRET}).encode())[0] == 422
        assert service.ask("POST", "/v1/score", f"{{{SECRET}".encode())[0] == 400
        assert service.ask("GET", f"/v1/people/{SECRET}")[0] in (403, 404)
        assert service.ask("GET", f"/{SECRET}")[0] == 404
        form = (
            f'--b\r\nContent-Disposition: form-data; name="file"; filename="{SECRET}.csv"\r\n\r\n'
            f"contact_id,{SECRET}\n{SECRET},1\n\r\n--b--\r\n"
        )
        kind = {"content-type": "multipart/form-data; boundary=b"}
        assert service.ask("POST", "/v1/predict", form.encode(), **kind)[0] == 422
        assert service.stop() == 0
        lines = service.lines()
        text = Path(service.log.name).read_text()
    assert SECRET not in text
    assert [line["event"] for line in lines if line["event"] != "request"] == [
        "listening",
        "stopping",
    ]
    asked = [line for line in lines if line["event"] == "request"]
    assert [line["status"] for line in asked][:3] == [200, 422, 400]
    assert (asked[0]["route"], asked[0]["method"], asked[0]["rows"]) == ("/v1/score", "POST", 1)
    assert asked[0]["version"] is None
    assert asked[0]["ms"] > 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_a_line_is_written_ends_the_service(number: signal.Signals) -> None:
    program = [sys.executable, "-c", _SIGNALLED, str(int(number)), "serve", MODEL, "--port", "0"]
    found = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 0, found.stderr
    lines = [json.loads(line) for line in found.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["listening", "stopping"]
    assert lines[1]["signal"] == number.name


@pytest.mark.sweep
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_answered_before_the_end(
    tmp_path: Path, number: signal.Signals
) -> None:
    body = json.dumps({"leads": [{"recency_days": n} for n in range(3000)]}).encode()
    with running(tmp_path, command(MODEL)) as service:
        with socket.create_connection(("127.0.0.1", service.port), 30) as connection:
            head = (
                f"POST /v1/score HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n\r\n"
            )
            connection.sendall(head.encode() + body[:1000])
            time.sleep(0.3)
            service.process.send_signal(number)
            time.sleep(0.3)
            connection.sendall(body[1000:])
            found = b""
            while piece := connection.recv(65536):
                found += piece
        assert found.startswith(b"HTTP/1.1 200")
        answered = json.loads(found.partition(b"\r\n\r\n")[2])
        assert len(answered["results"]) == 3000
        assert service.process.wait(30) == 0
        with pytest.raises(ConnectionRefusedError):
            service.ask("GET", "/healthz")


@pytest.mark.sweep
def test_a_client_that_goes_away_stops_its_upload_and_leaves_nothing(tmp_path: Path) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    rows = "".join(f"C{n},{n % 90},0,0,0,0,0,0\n" for n in range(400_000)).encode()
    names = "contact_id,recency_days,sentiment_score,engagement_rate_30d,opt_out_risk,"
    content = f"{names}fatigue_score,reply_rate_90d,mms_affinity\n".encode() + rows
    with running(tmp_path, command(MODEL), place) as service:
        with socket.create_connection(("127.0.0.1", service.port), 30) as connection:
            head = "POST /v1/predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\n"
            connection.sendall(f"{head}content-length: {len(content)}\r\n\r\n".encode() + content)
            deadline = time.monotonic() + 30
            while not [*place.glob("*/leads.csv")] and time.monotonic() < deadline:
                time.sleep(0.01)
        while any(place.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(place.iterdir())
        assert service.ask("GET", "/healthz")[0] == 200
        assert service.stop() == 0
    assert not any(place.iterdir())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), "name MODEL or a --store: one of them"),
        ((MODEL, "--store", "x.duckdb"), "name MODEL or a --store: one of them"),
        (("nope.json",), "no such file: nope.json"),
        (("--store", "nope.duckdb"), "there is no file nope.duckdb"),
        ((MODEL, "--host", "no.such.host.invalid", "--open"), "is no address of this machine"),
        ((MODEL, "--host", "192.0.2.1", "--open"), "cannot listen on 192.0.2.1"),
    ],
)
def test_what_cannot_be_served_is_told_in_one_line(given: tuple[str, ...], said: str) -> None:
    done = invoke(["serve", "--port", "0", *given])
    assert done.exit_code in (1, 2)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert said in last


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = invoke(["serve", MODEL, "--port", port])
    assert done.exit_code == 1
    assert done.stderr == f"Error: cannot listen on 127.0.0.1:{port}: Address already in use\n"
