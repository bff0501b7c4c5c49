import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenet5.data.patterns import network_input, stratified_split


def test_background_and_foreground_are_the_papers() -> None:
    images = np.zeros((1, 28, 28), dtype=np.uint8)
    images[0, 0, 27] = 255
    field = network_input(images)
    assert field.dtype == np.float32
    assert field.shape == (1, 32, 32)
    assert field[0, 2, 29] == np.float32(1.175)
    assert np.count_nonzero(field == np.float32(-0.1)) == 32 * 32 - 1


def test_grey_lies_between_in_equal_steps() -> None:
    images = np.arange(28 * 28, dtype=np.uint8).reshape(1, 28, 28)
    inside = network_input(images)[0, 2:30, 2:30]
    assert inside == pytest.approx(-0.1 + 1.275 * images[0] / 255, abs=1e-7)


def test_each_image_stays_in_its_place() -> None:
    images = np.random.RandomState(1).randint(0, 256, (5, 28, 28)).astype(np.uint8)
    together = network_input(images)
    for number in range(5):
        assert np.array_equal(together[number], network_input(images[number : number + 1])[0])


@pytest.mark.parametrize("shape", [(2, 32, 32), (28, 28), (2, 28, 27)])
def test_other_sizes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected \[n, 28, 28\]"):
        network_input(np.zeros(shape, dtype=np.uint8))


@settings(max_examples=30)
@given(
    counts=st.lists(st.integers(20, 200), min_size=10, max_size=10),
    share=st.floats(0.06, 0.8),
    seed=st.integers(0, 2**32 - 1),
)
def test_split_has_the_exact_size_and_the_classes_in_proportion(counts: list[int], share: float, seed: int) -> None:
    labels = np.random.RandomState(0).permutation(np.repeat(np.arange(10), counts)).astype(np.int64)
    size = max(10, round(share * len(labels)))
    train, validation = stratified_split(labels, size, seed)
    assert train.dtype == validation.dtype == np.dtype(np.int64)
    assert len(validation) == size
    assert np.array_equal(np.sort(np.concatenate([train, validation])), np.arange(len(labels)))
    assert np.all(np.diff(train) > 0)
    assert np.all(np.diff(validation) > 0)
    found = np.bincount(labels[validation], minlength=10)
    assert np.all(np.abs(found - np.array(counts) * size / len(labels)) < 1)


def test_split_is_a_function_of_the_seed() -> None:
    labels = np.arange(1000, dtype=np.int64) % 10
    assert np.array_equal(stratified_split(labels, 100, 7)[1], stratified_split(labels, 100, 7)[1])
    assert not np.array_equal(stratified_split(labels, 100, 7)[1], stratified_split(labels, 100, 8)[1])
    # Written down once: another version of the library that splits otherwise would change every result unnoticed.
    assert stratified_split(labels, 10, 1998)[1].tolist() == [112, 126, 359, 521, 594, 720, 845, 878, 883, 957]
