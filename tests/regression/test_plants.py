"""The catalogue fits the code as it is; a plant that does not apply any more says so in one line."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from lenet5.errors import UserError
from regression.power.plants import Edit, Plant, catalogue, planted, planting
from tests.valid_params import ROOT

ALL = catalogue()


def plant(*edits: tuple[str, str, str]) -> Plant:
    made = tuple(Edit(file=file, old=old, new=new) for file, old, new in edits)
    return Plant(name="a-plant", imitates="something", shows="bits", edits=made)


def test_the_catalogue_is_as_large_as_promised() -> None:
    assert sum(each.shows is not None for each in ALL) >= 40
    assert sum(each.shows is None for each in ALL) >= 20


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_a_plant_applies_to_this_tree_and_leaves_it_readable(each: Plant) -> None:
    for path, content in planted(each, ROOT).items():
        assert content != path.read_text(encoding="utf-8")
        match path.suffix:
            case ".py":
                ast.parse(content)
            case ".yaml":
                YAML(typ="safe").load(content)


def test_no_plant_is_caught_for_a_slip_of_its_own(tmp_path: Path) -> None:
    """A name that is not there would stop the stages, and look like a catch."""
    for each in ALL:
        for path, content in planted(each, ROOT).items():
            if path.suffix == ".py":
                (tmp_path / f"{each.name}-{path.name}").write_text(content, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F821,F822,F823", str(tmp_path)]
    checked = subprocess.run(ruff, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_no_two_plants_are_the_same_change() -> None:
    changes = [(each.edits, tuple(each.environment.items())) for each in ALL]
    assert len(set(changes)) == len(changes)


def test_edits_are_made_one_after_the_other_and_taken_back(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("one = 1\n")
    before = file.stat().st_mtime_ns
    with planting(plant(("a.py", "one", "two"), ("a.py", "two = 1", "two = 2")), tmp_path):
        assert file.read_text() == "two = 2\n"
    assert file.read_text() == "one = 1\n"
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("a.py", "three", "3"), "a.py: has 0 places, not one, that read 'three'"),
        (("a.py", "1", "3"), "a.py: has 2 places, not one, that read '1'"),
        (("a.py", "one", "one"), "a.py: 'one' would stay as it is"),
        (("b.py", "one", "two"), "b.py: cannot be read (No such file or directory)"),
    ],
)
def test_a_plant_that_does_not_apply_changes_nothing(edit: tuple[str, str, str], said: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one = 1\nalso = 1\n")
    with pytest.raises(UserError) as caught, planting(plant(("a.py", "also", "and"), edit), tmp_path):
        raise AssertionError("planted")
    assert str(caught.value).startswith(f"plant a-plant: {said}")
    assert "\n" not in str(caught.value)
    assert (tmp_path / "a.py").read_text() == "one = 1\nalso = 1\n"


ENTRY: dict[str, Any] = {"name": "one", "imitates": "x", "shows": "bits", "environment": {"A": "b"}}


@pytest.mark.parametrize(
    ("file", "entries", "said"),
    [
        ("data", [ENTRY, ENTRY], "two plants are named one"),
        ("data", [ENTRY | {"shows": "nothing"}], "entry 0.shows: Input should be 'error', 'structure' or 'bits'"),
        ("data", [ENTRY | {"hows": "bits"}], "entry 0.hows: Extra inputs are not permitted"),
        ("data", [ENTRY | {"environment": {}}], "one: changes nothing"),
        ("data", [{"name": "one", "imitates": "x", "environment": {"A": "b"}}], "one: says what it shows if, and only"),
        ("harmless", [ENTRY], "one: says what it shows if, and only if, it is not harmless"),
        ("data", 3, "is no list of plants"),
    ],
)
def test_a_bad_catalogue_is_refused_in_one_line(file: str, entries: object, said: str, tmp_path: Path) -> None:
    YAML().dump(entries, tmp_path / f"{file}.yaml")
    with pytest.raises(UserError, match=said) as caught:
        catalogue(tmp_path)
    assert "\n" not in str(caught.value)
