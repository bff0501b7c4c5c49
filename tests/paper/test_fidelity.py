"""The page of stated facts: what it names exists, and it says what it is told."""

import ast
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from lenet5.errors import UserError
from lenet5.paper.fidelity import Fidelity, load_fidelity
from lenet5.paper.reading import parse_yaml, text_of
from lenet5.report.paper.fidelity import fidelity_page

ROOT = Path(__file__).parents[2]
FACTS = load_fidelity().facts


@cache
def names_in(path: str) -> set[str]:
    """Functions, classes, `Class.method`s and constants of a Python file, or all dotted keys of a YAML file."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.endswith(".yaml"):
        return keys_in(YAML(typ="safe").load(text))
    return {name for node in ast.parse(text).body for name in names_of(node)}


def names_of(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.ClassDef):
        return {node.name} | {f"{node.name}.{name}" for part in node.body for name in names_of(part)}
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets if isinstance(node, ast.Assign) else []
    return {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}


def keys_in(content: object) -> set[str]:
    if not isinstance(content, dict):
        return set()
    return {key for name, value in content.items() for key in ({name} | {f"{name}.{each}" for each in keys_in(value)})}


@pytest.mark.parametrize("place", sorted({place for fact in FACTS for place in fact.code}))
def test_every_place_in_the_code_exists(place: str) -> None:
    path, name = place.split("::")
    assert not path.startswith("tests/")
    assert name in names_in(path)


@pytest.mark.parametrize("test", sorted({test for fact in FACTS for test in fact.tests}))
def test_every_test_exists(test: str) -> None:
    path, name = test.split("::")
    assert path.startswith("tests/") and name.startswith("test_")
    assert name in names_in(path)


def test_no_fact_is_told_twice() -> None:
    assert len({fact.fact for fact in FACTS}) == len(FACTS)


def test_what_departs_from_the_paper_stands_out() -> None:
    page = fidelity_page(load_fidelity(), {})
    heads = page.index("## Deviations"), page.index("## Open questions"), page.index("## Data")
    assert heads == tuple(sorted(heads))
    for fact in FACTS:
        before, after = page[: heads[2]], page[heads[2] :]
        assert (fact.fact in before) == (fact.status_with({}) != "as in the paper")
        assert fact.fact in after


def test_a_choice_is_told_and_decides_what_the_paper_states() -> None:
    fact = {
        "fact": "The order is constant", "source": "III.B", "here": "an order", "code": ["params.yaml::numerics"],
        "tests": ["tests/x.py::test_x"], "status": "as in the paper", "convention": "order", "stated": "constant",
    }  # fmt: skip
    fidelity = Fidelity.model_validate({"sections": {"Training": [fact]}}, strict=False)
    as_stated, other = (fidelity_page(fidelity, {"order": order}) for order in ("constant", "anew"))
    assert "1 done as the paper says, 0 deviations, 0 open" in as_stated
    assert "an order; **chosen: constant** | as in the paper |" in as_stated
    assert "0 done as the paper says, 1 deviation, 0 open" in other
    assert "an order; **chosen: anew** | **deviation** |" in other


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ("status: as in the paper", "status: nearly", "sections.Data.0.status"),
        ("::FILES]", "]", "sections.Data.0.code.0"),
        ("why: squashing is odd", "wherefore: squashing is odd", "wherefore: no such key"),
        ("status: as in the paper", "status: deviation", "needs a reason"),
    ],
)
def test_a_damaged_file_is_refused_in_one_line(good: str, bad: str, complaint: str) -> None:
    text = text_of("fidelity.yaml")
    assert good in text
    with pytest.raises(UserError, match=complaint) as caught:
        parse_yaml(text.replace(good, bad, 1), "fidelity.yaml", Fidelity)
    assert str(caught.value).startswith("fidelity.yaml: ") and "\n" not in str(caught.value)
