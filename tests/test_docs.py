"""The examples of docs/studies.md are valid."""

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from lenet5.params import parse_params
from tests.valid_params import CONTENT, ROOT

EXAMPLES = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "studies.md").read_text(), flags=re.DOTALL)


def test_there_are_examples_of_all_that_can_be_added() -> None:
    keys = [set(YAML(typ="safe").load(example)) for example in EXAMPLES]
    assert keys == [{"space", "fixed"}, {"space", "fixed"}, {"enqueue"}, {"objectives"}]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_put_into_params(example: str) -> None:
    block: dict[str, Any] = YAML(typ="safe").load(example)
    params = parse_params(CONTENT | {"search": CONTENT["search"] | block})
    assert params.search.model_fields_set >= block.keys()
