"""A stranger's model, dictionary or plan gives what it says, or one line."""

from typing import Any

import pytest
from hypothesis import given

from tests.support.hostile import PARTS, fuzz, fuzz_part
from tests.support.hostile_files import check_model, check_toml, model_files, toml_files


@pytest.mark.sweep
@pytest.mark.parametrize("part", PARTS)
def test_a_changed_or_harmed_model_is_a_model_or_refused(tmp_path_factory: Any, part: int) -> None:
    @fuzz(45)
    @given(data=model_files)
    def check(data: bytes) -> None:
        check_model(tmp_path_factory.mktemp("model"), data)

    fuzz_part(check, part)


@pytest.mark.parametrize("part", PARTS)
def test_a_changed_dictionary_or_plan_is_one_or_refused(tmp_path_factory: Any, part: int) -> None:
    @fuzz(60)
    @given(data=toml_files)
    def check(data: bytes) -> None:
        check_toml(tmp_path_factory.mktemp("toml"), data)

    fuzz_part(check, part)
