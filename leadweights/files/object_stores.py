"""Objects of a store in the cloud, and files behind https: through fsspec, and only here.

A store has no folders to move files between and no locks: an object is read by ranges, and put,
copied or removed as a whole. What a library raises becomes an OSError whose `strerror` is one line
without any part of a URL.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EACCES, EBUSY, ECONNABORTED, ENOENT, EROFS
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from leadweights.errors import UnsupportedError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

LIBRARIES = {
    **dict.fromkeys(("s3", "s3a"), "s3fs"),
    **dict.fromkeys(("az", "abfs", "abfss"), "adlfs"),
    **dict.fromkeys(("gs", "gcs"), "gcsfs"),
    **dict.fromkeys(("https", "http"), "aiohttp"),
}
"""The library that reads each kind of URL, beside fsspec."""

_ATTEMPTS = 4
_PIECE = 2**23
_CHANGED = "it was changed while it was being read; read it again"
_BROKEN = "the connection broke off before all had come"
# What a store says, by the code or the class its library gives it.
_SAID: dict[int | str, tuple[int, str]] = {
    **dict.fromkeys((401, "Unauthorized"), (EACCES, "the store does not know who asks (401)")),
    **dict.fromkeys(
        (403, "AccessDenied", "Forbidden", "PermissionError"),
        (EACCES, "the store refuses access (403)"),
    ),
    **dict.fromkeys((404, 410, "NoSuchKey", "NoSuchBucket"), (ENOENT, "it is not there (404)")),
    **dict.fromkeys((412, "PreconditionFailed"), (ECONNABORTED, _CHANGED)),
    **dict.fromkeys(
        (429, 503, "SlowDown", "ServerBusy", "ServiceUnavailable"),
        (EBUSY, "the store is too busy to answer, also when asked again (503)"),
    ),
    **dict.fromkeys(
        ("NoCredentialsError", "PartialCredentialsError", "CredentialUnavailableError"),
        (EACCES, "no credentials were found: they come from the environment or profile files"),
    ),
    "DefaultCredentialsError": (EACCES, "no credentials were found"),
    **dict.fromkeys(("TokenRetrievalError", "ExpiredToken"), (EACCES, "the credentials expired")),
    **dict.fromkeys(("ProfileNotFound", "ConfigParseError"), (EACCES, "the profile is not there")),
    **dict.fromkeys(
        ("EndpointConnectionError", "ClientConnectorError", "ConnectTimeoutError"),
        (ECONNABORTED, "the store cannot be reached"),
    ),
    "ClientConnectorDNSError": (ECONNABORTED, "the store cannot be reached: there is no such host"),
    **dict.fromkeys(
        (
            "ClientPayloadError",
            "IncompleteRead",
            "ServerDisconnectedError",
            "ResponseStreamingError",
        ),
        (ECONNABORTED, _BROKEN),
    ),
    **dict.fromkeys(
        ("FSTimeoutError", "TimeoutError", "ReadTimeoutError", "ServerTimeoutError"),
        (ECONNABORTED, "the store did not answer in time"),
    ),
    "TooManyRedirects": (ECONNABORTED, "it leads from one address to the next without end"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """An object as it was found: its bytes, and a tag that another content would not have.

    `ranges` tells whether parts of it can be read.
    """

    size: int
    tag: str = ""
    is_folder: bool = False
    ranges: bool = True


class StoreReadError(OSError):
    """A range that could not be read; its text is one line."""


class _BrokenOffError(OSError):
    """Fewer or more bytes came than were asked for."""


def find_failure(said: str) -> str:
    """Find in what DuckDB says of an exception what a store said; "" if there is nothing."""
    _, is_there, found = said.rpartition(f"{StoreReadError.__name__}: ")
    return found.strip().splitlines()[0] if is_there and found.strip() else ""


def find(url: str) -> Found:
    """Look at an object or folder. Raises OSError: FileNotFoundError where there is none."""
    system, key = _open(url)
    with explain_store():
        if is_web(url):
            looked: Found = _sync(system, _look_at(system, key))
            return looked
        system.invalidate_cache()
        info = system.info(key)
    return _as_found(info)


def read(url: str, found: Found, start: int, end: int) -> bytes:
    """Read bytes from `start` to before `end` of an object that is still as it was found.

    Raises OSError, also for an answer that is shorter.
    """
    system, key = _open(url)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with explain_store():
                content = _read_range(system, url, key, found, start, end)
                if len(content) != end - start:
                    raise _BrokenOffError(ECONNABORTED, _BROKEN)
                return content
        except OSError as problem:
            if problem.strerror != _BROKEN or attempt == _ATTEMPTS:
                raise
    raise AssertionError


def download(url: str, found: Found, file: BinaryIO) -> None:
    """Copy an object, still as it was found, into an open file. Raises OSError."""
    if found.ranges and found.size >= 0:
        for start in range(0, found.size, _PIECE):
            file.write(read(url, found, start, min(start + _PIECE, found.size)))
        return
    system, key = _open(url)
    with explain_store():
        _sync(system, _get_whole(system, key, found.size, file))


def check_writable(url: str) -> None:
    """Raise OSError for a URL where nothing is written; no request is made."""
    _open_to_write(url)


def upload(place: Path, url: str) -> None:
    """Make a file's content an object: it is there as a whole, or not. Raises OSError."""
    system, key = _open_to_write(url)
    # Of a large one so many parts at a time are in memory, of 50 MB each.
    how = {"max_concurrency": 2} if _kind(url) == "s3fs" else {}
    with explain_store():
        system.put_file(str(place), key, **how)


