"""The client: asks an endpoint that speaks OpenAI's protocol, and never waits longer than allowed.

Azure, Groq, vLLM, Ollama and others speak it: `POST /chat/completions` with an answer whose schema
is asked for (structured output).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from leadweights.errors import UnsupportedError
from leadweights.errors.shown import show_url
from leadweights.scoring.adjusting.breaker import Breaker
from leadweights.scoring.adjusting.cache import Cache
from leadweights.scoring.adjusting.judgement import (
    SCHEMA,
    Judgement,
    read_judgement,
    write_judgement,
)
from leadweights.scoring.adjusting.libraries import explain_absent
from leadweights.scoring.adjusting.question import Question

if TYPE_CHECKING:
    import httpx2

_TRIES = 3
_FIRST_PAUSE = 0.05
_TRY_AGAIN = (408, 409, 429)
_LARGEST_ANSWER = 2**16
_UNLIKE = (TypeError, LookupError, RecursionError)
"""What is raised where JSON is looked for something in that it does not have."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Who is asked, and how: `limit` is the seconds for each lead, with all tries and the cache.

    `at_once` leads are asked about at a time. The `key` is never shown.
    """

    url: str
    llm: str
    key: str = field(default="", repr=False)
    limit: float = 0.5
    at_once: int = 8

    def __post_init__(self) -> None:
        """Refuse what cannot be asked. Raises UnsupportedError."""
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or not self.url.isprintable():
            raise UnsupportedError(
                "the endpoint is an address such as https://host/v1, which "
                f"{show_url(self.url)!r} is not"
            )
        if parts.username is not None or parts.password is not None or parts.query:
            raise UnsupportedError(
                f"the endpoint {show_url(self.url)} has a secret in its address: give the key as "
                "OPENAI_API_KEY"
            )
        if not self.llm.strip() or not self.llm.isprintable():
            raise UnsupportedError("name the language model that the endpoint has, with --llm")
        if not self.key.isascii() or not self.key.isprintable():
            raise UnsupportedError("OPENAI_API_KEY is no key: it has other than plain characters")
        if not 0.01 <= self.limit <= 600:
            raise UnsupportedError(f"an answer may take 0.01 to 600 seconds, not {self.limit:g}")
        if not 1 <= self.at_once <= 256:
            raise UnsupportedError(f"1 to 256 leads are asked about at once, not {self.at_once}")


class _FailedError(Exception):
    """The endpoint gave an error, or could not be reached."""


class _OddError(Exception):
    """What came cannot be an answer, whatever it says."""


class Judge:
    """Asks about leads: each within the limit, again after an error, not while all fails.

    An async context manager, of one event loop. `problem` says of the last error in a few words
    what it was; `slowest` are the seconds of the longest wait.
    """

    def __init__(self, endpoint: Endpoint, cache: Cache, breaker: Breaker | None = None) -> None:
        with explain_absent():
            import openai
        self.endpoint, self.cache = endpoint, cache
        self.problem = ""
        self.slowest = 0.0
        self._breaker = breaker or Breaker()
        self._left: set[asyncio.Task[Any]] = set()
        self._client = openai.AsyncOpenAI(
            base_url=endpoint.url,
            # Endpoints on one's own machine ask for none; the client does.
            api_key=endpoint.key or "none",
            max_retries=0,
            timeout=endpoint.limit,
            http_client=_make_http(endpoint.limit),
        )

    async def __aenter__(self) -> Judge:
        self._turns = asyncio.Semaphore(self.endpoint.at_once)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._left:
            task.cancel()
        await asyncio.gather(*self._left, return_exceptions=True)
        await self._client.close()
        await self.cache.close()

    async def judge(self, question: Question) -> Judgement:
        """Give a judgement, at the end of the limit one that says `late`."""
        clock = asyncio.get_running_loop().time
        began = clock()
        task = asyncio.create_task(self._answer(question, began + self.endpoint.limit))
        self._left.add(task)
        task.add_done_callback(self._left.discard)
        done, _ = await asyncio.wait({task}, timeout=self.endpoint.limit)
        if done:
            found = task.result()
        else:
            task.cancel()  # and not waited for: what takes its time to end is not the lead's matter
            found = Judgement(1.0, "", "late")
        self.slowest = max(self.slowest, clock() - began)
        return found

    async def judge_all(
        self, questions: Sequence[Question], tell: Callable[[float], object] | None = None
    ) -> list[Judgement]:
        """Judge many leads, `at_once` at a time, each with its own limit; tell the share done."""
        found: dict[int, Judgement] = {}
        waiting = iter(enumerate(questions))

        async def work() -> None:
            for place, question in waiting:
                found[place] = await self.judge(question)
                if tell is not None:
                    tell(len(found) / len(questions))

        await asyncio.gather(*(work() for _ in range(self.endpoint.at_once)))
        return [found[place] for place in range(len(questions))]

    async def _answer(self, question: Question, until: float) -> Judgement:
        key = question.hash(f"{self.endpoint.url} {self.endpoint.llm}")
        kept = await self.cache.get(key)
        if kept is not None:
            known = read_judgement(kept, question.low, question.high)
            if known.counts:
                return replace(known, source="cached")
        async with self._turns:
            if not self._breaker.lets_through():
                return Judgement(1.0, "", "skipped")
            try:
                answer = await self._ask(question, until)
            except _FailedError as problem:
                self.problem = str(problem)
                self._breaker.fail()
                return Judgement(1.0, "", "failed")
            except BaseException:  # broken off at the end of the limit
                self._breaker.fail()
                raise
            self._breaker.succeed()
        found = read_judgement(answer, question.low, question.high)
        if found.counts:
            # Beside the lead's time: it has its answer.
            keeping = asyncio.create_task(self.cache.put(key, write_judgement(found)))
            self._left.add(keeping)
            keeping.add_done_callback(self._left.discard)
        return found

    async def _ask(self, question: Question, until: float) -> str:
        """Ask until there is an answer, three times at most. Raises _FailedError."""
        import httpx2
        import openai

        clock = asyncio.get_running_loop().time
        pause = _FIRST_PAUSE
        for tried in range(1, _TRIES + 1):
            wait = pause
            try:
                return await self._ask_once(question)
            except openai.APIStatusError as problem:
                said = f"HTTP {problem.status_code}"
                if problem.status_code not in _TRY_AGAIN and problem.status_code < 500:
                    raise _FailedError(said) from None
                wait = max(wait, _seconds(problem.response.headers.get("retry-after")))
            except (openai.APIConnectionError, httpx2.TransportError, OSError):
                said = "no connection, or one that broke off"
            except (_OddError, openai.OpenAIError, httpx2.HTTPError, ValueError, *_UNLIKE):
                return ""  # an answer that is none of the protocol
            if tried == _TRIES or clock() + wait >= until:
                raise _FailedError(said)
            await asyncio.sleep(wait)
            pause *= 2
        raise AssertionError

    async def _ask_once(self, question: Question) -> str:
        """Give the text of an answer, "" for one that has none."""
        import httpx2

        # As create() of its completions, which takes half as long again for types of its own.
        answer = await self._client.post(
            "/chat/completions", cast_to=httpx2.Response, body=self._write(question)
        )
        found: Any = answer.json()
        for step in ("choices", 0, "message", "content"):
            found = found[step]
        return found if isinstance(found, str) else ""

    def _write(self, question: Question) -> dict[str, Any]:
        form = {"name": "judgement", "strict": True, "schema": SCHEMA}
        return {
            "model": self.endpoint.llm,
            "messages": [
                {"role": "system", "content": question.instructions},
                {"role": "user", "content": question.data},
            ],
            "response_format": {"type": "json_schema", "json_schema": form},
        }


def _make_http(limit: float) -> httpx2.AsyncClient:
    """Make a client that follows nobody elsewhere and reads no more than an answer can be."""
    with explain_absent():
        import httpx2

    async def cap(response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _OddError("compressed, though asked for as it is")
        response.stream = _Capped(response.stream)

    class _Capped(httpx2.AsyncByteStream):
        def __init__(self, stream: Any) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for piece in self._stream:
                size += len(piece)
                if size > _LARGEST_ANSWER:
                    raise _OddError("too long for an answer")
                yield piece

        async def aclose(self) -> None:
            await self._stream.aclose()

    return httpx2.AsyncClient(
        timeout=limit,
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [cap]},
    )


def _seconds(retry_after: str | None) -> float:
    """Read for how many seconds an endpoint wants to be left alone; a date is read as none."""
    try:
        return min(max(float(retry_after or 0), 0.0), 3600.0)
    except ValueError:
        return 0.0
