"""Choices beside the first guess."""

import math

import pytest

from lenet5.choices import ChoiceLine, choices_of


def line(question: str, choice: str, seed: int, error: float) -> ChoiceLine:
    return ChoiceLine(question, choice, False, seed, 20, error, 0.5, 7e-5 * seed, 0.016 * seed)


GUESS = [line("", "first guess", 1, 1.5), line("", "first guess", 2, 1.7)]


def test_a_change_is_the_mean_over_seeds_with_its_standard_error() -> None:
    guess, mle = choices_of([*GUESS, line("loss", "mle", 1, 1.6), line("loss", "mle", 2, 2.2)])
    assert guess.change_pct is None
    assert guess.val_error_pct == pytest.approx(1.6)
    assert mle.change_pct == pytest.approx((0.3, 0.2))
    assert (mle.lowest_rate, mle.highest_rate) == (7e-5, 0.032)


def test_one_seed_has_a_change_without_an_error() -> None:
    choice = choices_of([GUESS[0], line("loss", "mle", 1, 1.6)])[1]
    assert choice.change_pct is not None
    assert choice.change_pct[0] == pytest.approx(0.1)
    assert math.isnan(choice.change_pct[1])


def test_there_must_be_one_first_guess_with_the_same_seeds() -> None:
    with pytest.raises(ValueError, match="without a question"):
        choices_of([line("loss", "mle", 1, 1.6)])
    with pytest.raises(ValueError, match="'mle' was not tried with the seeds"):
        choices_of([*GUESS, line("loss", "mle", 3, 1.6)])
