"""Tokens are shown once, kept as hashes, and a file of them is followed while it changes."""

import hashlib
import json
import stat
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import leadweights as lw
from leadweights.serve.tokens import (
    Token,
    TokenFile,
    add_token,
    read_tokens,
    revoke_token,
    warn_of_mode,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def test_the_file_has_the_hash_and_never_the_token(path: Path) -> None:
    token = add_token(path, "crm", ["score", "read"], until=date(2030, 1, 31))
    text = path.read_text(encoding="utf-8")
    assert token not in text
    assert json.loads(text) == {
        "format": 1,
        "tokens": [
            {
                "name": "crm",
                "roles": ["score", "read"],
                "sha256": hashlib.sha256(token.encode()).hexdigest(),
                "until": "2030-01-31",
            }
        ],
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert repr(read_tokens(path)).count("sha256") == 0


def test_tokens_are_256_random_bits(path: Path) -> None:
    tokens = [add_token(path, f"t{n}", ["score"]) for n in range(40)]
    assert len({*tokens}) == 40
    assert {len(token) for token in tokens} == {len("lw_") + 43}  # 43 letters of 6 bits
    letters = Counter("".join(token.removeprefix("lw_") for token in tokens))
    assert len(letters) > 60  # of 64


def test_two_who_add_at_once_lose_nothing(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: add_token(path, f"t{n}", ["read"]), range(24)))
    assert {token.name for token in read_tokens(path)} == {f"t{n}" for n in range(24)}


def test_what_others_may_not_read_stays_so(path: Path) -> None:
    add_token(path, "a", ["score"])
    for before, after in ((0o644, 0o640), (0o640, 0o640), (0o600, 0o600), (0o666, 0o640)):
        path.chmod(before)
        said = warn_of_mode(path)
        assert (said is not None) == bool(before & 0o026), oct(before)
        add_token(path, f"a{before}", ["score"]) if before != 0o666 else revoke_token(path, "a")
        assert stat.S_IMODE(path.stat().st_mode) == after
        assert warn_of_mode(path) is None
        path.chmod(0o600)


def test_a_service_follows_the_file(path: Path) -> None:
    first = add_token(path, "first", ["score"])
    tokens = TokenFile(path, look_seconds=0)
    assert tokens.find(first) == Token("first", frozenset(["score"]), _sha256(first))
    second = add_token(path, "second", ["admin"])
    found = tokens.find(second)
    assert found is not None
    assert found.roles == {"admin"}
    revoke_token(path, "first")
    assert tokens.find(first) is None
    assert tokens.find(second) is not None
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])  # a slip of an editor: nobody is let in by what was there before
    assert tokens.find(second) is None
    path.unlink()
    assert tokens.find(second) is None
    path.write_bytes(whole)
    assert tokens.find(second) is not None


def test_the_file_is_looked_at_once_a_second_and_no_more(path: Path) -> None:
    first = add_token(path, "first", ["score"])
    now = [0.0]
    tokens = TokenFile(path, clock=lambda: now[0])
    revoke_token(path, "first")
    assert tokens.find(first) is not None
    now[0] = 1.1
    assert tokens.find(first) is None


def test_a_token_ends_with_its_last_day(path: Path) -> None:
    token = add_token(path, "guest", ["read"], until=date(2026, 3, 31))
    for hour, holds in ((datetime(2026, 3, 31, 23, 59, tzinfo=UTC), True),
                        (datetime(2026, 4, 1, tzinfo=UTC), False)):  # fmt: skip
        assert (TokenFile(path, now=lambda: hour).find(token) is not None) is holds  # noqa: B023


def test_what_is_no_token_is_not_found(path: Path) -> None:
    token = add_token(path, "a", ["score"])
    tokens = TokenFile(path)
    (own,) = read_tokens(path)
    for other in (
        "",
        token[:-1],
        token + " ",
        token.upper(),
        own.sha256,
        "a",
        "\udcff",
        "é" * 9999,
    ):
        assert tokens.find(other) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[" * 99_999, "not JSON"),
        ("[]", "no file of tokens of format 1"),
        ('{"format": 2, "tokens": []}', "no file of tokens of format 1"),
        ('{"format": 1}', "no list of them"),
        ('{"format": 1, "tokens": []}', "has no token: leadweights token add"),
        ('{"format": 1, "tokens": [7]}', "token 1: it has name, roles, sha256"),
        ('{"format": 1, "tokens": [{"token": "lw_x"}]}', "token 1: it has name, roles, sha256"),
        (("a", ["score"], "0" * 63), "sha256 is no SHA-256"),
        (("a", ["score"], "A" * 64), "sha256 is no SHA-256"),
        (("a", ["root"], "0" * 64), "'root' is no role; there are score, read, admin"),
        (("a", [["score"]], "0" * 64), "is no role"),
        (("a", [], "0" * 64), "a token has one role or more"),
        (("a", "score", "0" * 64), "a token has one role or more"),
        (("a b", ["score"], "0" * 64), "a token's name has up to 64 letters"),
        (("a", ["score"], "0" * 64, "soon"), "until is no day such as 2026-12-31"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(
    path: Path, text: str | tuple[object, ...], said: str
) -> None:
    if not isinstance(text, str):
        told = dict(zip(("name", "roles", "sha256", "until"), text, strict=False))
        text = json.dumps({"format": 1, "tokens": [told]})
    path.write_text(text, encoding="utf-8")
    with pytest.raises(lw.TokenError, match=said) as problem:
        TokenFile(path)
    assert len(str(problem.value).splitlines()) == 1


def test_a_change_that_cannot_be_leaves_the_file_as_it_was(path: Path) -> None:
    add_token(path, "a", ["score"])
    before = path.read_bytes()
    with pytest.raises(lw.TokenError, match="has a token a already: revoke it first"):
        add_token(path, "a", ["read"])
    with pytest.raises(lw.TokenError, match="'write' is no role"):
        add_token(path, "b", ["write"])
    with pytest.raises(lw.TokenError, match="has no token b: it has a"):
        revoke_token(path, "b")
    with pytest.raises(lw.TokenError, match="no such file"):
        revoke_token(path.with_name("other"), "a")
    with pytest.raises(lw.OutputError, match="there is no folder"):
        add_token(path.parent / "none" / "tokens.json", "a", ["score"])
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
