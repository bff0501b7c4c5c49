"""What the README says by itself must be what the project says."""

import re
from pathlib import Path

import pytest

from lenet5.params import Params, load_params
from lenet5.settings import Settings
from tools import readme

TEXT = readme.README.read_text(encoding="utf-8")


def test_results_and_picture_are_what_the_files_say() -> None:
    assert readme.expected() == TEXT, "run `make readme`"


def test_generated_parts_must_be_marked() -> None:
    with pytest.raises(ValueError, match="results"):
        readme.readme("no marks here", "row\n", "row\n", "flowchart TD", "| aim |\n")


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", TEXT)
    assert links
    assert [link for link in links if not (readme.ROOT / link).exists()] == []


def test_settings_table_is_complete() -> None:
    variables = {str(field.validation_alias) for field in Settings.model_fields.values()}
    assert set(re.findall(r"^\| `([A-Z0-9_]+)`", TEXT, re.MULTILINE)) == variables


@pytest.mark.parametrize("override", re.findall(r"dvc exp run -S '?([a-z_.]+)=", TEXT))
def test_examples_name_parameters_that_exist(override: str) -> None:
    value: object = load_params(readme.ROOT / Path("params.yaml"))
    assert isinstance(value, Params)
    for key in override.split("."):
        value = getattr(value, key)
