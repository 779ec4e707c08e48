"""No secret of what was typed as a URL is told, written, or left in an error."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import leadweights as lw
from leadweights.errors import EngineError, LeadweightsError, UnsupportedError
from leadweights.errors.shown import hide_url, looks_like_url, show, show_url
from tests.support.bad_urls import MODEL, SECRET, TRAIN, URLS, VALID, find_secret, places
from tests.support.commands import invoke
from tests.support.release import some, sweep

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("sqlalchemy") is None,
        reason='needs SQLAlchemy: pip install "leadweights[warehouse]"',
    ),
    pytest.mark.filterwarnings("ignore"),
]


TENTH = 10
"""On a commit a URL is typed in each tenth place, and the next one in the places next to those."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder that has a model and two tables."""
    (tmp_path / MODEL).write_bytes(Path("outputs/model.json").read_bytes())
    (tmp_path / VALID).write_bytes(Path("data/valid.csv").read_bytes())
    rows = Path("data/train.csv").read_text().splitlines(keepends=True)[:300]
    (tmp_path / TRAIN).write_text("".join(rows))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_150_urls_and_each_is_known_for_one() -> None:
    assert len(set(URLS)) >= 150
    assert all(SECRET in url and looks_like_url(url) for url in URLS)


# All places are typed in by these, too: 7 and 10 have no divisor in common.
@pytest.mark.parametrize("url", sweep(URLS, 7))
def test_no_command_tells_or_writes_a_secret(url: str, here: Path) -> None:
    for line in some(places(url), TENTH, URLS.index(url)):
        done = invoke(line)
        assert SECRET.lower() not in done.output.lower(), line
        assert isinstance(done.exception, SystemExit), line
        assert done.exit_code in (1, 2), line
    assert not find_secret(here)


def _ask(url: str) -> Iterator[Callable[[], Any]]:
    """Give every call in Python that takes a file, a name or a URL, but those that write."""
    model = lw.load(MODEL)
    calls: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = [
        (lw.load, (url,), {}),
        (lw.fit, (url,), {}),
        (lw.fit, (TRAIN,), {"place": lw.Warehouse(url, "leads")}),
        (lw.fit, (None,), {"place": lw.Warehouse(url, "leads")}),
        (lw.fit, (TRAIN,), {"place": url}),
        *((lw.fit, (TRAIN,), {name: url}) for name in ("label", "dictionary", "weight", "c")),
        (lw.fit, (TRAIN,), {"keys": [url]}),
        (lw.fit, (TRAIN,), {"split": url}),
        (lw.compare, (url,), {}),
        (lw.columns, (url,), {}),
        (lw.score, (model, url), {}),
        (lw.score, (model, VALID), {"keys": [url]}),
        (lw.check_input, (model, url), {}),
        (lw.verify, (model, url), {}),
        (lw.verify, (model, VALID), {"engine": url}),
        (lw.verify, (model, VALID), {"engine": url, "dialect": "postgres"}),
        (lw.render, (model,), {"dialect": url}),
        (lw.render, (model,), {"table": url}),
        (lw.golden_sql, (model,), {"data": url, "dialect": "duckdb"}),
        (lw.decide, (model,), {"plan": url}),
        (lw.decide, (model,), {"bands": url}),
        (lw.threshold, (model, url, lw.Precision(0.8)), {}),
        (lw.calibrate, (model, url), {}),
        (lw.challenge, (model, model, url), {}),
        (lw.challenge, (model, model, VALID), {"label": url}),
        (lw.challenge, (model, model, VALID), {"gates": url}),
        (lw.merge_outcomes, (url, VALID, "x.csv"), {"key": "contact_id"}),
        (lw.merge_outcomes, (VALID, url, "x.csv"), {"key": "contact_id"}),
        *(
            (lw.merge_outcomes, (VALID, VALID, "x.csv"), {"key": "contact_id", name: url})
            for name in ("outcome", "by", "window", "conflicts")
        ),
        (lw.assign_arms, (), {"key": "id", "salt": "s", "dialect": url}),
        (lw.assign_arms, (), {"key": "id", "salt": "s", "table": url}),
        (lw.read_experiment, (url,), {}),
        (lw.read_experiment, (VALID,), {"arm": url}),
        (lw.monitor, (model, url), {"reference": TRAIN}),
        (lw.monitor, (model, VALID), {"baseline": url}),
        (lw.monitor, (model, VALID), {"reference": url}),
        (lw.monitor, (model, VALID), {"reference": TRAIN, "label": url}),
        (lw.monitor, (model, lw.Warehouse(url, "leads")), {"reference": TRAIN}),
        (lw.load_baseline, (url,), {}),
    ]
    for call, given, named in calls:
        yield partial(call, *given, **named)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("url", sweep(URLS[::4], 4))
