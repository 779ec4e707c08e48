"""The page that shows the API to people: three files of the package, nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Response

_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript"}

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def show_page() -> Response:
    """Give the page."""
    return _file("docs.html")


@router.get("/assets/docs.css")
def show_style() -> Response:
    """Give its style."""
    return _file("docs.css")


@router.get("/assets/docs.js")
def show_script() -> Response:
    """Give its script."""
    return _file("docs.js")


def _file(name: str) -> Response:
    kind = _TYPES[name.rpartition(".")[2]]
    headers = {"Cache-Control": "no-cache"}
    return Response(_read(name), headers=headers, media_type=f"{kind}; charset=utf-8")


@cache
def _read(name: str) -> bytes:
    return files("leadweights.serve").joinpath("docs", name).read_bytes()
