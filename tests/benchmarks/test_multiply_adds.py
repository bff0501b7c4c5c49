"""The arithmetic limit rests on a count that the paper gives, too."""

from benchmarks import multiply_adds
from benchmarks.obvious import ObviousLeNet5


def test_multiplications_are_the_papers_connections_but_for_biases_and_subsampling() -> None:
    """Section II.B: C1 has 122,304 connections, C3 151,600, C5 48,120; F6 and the output are fully connected."""
    costs = {cost.name: cost.forward for cost in multiply_adds.layer_costs(ObviousLeNet5())}
    assert costs == {
        "c1": 122_304 - 6 * 28 * 28,
        "c3": 151_600 - 16 * 10 * 10,
        "c5": 48_120 - 120,
        "f6": 84 * 120,
        "output": 10 * 84,
    }
    assert multiply_adds.of_evaluation() == 326_520


def test_backward_needs_two_products_but_where_nothing_asks_for_one() -> None:
    """No gradient of the image at C1, none of the fixed codes at the output."""
    costs = multiply_adds.layer_costs(ObviousLeNet5())
    assert {cost.name: cost.backward / cost.forward for cost in costs} == {
        "c1": 1, "c3": 2, "c5": 2, "f6": 2, "output": 1,
    }  # fmt: skip
    assert multiply_adds.of_training() == 3 * 326_520 - 117_600 - 840
