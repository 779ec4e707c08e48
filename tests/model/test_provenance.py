"""What a model says of where it comes from."""

import json
from pathlib import Path

import pytest

from leadweights.errors import ModelError
from leadweights.model.file import from_json


@pytest.mark.parametrize("name", ["split", "c", "trees", "seed", "class_weight", "time_zone"])
@pytest.mark.parametrize(
    "value", ["1; touch pwned", "$(id)", "${{ github.token }}", "1 --exclude x", "`id`", "1\n2"]
)
def test_what_an_option_cannot_be_is_refused(name: str, value: str) -> None:
    """Exports put these into commands; what is in params.yaml is not quoted for a shell."""
    document = json.loads(Path("outputs/model.json").read_text())
    document["provenance"]["options"] = {name: value}
    with pytest.raises(ModelError, match=f"provenance.options.{name} cannot be"):
        from_json(json.dumps(document))
