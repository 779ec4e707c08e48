"""`leadweights serve` says in one line what it will not do, before it listens anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

import leadweights as lw
from leadweights.cli.guarding import make_guarding
from leadweights.serve.access import Access, Guarded
from tests.support.commands import invoke

USUAL = {
    "has_store": False,
    "tokens": None,
    "is_open": False,
    "rate": None,
    "max_body": 64,
    "seconds": 60.0,
    "concurrency": 64,
    "origins": (),
    "proxy": None,
    "secret": None,
}


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    lw.add_token(tmp_path / "tokens.json", "crm", ["score"])
    return tmp_path / "tokens.json"


def access(host: str, **other: object) -> Access:
    """Give who may ask, as it stands before the app."""
    guards = make_guarding(host, **{**USUAL, **other}).guards  # type: ignore[arg-type]
    (found,) = (guard.kwargs["access"] for guard in guards if guard.cls is Guarded)
    assert isinstance(found, Access)
    return found


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--host", "0.0.0.0"], 1, "can be reached from other machines: name --tokens FILE"),
        (["--host", "::"], 1, "can be reached from other machines"),
        (["--host", "192.0.2.1"], 1, "can be reached from other machines"),
        (["--host", "crm.example.com"], 1, "can be reached from other machines"),
        (["--host", "127.0.0.1.example.com"], 1, "can be reached from other machines"),
        (["--proxy", "127.0.0.1"], 1, "behind a proxy: name --tokens FILE"),
        (["--tokens", "none.json"], 1, "no such file: none.json"),
        (["--tokens", "README.md"], 1, "README.md is no file of tokens"),
        (["--rate", "fast"], 1, "'fast' is no rate, such as 200/second"),
        (["--cors", "*"], 1, "'*' is no origin, such as https://"),
        (["--hmac-key", "README.md"], 2, "--hmac-key goes with --store"),
        (["--max-body", "0"], 2, "0 is not in the range"),
        (["--timeout", "0"], 2, "0.0 is not in the range"),
    ],
)
def test_what_it_will_not_do_is_one_line(words: list[str], code: int, said: str) -> None:
    done = invoke(["serve", "outputs", "--port", "0", *words])
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    if code == 1:
        assert len(done.stderr.splitlines()) == 1


def test_open_and_tokens_are_two_things(tokens: Path) -> None:
    done = invoke(["serve", "outputs", "--open", "--tokens", str(tokens)])
    assert done.exit_code == 2
    assert "take one" in done.stderr


def test_who_may_ask_follows_from_where_it_listens(tokens: Path) -> None:
    for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST"):
        found = access(host)
        assert (found.tokens, found.rates, found.only_loopback) == (None, None, True)
    found = access("0.0.0.0", is_open=True)
    assert (found.tokens, found.only_loopback) == (None, False)
    assert found.rates is not None
    found = access("0.0.0.0", tokens=tokens)
    assert found.tokens is not None
    assert found.rates is not None
    assert not found.only_loopback
    assert access("0.0.0.0", tokens=tokens, rate="none").rates is None
    assert access("127.0.0.1", rate="5/minute").rates is not None