def test_no_error_in_python_has_a_secret_nor_what_led_to_it(url: str) -> None:
    from leadweights.prove.in_place import verify_in_place

    calls: list[Callable[[], Any]] = [
        *_ask(url),
        partial(verify_in_place, lw.load(MODEL), url, "leads"),
    ]
    for place, call in some(enumerate(calls), TENTH, URLS.index(url)):
        with pytest.raises(LeadweightsError) as refused:
            call()
        said = "".join(traceback.format_exception(refused.value, chain=True))
        link: BaseException | None = refused.value
        while link is not None:
            said += f"{link}{link!r}{link.args}"
            link = link.__cause__ or link.__context__
        assert SECRET.lower() not in said.lower(), (place, said)
    assert SECRET not in repr(lw.Warehouse(url, "leads"))


@pytest.mark.sweep
@pytest.mark.parametrize(
    "url",
    sweep(
        [
            "postgresql+psycopg://u:S3cr3t@127.0.0.1:1/d",
            "mysql+pymysql://u:S3cr3t@127.0.0.1:1/d",
            *("u:abc@S3cr3t@h", "//u:p@ss:S3cr3t@h", "postgresql:/u:S3cr3t@h/d"),
            "mysql+pymysql://u:S3cr3t@" + 70 * "a" + "/d",
            "postgresql+psycopg://127.0.0.1:1/d?sslpassword=S3cr3t&x=1",
        ],
        4,
    ),
)
def test_no_process_tells_a_secret_in_any_mode(url: str, here: Path) -> None:
    for asked in (["verify", MODEL, VALID, "--engine"], ["columns"]):
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "always", "-m", "leadweights", *asked, url],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(lw.__file__).parents[1])}
            | {"PYTHONFAULTHANDLER": "1"},
            cwd=here,
        )
        assert done.returncode in (1, 2)
        assert "Error: " in done.stderr
        assert "Traceback" not in done.stderr
        assert SECRET not in done.stdout + done.stderr
    assert not find_secret(here)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "postgresql+psycopg://joe:S3cr3t@db.acme.com:5432/crm",
            "postgresql+psycopg://db.acme.com/crm",
        ),
        ("snowflake://S3cr3t@acme/crm/public?role=S3cr3t", "snowflake://acme/crm/public"),
        ("sqlite:////data/crm.db", "sqlite:////data/crm.db"),
        ("postgresql://u:x@[::1]:5432/crm", "postgresql://[::1]/crm"),
        ("postgresql://u:S3cr3t/x@h/d", "the URL"),
        ("postgresql://u:x@S3cr3t@h/d", "the URL"),
        ("postgresql://h:S3cr3t/d", "the URL"),
        ("nonsense", "the URL"),
    ],
)
def test_of_a_url_product_host_and_database_are_shown(url: str, shown: str) -> None:
    assert show_url(url) == shown


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("x://u:pa%40S3cr3t@h/d", "no such password: pa@S3cr3t"),
        ("x://u:S3cr3t@h/d?odbc_connect=UID%3Du%3BPWD%3DS3cr3t", "UID=u;PWD=S3cr3t is wrong"),
        ("x://u:a/S3cr3t@h/d", "no host S3cr3t@h"),
        ("x://u:S3cr3t+x@h/d?token=S3cr3t+x", "bad S3cr3t x"),
    ],
)
def test_of_what_a_driver_says_no_part_of_a_url_is_repeated(url: str, said: str) -> None:
    assert SECRET not in hide_url(said, url)


@pytest.mark.parametrize(
    "url",
    [
        *("snowflake://joe:p%40ss@acme/crm?warehouse=w", "bigquery://project/set"),
        *("databricks://token:dapi12@x.net?http_path=/sql/1.0/w", "trino://joe@h:443/hive"),
        *(
            "mssql+pyodbc:///?odbc_connect=DRIVER%3Dx",
            "oracle+oracledb://u:p@h:1521/?service_name=x",
        ),
        *("redshift+psycopg://u:a/b?c#d:e@h:5439/d", "mssql+pyodbc://u:p@h\\i/d"),
    ],
)
def test_a_good_url_reaches_its_driver(url: str) -> None:
    with pytest.raises(EngineError, match=r"no driver for|driver of|says: "):
        lw.verify(lw.load("outputs/model.json"), "data/valid.csv", engine=url)


def test_a_message_says_what_to_do_with_a_password_that_has_marks() -> None:
    with pytest.raises(
        UnsupportedError, match=r"write %40 for @, .* an engine's URL is product://host/database"
    ):
        lw.verify(lw.load("outputs/model.json"), "data/valid.csv", engine="postgresql://u:a@b@h/d")


def test_a_message_keeps_what_is_no_secret() -> None:
    for text in (
        "no dialect is known for dbase:// (did you mean bigquery://?); name one",
        "data/train.csv has no column 'label'; it has: a, b",
        "column 'mail' has 'joe@acme.com' on line 3: it's text",
    ):
        assert show(text) == text
