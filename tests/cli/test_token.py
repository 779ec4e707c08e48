"""`leadweights token`: a token is printed once, alone on stdout; the file keeps its hash."""

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import Result

import leadweights as lw
from tests.support.commands import invoke


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def run(*words: object, code: int = 0) -> Result:
    done = invoke(["token", *map(str, words)])
    assert done.exit_code == code, done.output
    return done


def test_a_token_is_added_listed_and_revoked(path: Path) -> None:
    done = run("add", path, "crm")
    token = done.stdout.strip()
    assert done.stdout == f"{token}\n"
    assert done.stderr.endswith("has the token crm (score): its hash, not the token itself\n")
    (kept,) = json.loads(path.read_text(encoding="utf-8"))["tokens"]
    assert kept["sha256"] == hashlib.sha256(token.encode()).hexdigest()
    run("add", path, "ops", "--role", "admin", "--role", "read", "--until", "2030-01-31")
    assert run("list", path).stdout.splitlines() == [
        "name   roles         until",
        "crm    score",
        "ops    read, admin   2030-01-31",
    ]
    listed = json.loads(run("list", path, "--json").stdout)["tokens"]
    assert listed[1] == {"name": "ops", "roles": ["read", "admin"], "until": "2030-01-31"}
    assert "has no token crm any more" in run("revoke", path, "crm").stderr
    assert [own["name"] for own in json.loads(run("list", path, "--json").stdout)["tokens"]] == [
        "ops"
    ]


def test_a_change_has_a_line_in_the_trail_of_the_store_that_is_served(
    path: Path, tmp_path: Path
) -> None:
    place = tmp_path / "store.duckdb"
    store = lw.init_store(str(place))
    recorded = ("--store", place, "--by", "ann")
    token = run("add", path, "ops", "--role", "admin", "--until", "2030-01-31", *recorded).stdout
    run("add", path, "crm", *recorded)
    run("revoke", path, "ops", *recorded)
    # What is refused, by the file or by the store, is neither done nor recorded.
    before = path.read_bytes()
    run("add", path, "crm", *recorded, code=1)
    run("revoke", path, "ops", *recorded, code=1)
    for words in (("add", path, "web"), ("revoke", path, "crm")):
        said = run(*words, "--store", tmp_path / "none.duckdb", code=1).stderr
        assert "none.duckdb" in said
    assert "--by goes with --store" in run("add", path, "web", "--by", "ann", code=2).stderr
    assert path.read_bytes() == before
    lines = store.audit()[1:]
    assert [(line.event, line.made_by) for line in lines] == [
        ("token_add", "ann"),
        ("token_add", "ann"),
        ("token_revoke", "ann"),
    ]
    assert [json.loads(line.details) for line in lines] == [
        {"name": "ops", "roles": ["admin"], "until": "2030-01-31"},
        {"name": "crm", "roles": ["score"]},
        {"name": "ops"},
    ]
    assert token.strip() not in str(lines)
    assert lw.verify_audit(store).holds


def test_a_file_of_tokens_is_not_in_the_cloud() -> None:
    for words in (("add", "s3://b/t.json", "crm"), ("revoke", "s3://b/t.json", "crm")):
        assert "on the machine that serves" in run(*words, code=1).stderr
    assert "on the machine that serves" in run("list", "s3://b/t.json", code=1).stderr


def test_what_cannot_be_is_one_line_and_changes_nothing(path: Path) -> None:
    run("add", path, "crm")
    before = path.read_bytes()
    for words, code, said in (
        (("add", path, "crm"), 1, "has a token crm already"),
        (("add", path, "a b"), 1, "a token's name has up to 64 letters"),
        (("add", path, "ops", "--role", "root"), 2, "'root' is not one of"),
        (("add", path, "ops", "--until", "soon"), 2, "'soon' does not match"),
        (("revoke", path, "ops"), 1, "has no token ops: it has crm"),
        (("list", path.with_name("none")), 1, "no such file"),
        (("list", "README.md"), 1, "README.md is no file of tokens: not JSON"),
        (("add", "README.md", "crm"), 1, "README.md is no file of tokens: not JSON"),
    ):
        done = run(*words, code=code)
        assert said in done.stderr
        assert done.stdout == ""
    assert path.read_bytes() == before


def test_a_file_that_others_may_read_is_warned_about(path: Path) -> None:
    run("add", path, "crm")
    path.chmod(0o644)
    said = run("list", path).stderr
    assert said.startswith("warning: ")
    assert "can be read by everyone on this machine: chmod 600" in said
    path.chmod(0o620)
    assert "can be written by others" in run("list", path).stderr