def put(content: bytes, url: str) -> None:
    """Make an object of some bytes: it is there as a whole, or not. Raises OSError."""
    system, key = _open_to_write(url)
    with explain_store():
        system.pipe_file(key, content)


def copy(url: str, other: str) -> None:
    """Copy an object inside its store. Raises OSError."""
    system, key = _open_to_write(url)
    with explain_store():
        system.cp_file(key, _open(other)[1])


def remove(url: str) -> None:
    """Remove an object, which need not be there. Raises OSError."""
    system, key = _open_to_write(url)
    with explain_store():
        try:
            system.rm_file(key)
        except FileNotFoundError:
            return


def list_like(url: str) -> list[str]:
    """List the URLs of the objects whose name is as a pattern says, sorted. Raises OSError."""
    if is_web(url):
        raise OSError(ECONNABORTED, "behind https there are no patterns: name each file")
    system, key = _open(url)
    with explain_store():
        system.invalidate_cache()
        names = sorted(
            name
            for name, found in system.glob(key, detail=True).items()
            if found.get("type") != "directory"
        )
    # A library calls an object by the bucket or container, and what it is called in that.
    scheme, _, rest = url.partition("://")
    root = f"{scheme}://{rest.partition('/')[0]}"
    return [f"{root}/{name.partition('/')[2]}" for name in names]


@contextmanager
def explain_store() -> Iterator[None]:
    """Raise OSError, in words of ours alone, for what a library raises about a store."""
    try:
        yield
    except (MemoryError, UnsupportedError, _BrokenOffError):
        raise
    except Exception as problem:
        number, said = _say(problem)
        kind = {ENOENT: FileNotFoundError, EACCES: PermissionError}.get(number, OSError)
        raise kind(number, said) from None


def _say(problem: BaseException) -> tuple[int, str]:
    """Say what a library means, by its codes and its classes, never by its text."""
    seen: BaseException | None = problem
    while seen is not None:
        response = getattr(seen, "response", None)
        status = getattr(seen, "status", None)
        codes: list[Any] = [status, getattr(seen, "error_code", None)]
        codes += [getattr(seen, "status_code", None)]
        if status is None:
            codes.append(getattr(seen, "code", None))
        if isinstance(response, dict):
            codes.append(response.get("Error", {}).get("Code"))
            codes.append(response.get("ResponseMetadata", {}).get("HTTPStatusCode"))
        codes += [own.__name__ for own in type(seen).__mro__]
        for code in codes:
            value = getattr(code, "value", code)
            if isinstance(value, str) and value.isdigit():
                value = int(value)
            if isinstance(value, str | int) and value in _SAID:
                return _SAID[value]
        seen = seen.__cause__ or seen.__context__
    if isinstance(problem, FileNotFoundError):
        return ENOENT, "it is not there (404)"
    status = getattr(problem, "status", None) or getattr(problem, "status_code", None)
    what = f"HTTP {status}" if isinstance(status, int) else type(problem).__name__
    return ECONNABORTED, f"the store fails ({what})"


def _as_found(info: dict[str, Any]) -> Found:
    tag = next((info[name] for name in ("ETag", "etag", "generation", "md5") if info.get(name)), "")
    size = info.get("size")
    return Found(-1 if size is None else int(size), str(tag), info.get("type") == "directory")


def _kind(url: str) -> str:
    return LIBRARIES[url.partition(":")[0].lower()]


def is_web(url: str) -> bool:
    """Tell whether a URL is that of a file behind https, which is in no folder and only read."""
    return _kind(url) == "aiohttp"


