"""The paper's numbers are all there, cannot be changed by accident, and say where they come from."""

from importlib import resources

import pytest
from pydantic import ValidationError

from lenet5.errors import UserError
from lenet5.paper.published import load_published, parse_published

# Fig. 9 from top to bottom, typed a second time: a slip of the finger in published.yaml shows up here.
FIG_9 = [12.0, 8.4, 7.6, 5.0, 2.4, 3.3, 3.6, 1.1, 1.1, 1.0, 0.8, 4.7, 3.6, 1.6, 4.5, 3.8, 3.05, 2.5, 2.95, 2.45, 1.7]
FIG_9 += [1.1, 1.1, 1.1, 0.95, 0.8, 0.7]


def test_all_bars_of_fig_9_with_a_source() -> None:
    results = load_published().results
    assert [result.error_pct for result in results.values()] == FIG_9
    assert all(result.source.startswith("Fig. 9, p. 12; section") for result in results.values())
    assert (results["lenet5"].error_pct, results["lenet5-dist"].error_pct) == (0.95, 0.8)


def test_distorted_deslanted_and_small_variants_are_named_so() -> None:
    for key, result in load_published().results.items():
        for label, ending in (("[dist]", "-dist"), ("[deslant]", "-deslant")):
            assert (label in result.label) == key.endswith(ending)


def test_training_curves_end_where_the_text_says() -> None:
    published = load_published()
    curves = published.training_curves
    assert curves.passes == tuple(range(1, 22))
    assert curves.digitised
    text_says = {"test": 0.95, "train": 0.35}
    assert curves.test_error_pct[-1] == pytest.approx(text_says["test"], abs=curves.reading_error_pct)
    assert curves.train_error_pct[18] == pytest.approx(text_says["train"], abs=curves.reading_error_pct)


def test_unknown_key_is_refused_naming_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"^train\.rows\.x\.paper: no published result is called 'lenet6'.*lenet5-dist"):
        load_published().result("lenet6", "train.rows.x.paper")


def test_published_numbers_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_published().result("lenet5").error_pct = 0.5  # type: ignore[misc]


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ("citation:", "citation: [", "not valid YAML"),
        ("doi: 10.1109/5.726791", "", "citation.doi: is missing"),
        ("error_pct: 0.95", "error_pct: 101", "results.lenet5.error_pct: .*less than or equal to 100"),
        ("error_pct: 0.95", "error: 0.95", "results.lenet5.error: no such key"),
        ("result: lenet5", "result: lenet6", "'lenet6' is not in results"),
        ("test_error_pct: [2.65, ", "test_error_pct: [", "same length"),
    ],
)
def test_a_damaged_file_is_refused_in_one_line(good: str, bad: str, complaint: str) -> None:
    text = resources.files("lenet5.paper").joinpath("published.yaml").read_text(encoding="utf-8")
    assert good in text
    with pytest.raises(UserError, match=complaint) as caught:
        parse_published(text.replace(good, bad, 1))
    assert str(caught.value).startswith("published.yaml: ")
    assert "\n" not in str(caught.value)
