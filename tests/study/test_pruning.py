"""Which trials of a round go on."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from lenet5.params import Search
from lenet5.study.pruning import Standing, going_on, survivors
from tests.made_study import OPTIONS, changed

TWO = ("val_error_pct", "multiply_adds")
STANDINGS = st.lists(st.tuples(st.integers(0, 5).map(float), st.integers(1, 5)), min_size=1, max_size=12).map(
    lambda pairs: [Standing(number, *pair) for number, pair in enumerate(pairs)]
)


def kept(options: Search, *pairs: tuple[float, int], entered: int = 0, earlier: Sequence[float] = ()) -> set[int]:
    standings = [Standing(number, *pair) for number, pair in enumerate(pairs)]
    return going_on(options, standings, entered or len(standings), earlier)


@given(st.integers(1, 100), st.floats(0.001, 1))
def test_at_least_one_trial_survives_and_never_more_than_there_are(trials: int, keep: float) -> None:
    assert 1 <= survivors(trials, keep) <= trials
    assert survivors(trials, 1.0) == trials


def test_halving_keeps_the_better_share_and_counts_those_that_failed() -> None:
    assert kept(OPTIONS, (3.0, 1), (1.0, 1), (2.0, 1), (1.0, 1)) == {1, 3}
    assert kept(OPTIONS, (3.0, 1), (1.0, 1), (2.0, 1), entered=6) == {0, 1, 2}
    assert kept(OPTIONS, (3.0, 1), entered=4) == {0}
    assert kept(OPTIONS, entered=4) == set()


def test_median_keeps_what_is_not_worse_than_it_over_all_rounds() -> None:
    options = changed(OPTIONS, pruner="median")
    assert kept(options, (3.0, 1), (1.0, 1), (2.0, 1)) == {1, 2}
    assert kept(options, (3.0, 1), (2.0, 1), earlier=[5.0, 6.0, 7.0]) == {0, 1}
    assert kept(options, (3.0, 1), (2.0, 1), earlier=[0.5, 0.6, 0.7]) == set()
    assert kept(options, entered=2) == set()


def test_with_two_objectives_the_cheap_stay_beside_the_good() -> None:
    # The first two are the front; of the others, which one of the front beats, the better goes on with them.
    pairs = ((5.0, 1), (1.0, 9), (6.0, 8), (2.0, 10))
    assert kept(changed(OPTIONS, objectives=TWO), *pairs) == {0, 1}
    assert kept(changed(OPTIONS, objectives=TWO, keep=0.75), *pairs) == {0, 1, 3}
    assert kept(OPTIONS, *pairs) == {1, 3}
    assert kept(changed(OPTIONS, pruner="median", objectives=TWO), *pairs) == {0, 1, 3}


@given(STANDINGS, st.sampled_from(["halving", "median", "none"]), st.sampled_from([TWO, TWO[:1]]))
def test_order_does_not_matter_and_the_best_goes_on(
    standings: list[Standing], pruner: str, objectives: tuple[str, ...]
) -> None:
    options = changed(OPTIONS, pruner=pruner, objectives=objectives)
    chosen = going_on(options, standings, len(standings), [])
    assert chosen == going_on(options, standings[::-1], len(standings), [])
    assert chosen <= {each.number for each in standings}
    assert min(standings, key=lambda each: (each.error_pct, each.multiply_adds, each.number)).number in chosen or (
        # Of one objective, the earlier of equally good ones.
        min(standings, key=lambda each: (each.error_pct, each.number)).number in chosen
    )
    if pruner == "none":
        assert len(chosen) == len(standings)