def _open_to_write(url: str) -> tuple[AbstractFileSystem, str]:
    if is_web(url):
        raise OSError(EROFS, "behind https files are only read; write to s3://, az:// or gs://")
    return _open(url)


def _open(url: str) -> tuple[AbstractFileSystem, str]:
    """Give the file system of a URL and what the object is called there.

    Raises UnsupportedError where the library is not installed, OSError.
    """
    for name in ("fsspec", _kind(url)):
        if find_spec(name) is None:
            raise UnsupportedError(
                f"files in the cloud need {name}: pip install 'leadweights[cloud]'"
            )
    import fsspec.core

    options: dict[str, Any] = {}
    match _kind(url):
        case "aiohttp":
            return _open_web(), url
        case "adlfs":
            # Else whoever asks would be nobody where no key is named, also on a managed identity.
            options = {} if _names_anonymous() else {"anon": False}
    with explain_store():
        system, key = fsspec.core.url_to_fs(url, **options)
    return system, key


def _names_anonymous() -> bool:
    from os import environ

    return "AZURE_STORAGE_ANON" in environ


@cache
def _open_web() -> AbstractFileSystem:
    from fsspec.implementations.http import HTTPFileSystem

    # The bytes as they are, or parts of them would be parts of something else.
    return HTTPFileSystem(headers={"Accept-Encoding": "identity"}, use_listings_cache=False)


def _sync(system: Any, work: Any) -> Any:
    from fsspec.asyn import sync

    return sync(system.loop, lambda: work)


async def _look_at(system: Any, url: str) -> Found:
    """Ask for the first byte: signed addresses allow no other question than for content."""
    session = await system.set_session()
    headers = {**system.kwargs["headers"], "Range": "bytes=0-0"}
    async with session.get(system.encode_url(url), headers=headers) as answer:
        if answer.status == 416:  # a range of nothing
            return Found(0, ranges=False)
        answer.raise_for_status()
        tag = answer.headers.get("ETag", "")
        if answer.status == 206:
            total = answer.headers.get("Content-Range", "").rpartition("/")[2]
            if total.isdigit():
                return Found(int(total), "" if tag.startswith("W/") else tag)
        length = answer.headers.get("Content-Length", "")
        return Found(int(length) if length.isdigit() else -1, tag, ranges=False)


async def _get_whole(system: Any, url: str, size: int, file: BinaryIO) -> None:
    session = await system.set_session()
    headers = system.kwargs["headers"]
    got = 0
    async with session.get(system.encode_url(url), headers=headers) as answer:
        answer.raise_for_status()
        async for piece in answer.content.iter_chunked(_PIECE):
            got += len(piece)
            file.write(piece)
    if size >= 0 and got != size:
        raise _BrokenOffError(ECONNABORTED, _BROKEN)


def _read_range(system: Any, url: str, key: str, found: Found, start: int, end: int) -> bytes:
    match _kind(url):
        case "s3fs":
            return bytes(_sync(system, _read_s3(system, key, found.tag, start, end)))
        case "aiohttp":
            headers = dict(system.kwargs["headers"])
            if found.tag:
                headers["If-Match"] = found.tag
            return bytes(system.cat_file(key, start, end, headers=headers))
        case "adlfs" if found.tag:
            return bytes(_sync(system, _read_azure(system, key, found.tag, start, end)))
        case "gcsfs" if found.tag.isdigit():
            return bytes(system.cat_file(key, start, end, generation=found.tag))
        case _:
            return bytes(system.cat_file(key, start, end))


async def _read_s3(system: Any, key: str, tag: str, start: int, end: int) -> bytes:
    import asyncio  # costly, and most commands read from no bucket

    bucket, name, _ = system.split_path(key)
    asked = {"Bucket": bucket, "Key": name, "Range": f"bytes={start}-{end - 1}"}
    if tag:
        asked["IfMatch"] = tag
    answer = await system._call_s3("get_object", **asked)
    try:
        async with asyncio.timeout(300):
            return bytes(await answer["Body"].read())
    finally:
        answer["Body"].close()


async def _read_azure(system: Any, key: str, tag: str, start: int, end: int) -> bytes:
    from azure.core import MatchConditions

    container, name, _ = system.split_path(key)
    same: dict[str, Any] = {"etag": tag, "match_condition": MatchConditions.IfNotModified}
    async with system.service_client.get_blob_client(container=container, blob=name) as client:
        stream = await client.download_blob(offset=start, length=end - start, **same)
        return bytes(await stream.readall())
