"""Networks of other sizes: their connections, their cost, and that the paper's sizes give the paper's network."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lenet5.hyperparameters import CODE_UNITS, PAPER_SIZES
from lenet5.models.codes import digit_codes
from lenet5.models.lenet import build, multiply_adds
from lenet5.models.sizes import Sizes, c3_table
from tests.models import obvious

SIZES = st.builds(Sizes, st.integers(1, 9), st.integers(1, 30), st.integers(1, 40), st.integers(1, 40))


def test_what_params_take_for_the_papers_sizes_are_the_networks_own() -> None:
    assert Sizes.among(PAPER_SIZES) == Sizes()
    assert digit_codes().shape == (10, CODE_UNITS)


def test_6_and_16_maps_are_connected_as_table_i_says() -> None:
    table = torch.tensor([[source in sources for source in range(6)] for sources in c3_table(6, 16)])
    assert torch.equal(table, obvious.table_i())


@given(st.integers(1, 40), st.integers(1, 100))
def test_every_map_of_c3_sees_three_or_more_maps_and_the_last_sees_all(inputs: int, outputs: int) -> None:
    table = c3_table(inputs, outputs)
    assert len(table) == outputs
    assert table[-1] == tuple(range(inputs))
    for sources in table:
        assert list(sources) == sorted(set(sources))
        assert set(sources) <= set(range(inputs))
        assert len(sources) >= min(3, inputs)


@pytest.mark.parametrize(("inputs", "outputs"), [(4, 8), (5, 11), (6, 13), (8, 17)])
def test_small_tables_go_on_as_table_i_begins(inputs: int, outputs: int) -> None:
    table = c3_table(inputs, outputs)
    assert [len(sources) for sources in table[:inputs]] == [3] * inputs
    assert [len(sources) for sources in table[inputs:-1]] == [4 if inputs > 4 else 3] * (outputs - 1 - inputs)
    seen = [sum(source in sources for sources in table[:inputs]) for source in range(inputs)]
    assert seen == [3] * inputs
    if inputs == 6:
        assert table[:12] == c3_table(6, 16)[:12]


@given(SIZES, st.sampled_from(["lenet5", "lenet5-modern"]))
def test_a_network_of_any_sizes_gives_ten_scores(sizes: Sizes, network: str) -> None:
    model = build(network, "softmax", sizes, seed=1)
    scores = model(torch.zeros(2, 32, 32).fill_(0.5))
    assert scores.shape == (2, 10)
    assert torch.isfinite(scores).all()


def test_other_sizes_are_what_the_layers_have() -> None:
    shapes = {name: weight.shape for name, weight in build("lenet5", "rbf", Sizes(4, 10, 60)).named_parameters()}
    assert shapes["c1.weight"] == (4, 5, 5)
    assert shapes["c3.weight"] == (sum(map(len, c3_table(4, 10))), 5, 5)
    assert (shapes["s4.bias"], shapes["c5.weight"], shapes["f6.weight"]) == ((10,), (60, 250), (84, 60))


def test_the_rbf_head_needs_84_units_in_f6() -> None:
    with pytest.raises(ValueError, match="84 units"):
        build("lenet5", "rbf", Sizes(f6_units=80))


def test_lenet_5_costs_326_520_multiply_adds() -> None:
    # C1 25 x 6 at 28x28 places, C3 25 x 60 at 10x10, C5 400 x 120, F6 120 x 84, and the distances from ten codes of 84.
    assert multiply_adds("lenet5") == 117_600 + 150_000 + 48_000 + 10_080 + 840 == 326_520
    assert multiply_adds("lenet5-modern") == 326_520 + 25 * (96 - 60) * 100


@given(SIZES, st.sampled_from(["lenet5", "lenet5-modern"]))
def test_multiply_adds_are_those_of_the_convolutions_and_products(sizes: Sizes, network: str) -> None:
    table = c3_table(sizes.c1_maps, sizes.c3_maps)
    links = sum(map(len, table)) if network == "lenet5" else sizes.c1_maps * sizes.c3_maps
    products = [25 * sizes.c3_maps * sizes.c5_units, sizes.c5_units * sizes.f6_units, sizes.f6_units * 10]
    assert multiply_adds(network, sizes) == 25 * sizes.c1_maps * 28 * 28 + 25 * links * 10 * 10 + sum(products)
