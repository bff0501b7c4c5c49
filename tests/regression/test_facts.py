"""Facts of two runs, side by side."""

from hypothesis import given
from hypothesis import strategies as st

from lenet5.regression.facts import MISSING, Difference, count, differences

NAMES = st.text(min_size=1, max_size=3)
FACTS = st.dictionaries(NAMES, st.dictionaries(NAMES, NAMES, max_size=4), max_size=4)


def test_the_earliest_place_comes_first_whatever_is_new() -> None:
    before = {"prepare": {"images": "a"}, "train": {"loss": "1", "weight": "b"}}
    now = {"new": {"x": "1"}, "prepare": {"images": "A"}, "train": {"loss": "1", "weight": "B", "bias": "c"}}
    assert differences(before, now) == [
        Difference("prepare", "images", "a", "A"),
        Difference("train", "weight", "b", "B"),
        Difference("train", "bias", MISSING, "c"),
        Difference("new", "x", MISSING, "1"),
    ]


def test_a_fact_that_is_gone_is_a_difference() -> None:
    assert differences({"train": {"loss": "1"}}, {}) == [Difference("train", "loss", "1", MISSING)]


@given(FACTS)
def test_what_is_the_same_has_no_difference(facts: dict[str, dict[str, str]]) -> None:
    assert differences(facts, facts) == []


@given(FACTS, FACTS)
def test_both_ways_find_the_same(one: dict[str, dict[str, str]], other: dict[str, dict[str, str]]) -> None:
    there, back = differences(one, other), differences(other, one)
    assert {(each.place, each.name, each.before, each.now) for each in there} == {
        (each.place, each.name, each.now, each.before) for each in back
    }
    assert len(there) <= count(one) + count(other)
