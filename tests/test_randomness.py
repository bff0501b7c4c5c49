"""Seeds that are functions of what they are for."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from lenet5.randomness import derived_seed, generator

PARTS = st.tuples(st.sampled_from(["order", "distortions"]), st.lists(st.integers(0, 2**63), max_size=3).map(tuple))


@given(PARTS, PARTS)
def test_seeds_are_equal_only_if_purpose_and_parts_are(
    one: tuple[str, tuple[int, ...]], other: tuple[str, tuple[int, ...]]
) -> None:
    seeds = [derived_seed(purpose, *parts) for purpose, parts in (one, other)]
    assert (seeds[0] == seeds[1]) == (one == other)
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_parts_do_not_run_into_each_other() -> None:
    assert len({derived_seed("order", 1, 23), derived_seed("order", 12, 3), derived_seed("order", 123)}) == 3


def test_seeds_are_the_same_for_ever() -> None:
    """All results hang on them; Python's hash(), say, differs from process to process."""
    assert derived_seed("order", 1998, 7) == 6240205304615199090


def test_generators_draw_by_themselves() -> None:
    torch.manual_seed(0)
    first = torch.rand(5, generator=generator("order", 1))
    torch.manual_seed(1)
    torch.rand(3)
    assert torch.equal(torch.rand(5, generator=generator("order", 1)), first)
    assert not torch.equal(torch.rand(5, generator=generator("order", 2)), first)


def test_seeds_near_each_other_give_unrelated_numbers() -> None:
    draws = torch.stack([torch.rand(1000, generator=generator("order", seed)) for seed in range(20)])
    correlation = torch.corrcoef(draws) - torch.eye(20)
    assert float(correlation.abs().max()) < 0.2
