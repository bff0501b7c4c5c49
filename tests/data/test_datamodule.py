"""Every pattern once per epoch, in an order that (seed, epoch) determine, however training was interrupted."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from lenet5.data.datamodule import UPDATES_AT_ONCE, EpochOrder, MnistData, Patterns
from lenet5.data.distortions import distort, draw_maps
from tests.training.made_data import RANGES, make_data


def stretches(patterns: Tensor, batch_size: int, seed: int, epoch: int, first_epoch: int = 0) -> list[Tensor]:
    order = EpochOrder(patterns, batch_size, seed, first_epoch)
    order.set_epoch(epoch)
    drawn = list(order)
    assert len(order) == len(drawn)
    assert {number for number, _ in drawn} == {first_epoch + epoch}
    return [indices for _, indices in drawn]


@given(st.integers(1, 300), st.integers(1, 400), st.integers(0, 2**32 - 1), st.integers(0, 1000))
def test_an_epoch_has_every_pattern_once_and_whole_batches_but_for_the_last(
    count: int, batch_size: int, seed: int, epoch: int
) -> None:
    patterns = torch.arange(count) * 3
    drawn = stretches(patterns, batch_size, seed, epoch)
    assert torch.equal(torch.cat(drawn).sort().values, patterns)
    whole = batch_size * UPDATES_AT_ONCE
    assert {len(stretch) for stretch in drawn[:-1]} <= {whole}
    assert len(drawn[-1]) == count - whole * (len(drawn) - 1) > 0


def test_orders_differ_between_epochs_and_seeds_and_are_the_same_again() -> None:
    patterns = torch.arange(100)
    orders = {
        (seed, epoch): tuple(torch.cat(stretches(patterns, 7, seed, epoch)).tolist())
        for seed in (1, 2)
        for epoch in (0, 1, 2)
    }
    assert len(set(orders.values())) == 6
    torch.manual_seed(99)
    assert tuple(torch.cat(stretches(patterns, 13, 2, 1)).tolist()) == orders[2, 1]


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_resumed_training_goes_on_with_the_next_order(first_epoch: int, epoch: int) -> None:
    patterns = torch.arange(50)
    resumed = stretches(patterns, 8, 1, epoch, first_epoch)
    uninterrupted = stretches(patterns, 8, 1, first_epoch + epoch)
    assert all(torch.equal(one, other) for one, other in zip(resumed, uninterrupted, strict=True))


def test_a_batch_has_its_patterns_and_their_labels() -> None:
    data = make_data()
    indices = torch.tensor([5, 3, 90])
    images, labels = Patterns(data, None, 1)[0, indices]
    assert torch.equal(images, data.images[indices])
    assert torch.equal(labels, data.labels[indices])


@pytest.mark.parametrize("epoch", [0, 4])
def test_a_pattern_is_distorted_the_same_way_in_whatever_batch_it_comes(epoch: int) -> None:
    data = make_data()
    maps = draw_maps(RANGES, 7, epoch, len(data.labels))
    expected = distort(data.images, maps)
    patterns = Patterns(data, RANGES, 7)
    patterns[epoch + 1, torch.tensor([0])]  # maps of another epoch must not stay
    for indices in (torch.tensor([8]), torch.tensor([100, 8, 3])):
        images, _ = patterns[epoch, indices]
        torch.testing.assert_close(images, expected[indices])


def test_validation_has_its_patterns_in_order_and_undistorted() -> None:
    data = make_data(100, 60)
    module = MnistData(Patterns(data, RANGES, 1), data.train, data.validation, 16, first_epoch=0)
    images, labels = zip(*module.val_dataloader(), strict=True)
    assert torch.equal(torch.cat(images), data.images[data.validation])
    assert torch.equal(torch.cat(labels), data.labels[data.validation])


def test_training_has_only_the_patterns_it_is_given() -> None:
    data = make_data()
    module = MnistData(Patterns(data, None, 1), data.train, data.validation, 16, first_epoch=0)
    loaded = torch.cat([images for images, _ in module.train_dataloader()])
    assert sorted(loaded.flatten(1).tolist()) == sorted(data.images[data.train].flatten(1).tolist())
