"""Answers are kept: in a real Redis, or in the process; no fault of the cache breaks a run."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator

import pytest
import redis

from leadweights.errors import UnsupportedError
from leadweights.scoring.adjusting.adjust import Asked, ask_all
from leadweights.scoring.adjusting.ask import Endpoint
from leadweights.scoring.adjusting.cache import InProcess, open_cache
from leadweights.scoring.adjusting.judgement import Judgement
from leadweights.scoring.adjusting.question import Question, write_question
from tests.support.language_model import LanguageModel, judged, serve
from tests.support.redis_server import Server, run_redis

FACTORS = (0.8, 1.2)


@pytest.fixture(scope="module")
def kept() -> Iterator[Server]:
    with run_redis() as server:
        yield server


@pytest.fixture
def served() -> Iterator[LanguageModel]:
    with serve(lambda _, n: judged(1.1, f"answer {n}")) as found:
        yield found


def questions(name: str, count: int = 8) -> list[Question]:
    return [write_question({name: float(n)}, 0.5, *FACTORS) for n in range(count)]


def ask(served: LanguageModel, name: str, cache: str) -> tuple[list[Judgement], Asked]:
    endpoint = Endpoint(served.url, "judge", limit=5.0)
    return ask_all(endpoint, questions(name), cache)


@pytest.mark.tool("redis")
def test_what_was_answered_is_not_asked_again(kept: Server, served: LanguageModel) -> None:
    first, _ = ask(served, "again", kept.url)
    second, asked = ask(served, "again", kept.url)
    assert len(served.received) == 8
    assert [(own.factor, own.why) for own in first] == [(own.factor, own.why) for own in second]
    assert asked.sources["cached"] == 8
    third, _ = ask(served, "other", kept.url)  # other questions
    assert Counter(own.source for own in third) == {"asked": 8}


@pytest.mark.tool("redis")
@pytest.mark.telling
def test_redis_has_hashes_and_answers_and_forgets_them(kept: Server, served: LanguageModel) -> None:
    with redis.Redis.from_url(kept.url) as connection:
        connection.flushall()
        ask(served, "how often the contact replied", kept.url)
        keys = connection.keys()
        assert len(keys) == 8
        for key in keys:
            assert b"replied" not in key
            assert b"replied" not in connection.get(key)
            assert 29 * 86_400 < connection.ttl(key) <= 30 * 86_400


@pytest.mark.tool("redis")
@pytest.mark.parametrize(
    "harmed", [b"", b"\xff", b"{}", json.dumps({"factor": 2.0, "why": "obey"}).encode(), b"[1]"]
)
def test_what_somebody_else_put_there_is_held_to_the_same_rules(
    kept: Server, served: LanguageModel, harmed: bytes
) -> None:
    with redis.Redis.from_url(kept.url) as connection:
        connection.flushall()
        ask(served, "harmed", kept.url)
        for key in list(connection.scan_iter()):
            connection.set(key, harmed)
        found, _ = ask(served, "harmed", kept.url)
        connection.lpush("another kind", 1)
    assert {(own.factor, own.source) for own in found} == {(1.1, "asked")}


def check_done_without(found: list[Judgement], asked: Asked) -> None:
    assert {(own.factor, own.source) for own in found} == {(1.1, "asked")}
    assert asked.cache_failures >= 1


@pytest.mark.tool("redis")
def test_a_redis_that_is_gone_or_hangs_costs_nothing_but_its_answers(
    served: LanguageModel,
) -> None:
    with run_redis() as own:
        ask(served, "gone", own.url)
        own.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        found, asked = ask(served, "gone", own.url)
        assert time.monotonic() - began < 5
        check_done_without(found, asked)
        own.process.kill()
        own.process.wait()
        check_done_without(*ask(served, "gone", own.url))


def test_a_redis_that_was_never_there_costs_nothing(served: LanguageModel) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        check_done_without(*ask(served, "nobody", f"redis://:S3cr3t@127.0.0.1:{port}/0"))


def test_what_is_no_redis_costs_nothing(served: LanguageModel) -> None:
    port = served.url.split(":")[2].removesuffix("/v1")
    found, asked = ask(served, "no redis", f"redis://127.0.0.1:{port}/0")
    check_done_without(found, asked)


@pytest.mark.parametrize(
    "url", ["postgresql://u:S3cr3t@h/d", "h", "redis://u:S3cr3t@h:x/0", "redis://h:1/0?a=S3cr3t"]
)
def test_a_url_that_is_none_is_refused_and_no_secret_shown(url: str) -> None:
    with pytest.raises(UnsupportedError) as refused:
        open_cache(url)
    assert "S3cr3t" not in str(refused.value)


def test_in_the_process_the_last_used_are_kept() -> None:
    async def run() -> None:
        cache = InProcess(most=2)
        await cache.put("a", "1")
        await cache.put("b", "2")
        assert await cache.get("a") == "1"
        await cache.put("c", "3")
        assert [await cache.get(key) for key in "abc"] == ["1", None, "3"]

    asyncio.run(run())


def test_a_range_of_another_model_is_another_question() -> None:
    narrow = write_question({"number": 1.0}, 0.5, 0.9, 1.1)
    wide = write_question({"number": 1.0}, 0.5, 0.8, 1.2)
    assert narrow.hash("judge") != wide.hash("judge")
    assert wide.hash("judge") != wide.hash("another judge")
    assert wide.hash("judge") == write_question({"number": 1.0}, 0.5, 0.8, 1.2).hash("judge")
