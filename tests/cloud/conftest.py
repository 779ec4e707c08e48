"""The store that the tests of this folder share; a bucket for each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clouds import Bucket, Cloud, start_moto

SETTINGS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "S3cr3t-of-a-test",
    "AWS_DEFAULT_REGION": "us-east-1",
    # A test does not wait as long as a person would.
    "AWS_MAX_ATTEMPTS": "2",
}


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with (
        start_moto(tmp_path_factory.mktemp("moto")) as started,
        pytest.MonkeyPatch.context() as own,
    ):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            own.delenv(name)
        for name, value in {**SETTINGS, "AWS_ENDPOINT_URL": started.endpoint}.items():
            own.setenv(name, value)
        yield started


@pytest.fixture
def bucket(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """Make a bucket; temporary files go into a folder of the test."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    return cloud.make_bucket()
