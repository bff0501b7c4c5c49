"""pipeline/paper/params.yaml: what is refused, and in which words."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from lenet5.errors import UserError
from lenet5.params import parse_block
from lenet5.sdlm.params import PaperParams, load_paper_params

PATH = Path(__file__).parents[2] / "pipeline" / "paper" / "params.yaml"


def content() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(PATH)
    return loaded


def parsed(changed: dict[str, Any]) -> PaperParams:
    return parse_block(changed, "params.yaml", PaperParams)


def test_the_schedule_is_the_published_one() -> None:
    """Section III.B: 0.0005 for two passes, 0.0002 for three, 0.0001 for three, 0.00005 for four, then 0.00001."""
    schedule = load_paper_params(PATH).schedule
    assert schedule.rates == (*[0.0005] * 2, *[0.0002] * 3, *[0.0001] * 3, *[0.00005] * 4, *[0.00001] * 8)
    assert (schedule.mu, schedule.curvature_patterns) == (0.02, 500)


def test_every_convention_is_asked_about() -> None:
    params = load_paper_params(PATH)
    asked = {name for alternative in params.choose.alternatives for name in alternative.change}
    assert asked == set(type(params.conventions).model_fields)


@pytest.mark.parametrize(
    "block, change, says",
    [
        ("schedule", {"rates": []}, "schedule.rates: Tuple should have at least 1 item"),
        ("schedule", {"rates": [0.1, -0.1]}, "schedule.rates.1: Input should be greater than 0"),
        ("schedule", {"momentum": 0.9}, "schedule.momentum: no such key"),
        ("conventions", {"loss": "mse"}, "conventions.loss: Input should be 'mle' or 'map'"),
        ("conventions", {"j": "ten"}, "conventions.j: Input should be a valid number"),
        ("train", {"seeds": [1, 1]}, "train.seeds: the same seed stands there twice"),
        ("train", {"versions": 0}, "train.versions: Input should be greater than or equal to 1"),
        ("train", {"rows": {}}, "train.rows: Dictionary should have at least 1 item"),
        (
            "choose",
            {"alternatives": [{"question": "j", "change": {"k": 1}}]},
            "choose.alternatives.0.change.k: Extra inputs are not permitted",
        ),
        (
            "choose",
            {"alternatives": [{"question": "j", "change": {"j": 10.0}}]},
            "choose.alternatives.0.change: changes nothing",
        ),
    ],
)
def test_a_bad_value_is_named_in_one_line(block: str, change: dict[str, Any], says: str) -> None:
    changed = content()
    changed[block] |= change
    with pytest.raises(UserError) as refusal:
        parsed(changed)
    assert str(refusal.value).startswith(f"params.yaml: {says}")
    assert "\n" not in str(refusal.value)


SCALARS = st.none() | st.booleans() | st.floats() | st.text()


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_anything_else_is_refused_by_a_user_error(anything: Any) -> None:
    with pytest.raises(UserError):
        parsed(anything)
