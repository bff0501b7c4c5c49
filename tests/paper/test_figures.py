"""The figures' numbers, and the patterns of Figs. 7 and 8."""

from collections import Counter

import numpy as np
import pytest

from lenet5.paper.figures import load_figures, load_fitted_maps, load_misclassified
from lenet5.paper.published import load_published


def test_fig_6_agrees_with_what_the_text_prints_to_within_the_reading() -> None:
    sets, results = load_figures().training_sets, load_published().results
    plain, distorted = sets.points["lenet5"], sets.points["lenet5-dist"]
    assert plain.test_error_pct == pytest.approx(results["lenet5"].error_pct, abs=sets.reading_error_pct)
    assert distorted.test_error_pct == pytest.approx(len(load_misclassified().index) / 100, abs=sets.reading_error_pct)
    errors = [point.test_error_pct for point in sets.points.values()]
    assert errors == sorted(errors, reverse=True)


def test_bars_bear_the_names_of_fig_9() -> None:
    labels = {result.label for result in load_published().results.values()}
    figures = load_figures()
    assert set(figures.rejection.bars) <= labels
    assert set(figures.costs.thousands) <= labels
    assert (len(figures.rejection.bars), len(figures.costs.thousands)) == (9, 19)
    assert figures.costs.network in figures.costs.thousands


@pytest.mark.parametrize(
    ("label", "weights"),
    [
        ("Linear", 20 * 20 * 10 + 10),
        ("Pairwise", 45 * (784 + 1)),
        ("40 PCA + quadratic", 784 * 40 + 821 * 10),
        ("[deslant] 20x20-300-10", 401 * 300 + 301 * 10),
        ("28x28-1000-10", 785 * 1000 + 1001 * 10),
        ("28x28-300-100-10", 785 * 300 + 301 * 100 + 101 * 10),
        ("28x28-500-150-10", 785 * 500 + 501 * 150 + 151 * 10),
        ("LeNet-5", 60_000),
    ],
)
def test_variables_of_fig_12_are_those_of_the_sizes_stated(label: str, weights: int) -> None:
    assert load_figures().costs.thousands[label].variables == pytest.approx(weights / 1000, abs=0.6)


def test_fig_8_has_82_different_patterns_in_the_order_of_the_test_file() -> None:
    wrong = load_misclassified()
    assert len(wrong.index) == 82
    assert (np.diff(wrong.index) > 0).all()
    assert (wrong.label != wrong.predicted).all()
    assert (~wrong.correct(10_000)).nonzero()[0].tolist() == wrong.index.tolist()


def test_fig_7_has_ten_patterns_of_each_digit_made_of_one_training_pattern() -> None:
    fits = load_fitted_maps()
    pairs = Counter(zip(fits.digit.tolist(), fits.training_index.tolist(), strict=True))
    assert sorted(digit for digit, _ in pairs) == list(range(10))
    assert set(pairs.values()) == {10}
    assert fits.correlation.min() > 0.9997
