"""The service's page: files of the package, and the headers that a browser wants with them."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from leadweights.serve.problems import Problem

_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_FOLDERS = {
    "": ("leadweights.serve", "page"),
    "report.css": ("leadweights.reports.html", "files"),
}
"""Where a file of the page is: the style sheet of the report is the page's, too."""

# The worker that computes a model imports its text from where the page has put it: this is for
# that worker alone, which has no document and may ask nobody for anything.
_FORMULA_POLICY = "default-src 'none'; script-src 'self' blob:"

router = APIRouter(include_in_schema=False)


class Asset(NamedTuple):
    """A file as it is sent."""

    content: bytes
    media_type: str
    etag: str


@router.get("/")
@router.head("/")
def read_page(request: Request) -> Response:
    """Send the page."""
    return _send(request, "index.html")


@router.get("/assets/{name}")
@router.head("/assets/{name}")
def read_asset(request: Request, name: str) -> Response:
    """Send a file of the page."""
    if name not in list_assets():
        raise Problem(404, "the page has no such file")
    return _send(request, name)


@cache
def list_assets() -> frozenset[str]:
    """Name the files that the page loads."""
    room, folder = _FOLDERS[""]
    own = {item.name for item in files(room).joinpath(folder).iterdir()}
    return frozenset(own - {"index.html"} | _FOLDERS.keys() - {""})


@cache
def read_file(name: str) -> Asset:
    """Read a file of the page, index.html or one of `list_assets`."""
    room, folder = _FOLDERS.get(name, _FOLDERS[""])
    content = files(room).joinpath(folder, name).read_bytes()
    return Asset(content, _TYPES[name.rpartition(".")[2]], f'"{sha256(content).hexdigest()[:32]}"')


def _send(request: Request, name: str) -> Response:
    """Send a file, or say that the browser has it; a new release is seen at once."""
    asset = read_file(name)
    headers = {"ETag": asset.etag, "Cache-Control": "no-cache"}
    if name == "formula.js":
        headers["Content-Security-Policy"] = _FORMULA_POLICY
    known = request.headers.get("If-None-Match", "").split(",")
    if {asset.etag, "*"} & {tag.strip().removeprefix("W/") for tag in known}:
        return Response(status_code=304, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)
