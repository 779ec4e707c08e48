"""A stranger's model, dictionary or plan gives what it says, or one line."""

from typing import Any

from hypothesis import given

from tests.support.hostile import fuzz
from tests.support.hostile_files import check_model, check_toml, model_files, toml_files


@fuzz(225)
@given(data=model_files)
def test_a_changed_or_harmed_model_is_a_model_or_refused(
    tmp_path_factory: Any, data: bytes
) -> None:
    check_model(tmp_path_factory.mktemp("model"), data)


@fuzz(300)
@given(data=toml_files)
def test_a_changed_dictionary_or_plan_is_one_or_refused(tmp_path_factory: Any, data: bytes) -> None:
    check_toml(tmp_path_factory.mktemp("toml"), data)
