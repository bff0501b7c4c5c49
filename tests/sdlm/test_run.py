"""A training of 1998: the same from wherever it starts, in the order and on the patterns that the paper tells."""

import pytest
import torch
from safetensors.torch import save

from lenet5.data.distortions import distort, draw_maps
from lenet5.sdlm.job import PaperJob
from lenet5.sdlm.run import Trainer, run
from lenet5.sdlm.start import initial_weights
from lenet5.training.job import TrainingResult
from tests.sdlm.made_jobs import CONVENTIONS, SCHEDULE, conventions, job
from tests.training.made_data import RANGES, make_data

DATA = make_data()


def trained(wanted: PaperJob, start: TrainingResult | None = None) -> TrainingResult:
    return run(wanted, DATA, start, lambda _: None)


def trainer(wanted: PaperJob) -> Trainer:
    return Trainer(wanted, DATA, initial_weights(wanted.conventions, wanted.seed))


@pytest.mark.parametrize("changed", [{}, {"distortions": RANGES, "versions": 3}, {"patterns": "all", "size": 40}])
def test_a_training_resumed_after_any_pass_ends_in_the_same_bytes(changed: dict[str, object]) -> None:
    whole = trained(job(**changed))
    for passes in (1, 2):
        kept = TrainingResult.from_tensors(trained(job(**changed).up_to(passes)).to_tensors())
        assert save(trained(job(**changed), kept).to_tensors()) == save(whole.to_tensors())


def test_it_learns_and_tells_each_pass() -> None:
    told: list[int] = []
    result = run(job(), DATA, None, lambda each: told.append(each.epochs))
    assert told == [1, 2, 3]
    assert result.history[-1].train_error_pct < 5 < result.history[0].train_error_pct
    assert result.history[-1].val_error_pct < 20
    assert [epoch.learning_rate for epoch in result.history] == list(SCHEDULE.rates)
    assert result.trace["rates"].shape == (3, 12, 2)
    assert torch.equal(result.trace["f6.weight"][-1], result.weights["f6.weight"])


def test_rates_lie_between_nothing_and_what_mu_allows() -> None:
    """eta / (mu + h) with h >= 0 (eq. 21), and h falls with the energy's factor."""
    full, half = (trained(job(conventions=conventions(energy=energy), stop_after=1)) for energy in (1.0, 0.5))
    for result in (full, half):
        assert float(result.trace["rates"].min()) > 0
        assert float(result.trace["rates"].max()) <= 0.0005 / 0.02 * (1 + 1e-6)
    assert (full.trace["rates"] <= half.trace["rates"]).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_is_constant_and_random(seed: int) -> None:
    of = trainer(job(seed=seed)).order_of
    assert torch.equal(of(0), of(7))
    assert torch.equal(of(0).sort().values, DATA.train)
    assert not torch.equal(of(0), DATA.train)
    assert not torch.equal(of(0), trainer(job(seed=seed + 2)).order_of(0))


def test_an_order_anew_in_each_pass_is_over_the_same_patterns() -> None:
    of = trainer(job(conventions=conventions(order="anew"))).order_of
    assert not torch.equal(of(0), of(1))
    assert torch.equal(of(0).sort().values, of(1).sort().values)


def test_a_smaller_training_set_is_drawn_by_the_seed() -> None:
    first, second = (set(trainer(job(patterns="all", size=40, seed=seed)).order_of(0).tolist()) for seed in (1, 2))
    assert len(first) == len(second) == 40
    assert first != second


def test_distorted_patterns_come_once_in_as_many_passes_as_there_are_versions() -> None:
    """Section III.B: 540,000 distorted patterns beside the 60,000, and 20 passes of 60,000 in all: each twice."""
    distorted = trainer(job(patterns="all", distortions=RANGES, versions=3))
    patterns = len(DATA.labels)
    shown = torch.cat([distorted.order_of(number) for number in range(3)])
    assert torch.equal(shown.sort().values, torch.arange(3 * patterns))
    assert torch.equal(distorted.order_of(0), distorted.order_of(3))


def test_each_version_of_a_pattern_is_one_distortion_of_it_and_the_first_none() -> None:
    distorted = trainer(job(patterns="all", distortions=RANGES, versions=2))
    patterns = len(DATA.labels)
    order = torch.tensor([5, 5 + patterns, 9 + patterns, 5])
    images, labels = next(distorted.stretches(order))
    maps = draw_maps(RANGES.model_copy(update={"original": 0.0}), 1, 1, patterns)[[5, 9]]
    assert torch.equal(images[[0, 3]], DATA.images[[5, 5]])
    assert torch.equal(images[[1, 2]], distort(DATA.images[[5, 9]], maps))
    assert labels.tolist() == DATA.labels[[5, 5, 9, 5]].tolist()


@pytest.mark.parametrize("way, bound", [("fan-in", 2.4 / 400), ("sqrt-fan-in", 2.4 / 20)])
def test_weights_start_within_the_bound_of_their_fan_in(way: str, bound: float) -> None:
    start = initial_weights(conventions(initial_weights=way), seed=1)
    assert bound * 0.99 < abs(start.c5_weight).max() <= bound * (1 + 1e-6)
    assert abs(start.c5_bias).max() == 0
    # A map of C3 that sees three maps of S2 has 75 inputs, one that sees all has 150.
    assert abs(start.c3_weight[:3]).max() > abs(start.c3_weight[-6:]).max()


@pytest.mark.parametrize("subsampling, start", [("averaged", 1.0), ("added", 0.25)])
def test_a_subsampling_unit_starts_as_the_average_of_its_inputs(subsampling: str, start: float) -> None:
    assert initial_weights(conventions(subsampling=subsampling), seed=1).s2_coefficient.tolist() == [start] * 6


def test_what_is_drawn_depends_on_the_seed_alone() -> None:
    drawn = conventions(initial_biases="drawn", initial_coefficients="drawn")
    first, again, other = (initial_weights(drawn, seed) for seed in (1, 1, 2))
    for one, same, another in zip(first, again, other, strict=True):
        assert (one == same).all()
        assert (one != another).all()


def test_jobs_that_differ_have_fingerprints_of_their_own() -> None:
    prints = {
        each.fingerprint("surroundings")
        for each in (job(), job(seed=2), job().up_to(1), job(conventions=CONVENTIONS.model_copy(update={"j": 1.0})))
    }
    assert len(prints) == 4
