"""The block `search` of params.yaml: an impossible space, point or choice is one line that says which."""

from typing import Any

import pytest

from lenet5.params import parse_params
from tests.test_params import changed, refusal
from tests.valid_params import CONTENT

BIG = {"type": "categorical", "choices": [64, 128]}
FAST = {"type": "float", "low": 0.25, "high": 0.75}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sampler": "cma"}, "search.sampler: Input should be 'tpe', 'random', 'qmc' or 'gp'"),
        ({"pruner": "hyperband"}, "search.pruner: Input should be 'halving', 'median' or 'none'"),
        ({"objectives": []}, "search: objectives must be [val_error_pct] or [val_error_pct, multiply_adds]"),
        ({"objectives": ["multiply_adds", "val_error_pct"]}, "objectives must be [val_error_pct] or"),
        ({"objectives": ["time"]}, "search.objectives.0: Input should be 'val_error_pct' or 'multiply_adds'"),
        ({"fixed": {"momentum": 0.9}}, "search: fixed.momentum: stands in the space too"),
        ({"fixed": {"moment": 0.9}}, "unknown ['moment']"),
        ({"fixed": {"c1_maps": 0}}, "search: fixed.c1_maps: 0 is not a possible c1_maps"),
        ({"enqueue": [{}]}, "search.enqueue.0: "),
        ({"enqueue": [{"momentum": 0.9}, {"momentum": 0.99}]}, "enqueue.1.momentum: 0.99 is not in the dimension"),
        ({"enqueue": [{"batch_size": 96}]}, "enqueue.0.batch_size: 96 is not in the dimension"),
        ({"enqueue": [{"c1_maps": 6}]}, "enqueue.0: c1_maps is not in the space (learning_rate,"),
        ({"enqueue": [{"momentum": 0.9}] * 25}, "enqueue: 25 points are more than the 24 trials"),
    ],
)
def test_a_search_that_cannot_be_is_refused_in_one_line(changes: dict[str, Any], said: str) -> None:
    assert said in refusal(CONTENT | {"search": CONTENT["search"] | changes})


@pytest.mark.parametrize(
    ("dimensions", "said"),
    [
        ({"momentum": FAST | {"step": 0.2}}, "space.momentum: from low 0.25, steps of 0.2 miss high 0.75"),
        ({"momentum": FAST | {"step": -0.1}}, "search.space.momentum.float.step"),
        ({"momentum": FAST | {"step": 0.1, "log": True}}, "space.momentum: a log scale has no step (found 0.1)"),
        ({"c1_maps": {"type": "int", "low": 2, "high": 7, "step": 2}}, "from low 2, steps of 2 miss high 7"),
        ({"c1_maps": {"type": "int", "low": 0, "high": 4}}, "space.c1_maps: 0 is not a possible c1_maps"),
        ({"batch_size": BIG | {"choices": [64, 64]}}, "space.batch_size.choices: 64 stands there twice"),
        ({"momentum": FAST | {"when": {"batch_size": 64}}}, "space.momentum: when needs default"),
        ({"momentum": FAST | {"default": 0.5}}, "space.momentum: default needs when"),
        (
            {"momentum": FAST | {"when": {"batch_size": 64}, "default": 0.9}},
            "space.momentum.default: 0.9 is not in the",
        ),
        ({"momentum": FAST | {"when": {}, "default": 0.5}}, "search.space.momentum.float.when"),
        ({"momentum": FAST | {"when": {"batch": 64}, "default": 0.5}}, "momentum.when: batch is not in the space"),
        ({"momentum": FAST | {"when": {"batch_size": 65}, "default": 0.5}}, "momentum.when.batch_size: 65 is none of"),
        ({"momentum": FAST | {"when": {"batch_size": []}, "default": 0.5}}, "momentum.when.batch_size: names no value"),
        (
            {"momentum": FAST | {"when": {"momentum": 0.5}, "default": 0.5}},
            "space.momentum.when: momentum depend on each",
        ),
        (
            {
                "momentum": FAST | {"when": {"batch_size": 64}, "default": 0.5},
                "batch_size": BIG | {"when": {"momentum": 0.5}, "default": 64},
            },
            "space.momentum.when: momentum, batch_size depend on each other in a circle",
        ),
    ],
)
def test_a_space_that_cannot_be_is_refused_in_one_line(dimensions: dict[str, Any], said: str) -> None:
    assert said in refusal(changed(("search", "space"), CONTENT["search"]["space"] | dimensions))


def test_a_point_must_name_what_makes_its_dimensions_searched() -> None:
    dependent = FAST | {"when": {"batch_size": 64}, "default": 0.5}
    search = CONTENT["search"] | {"space": CONTENT["search"]["space"] | {"momentum": dependent}}
    for point in ({"momentum": 0.5}, {"momentum": 0.5, "batch_size": 128}):
        line = refusal(CONTENT | {"search": search | {"enqueue": [point]}})
        assert "enqueue.0.momentum: is searched only with batch_size 64, which the point must name too" in line
    parse_params(CONTENT | {"search": search | {"enqueue": [{"momentum": 0.5, "batch_size": 64}]}})


def test_sizes_may_be_searched_but_for_f6_under_an_rbf_head() -> None:
    units = {"type": "int", "low": 40, "high": 84}
    space = CONTENT["search"]["space"] | {"c3_maps": units}
    assert parse_params(changed(("search", "space"), space)).search.space.keys() == space.keys()
    line = refusal(changed(("search", "space"), space | {"f6_units": units}))
    assert "search: f6_units: train.rows.lenet5 has head rbf, whose codes need 84 units (found 40, 84)" in line
    assert "f6_units: train.rows.lenet5 has head rbf" in refusal(changed(("search", "fixed"), {"f6_units": 40}))
