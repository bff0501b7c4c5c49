"""The distortions of Fig. 7: the right maps, drawn independently per pattern, and sampled rightly."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import affine_transform
from torch import Tensor

from lenet5.data.distortions import distort, distort_at_once, draw_maps
from lenet5.data.mnist import BACKGROUND
from lenet5.params import Range
from lenet5.randomness import generator
from tests.training.made_data import RANGES, make_data

NONE = RANGES.model_copy(update={name: Range(low=1, high=1) for name in ("scale", "squeeze")}).model_copy(
    update={name: Range(low=0, high=0) for name in ("shear", "shift")}
)


def one_map(x_step: float = 1, y_step: float = 1, shear: float = 0, x_shift: float = 0, y_shift: float = 0) -> Tensor:
    return torch.tensor([[x_step, y_step, shear, x_shift, y_shift]])


def test_identity_leaves_patterns_as_they_are() -> None:
    images = make_data().images
    maps = draw_maps(NONE, 1, 1, len(images))
    torch.testing.assert_close(distort(images, maps), images, rtol=0, atol=1e-5)


@given(st.integers(-5, 5), st.integers(-5, 5))
def test_shifts_by_whole_pixels_are_shifts_of_the_array(columns: int, rows: int) -> None:
    images = make_data(10, 10).images
    maps = one_map(x_shift=columns, y_shift=rows).expand(len(images), 5)
    # Nothing but background comes in from the other side: the patterns have six pixels of it all round.
    expected = images.roll((-rows, -columns), (1, 2))
    torch.testing.assert_close(distort(images, maps), expected, rtol=0, atol=1e-4)


def test_random_maps_agree_with_scipy() -> None:
    images = torch.rand(40, 32, 32)
    maps = draw_maps(RANGES, 3, 2, len(images))
    middle = torch.tensor([15.5, 15.5], dtype=torch.float64)
    for image, map_, distorted in zip(images, maps.double(), distort(images, maps), strict=True):
        x_step, y_step, shear, x_shift, y_shift = map_.tolist()
        matrix = torch.tensor([[y_step, 0], [shear, x_step]], dtype=torch.float64)
        offset = middle + torch.tensor([y_shift, x_shift]) - matrix @ middle
        expected = affine_transform(image.numpy(), matrix.numpy(), offset.numpy(), order=1, mode="nearest")
        torch.testing.assert_close(distorted, torch.from_numpy(expected), rtol=0, atol=1e-4)


def test_nothing_is_rotated() -> None:
    rows = torch.linspace(0, 1, 32)[:, None].expand(50, 32, 32)
    distorted = distort(rows, draw_maps(RANGES, 1, 1, 50))
    torch.testing.assert_close(distorted, distorted[:, :, :1].expand_as(distorted), rtol=0, atol=1e-5)


def test_what_comes_in_from_outside_is_background() -> None:
    images = torch.full((3, 32, 32), BACKGROUND)
    images[:, 1:-1, 1:-1] = 1
    maps = torch.cat([one_map(x_shift=20), one_map(y_shift=-20), one_map(x_step=3, y_step=3)])
    right, top, ring = distort(images, maps)
    outside = torch.cat([right[:, 12:].flatten(), top[:19].flatten(), ring[:8].flatten(), ring[:, -8:].flatten()])
    torch.testing.assert_close(outside, torch.full_like(outside, BACKGROUND))


@given(st.integers(0, 2**32 - 1), st.integers(0, 1000), st.integers(1, 300), st.integers(1, 300))
def test_the_map_of_a_pattern_does_not_depend_on_how_many_there_are(seed: int, epoch: int, few: int, more: int) -> None:
    few, more = sorted((few, more))
    assert torch.equal(draw_maps(RANGES, seed, epoch, more)[:few], draw_maps(RANGES, seed, epoch, few))


def test_seeds_epochs_and_patterns_have_maps_of_their_own() -> None:
    ranges = RANGES.model_copy(update={"original": 0.0})
    maps = torch.cat([draw_maps(ranges, seed, epoch, 100) for seed in (1, 2) for epoch in (0, 1)])
    assert len({tuple(each) for each in maps.tolist()}) == 400


def test_a_tenth_of_the_patterns_are_originals() -> None:
    maps = draw_maps(RANGES, 1, 1, 60_000)
    originals = (maps == one_map()).all(1).float().mean()
    assert float(originals) == pytest.approx(0.1, abs=0.005)


def test_all_of_the_declared_ranges_is_used_and_nothing_else() -> None:
    maps = draw_maps(RANGES.model_copy(update={"original": 0.0}), 1, 1, 20_000).double()
    x_step, y_step, shear, x_shift, y_shift = maps.unbind(1)
    about_the_middle = y_shift - (RANGES.scale_centre_row - 15.5) * (1 - y_step)
    drawn = {
        "scale": (x_step * y_step).sqrt(),
        "squeeze": (x_step / y_step).sqrt(),
        "shear": shear / y_step,
        "shift": torch.cat([x_shift, about_the_middle]),
    }
    for name, values in drawn.items():
        allowed = getattr(RANGES, name)
        assert float(values.min()) == pytest.approx(allowed.low, abs=0.002), name
        assert float(values.max()) == pytest.approx(allowed.high, abs=0.002), name
        assert float(values.mean()) == pytest.approx((allowed.low + allowed.high) / 2, abs=0.02), name


@pytest.mark.parametrize("scale", [0.77, 1.4])
def test_scaling_leaves_the_line_near_the_feet_in_place(scale: float) -> None:
    ranges = NONE.model_copy(update={"scale": Range(low=scale, high=scale), "original": 0.0})
    rows = torch.arange(32.0)[:, None].expand(1, 32, 32)
    found = distort(rows, draw_maps(ranges, 1, 1, 1))[0, :, 0]
    assert float(found[26]) == pytest.approx(26, abs=1e-4)
    assert float(found[20]) == pytest.approx(26 - 6 * scale, abs=1e-4)


@given(st.integers(0, 2**32 - 1))
def test_a_gpu_would_draw_the_same_but_for_rounding(seed: int) -> None:
    images = torch.rand(5, 32, 32, generator=generator("images", seed))
    wide = RANGES.model_copy(update={"shift": Range(low=-40.0, high=40.0)})
    for ranges in (RANGES, wide):
        maps = draw_maps(ranges, seed, 0, 5)
        torch.testing.assert_close(distort(images, maps), distort_at_once(images, maps), rtol=0, atol=2e-4)
