"""What is typed for an engine opens one, or gets one line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leadweights as lw
from leadweights.tables.engines.registry import open_engine
from tests.support.hostile import attempt, fuzz, odd_texts

parts = st.one_of(odd_texts, st.sampled_from(["u", "h", "S3cr3t", "", "%", "[::1", "x" * 64]))
urls = st.builds(
    "{}{}{}:{}@{}:{}/{}?{}={}".format,
    # None of these reaches a server.
    st.sampled_from(["sqlit", "nothing", "teradatasql", "snowflake", "oracle"]) | odd_texts,
    st.sampled_from(["://", ":/", "//", ":", "+driver://"]),
    *(parts for _ in range(7)),
)


@fuzz(200)
@given(url=urls)
def test_an_odd_url_gets_one_line(url: str) -> None:
    def opened() -> None:
        with open_engine(url):
            pass

    assert attempt(opened) is None


@pytest.mark.parametrize("port", ["%", "h", " ", ":1:x", "S3cr3t"])
def test_a_port_that_is_no_number_gets_one_line(port: str) -> None:
    with pytest.raises(lw.UnsupportedError, match=r"an engine's URL is "):
        open_engine(f"postgresql://u:p@h:{port}/d").__enter__()


@pytest.mark.parametrize("url", ["sqlite:///", "duckdb:///"])
def test_a_database_that_is_not_there_is_not_made(url: str, tmp_path: Path) -> None:
    def opened() -> None:
        with open_engine(f"{url}{tmp_path / 'none.db'}"):
            pass

    assert attempt(opened) is None
    assert not list(tmp_path.iterdir())
