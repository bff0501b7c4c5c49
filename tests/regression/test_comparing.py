"""A run beside the baseline: what is compared, what is skipped by name, what cannot be compared."""

import numpy as np
import pytest

from lenet5.errors import UserError
from regression import report
from regression.baselines import Baseline, parse_reseedings
from regression.comparing import compare, error_rates
from tests.regression.made_baseline import PLATFORM, ROWS, made_reseedings, made_run

BASELINE = Baseline(made_run(), parse_reseedings(made_reseedings()))
OTHER_LOSS = {"prepare": {"images": "aa"}, "loss": {"lenet5": "2.6"}, "train": {"lenet5 seed 1 c1.weight": "cc"}}


def test_the_same_run_is_unchanged() -> None:
    found = compare(BASELINE, made_run(), exact_wanted=True)
    assert (found.outcome, found.place, found.exit_code(meant=False)) == ("unchanged", "", 0)
    assert all(counts == (0, 0) for counts in found.answers.values())


def test_other_bits_of_the_same_quality_are_a_change_with_a_place() -> None:
    found = compare(BASELINE, made_run(first=100, exact=OTHER_LOSS), exact_wanted=True)
    assert (found.outcome, found.place) == ("changed", "loss")
    assert found.answers == {row: (72, 72) for row in ROWS}


def test_more_errors_than_the_luck_of_seeds_are_worse() -> None:
    found = compare(BASELINE, made_run(wrong=32, exact=OTHER_LOSS), exact_wanted=True)
    assert found.outcome == "worse"
    assert [each.finding for each in found.shifts] == ["worse"] * 3
    assert all(
        counts == (24 + 8 * 3 + 48 - 48 - 24, 0) or counts[0] - counts[1] == 24 for counts in found.answers.values()
    )


def test_the_exact_layer_is_skipped_by_name_on_another_platform() -> None:
    other = made_run(exact=OTHER_LOSS, platform=PLATFORM | {"torch": "2.14.0"})
    found = compare(BASELINE, other, exact_wanted=True)
    assert found.exact is None
    assert found.exact_note == "skipped: torch is 2.14.0 here, 2.13.0 in the baseline"
    assert (found.outcome, found.exit_code(meant=False)) == ("equal", 0)
    assert "skipped: torch is 2.14.0 here" in report.markdown(found, meant=False)
    worse = made_run(wrong=32, platform=PLATFORM | {"architecture": "aarch64"})
    assert compare(BASELINE, worse, exact_wanted=True).exit_code(meant=False) == 1


def test_the_exact_layer_can_be_switched_off() -> None:
    found = compare(BASELINE, made_run(exact=OTHER_LOSS), exact_wanted=False)
    assert (found.exact, found.exact_note, found.outcome) == (None, "skipped: switched off", "equal")


def test_another_number_of_parameters_is_a_change_even_on_another_platform() -> None:
    structure = {"network lenet5": {"trainable parameters": "61000"}}
    found = compare(BASELINE, made_run(structure=structure), exact_wanted=False)
    assert (found.outcome, found.place, found.exit_code(meant=False)) == ("changed", "network lenet5", 1)


def test_other_data_cannot_be_judged() -> None:
    with pytest.raises(UserError, match="is of other data"):
        compare(BASELINE, made_run(data="other"), exact_wanted=True)


def test_other_rows_and_other_seeds_cannot_be_judged() -> None:
    run = made_run()
    del run.correct["lenet5-dist"]
    with pytest.raises(UserError, match="of other rows than this run"):
        compare(BASELINE, run, exact_wanted=True)
    fewer = made_run()
    fewer.correct["lenet5"] = fewer.correct["lenet5"][:2]
    with pytest.raises(UserError, match="other numbers of seeds or examples"):
        compare(BASELINE, fewer, exact_wanted=True)


def test_error_rates_are_those_of_the_bits() -> None:
    bits = np.ones((2, 16), dtype=np.uint8)
    bits[1, 3:7] = 0
    assert error_rates(np.packbits(bits, axis=1)).tolist() == [0.0, 25.0]


def test_the_table_names_the_first_difference_of_each_place_and_where_to_look() -> None:
    found = compare(BASELINE, made_run(wrong=32, exact=OTHER_LOSS), exact_wanted=True)
    lines = report.lines(found)
    assert [line.layer for line in lines] == ["exact", "exact", "statistics", "statistics", "statistics", "structure"]
    assert (lines[0].what, lines[0].baseline, lines[0].now) == ("loss: lenet5", "2.5", "2.6")
    assert "losses.py" in lines[0].place
    assert "follows" in lines[1].place
    assert lines[-1].finding == "unchanged"
    page = report.markdown(found, meant=False)
    assert page.startswith("**worse: beyond the luck of the seeds. It begins at: loss.")
    assert {line.count(" | ") for line in page.splitlines()[2:]} == {5}
